"""Billing periods: half-open ranges of local days, counted from an anchor.

Invariant: the k-th boundary is computed from the anchor, never from the boundary before it, so
31 January is followed by 28 February *and then by 31 March*. Boundaries strictly advance.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from .errors import Invalid

Unit = Literal["day", "week", "month", "year"]

# A Monday, a 1st of the month and a 1 January at once: calendar periods are simply the periods
# anchored here, for every unit (quarters begin in January, April, July and October).
CALENDAR_ANCHOR = date(2001, 1, 1)
_MONTHS: dict[str, int] = {"month": 1, "year": 12}
_DAYS: dict[str, int] = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """``[start, end)`` in local days of the subscription.

    >>> march = Period(date(2026, 3, 1), date(2026, 4, 1))
    >>> march.days, march.last_day, date(2026, 4, 1) in march
    (31, datetime.date(2026, 3, 31), False)
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise Invalid.field("period", "value_is_invalid")

    @property
    def days(self) -> int:
        """Number of days, the end excluded."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day inside, for people."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def intersection(self, other: "Period") -> "Period | None":
        """The days both have in common, `None` if there are none.

        >>> Period(date(2026, 3, 1), date(2026, 4, 1)).intersection(
        ...     Period(date(2026, 3, 20), date(2026, 5, 1))).days
        12
        """
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None


def boundary(anchor: date, unit: Unit, value: int, k: int) -> date:
    """The anchor plus `k` times `value` units, clamped to the month's end. `k` may be negative.

    >>> [boundary(date(2026, 1, 31), "month", 1, k).isoformat() for k in range(4)]
    ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']
    >>> boundary(date(2024, 2, 29), "year", 1, 4), boundary(date(2024, 2, 29), "year", 1, 1)
    (datetime.date(2028, 2, 29), datetime.date(2025, 2, 28))
    """
    _check(unit, value)
    if unit in _DAYS:
        return anchor + timedelta(days=_DAYS[unit] * value * k)
    month_index = anchor.year * 12 + anchor.month - 1 + _MONTHS[unit] * value * k
    year, month0 = divmod(month_index, 12)
    return date(year, month0 + 1, min(anchor.day, monthrange(year, month0 + 1)[1]))


def period_containing(anchor: date, unit: Unit, value: int, day: date) -> Period:
    """The period `day` falls in; days before the anchor have one too.

    >>> period_containing(date(2026, 1, 31), "month", 1, date(2026, 2, 28)).end
    datetime.date(2026, 3, 31)
    """
    k = _estimate(anchor, unit, value, day)
    while boundary(anchor, unit, value, k) > day:
        k -= 1
    while boundary(anchor, unit, value, k + 1) <= day:
        k += 1
    return Period(boundary(anchor, unit, value, k), boundary(anchor, unit, value, k + 1))


def period_ending_at(anchor: date, unit: Unit, value: int, end: date) -> Period:
    """The full period whose (exclusive) end is `end`.

    :raise Invalid: `end` is no boundary of this anchor.

    >>> period_ending_at(date(2026, 1, 31), "month", 1, date(2026, 3, 31)).start
    datetime.date(2026, 2, 28)
    """
    period = period_containing(anchor, unit, value, end - timedelta(days=1))
    if period.end != end:
        raise Invalid.field("period_end", "value_is_invalid")
    return period


def calendar_period(unit: Unit, value: int, day: date) -> Period:
    """The calendar week, month, quarter (3 months) or year around `day`.

    >>> calendar_period("month", 3, date(2026, 5, 20)).start
    datetime.date(2026, 4, 1)
    >>> calendar_period("week", 1, date(2026, 3, 1)).start  # a Sunday; weeks begin on Monday
    datetime.date(2026, 2, 23)
    """
    return period_containing(CALENDAR_ANCHOR, unit, value, day)


def calendar_boundary(unit: Unit, value: int, day: date) -> date:
    """The first calendar boundary strictly after `day`.

    >>> calendar_boundary("month", 1, date(2026, 3, 1))
    datetime.date(2026, 4, 1)
    """
    return calendar_period(unit, value, day).end


def days(period: Period) -> int:
    """Days of a period, the denominator of every proration."""
    return period.days


def _check(unit: str, value: int) -> None:
    if unit not in _DAYS and unit not in _MONTHS:
        raise Invalid.field("interval", "value_is_invalid")
    if value < 1:
        raise Invalid.field("interval_count", "value_is_out_of_range")


def _estimate(anchor: date, unit: Unit, value: int, day: date) -> int:
    """At most one off, so that finding a period takes a step and not a walk."""
    _check(unit, value)
    if unit in _DAYS:
        return (day - anchor).days // (_DAYS[unit] * value)
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    return months // (_MONTHS[unit] * value)
