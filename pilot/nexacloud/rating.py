"""What NexaCloud's own billing makes of its tables: the invoices due up to a date.

Independent of any billing engine on purpose: it is what such an engine is checked against.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

from pilot.nexacloud import history
from pilot.nexacloud.invoicing import Held, Invoice, Line
from pilot.nexacloud.periods import local_day, next_end
from pilot.nexacloud.pricing import graduated_price, quota_price
from pilot.nexacloud.records import Dataset, Plan, Subscription, User

SERVICE = "nexacloud"
NO_PROVINCE = "no province: the tax is not known"

# Usage of one local day: the sum of its hours, and the highest of them.
Days = dict[date, tuple[Decimal, Decimal]]


class Meter:
    """Usage by subscription, metric and the customer's own calendar day."""

    def __init__(self, dataset: Dataset) -> None:
        users = {user.id: user for user in dataset.users}
        zones = {each.id: users[each.user_id].zone for each in dataset.subscriptions}
        self._days: dict[tuple[UUID, str], Days] = defaultdict(dict)
        for row in dataset.counters:
            days = self._days[row.subscription_id, row.metric]
            day = local_day(row.hour, zones[row.subscription_id])
            total, peak = days.get(day, (Decimal(0), Decimal(0)))
            days[day] = total + row.quantity, max(peak, row.quantity)

    def total(self, subscription_id: UUID, metric: str, start: date, end: date) -> Decimal:
        """Return the sum over the local days ``[start, end)``."""
        return sum((total for total, _ in self._within(subscription_id, metric, start, end)), _ZERO)

    def peak(self, subscription_id: UUID, metric: str, start: date, end: date) -> Decimal:
        """Return the highest hour of the local days ``[start, end)``."""
        found = self._within(subscription_id, metric, start, end)
        return max((peak for _, peak in found), default=_ZERO)

    def _within(
        self, subscription_id: UUID, metric: str, start: date, end: date
    ) -> Iterator[tuple[Decimal, Decimal]]:
        days = self._days.get((subscription_id, metric), {})
        return (value for day, value in days.items() if start <= day < end)


_ZERO = Decimal(0)


def bill(dataset: Dataset, until: date) -> tuple[list[Invoice], list[Held]]:
    """Return every invoice due on or before `until`, and what is held, both sorted."""
    users = {user.id: user for user in dataset.users}
    plans = {plan.id: plan for plan in dataset.plans}
    meter = Meter(dataset)
    invoices: list[Invoice] = []
    held: list[Held] = []
    for contract in dataset.subscriptions:
        user, plan = users[contract.user_id], plans[contract.plan_id]
        for start, end, following in due(contract, plan, until):
            if user.province is None:
                held.append(Held(str(contract.id), str(user.id), end, NO_PROVINCE))
            else:
                lines = tuple(_lines(contract, plan, meter, start, end, following))
                invoices.append(_invoice(user, contract, plan, end, lines))
    return sorted(invoices, key=lambda invoice: invoice.sort_key), sorted(held)


def bill_winter(dataset: Dataset) -> list[Invoice]:
    """Return what the app billed for the periods of `history.py`, sorted: the app's own past."""
    users = {user.id: user for user in dataset.users}
    plans = {plan.id: plan for plan in dataset.plans}
    meter = Meter(dataset)
    invoices: list[Invoice] = []
    for contract in dataset.subscriptions:
        user, plan = users[contract.user_id], plans[contract.plan_id]
        for start, end in history.periods(contract, plan, user.zone) if user.province else ():
            following = next_end(start, end, plan.interval)
            lines = tuple(_lines(contract, plan, meter, start, end, following))
            invoices.append(_invoice(user, contract, plan, end, lines))
    return sorted(invoices, key=lambda invoice: invoice.sort_key)


def due(
    contract: Subscription, plan: Plan, until: date
) -> Iterator[tuple[date, date, date]]:  # fmt: skip
    """Yield (start, due date, next due date) of each period that ends on or before `until`."""
    if contract.status == "cancelled":
        return
    start, end = contract.current_period_start, contract.current_period_end
    while end <= until:
        following = next_end(start, end, plan.interval)
        yield start, end, following
        start, end = end, following


def _invoice(
    user: User, contract: Subscription, plan: Plan, due: date, lines: tuple[Line, ...]
) -> Invoice:
    return Invoice(
        service=SERVICE,
        external_customer_id=str(user.id),
        external_subscription_id=str(contract.id),
        plan_code=plan.code,
        province=user.province or "",
        currency=plan.currency,
        invoice_date=due,
        lines=lines,
    )


def _lines(
    contract: Subscription, plan: Plan, meter: Meter, start: date, end: date, following: date
) -> Iterable[Line]:
    """Return the base fee, even at 0, and the usage of the period just over where it costs."""
    base = (end, following) if plan.pay_in_advance else (start, end)
    fee = (Decimal(plan.price_cents) / 100).quantize(Decimal("0.01"))
    yield Line("base", *base, quantity=Decimal(1), amount=fee)
    bandwidth = meter.total(contract.id, "bandwidth_gb", start, end)
    minutes = meter.total(contract.id, "build_minutes", start, end)
    storage = meter.peak(contract.id, "storage_gb", start, end)
    priced = [
        ("bandwidth_gb", bandwidth,
         quota_price(bandwidth, plan.included_bandwidth_gb, plan.overage_bandwidth_price)),
        ("build_minutes", minutes,
         quota_price(minutes, plan.included_build_minutes, plan.overage_build_price)),
        ("storage_gb", storage, graduated_price(storage, plan.storage_tiers or ())),
    ]  # fmt: skip
    for kind, quantity, amount in priced:
        if amount:
            yield Line(kind, start, end, quantity, amount)
