"""Seed the hourly usage counters, 12 February to the first hours of 1 April 2026.

Most of the traffic is drawn; what billing engines get wrong is placed on purpose: the first and
last hour of a local period, the hours around the clock change of 8 March, and the hours right
after the last period's end, which belong to April.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from pilot.nexacloud.dice import Dice
from pilot.nexacloud.periods import local_midnight, next_end
from pilot.nexacloud.records import Counter, Deployment, Plan, Subscription, User

FIRST_DAY = date(2026, 2, 12)
LAST_DAY = date(2026, 4, 1)  # exclusive
_CLOCK_CHANGE = datetime(2026, 3, 8, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_MICRO = 10**6

# Used part of the quota in per mille; "exact" is the quota itself, "hair" one hundredth above it.
HABITS: list[int | str] = [
    0, 120, 340, 560, 610, 780, 900, 990, "exact", "hair", 1040, 1125, 1310, 1650, 2400, 480, 720,
]  # fmt: skip
# Monthly traffic where a plan has no quota, in GB or minutes.
_UNMETERED = 3200


def counters(
    people: list[User],
    price_list: list[Plan],
    contracts: list[Subscription],
    running: list[Deployment],
) -> list[Counter]:
    """Return every counter, ordered by hour as a collector would have written them."""
    users = {user.id: user for user in people}
    plans = {plan.id: plan for plan in price_list}
    homes: dict[object, list[Deployment]] = {}
    for deployment in running:
        homes.setdefault(deployment.subscription_id, []).append(deployment)
    found: list[Counter] = []
    for contract in contracts:
        if contract.status in ("cancelled", "trialing") or contract.id not in homes:
            continue
        zone = users[contract.user_id].zone
        found += _of_contract(contract, plans[contract.plan_id], zone, homes[contract.id])
    return sorted(found, key=lambda row: (row.hour, row.deployment_id, row.metric))


def _of_contract(
    contract: Subscription, plan: Plan, zone: str, homes: list[Deployment]
) -> Iterator[Counter]:
    dice = Dice("habit", contract.id)
    edgy = dice.chance(40)
    for start, end in _segments(contract, plan):
        habit, build_habit = dice.pick(HABITS), dice.pick(HABITS)
        hours = hours_of(start, end, zone)
        edges = _edges(hours) if edgy else []
        amounts = (
            ("bandwidth_gb", target_of(habit, plan.included_bandwidth_gb, dice), 158),
            ("build_minutes", target_of(build_habit, plan.included_build_minutes, dice), 62),
        )
        for metric, target, per_mille in amounts:
            stream = Dice("traffic", contract.id, metric, start)
            yield from spread(contract, metric, target, hours, edges, per_mille, homes, stream)
        yield from _disk(contract, plan, hours, homes, Dice("disk", contract.id, start))
    if edgy:
        yield from _after_the_end(contract, zone, homes[0])


def _segments(contract: Subscription, plan: Plan) -> Iterator[tuple[date, date]]:
    """Cut the seeded weeks at the subscription's own period edges."""
    edges = [contract.current_period_start, contract.current_period_end]
    while edges[-1] < LAST_DAY:
        edges.append(next_end(edges[-2], edges[-1], plan.interval))
    for start, end in pairwise(edges):
        clipped = max(start, FIRST_DAY), min(end, LAST_DAY)
        if clipped[0] < clipped[1]:
            yield clipped


def hours_of(start: date, end: date, zone: str) -> list[datetime]:
    """Return the full UTC hours that begin on the local days ``[start, end)``."""
    first, last = local_midnight(start, zone), local_midnight(end, zone)
    # St. John's is half an hour off: its first full hour begins at 00:30 local time.
    first = first.replace(minute=0) + (_HOUR if first.minute else timedelta())
    found = []
    while first < last:
        found.append(first)
        first += _HOUR
    return found


def _edges(hours: list[datetime]) -> list[datetime]:
    change = [hour for hour in hours if abs(hour - _CLOCK_CHANGE - 9 * _HOUR) <= 5 * _HOUR]
    midnights = [hour for hour in hours if hour.day in (8, 9) and 3 <= hour.hour <= 9]
    return sorted({*hours[:2], *hours[-2:], *change, *midnights})


def target_of(habit: int | str, included: Decimal | None, dice: Dice) -> int:
    """Return the usage of a period in millionths of the unit."""
    quota = int(included or _UNMETERED) * _MICRO
    if habit == "exact":
        return quota
    if habit == "hair":
        return quota + _MICRO // 100
    return quota * int(habit) // 1000 + dice.below(quota // 200) * (habit != 0)


def spread(
    contract: Subscription,
    metric: str,
    target: int,
    hours: list[datetime],
    edges: list[datetime],
    per_mille: int,
    homes: list[Deployment],
    dice: Dice,
) -> Iterator[Counter]:
    """Spread exactly `target` millionths over some hours; edge hours carry a heavy share."""
    if not target:
        return
    busy = sorted({*edges, *dice.some(hours, len(hours) * per_mille // 1000 + 1)})
    slots = [(hour, home) for home in homes for hour in busy]
    weights = [
        (400 if hour in edges else 1) * (1 + dice.below(40) * dice.below(40)) for hour, _ in slots
    ]
    total, given = sum(weights), 0
    for place, (hour, home) in enumerate(slots):
        last = place == len(slots) - 1
        share = target - given if last else target * weights[place] // total
        given += share
        if share:
            yield counter_of(contract, home, metric, hour, share)


def _disk(
    contract: Subscription, plan: Plan, hours: list[datetime], homes: list[Deployment], dice: Dice
) -> Iterator[Counter]:
    """Report each disk once a day; it grows, with one peak that the period is billed on."""
    free = int(plan.storage_tiers[0].up_to or 0) if plan.storage_tiers else 20
    per_mille = dice.pick([150, 400, 700, 1000, 1000, 1180, 1600, 5300])
    # Nobody hits the edge of a tier by chance, so some do here.
    size = free * per_mille * 1000 + dice.below(5 * _MICRO) * (per_mille != 1000)
    peak = dice.below(max(1, len(hours) // 24))
    for home in homes:
        for day, hour in enumerate(hours[3::24]):
            share = size if day == peak else size * dice.between(700, 990) // 1000
            yield counter_of(contract, home, "storage_gb", hour, share)
        size = size // 2


def _after_the_end(contract: Subscription, zone: str, home: Deployment) -> Iterator[Counter]:
    """Use a lot in the first hours of 1 April, so that an edge in the wrong place is seen."""
    dice = Dice("after", contract.id)
    first = hours_of(LAST_DAY, LAST_DAY + timedelta(days=1), zone)[0]
    yield counter_of(contract, home, "bandwidth_gb", first, dice.between(40, 90) * _MICRO + 125)
    yield counter_of(contract, home, "storage_gb", first, 9000 * _MICRO)
    yield counter_of(
        contract, home, "build_minutes", first + _HOUR, dice.between(100, 300) * _MICRO
    )


def counter_of(
    contract: Subscription, home: Deployment, metric: str, hour: datetime, micro: int
) -> Counter:
    return Counter(contract.id, home.id, metric, hour, Decimal(micro).scaleb(-6))
