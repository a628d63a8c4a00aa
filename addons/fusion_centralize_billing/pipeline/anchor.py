"""From which day to count the periods of a subscription that already runs. Plain functions."""

from collections.abc import Iterator
from datetime import date

from .. import engine


def find_anchor(started: date, start: date, end: date, unit: str, value: int) -> date | None:
    """The day from which whole plan periods give exactly the app's current one, ``[start, end)``.

    The first day of the oldest whole period that the contract has had, so that its past periods
    can be compared with what the app billed for them. Not counted back from the period's start
    after a short month: a subscription of the 31st has the period 28 February to 31 March, and
    from 28 February on it would be due on the 28th for ever. Then the day it began on is tried,
    and then the period's own end. None: no whole period of this plan.

    >>> find_anchor(date(2025, 12, 31), date(2026, 2, 28), date(2026, 3, 31), "month", 1)
    datetime.date(2025, 12, 31)
    >>> find_anchor(date(2025, 12, 31), date(2026, 3, 1), date(2026, 4, 1), "month", 1)
    datetime.date(2026, 1, 1)
    >>> find_anchor(date(2026, 3, 1), date(2026, 3, 1), date(2026, 4, 1), "month", 1)
    datetime.date(2026, 3, 1)
    """
    if start == end:  # nothing was billed yet: the first period begins here
        return start
    for anchor in _candidates(started, start, end, unit, value):
        period = engine.period_containing(anchor, unit, value, start)
        if (period.start, period.end) == (start, end):
            return anchor
    return None


def _candidates(started: date, start: date, end: date, unit: str, value: int) -> Iterator[date]:
    past = [start]
    while (day := engine.boundary(start, unit, value, -len(past))) >= started:
        past.append(day)
    # Oldest first; one that a short month moved does not give today's period and is passed over.
    yield from reversed(past)
    if started <= start:
        yield started
    # The same day of the month as the end, in a month long enough to have it.
    for k in range(2, 14):
        day = engine.boundary(end, unit, value, -k)
        if day.day == end.day:
            yield day
