"""Seed subscriptions and deployments, as they stood on the morning of 1 March 2026.

Most customers are billed on the first of the month; older accounts kept the day they signed up on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pilot.nexacloud.data import names
from pilot.nexacloud.dice import Dice
from pilot.nexacloud.periods import add_months, local_instant, local_midnight
from pilot.nexacloud.records import Deployment, Plan, Subscription, User

SNAPSHOT = date(2026, 3, 1)
_APRIL = date(2026, 4, 1)

# Plans of the subscriptions that are billed on the first, repeated until all are taken.
_MIX = [
    "starter", "developer", "developer", "business", "free", "starter", "developer",
    "agency", "business", "developer-usd", "starter", "developer", "scale", "business",
    "business-usd",
]  # fmt: skip
_PAID_MIX = ["starter", "developer", "business", "developer", "agency", "developer-usd"]

# Start days in February of the periods that end on the same day of March.
_ANNIVERSARIES = [
    12, 5, 14, 20, 12, 9, 27, 15, 18, 3, 22, 13, 25, 16, 8, 19, 28, 23, 17, 12, 26, 21, 10,
]  # fmt: skip
# (billing day, period): accounts opened on a day that February does not have.
_MONTH_ENDS = [
    (31, date(2026, 2, 28), date(2026, 3, 31)),
    (31, date(2026, 2, 28), date(2026, 3, 31)),
    (30, date(2026, 2, 28), date(2026, 3, 30)),
]
_YEAR_STARTS = [
    date(2025, 9, 1), date(2025, 7, 15), date(2025, 11, 1), date(2026, 1, 10), date(2025, 6, 30),
    date(2025, 12, 1), date(2025, 3, 15),
]  # fmt: skip
_TRIAL_STARTS = [10, 12, 15, 17, 20, 23, 25, 27]  # of February, for one month


class Draft(NamedTuple):
    """A subscription before it has an owner."""

    plan_code: str
    status: str
    start: date
    end: date
    billing_day: int


def subscriptions(people: list[User], price_list: list[Plan]) -> list[Subscription]:
    """Return about 195 subscriptions; inactive users have none but cancelled ones."""
    *regular, nobody, twin = people
    active = [user for user in regular if user.is_active]
    inactive = [user for user in regular if not user.is_active]
    plan_ids = {plan.code: plan.id for plan in price_list}
    owners = iter(_owners(active, nobody, twin))
    found = [_open(draft, next(owners), place, plan_ids) for place, draft in enumerate(_drafts())]
    former = [*inactive, *active[5:60:9]]
    found += [_cancelled(user, place, plan_ids) for place, user in enumerate(former)]
    return found


def _owners(active: list[User], nobody: User, twin: User) -> list[User]:
    """Return who takes each draft: the odd users early, some people twice, most once."""
    original = next(user for user in active if user.email == twin.email.lower())
    dice = Dice("owners")
    once = dice.some([user for user in active if user is not original], 165)
    twice = dice.some(once, 40)
    return [nobody, original, twin, *once, *twice]


def _drafts() -> Iterator[Draft]:
    # The user without a province, and the two accounts of one mailbox.
    yield Draft("developer", "active", SNAPSHOT, _APRIL, 1)
    yield Draft("starter", "active", SNAPSHOT, _APRIL, 1)
    yield Draft("developer", "active", SNAPSHOT, _APRIL, 1)
    for place, day in enumerate(_ANNIVERSARIES):
        plan = _PAID_MIX[place % len(_PAID_MIX)]
        yield Draft(plan, "active", date(2026, 2, day), date(2026, 3, day), day)
    for place, (day, start, end) in enumerate(_MONTH_ENDS):
        yield Draft(_PAID_MIX[place], "active", start, end, day)
    # The nightly job had not reached these two when the snapshot was taken.
    for plan in ("developer", "business"):
        yield Draft(plan, "active", date(2026, 2, 1), SNAPSHOT, 1)
    for place, day in enumerate(_TRIAL_STARTS):
        plan = _PAID_MIX[place % 4]
        yield Draft(plan, "trialing", date(2026, 2, day), date(2026, 3, day), day)
    for start in _YEAR_STARTS:
        yield Draft("business-yearly", "active", start, add_months(start, 12, start.day), start.day)
    for place in range(6):
        yield Draft(_PAID_MIX[place], "past_due", SNAPSHOT, _APRIL, 1)
    for place in range(127):
        yield Draft(_MIX[place % len(_MIX)], "active", SNAPSHOT, _APRIL, 1)


def _open(draft: Draft, user: User, place: int, plan_ids: dict[str, int]) -> Subscription:
    dice = Dice("subscription", place)
    started = _started(draft, user, dice)
    trialing = draft.status == "trialing"
    return Subscription(
        id=dice.uuid(),
        user_id=user.id,
        plan_id=plan_ids[draft.plan_code],
        status=draft.status,
        started_at=started,
        trial_ends_at=local_midnight(draft.end, user.zone) if trialing else None,
        current_period_start=draft.start,
        current_period_end=draft.end,
        cancelled_at=None,
        stripe_subscription_id=_stripe_id(draft.plan_code, user, dice),
        created_at=started - timedelta(seconds=dice.between(20, 900)),
    )


def _started(draft: Draft, user: User, dice: Dice) -> datetime:
    """Return when the contract began; those billed on the 1st may have begun on any day."""
    hour, minute = dice.between(8, 20), dice.below(60)
    if draft.plan_code == "business-yearly" or draft.status == "trialing":
        return local_instant(draft.start, hour, minute, user.zone)
    if draft.billing_day == 1:
        day = date(2025, 1, 1) + timedelta(days=dice.below(380))
    else:
        long_months = [date(2025, month, 1) for month in (3, 5, 7, 8, 10, 12)]
        day = dice.pick(long_months).replace(day=draft.billing_day)
    return local_instant(day, hour, minute, user.zone)


def _stripe_id(plan_code: str, user: User, dice: Dice) -> str | None:
    if plan_code == "free" or not user.stripe_customer_id:
        return None
    return f"sub_{dice.uuid().hex[:14]}"


def _cancelled(user: User, place: int, plan_ids: dict[str, int]) -> Subscription:
    dice = Dice("cancelled", place)
    start = date(2025, dice.between(3, 12), 1)
    end = add_months(start, 1, 1)
    cancelled = local_instant(start + timedelta(days=dice.below(27)), 15, dice.below(60), user.zone)
    started = local_instant(date(2025, 1, dice.between(2, 28)), 10, dice.below(60), user.zone)
    plan_code = dice.pick(_PAID_MIX)
    return Subscription(
        id=dice.uuid(), user_id=user.id, plan_id=plan_ids[plan_code], status="cancelled",
        started_at=started, trial_ends_at=None, current_period_start=start, current_period_end=end,
        cancelled_at=cancelled, stripe_subscription_id=_stripe_id(plan_code, user, dice),
        created_at=started,
    )  # fmt: skip


def deployments(contracts: list[Subscription]) -> list[Deployment]:
    """Return what runs on each subscription: one or two, three at most, sometimes nothing."""
    return [each for contract in contracts for each in _deployments_of(contract)]


def _deployments_of(contract: Subscription) -> Iterator[Deployment]:
    dice = Dice("deployments", contract.id)
    single = contract.status in ("cancelled", "trialing")
    count = 1 if single else dice.pick([1, 1, 1, 1, 1, 1, 1, 2, 2, 3])
    if contract.status == "active" and dice.chance(2):
        return
    for name in dice.some(names.DEPLOYMENT_NAMES, count):
        gone = contract.cancelled_at
        created = contract.started_at + timedelta(minutes=dice.between(3, 4000))
        yield Deployment(
            id=dice.uuid(),
            subscription_id=contract.id,
            name=f"{name}-{dice.uuid().hex[:6]}",
            region=dice.pick(names.REGIONS),
            size=dice.pick(names.SIZES),
            status="deleted" if gone else "paused" if dice.chance(4) else "running",
            created_at=min(created, gone or datetime(2026, 2, 28, 12, tzinfo=UTC)),
            deleted_at=gone,
        )
