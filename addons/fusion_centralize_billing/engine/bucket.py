"""The time bucket of a counter: an hour, a day or a month, in the subscription's own time zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .errors import Invalid

_SHAPE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})(-(?P<day>\d{2})(T(?P<hour>\d{2})(:00(:00)?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """``[start, end)`` in local wall-clock time; `text` is its one spelling and its identity."""

    text: str
    start: datetime
    end: datetime

    @property
    def last_day(self) -> date:
        """The last local day it reaches into."""
        return (self.end - timedelta(microseconds=1)).date()

    @classmethod
    def parse(cls, text: str) -> "Bucket":
        """Read ``2026-03``, ``2026-03-05`` or ``2026-03-05T14`` (minutes, if given, are zero).

        :raise Invalid: ``bucket`` ``invalid_bucket``: another shape, or no such day or hour

        >>> Bucket.parse("2026-02").last_day, Bucket.parse("2026-03-05T14:00").text
        (datetime.date(2026, 2, 28), '2026-03-05T14')
        >>> Bucket.parse("2026-02-30")
        Traceback (most recent call last):
        ...
        engine.errors.Invalid: bucket: invalid_bucket
        """
        found = _SHAPE.fullmatch(text.strip())
        if not found:
            raise Invalid.field("bucket", "invalid_bucket")
        numbers = {name: int(value) for name, value in found.groupdict().items() if value}
        try:
            start = datetime(**{"day": 1, **numbers})
            if "hour" in numbers:
                return cls(f"{start:%Y-%m-%dT%H}", start, start + timedelta(hours=1))
            if "day" in numbers:
                return cls(f"{start:%Y-%m-%d}", start, start + timedelta(days=1))
            following = (start + timedelta(days=31)).replace(day=1)
            return cls(f"{start:%Y-%m}", start, following)
        except (ValueError, OverflowError) as error:
            raise Invalid.field("bucket", "invalid_bucket") from error
