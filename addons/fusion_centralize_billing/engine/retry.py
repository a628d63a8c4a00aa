"""When to try a webhook again. The schedule is data; chance and clock are arguments."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Seconds between tries. 12 tries over 93.6 hours; with the jitter at its shortest, 74.9 hours.
SCHEDULE: tuple[int, ...] = (
    5, 300, 1800, 7200, 18000, 36000, 43200, 57600, 57600, 57600, 57600,
)  # fmt: skip
JITTER = 0.2
MAX_ATTEMPTS = len(SCHEDULE) + 1
# A server may ask for more than the schedule gives, but not park us for a week.
MIN_RETRY_AFTER_CAP = 3600
SUCCESS_STATUSES = frozenset({200, 201, 202, 204})


def succeeded(status: int) -> bool:
    """Lago's rule: these four and no other; a redirect or a 203 is a failure."""
    return status in SUCCESS_STATUSES


def delay(attempts: int, chance: float, retry_after: int | None = None) -> timedelta | None:
    """How long to wait after the `attempts`-th failed try; None: give up.

    :param chance: uniform in [0, 1), spreads the tries by ±20 %.
    :param retry_after: seconds the receiver asked for; honoured up to twice the planned wait, or
        an hour where that is more. It never shortens a wait.

    >>> delay(1, 0.5), delay(2, 0.0), delay(12, 0.5)
    (datetime.timedelta(seconds=5), datetime.timedelta(seconds=240), None)
    >>> delay(1, 0.5, retry_after=60), delay(1, 0.5, retry_after=10**9)
    (datetime.timedelta(seconds=60), datetime.timedelta(seconds=3600))
    """
    if attempts < 1:
        raise ValueError("delay() follows a failed try")
    if attempts > len(SCHEDULE):
        return None
    base = SCHEDULE[attempts - 1]
    seconds = round(base * (1 - JITTER + 2 * JITTER * chance))
    if retry_after is not None:
        cap = max(2 * base, MIN_RETRY_AFTER_CAP)
        seconds = max(seconds, min(retry_after, cap))
    return timedelta(seconds=seconds)


def parse_retry_after(header: str | None, now: datetime) -> int | None:
    """Seconds from a ``Retry-After`` header, a number or an HTTP date; None if unusable.

    :param now: aware.

    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> parse_retry_after("120", noon), parse_retry_after("Sun, 01 Mar 2026 12:01:00 GMT", noon)
    (120, 60)
    >>> parse_retry_after("soon", noon) is None
    True
    """
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(int((moment - now).total_seconds()), 0)
