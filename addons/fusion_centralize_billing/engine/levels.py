"""Units weighted by the days they were in place: prorated sums and prorated unique counts.

Named rules, all of them Lago's:

* **the day of the event counts whole**: what is added on a day is there from that day on;
* **a thing is there on the day it is removed**: added and removed the same day bills that day,
  removed and added again the same day changes nothing (unique counts);
* **ceil at five decimals**: the prorated quantity is rounded up, once.

A rule of ours: **rounding before time**. A metric's own rounding applies to the units of each
day, and not to the product with time: half a seat of a whole-seat metric is one seat, and half a
month of it half a seat.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from .money import ZERO, exactly, quantize
from .rollup import Rollup
from .usage import Levels, run_length
from .window import Window

DECIMALS = 5


@exactly
def sum_levels(rollups: Iterable[Rollup], window: Window) -> Levels:
    """Units in place per day of the window: all that was added up to and including the day."""
    changes: defaultdict[date, Decimal] = defaultdict(Decimal)
    for rollup in rollups:
        changes[max(rollup.day, window.active.start)] += rollup.total
    return _sweep(changes, window)


@exactly
def unique_levels(rollups: Iterable[Rollup], window: Window) -> Levels:
    """Different values in place per day of the window."""
    changes: defaultdict[date, Decimal] = defaultdict(Decimal)
    per_value: defaultdict[str, list[Rollup]] = defaultdict(list)
    for rollup in rollups:
        per_value[rollup.dimension].append(rollup)
    for own in per_value.values():
        for first, after in _presence(own, window):
            changes[first] += 1
            changes[after] -= 1
    return _sweep(changes, window)


def prorated(levels: Levels, full_days: int) -> Decimal:
    """Σ units × days / days of the full period, rounded up at five decimals.

    >>> prorated(((Decimal(10), 12),), 31)  # ten seats for 12 of 31 days
    Decimal('3.87097')
    """
    weighted = sum((Fraction(units) * days for units, days in levels), Fraction(0)) / full_days
    scaled = weighted * 10**DECIMALS
    # Ceiling of a fraction in integers: nothing is rounded before.
    return Decimal(-(-scaled.numerator // scaled.denominator)).scaleb(-DECIMALS)


def rounded(levels: Levels, rounding: Callable[[Decimal], Decimal]) -> Levels:
    """Every day's units rounded as the metric says."""
    return run_length((rounding(units), days) for units, days in levels)


def ceil_units(quantity: Decimal) -> Decimal:
    """Up at five decimals."""
    return quantize(quantity, DECIMALS, ROUND_CEILING)


def _sweep(changes: dict[date, Decimal], window: Window) -> Levels:
    """Running total over the days of the window, neighbours of one height together."""
    level, runs, cursor = ZERO, [], window.active.start
    for day in sorted(day for day in changes if day < window.active.end):
        runs.append((level, (day - cursor).days))
        level, cursor = level + changes[day], day
    runs.append((level, (window.active.end - cursor).days))
    return run_length(runs)


def _presence(rows: Sequence[Rollup], window: Window) -> Iterable[tuple[date, date]]:
    """``(first day, day after the last)`` of each stay of one value, cut to the window."""
    since: date | None = None
    per_day: defaultdict[date, list[Rollup]] = defaultdict(list)
    for row in rows:
        per_day[row.day].append(row)
    for day, same in sorted(per_day.items()):
        stays = max((row.last_at, row.last) for row in same)[1] > 0
        added = any(row.maximum > 0 for row in same)
        if since is None and added:
            since = max(day, window.active.start)
        if since is None or stays:
            continue
        # What left before the window never was in it; what left inside it was there that day.
        if not window.is_carried(day):
            yield since, day + timedelta(days=1)
        since = None
    if since is not None:
        yield since, window.active.end
