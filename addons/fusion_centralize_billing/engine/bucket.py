"""The time bucket of a counter: an hour, a day or a month, in the subscription's own time zone.

An app that does not know that zone names its hours in UTC, with a ``Z`` behind: no hour comes twice
there when clocks change. Such an hour counts on the local day it begins on.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .errors import Invalid

_SHAPE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})"
    r"(-(?P<day>\d{2})(T(?P<hour>\d{2})(:00(:00)?)?(?P<utc>Z)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """``[start, end)`` in local wall-clock time; `text` is its one spelling and its identity.

    Of an hour ``in_utc``, both are UTC; its local day is known where the subscription is.
    """

    text: str
    start: datetime
    end: datetime
    in_utc: bool = False

    @property
    def last_day(self) -> date:
        """The last local day it reaches into."""
        return (self.end - timedelta(microseconds=1)).date()

    @classmethod
    def parse(cls, text: str) -> "Bucket":
        """Read ``2026-03``, ``2026-03-05``, ``2026-03-05T14`` or, in UTC, ``2026-03-05T14Z``.

        Minutes, if given, are zero.

        :raise Invalid: ``bucket`` ``invalid_bucket``: another shape, or no such day or hour

        >>> Bucket.parse("2026-02").last_day, Bucket.parse("2026-03-05T14:00").text
        (datetime.date(2026, 2, 28), '2026-03-05T14')
        >>> Bucket.parse("2026-03-05T14:00:00Z").text
        '2026-03-05T14Z'
        >>> Bucket.parse("2026-02-30")
        Traceback (most recent call last):
        ...
        engine.errors.Invalid: bucket: invalid_bucket
        """
        found = _SHAPE.fullmatch(text.strip())
        if not found:
            raise Invalid.field("bucket", "invalid_bucket")
        parts = found.groupdict()
        zone = parts.pop("utc") or ""
        numbers = {name: int(value) for name, value in parts.items() if value}
        try:
            start = datetime(**{"day": 1, **numbers})
            if "hour" in numbers:
                text = f"{start:%Y-%m-%dT%H}{zone}"
                return cls(text, start, start + timedelta(hours=1), bool(zone))
            if "day" in numbers:
                return cls(f"{start:%Y-%m-%d}", start, start + timedelta(days=1))
            following = (start + timedelta(days=31)).replace(day=1)
            return cls(f"{start:%Y-%m}", start, following)
        except (ValueError, OverflowError) as error:
            raise Invalid.field("bucket", "invalid_bucket") from error
