"""Dates of the stand-in's contracts: five years of daily ticks tile time, whatever the plan.

`period.py` knows no Odoo, so it is loaded by its path.
"""

import doctest
import importlib.util
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import engine
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given, settings
from hypothesis import strategies as st

PATH = Path(__file__).parents[2] / "community" / "sale_subscription" / "models" / "period.py"
_SPEC = importlib.util.spec_from_file_location("stand_in_period", PATH)
period = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(period)

FIVE_YEARS = 5 * 366
PLANS = [("week", n) for n in (1, 2, 3)] + [("month", n) for n in range(1, 13)]
PLANS += [("year", 1), ("year", 2)]
ZONES = ("America/St_Johns", "America/Toronto", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC")

plans = st.sampled_from(PLANS)
starts = st.dates(date(2023, 1, 1), date(2028, 12, 31))
month_ends = st.sampled_from(
    [date(2024, 1, 31), date(2024, 2, 29), date(2023, 12, 30), date(2025, 8, 31), date(2027, 1, 29)]
)
anchors = st.one_of(starts, month_ends)


def step(plan: tuple[str, int]) -> relativedelta:
    unit, value = plan
    return relativedelta(**{f"{unit}s": value})


def billed_by_daily_ticks(start: date, plan, zone: str, minute: int) -> list[tuple[date, date]]:
    """What a run at one UTC time of day bills in advance, on the contract's own local days."""
    tz, length, due = ZoneInfo(zone), step(plan), start
    tick = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(minutes=minute)
    tick -= timedelta(days=2)
    billed = []
    for _day in range(FIVE_YEARS):
        tick += timedelta(days=1)
        today = tick.astimezone(tz).date()
        while due <= today:
            after = period.boundary_after(start, length, due)
            billed.append((due, after))
            due = after
    return billed


@settings(max_examples=60, deadline=None)
@given(anchors, plans, st.sampled_from(ZONES), st.integers(0, 24 * 60 - 1))
@example(date(2024, 2, 29), ("year", 1), "America/St_Johns", 209)
@example(date(2024, 1, 31), ("month", 1), "Pacific/Kiritimati", 600)
def test_five_years_of_ticks_tile_without_gap_or_overlap(start, plan, zone, minute):
    billed = billed_by_daily_ticks(start, plan, zone, minute)
    assert billed[0][0] == start
    for (first, end), (following, _end) in pairwise(billed):
        assert first < end == following
    assert (billed[-1][1] - start).days >= FIVE_YEARS - 5


@given(anchors, plans)
def test_periods_have_the_length_of_their_plan_and_ends_come_back(start, plan):
    unit, value = plan
    length = step(plan)
    bounds = [period.boundary(start, length, k) for k in range(20)]
    assert bounds == sorted(set(bounds))
    for k, bound in enumerate(bounds):
        if unit == "week":
            assert (bound - start).days == 7 * value * k
        else:
            months = (bound.year - start.year) * 12 + bound.month - start.month
            assert months == value * k * (12 if unit == "year" else 1)
            # The day of the start, or the last one of a shorter month.
            assert bound.day == start.day or (bound + timedelta(days=1)).day == 1


@given(anchors, plans, st.integers(-900, 2500))
def test_any_day_lies_in_one_period_and_the_engine_agrees(start, plan, offset):
    unit, value = plan
    day = start + timedelta(days=offset)
    length = step(plan)
    on_it = period.is_boundary(start, length, day)
    begin = day if on_it else period.boundary_before(start, length, day)
    end = period.boundary_after(start, length, day)
    assert begin <= day < end
    assert period.boundary_before(start, length, end) == begin
    # Two implementations that share no line.
    assert engine.period_containing(start, unit, value, day) == engine.Period(begin, end)


@given(anchors, plans, st.decimals(0, 10**5, places=2), st.data())
def test_parts_of_a_period_make_the_whole(start, plan, price, data):
    end = period.boundary_after(start, step(plan), start)
    full = engine.Period(start, end)
    cuts = data.draw(st.sets(st.integers(1, full.days - 1), max_size=5))
    days = [start, *(start + timedelta(days=cut) for cut in sorted(cuts)), end]
    parts = [engine.Period(*edges) for edges in pairwise(days)]
    assert sum(engine.ratio(part, full) for part in parts) == 1
    exact = [engine.prorate(price, part, full) for part in parts]
    # Rounded each on its own line they are off by half a cent a part at most …
    rounded = sum(engine.round_money(amount) for amount in exact)
    assert abs(Fraction(rounded) - Fraction(price)) <= Fraction(len(parts), 200)
    # … and shared out by largest remainder they are the price, to the cent.
    shares = engine.allocate(price, [Decimal(part.days) for part in parts])
    assert sum(shares) == price


@pytest.mark.parametrize("plan", PLANS)
def test_every_day_of_five_years_is_billed_once(plan):
    for start in (date(2024, 1, 31), date(2024, 2, 29), date(2026, 11, 30)):
        billed = billed_by_daily_ticks(start, plan, "America/Toronto", 300)
        days = [
            first + timedelta(days=n) for first, end in billed for n in range((end - first).days)
        ]
        assert days == [start + timedelta(days=n) for n in range(len(days))]


def test_the_examples_in_the_module_are_true():
    results = doctest.testmod(period)
    assert (results.failed, results.attempted > 4) == (0, True)
