"""Between UTC instants and the local days of a subscription. Plain functions, no clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def is_zone(tz: str) -> bool:
    """Whether there is a timezone of this name.

    >>> is_zone("America/Toronto"), is_zone("Eastern Time (US & Canada)"), is_zone("America")
    (True, False, False)
    """
    try:
        ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def local_day(instant: datetime, tz: str) -> date:
    """The day it is in ``tz`` at a naive UTC instant.

    >>> local_day(datetime(2026, 3, 1, 3), "America/Toronto")
    datetime.date(2026, 2, 28)
    """
    return instant.replace(tzinfo=UTC).astimezone(ZoneInfo(tz)).date()


def midnight(day: date, tz: str) -> datetime:
    """The naive UTC instant at which a local day begins.

    >>> midnight(date(2026, 3, 1), "America/Toronto")
    datetime.datetime(2026, 3, 1, 5, 0)
    """
    local = datetime.combine(day, time.min, tzinfo=ZoneInfo(tz))
    return local.astimezone(UTC).replace(tzinfo=None)
