"""Usage weighed by time: by seconds (weighted sums) and by days (prorated charges)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from engine import Charge, D, Graduated, Invalid, Metric, Period, Rollup, Usage, Window, rate_charge
from engine.levels import prorated
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.strategies import MARCH, graduated, volume

TORONTO = ZoneInfo("America/Toronto")
# In local time; March 2026 begins at 05:00 UTC and ends at 04:00 UTC, an hour short.
STARTS, ENDS = (datetime(2026, month, 1, tzinfo=TORONTO) for month in (3, 4))
seconds = st.integers(-40 * 86400, 31 * 86400 - 3601)
changes = st.lists(st.tuples(seconds, st.decimals(-100, 100, places=2)), max_size=15)
# (day of March, change); day 0 is any day before.
steps = st.lists(st.tuples(st.integers(0, 31), st.integers(-20, 20)), max_size=12)
toggles = st.lists(
    st.tuples(st.integers(0, 31), st.sampled_from("abc"), st.sampled_from([1, -1])), max_size=20
)


def moment(offset: int) -> datetime:
    return STARTS.astimezone(UTC) + timedelta(seconds=offset)


def of_day(number: int, value: int, dimension: str = "", order: int = 0) -> Rollup:
    day = date(2026, 2, 28) + timedelta(days=number)
    at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC) + timedelta(seconds=order)
    return Rollup.of(day, Decimal(value), at, dimension)


def folded(rows: list[Rollup]) -> list[Rollup]:
    found: dict = {}
    for row in rows:
        key = (row.day, row.dimension)
        found[key] = found[key].fold(row) if key in found else row
    return list(found.values())


def integral(events: list[tuple[int, Decimal]], full: int) -> Fraction:
    """The level, second by second, as areas of rectangles from one event to the next."""
    area, level, cursor = Fraction(0), Fraction(0), 0
    for offset, value in sorted(events):
        at = max(offset, 0)
        area, level, cursor = area + level * (at - cursor), level + Fraction(value), at
    return (area + level * (full - cursor)) / full


@given(changes, st.booleans())
def test_a_weighted_sum_from_moments_equals_integrating_the_level(events, recurring):
    full = 31 * 86400 - 3600  # the night of 8 March has one hour less
    rows = folded(
        [Rollup.of(at.astimezone(TORONTO).date(), value, at)
         for at, value in ((moment(offset), value) for offset, value in events)]
    )  # fmt: skip
    metric = Metric("m", "weighted", recurring=recurring)
    counted = events if recurring else [event for event in events if event[0] >= 0]
    measured = metric.measure(rows, Window.of(MARCH, zone=TORONTO)).measured
    assert abs(Fraction(measured) - integral(counted, full)) <= Fraction(1, 10**12)


def test_a_weighted_sum_of_a_part_divides_by_the_full_period():
    window = Window.of(MARCH, Period(date(2026, 3, 11), date(2026, 3, 21)), UTC)
    level = of_day(-5, 31)
    assert Metric("m", "weighted", recurring=True).measure([level], window).quantity == 10
    assert Metric("m", "weighted").measure([level], window).quantity == 0


def test_a_weighted_sum_without_a_time_zone_is_refused():
    with pytest.raises(Invalid) as refusal:
        Metric("m", "weighted").measure([of_day(3, 1)], Window.of(MARCH))
    assert refusal.value.details == {"timezone": ["value_is_mandatory"]}


@pytest.mark.parametrize("zone", ["America/Toronto", "America/Vancouver", "America/St_Johns"])
def test_every_month_has_its_own_seconds(zone):
    def hours(month: int) -> Decimal:
        full = Period(date(2026, month, 1), date(2026, month + 1, 1))
        return Window.of(full, zone=ZoneInfo(zone)).seconds / 3600

    assert [hours(month) for month in (2, 3, 11)] == [28 * 24, 31 * 24 - 1, 30 * 24 + 1]


def lago_prorated_sum(events: list[tuple[int, int]]) -> Fraction:
    """Persisted units whole, each change by the days left, its own included."""
    return sum((Fraction(value * (31 - max(day, 1) + 1), 31) for day, value in events), Fraction(0))


def ceiled(value: Fraction) -> Decimal:
    return Decimal(-(-value * 10**5 // 1)).scaleb(-5)


@given(steps)
def test_a_prorated_sum_equals_lagos_event_by_event_formula(events):
    rows = folded([of_day(day, value) for day, value in events])
    usage = Metric("m", recurring=True).measure(rows, Window.of(MARCH), prorated=True)
    assert usage.prorated == ceiled(lago_prorated_sum(events))
    assert usage.quantity == sum(value for _, value in events)
    assert sum(days for _, days in usage.levels) == 31


@given(toggles)
def test_prorated_unique_counts_equal_writing_down_who_is_there_each_day(operations):
    ordered = sorted(operations, key=lambda item: item[0])
    rows = folded(
        [of_day(day, value, name, order) for order, (day, name, value) in enumerate(ordered)]
    )
    there: set[str] = set()
    present: set[tuple[str, int]] = set()
    for day in range(32):
        present |= {(name, day) for name in there}
        for _, name, value in (item for item in ordered if item[0] == day):
            if value > 0:
                there.add(name)
                present.add((name, day))
            else:
                there.discard(name)
    usage = Metric("m", "unique", recurring=True).measure(rows, Window.of(MARCH), prorated=True)
    assert usage.quantity == len(there)
    assert usage.prorated == ceiled(Fraction(sum(day > 0 for _, day in present), 31))


@pytest.mark.parametrize(
    ("operations", "days"),
    [
        ([(5, 1), (5, -1)], 1),  # added and removed the same day bills that day
        ([(0, 1), (5, -1), (5, 1)], 31),  # removed and added again nets out
        ([(0, 1), (5, -1)], 5),  # there on the day it is removed
        ([(5, -1)], 0),  # never was there
        ([(0, 1), (0, -1)], 0),  # gone before the period
        ([(-9, 1), (-5, -1)], 0),  # gone long before
        ([(-9, 1), (-5, -1), (-3, 1)], 31),  # and back in time
        ([(5, 1), (6, 1), (7, -1), (8, -1)], 3),  # adding twice is once
    ],
)
def test_whole_days_of_one_value(operations, days):
    rows = folded([of_day(day, value, "a", n) for n, (day, value) in enumerate(operations)])
    usage = Metric("m", "unique", recurring=True).measure(rows, Window.of(MARCH), prorated=True)
    assert usage.prorated == ceiled(Fraction(days, 31))


def lago_graduated(pricer: Graduated, events: list[tuple[int, int]]) -> Fraction:
    """Each change in the tier it falls in, for the days left; flats up to the highest level."""
    total, running, peak = Fraction(0), 0, 0
    per_day: dict[int, int] = {}
    for day, value in events:
        per_day[max(day, 1)] = per_day.get(max(day, 1), 0) + value
    edges = [0, *(int(tier.up_to) for tier in pricer.tiers[:-1]), 10**9]
    for day, value in sorted(per_day.items()):
        before, running = running, running + value
        peak = max(peak, running)
        for lower, upper, tier in zip(edges, edges[1:], pricer.tiers, strict=False):
            held = [min(max(level, lower), upper) for level in (before, running)]
            total += (held[1] - held[0]) * Fraction(tier.unit_price) * (32 - day) / 31
    flats = [t.flat_price for n, t in enumerate(pricer.tiers) if not n or peak > edges[n]]
    return total + Fraction(sum(flats))


@given(graduated, steps)
def test_prorated_tiers_equal_lagos_event_by_event_split(pricer, events):
    rows = folded([of_day(day, value) for day, value in events])
    usage = Metric("m", recurring=True).measure(rows, Window.of(MARCH), prorated=True)
    exact = lago_graduated(pricer, events)
    # Each tier's units are rounded up at five decimals.
    slack = sum(Fraction(tier.unit_price) for tier in pricer.tiers) / 10**5
    assert 0 <= Fraction(pricer.price(usage.clamped()).amount) - exact <= slack


@given(st.one_of(graduated, volume), st.integers(0, 120))
def test_units_in_place_all_period_cost_the_same_prorated_or_not(pricer, units):
    level = Decimal(units)
    usage = Usage.of(level, prorated=level, levels=((level, 31),), full_days=31)
    assert pricer.price(usage).amount == pricer.price(level).amount


def test_prorated_volume_takes_the_tier_of_the_full_units():
    charge = Charge.build(
        "volume",
        "c",
        "m",
        {"tiers": [{"up_to": 10, "unit_price": 10}, {"unit_price": 5, "flat_price": 1}]},
        prorated=True,
    )
    rows = [of_day(1, 5), of_day(26, 15)]
    [line] = rate_charge(charge, Metric("m", recurring=True), rows, MARCH)
    # Twenty units at the end: tier 2. In time 5 + 15 × 6/31 = 7.90323, × 5 + 1.
    assert (line.quantity, line.billable_quantity) == (D(20), D("7.90323"))
    assert line.amount == D("40.52")


def test_a_metrics_rounding_comes_before_time():
    metric = Metric("m", rounding_function="ceil", recurring=True)
    half = Rollup.of(date(2026, 3, 16), D("0.5"), datetime(2026, 3, 16, tzinfo=UTC))
    usage = metric.measure([half], Window.of(MARCH), prorated=True)
    assert (usage.quantity, usage.prorated) == (D(1), prorated(((D(1), 16),), 31))


@pytest.mark.parametrize("metric", [Metric("m"), Metric("m", "max", recurring=True)])
def test_only_a_recurring_sum_or_unique_count_is_prorated(metric):
    with pytest.raises(Invalid) as refusal:
        metric.measure([], Window.of(MARCH), prorated=True)
    assert refusal.value.details == {"prorated": ["invalid_billable_metric_or_charge_model"]}


@pytest.mark.parametrize(
    ("kind", "metered", "carried_over"),
    [("sum", 3, 8), ("count", 1, 3), ("max", 3, 4), ("last", 3, 3), ("unique", 1, 1)],
)
def test_what_lies_before_counts_for_recurring_metrics_and_what_lies_after_for_none(
    kind, metered, carried_over
):
    rows = [of_day(-9, 1), of_day(0, 4), of_day(9, 3), of_day(40, 100)]
    window = Window.of(MARCH)
    assert Metric("m", kind).measure(rows, window).quantity == metered
    assert Metric("m", kind, recurring=True).measure(rows, window).quantity == carried_over
    assert Metric("m", kind, recurring=True).measure(rows, window).count == 1


def test_a_part_carries_over_what_lies_before_it_even_within_the_full_period():
    window = Window.of(MARCH, Period(date(2026, 3, 11), MARCH.end))
    rows = [of_day(5, 4), of_day(20, 3)]
    assert Metric("m").measure(rows, window).quantity == 3
    usage = Metric("m", recurring=True).measure(rows, window, prorated=True)
    assert (usage.quantity, usage.count) == (7, 1)
    assert usage.levels == ((D(4), 9), (D(7), 12))
    assert usage.prorated == ceiled(Fraction(4 * 9 + 7 * 12, 31))


def test_the_last_level_carries_over_a_period_without_events():
    gauge = Metric("m", "last", recurring=True)
    assert gauge.measure([of_day(-40, 7), of_day(-3, 5)], Window.of(MARCH)).quantity == 5
