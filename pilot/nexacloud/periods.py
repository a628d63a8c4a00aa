"""Billing periods of the app: half-open ranges of the customer's local days."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def add_months(day: date, months: int, anchor_day: int) -> date:
    """Return `anchor_day` of the month `months` later, or its last day where it is too short.

    >>> add_months(date(2026, 1, 31), 1, 31), add_months(date(2026, 2, 28), 1, 31)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(anchor_day, last))


def next_end(start: date, end: date, interval: str) -> date:
    """Return when the period after ``[start, end)`` ends.

    The day of the month a subscription is billed on is the later of the two days, because only a
    short month moves it, and only to an earlier day.

    >>> next_end(date(2026, 2, 28), date(2026, 3, 31), "month")
    datetime.date(2026, 4, 30)
    """
    months = 12 if interval == "year" else 1
    return add_months(end, months, max(start.day, end.day))


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar day on which `instant` falls in the time zone `zone`.

    >>> local_day(datetime(2026, 3, 1, 3, tzinfo=UTC), "America/St_Johns")
    datetime.date(2026, 2, 28)
    """
    return instant.astimezone(ZoneInfo(zone)).date()


def local_midnight(day: date, zone: str) -> datetime:
    """Return the UTC instant at which `day` begins in the time zone `zone`."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def local_instant(day: date, hour: int, minute: int, zone: str) -> datetime:
    """Return the UTC instant of a local wall time."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)
