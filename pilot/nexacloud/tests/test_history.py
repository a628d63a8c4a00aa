"""The winter's periods are whole, without a gap, and billed once each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pilot.nexacloud import dataset, history, rating
from pilot.nexacloud.periods import local_day
from pilot.nexacloud.records import Dataset

SNAPSHOT = date(2026, 3, 1)


@pytest.fixture(scope="module")
def seed() -> Dataset:
    return dataset.build()


def test_periods_follow_each_other_up_to_the_current_one_and_most_have_three(seed: Dataset) -> None:
    plans = {plan.id: plan for plan in seed.plans}
    zones = {user.id: user.zone for user in seed.users}
    counts = []
    for contract in seed.subscriptions:
        zone = zones[contract.user_id]
        found = history.periods(contract, plans[contract.plan_id], zone)
        counts.append(len(found))
        ends = [end for _start, end in found]
        starts = [start for start, _end in found]
        assert [*starts[1:], *[contract.current_period_start] * bool(found)] == ends
        assert all(start >= local_day(contract.started_at, zone) for start in starts)
    assert counts.count(3) > 100
    assert max(counts) == 3


def test_a_subscription_of_the_31st_keeps_its_day_over_the_short_month(seed: Dataset) -> None:
    plans = {plan.id: plan for plan in seed.plans}
    last = [each for each in seed.subscriptions if each.current_period_end == date(2026, 3, 31)]
    for contract in last:
        found = history.periods(contract, plans[contract.plan_id], "America/Toronto")
        assert found[-1] == (date(2026, 1, 31), date(2026, 2, 28))


def test_the_winter_is_billed_once_a_period_and_never_after_the_snapshot(seed: Dataset) -> None:
    winter = rating.bill_winter(seed)
    later, _held = rating.bill(seed, date(2026, 4, 1))
    keys = [(row.external_subscription_id, row.invoice_date) for row in [*winter, *later]]
    assert len(set(keys)) == len(keys)
    assert max(row.invoice_date for row in winter) <= SNAPSHOT
    assert min(row.invoice_date for row in winter) > history.FIRST_DAY
    assert sum(1 for row in winter if len(row.lines) > 1) > 300


def test_the_first_and_the_last_hour_of_a_period_are_used(seed: Dataset) -> None:
    """Where an edge in the wrong place or time zone would show."""
    zones = {user.id: user.zone for user in seed.users}
    contracts = {each.id: each for each in seed.subscriptions}
    days = {
        local_day(row.hour, zones[contracts[row.subscription_id].user_id])
        for row in seed.counters
        if row.quantity > Decimal(0)
    }
    assert {date(2026, 1, 1), date(2026, 1, 31), date(2025, 12, 31), date(2026, 2, 28)} <= days
