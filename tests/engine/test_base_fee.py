"""Base fees of first, last and changed periods, trials, and the direction of a plan change."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from engine import (
    D,
    Invalid,
    Period,
    PlanValue,
    after_trial,
    agrees,
    base_fee,
    explain,
    period_containing,
    period_due,
    plan_change,
    since,
    split_at,
    trial_end,
    until,
    yearly,
)
from hypothesis import given
from hypothesis import strategies as st

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
days = st.integers(-10, 40).map(lambda n: MARCH.start + timedelta(days=n))
inside = st.integers(0, 30).map(lambda n: MARCH.start + timedelta(days=n))
fees = st.decimals(0, 10**4, places=2)
plans = st.builds(
    PlanValue,
    st.sampled_from(["a", "b"]),
    fees,
    st.sampled_from(["week", "month", "year"]),
    st.integers(1, 6),
)


@given(days)
def test_a_changed_period_is_split_without_a_gap_or_a_day_twice(day):
    parts = [part for part in split_at(MARCH, day) if part]
    assert [parts[0].start, parts[-1].end] == [MARCH.start, MARCH.end]
    assert sum(part.days for part in parts) == 31


@given(fees, inside)
def test_both_parts_of_a_period_cost_the_period_within_a_cent(price, day):
    parts = [part for part in split_at(MARCH, day) if part]
    total = sum(base_fee(price, MARCH, part).amount for part in parts)
    assert abs(total - price) <= D("0.01")


@given(fees, inside, days)
def test_a_base_fee_replays_and_a_trial_never_makes_it_dearer(price, first, free_until):
    part = since(MARCH, first)
    fee = base_fee(price, MARCH, part, free_until=free_until)
    assert agrees(fee.derivation)
    assert not agrees({**fee.derivation, "amount": str(fee.amount + 1)})
    assert 0 <= fee.amount <= base_fee(price, MARCH, part).amount


@given(inside)
def test_the_last_day_counts_and_so_does_the_first(day):
    assert until(MARCH, day).days + since(MARCH, day).days == 31 + 1


def test_first_last_and_full_period():
    price = D("29.00")
    assert base_fee(price, MARCH).amount == D("29.00")
    assert base_fee(price, MARCH, since(MARCH, date(2026, 3, 31))).amount == D("0.94")
    assert base_fee(price, MARCH, until(MARCH, date(2026, 3, 1))).amount == D("0.94")
    with pytest.raises(Invalid):
        base_fee(price, MARCH, Period(date(2026, 2, 20), date(2026, 3, 5)))


def test_a_trial_counts_from_the_first_start_and_frees_no_more_than_its_days():
    free_until = trial_end(date(2026, 2, 20), 14)
    assert free_until == date(2026, 3, 6)
    assert after_trial(MARCH, free_until) == Period(date(2026, 3, 6), MARCH.end)
    assert base_fee(D(31), MARCH, free_until=free_until).amount == D("26.00")
    whole = base_fee(D(31), MARCH, free_until=date(2026, 5, 1))
    assert (whole.amount, whole.part) == (D("0.00"), None)
    assert "0 of 31 days billed" in explain(whole.derivation)


@given(st.integers(1, 60))
def test_paid_in_advance_the_next_period_is_due_and_in_arrears_the_last(k):
    anchor = date(2026, 1, 31)
    due = period_containing(anchor, "month", 1, anchor + timedelta(days=31 * k)).start
    next_, last = (period_due(anchor, "month", 1, due, first) for first in (True, False))
    assert last.end == due == next_.start


@given(plans, plans)
def test_a_change_is_up_exactly_if_the_year_costs_as_much_or_more(old, new):
    change = plan_change(old, new)
    if old.code == new.code:
        assert (change.direction, change.when) == ("none", None)
    elif yearly(new) >= yearly(old):
        assert (change.direction, change.when) == ("up", "now")
    else:
        assert (change.direction, change.when) == ("down", "period_end")


@given(plans, st.sampled_from(["now", "period_end"]))
def test_the_caller_may_choose_when(old, when):
    new = PlanValue("c", old.amount + 1, old.unit, old.value)
    assert plan_change(old, new, when).when == when
    assert plan_change(new, old, when).when == when


def test_equal_by_the_year_is_an_upgrade():
    yearly_plan = PlanValue("y", Decimal(120), "year")
    assert plan_change(yearly_plan, PlanValue("m", Decimal(10), "month")).direction == "up"
    assert plan_change(yearly_plan, PlanValue("q", Decimal(30), "month", 3)).direction == "up"


@pytest.mark.parametrize("plan", [PlanValue("a", D(1), "decade"), PlanValue("a", D(1), "month", 0)])
def test_an_interval_that_is_none_is_refused(plan):
    with pytest.raises(Invalid):
        yearly(plan)


def test_a_moment_that_is_none_is_refused():
    one, other = PlanValue("a", D(1), "month"), PlanValue("b", D(1), "month")
    with pytest.raises(Invalid):
        plan_change(one, other, "yesterday")
