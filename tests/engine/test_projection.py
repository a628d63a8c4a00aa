"""A straight line to the period's end: pace goes on, levels stay, prices see the whole period."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from engine import Charge, Invalid, Metric, Period, Rollup, Usage, project, rate_charge
from hypothesis import given
from hypothesis import strategies as st

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
NOON = datetime(2026, 3, 1, 12)


def usage(quantity: str, count: int = 1, **more) -> Usage:
    return Usage("m", Decimal(quantity), Decimal(quantity), count, **more)


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("sum", "31"), ("count", "31"), ("unique", "31"), ("max", "10"), ("last", "10"),
     ("weighted", "10")],
)  # fmt: skip
def test_pace_goes_on_and_levels_stay(aggregation, expected):
    then = project(Metric("m", aggregation), usage("10", 10), 10, 31)
    assert then.quantity == Decimal(expected)


def test_what_carries_over_stays_where_it_is():
    assert project(Metric("m", recurring=True), usage("10"), 10, 31) == usage("10")


def test_whole_things_stay_whole_and_the_metrics_rounding_is_last():
    # 4 events in 3 of 31 days: 41.33
    assert project(Metric("m", "count"), usage("4", 4), 3, 31).quantity == 41
    rounded = project(Metric("m", rounding_function="ceil"), usage("4"), 3, 31)
    assert (rounded.quantity, rounded.measured) == (42, Decimal("41.333333333333"))


def test_the_last_day_projects_what_was_used():
    assert project(Metric("m"), usage("7.5", 3), 31, 31) == usage("7.5", 3)


def test_no_day_passed_is_no_pace():
    with pytest.raises(Invalid):
        project(Metric("m"), usage("1"), 0, 31)


def test_free_parts_and_caps_apply_to_the_whole_period():
    charge = Charge.build(
        "quota", "c", "m", {"included_quantity": "100", "unit_price": 1}, cap_amount=150
    )
    rows = [Rollup.of(NOON.date(), Decimal(90), NOON)]

    def amount(passed: int | None) -> Decimal:
        lines = rate_charge(
            charge,
            Metric("m"),
            rows,
            MARCH,
            reshape=passed and (lambda metric, found: project(metric, found, passed, 31)),
        )
        return sum(line.amount for line in lines)

    assert amount(None) == 0
    assert amount(15) == Decimal("86.00")  # 186 − 100
    assert amount(5) == Decimal("150.00")  # 558 − 100, capped


@given(
    st.lists(st.tuples(st.decimals(1, 99, places=2), st.integers(1, 9)), min_size=1, max_size=8),
    st.integers(1, 31),
)
def test_events_priced_one_by_one_are_as_many_as_are_counted(pairs, passed):
    count = sum(times for _, times in pairs)
    total = sum(value * times for value, times in pairs)
    found = usage(str(total), count, transactions=tuple(pairs))
    then = project(Metric("m"), found, passed, 31)
    assert sum(times for _, times in then.transactions) == then.count
    assert sum(value * times for value, times in then.transactions) == then.quantity
    assert [value for value, _ in then.transactions] == [value for value, _ in pairs]
