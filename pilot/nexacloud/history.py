"""The winter before the snapshot: past periods, their sparse usage, and what the app billed.

A dual run compares at least three periods. Each subscription that was billed by then gets those it
has had since 2 November 2025, with a handful of busy hours each: the first and the last hour of a
period, where an edge in the wrong place would show, and some between.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from pilot.nexacloud import traffic
from pilot.nexacloud.dice import Dice
from pilot.nexacloud.periods import add_months, local_day
from pilot.nexacloud.records import Counter, Deployment, Plan, Subscription, User

FIRST_DAY = date(2025, 11, 2)
_HOURS = 3  # between the first and the last one

Period = tuple[date, date]


def periods(contract: Subscription, plan: Plan, zone: str) -> list[Period]:
    """Return the whole periods that were over at the snapshot, oldest first; half-open.

    A trial has none, and a year is longer than the winter.
    """
    if contract.status not in ("active", "past_due") or plan.interval != "month":
        return []
    begun = max(FIRST_DAY, local_day(contract.started_at, zone))
    start, end = contract.current_period_start, contract.current_period_end
    day, found = max(start.day, end.day), []
    while (before := add_months(start, -1, day)) >= begun:
        found.append((before, start))
        start = before
    return found[::-1]


def counters(
    people: list[User],
    price_list: list[Plan],
    contracts: list[Subscription],
    running: list[Deployment],
) -> list[Counter]:
    """Return the winter's counters, ordered by hour."""
    zones = {user.id: user.zone for user in people}
    plans = {plan.id: plan for plan in price_list}
    homes: dict[object, list[Deployment]] = {}
    for deployment in running:
        homes.setdefault(deployment.subscription_id, []).append(deployment)
    found = [
        row
        for contract in contracts
        for period in periods(contract, plans[contract.plan_id], zones[contract.user_id])
        if contract.id in homes
        for row in _of_period(
            contract, plans[contract.plan_id], zones[contract.user_id], period, homes[contract.id]
        )
    ]
    return sorted(found, key=lambda row: (row.hour, row.deployment_id, row.metric))


def _of_period(
    contract: Subscription, plan: Plan, zone: str, period: Period, homes: list[Deployment]
) -> Iterator[Counter]:
    dice = Dice("winter", contract.id, period[0])
    hours = traffic.hours_of(*period, zone)
    quotas = {
        "bandwidth_gb": plan.included_bandwidth_gb,
        "build_minutes": plan.included_build_minutes,
    }
    for metric, included in quotas.items():
        target = traffic.target_of(dice.pick(traffic.HABITS), included, dice)
        busy = _busy(hours, dice)
        yield from traffic.spread(contract, metric, target, busy, [], 1000, homes, dice)
    free = int(plan.storage_tiers[0].up_to or 0) if plan.storage_tiers else 20
    for hour in _busy(hours, dice):
        share = free * dice.between(200, 2600) * 1000 + dice.below(999)
        yield traffic.counter_of(contract, homes[0], "storage_gb", hour, share)


def _busy(hours: list[datetime], dice: Dice) -> list[datetime]:
    return [hours[0], *dice.some(hours[1:-1], _HOURS), hours[-1]]
