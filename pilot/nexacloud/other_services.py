"""Two more services of the same group, sold live over the billing API from 1 March 2026.

NexaMaps counts requests, millions of them; NexaMembers sells a membership and counts nothing.
Some of their customers are NexaCloud's too, known by the same mailbox. Catalogue and customers are
data (`catalogue`, `customers`); the expected invoices are worked out here, with NexaCloud's taxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pilot.nexacloud.data.services import CATALOGUE, MAPS, MEMBERS, REQUEST_TIERS, ServiceData
from pilot.nexacloud.dice import Dice
from pilot.nexacloud.invoicing import Invoice, Line
from pilot.nexacloud.livecustomers import LiveCustomer, live_customers
from pilot.nexacloud.periods import add_months, local_instant, local_midnight
from pilot.nexacloud.pricing import graduated_price
from pilot.nexacloud.records import Tier, UsageEvent

START = date(2026, 3, 1)
METRIC = "map_requests"
_TIERS = [
    Tier(None if up_to is None else Decimal(up_to), Decimal(unit), Decimal(flat))
    for up_to, unit, flat in REQUEST_TIERS
]


@dataclass(frozen=True, slots=True)
class LiveSubscription:
    """A customer's contract with one of the two services."""

    service: str
    customer: LiveCustomer
    external_id: str
    plan_code: str

    @property
    def started_at(self) -> datetime:
        """Return the first instant of 1 March where the customer is (UTC)."""
        return local_midnight(START, self.customer.timezone)

    def payload(self) -> dict[str, Any]:
        """Return the body of ``POST /subscriptions``, without its root key."""
        return {
            "external_customer_id": self.customer.external_id,
            "plan_code": self.plan_code,
            "external_id": self.external_id,
            "billing_time": "anniversary",
            "subscription_at": self.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def catalogue() -> list[ServiceData]:
    """Return both services with their plans, metrics and charges."""
    return CATALOGUE


def subscriptions() -> list[LiveSubscription]:
    """Return every live subscription, NexaMaps first."""
    found = []
    for customer in live_customers():
        number = customer.external_id.rpartition("-")[2]
        plan = MAPS.plans[0] if customer.service == MAPS.code else _membership(int(number))
        external_id = f"{customer.service}-sub-{number}"
        found.append(LiveSubscription(customer.service, customer, external_id, plan.code))
    return found


def _membership(number: int) -> Any:
    """Return the monthly plan, for every third member the yearly one."""
    return MEMBERS.plans[1 if number % 3 == 0 else 0]


# What each NexaMaps customer asks for in March: under, at and over each tier's edge, and nothing.
_REQUESTS = [
    3_456_789, 100_000, 999_999, 1_000_000, 1_000_001, 87_654, 0, 412_345, 100_001, 5_250_000,
    250_000, 1_873_456,
]  # fmt: skip


def usage() -> list[UsageEvent]:
    """Return NexaMaps' daily counters for March, each closed at 23:30 local time."""
    return [event for contract in subscriptions() for event in _daily(contract)]


def _daily(contract: LiveSubscription) -> Iterator[UsageEvent]:
    total = _requests(contract)
    dice, given = Dice("requests", contract.external_id), 0
    weights = [20 + dice.below(100) for _ in range(31)] if total else []
    for place, weight in enumerate(weights):
        day = START + timedelta(days=place)
        count = total - given if place == 30 else total * weight // sum(weights)
        given += count
        closed = local_instant(day, 23, 30, contract.customer.timezone)
        yield UsageEvent(
            transaction_id=f"nm-{contract.external_id}-{METRIC}-{day:%Y%m%d}",
            external_subscription_id=contract.external_id,
            code=METRIC,
            timestamp=int(closed.timestamp()),
            value=str(count),
        )


def _requests(contract: LiveSubscription) -> int:
    if contract.service != MAPS.code:
        return 0
    return _REQUESTS[int(contract.external_id.rpartition("-")[2]) - 1]


def expected(until: date) -> list[Invoice]:
    """Return the invoices of both services due on or before `until`."""
    found = [invoice for contract in subscriptions() for invoice in _bill(contract, until)]
    return sorted(found, key=lambda invoice: invoice.sort_key)


def _bill(contract: LiveSubscription, until: date) -> Iterator[Invoice]:
    service = MAPS if contract.service == MAPS.code else MEMBERS
    plan = next(plan for plan in service.plans if plan.code == contract.plan_code)
    months = 12 if plan.interval == "year" else 1
    due, previous = START, None
    while due <= until:
        following = add_months(due, months, START.day)
        lines = [Line("base", due, following, Decimal(1), Decimal(plan.price))]
        used = Decimal(_requests(contract)) if previous == START else Decimal(0)
        amount = graduated_price(used, _TIERS)
        if previous is not None and amount:
            lines.append(Line(METRIC, previous, due, used, amount))
        yield Invoice(
            service=contract.service,
            external_customer_id=contract.customer.external_id,
            external_subscription_id=contract.external_id,
            plan_code=plan.code,
            province=contract.customer.province,
            currency=plan.currency,
            invoice_date=due,
            lines=tuple(lines),
        )
        due, previous = following, due
