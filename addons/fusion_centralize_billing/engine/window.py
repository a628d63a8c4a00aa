"""The days that are billed, the full period they belong to, and the instants both begin and end."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal

from .errors import Invalid
from .money import exactly
from .period import Period
from .rollup import epoch_seconds


@dataclass(frozen=True, slots=True)
class Window:
    """`active` are the billed days, `full` the period whose length every proration divides by.

    The instants are UTC epoch seconds and only needed by time-weighted sums; they come from local
    midnights, so that a month with a change to summer time has one hour less.

    >>> from datetime import UTC
    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> window = Window.of(march, Period(date(2026, 3, 20), march.end), UTC)
    >>> window.active.days, window.seconds == 12 * 86400, window.full_seconds == 31 * 86400
    (12, True, True)
    """

    active: Period
    full: Period
    starts: Decimal | None = None
    ends: Decimal | None = None
    full_seconds: Decimal | None = None

    def __post_init__(self) -> None:
        if self.active.start < self.full.start or self.active.end > self.full.end:
            raise Invalid.field("period", "value_is_out_of_range")

    @classmethod
    @exactly
    def of(cls, full: Period, active: Period | None = None, zone: tzinfo | None = None) -> "Window":
        """From local days.

        :param active: the part that is billed; None: all of it
        :param zone: the subscription's time zone (a ``ZoneInfo``: pytz zones do not fit a plain
            local time); None: no instants, no time-weighted sum
        """
        active = active or full
        if zone is None:
            return cls(active, full)
        length = _midnight(full.end, zone) - _midnight(full.start, zone)
        return cls(active, full, _midnight(active.start, zone), _midnight(active.end, zone), length)

    @property
    @exactly
    def seconds(self) -> Decimal:
        """Length of the billed part.

        :raise Invalid: nobody gave the instants.
        """
        starts, ends, _ = self.instants
        return ends - starts

    @property
    def instants(self) -> tuple[Decimal, Decimal, Decimal]:
        """Start, end, and the seconds of the full period."""
        if self.starts is None or self.ends is None or not self.full_seconds:
            raise Invalid.field("timezone", "value_is_mandatory")
        return self.starts, self.ends, self.full_seconds

    def is_carried(self, day: date) -> bool:
        """Whether what happened on `day` lies before what is billed."""
        return day < self.active.start


def _midnight(day: date, zone: tzinfo) -> Decimal:
    return epoch_seconds(datetime.combine(day, time(), tzinfo=zone))
