"""What a source returns: plain values in our words, ready to be written by somebody else."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One counter. ``field_name`` is the event property that carries the value."""

    code: str
    name: str
    unit: str
    aggregation: Literal["sum", "max"]
    field_name: str


@dataclass(frozen=True, slots=True)
class TierValue:
    """Units up to ``up_to`` (0 = no bound): price of one unit, and once for entering."""

    up_to: Decimal
    unit_price: Decimal
    flat_price: Decimal


@dataclass(frozen=True, slots=True)
class ChargeValue:
    """Price of one metric on one plan."""

    metric_code: str
    code: str
    name: str
    model: Literal["quota", "graduated"]
    included_quantity: Decimal = Decimal(0)
    unit_price: Decimal = Decimal(0)
    tiers: tuple[TierValue, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanValue:
    """One plan. ``price_minor`` is in the currency's minor unit; ``uncharged`` says per charge
    code why the app never charges it."""

    source_id: Hashable
    code: str
    name: str
    description: str | None
    interval_unit: Literal["month", "year"]
    price_minor: int
    currency: str
    pay_in_advance: bool
    charges: tuple[ChargeValue, ...] = ()
    uncharged: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is left out on purpose."""

    reason: str


@dataclass(frozen=True, slots=True)
class CustomerValue:
    """One customer, in the keys of Lago's customer so that the API can echo them."""

    external_id: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CouponValue:
    """Off the base fee: per cent, or an amount in the currency's minor unit. ``ends_on`` is the
    first day without it; None = for ever."""

    code: str
    percent_off: Decimal | None = None
    amount_off_minor: int | None = None
    ends_on: date | None = None

    def __str__(self) -> str:
        off = f"{self.percent_off:f}%" if self.percent_off is not None else self.amount_off_minor
        unit = "" if self.percent_off is not None else " in the minor unit"
        return f"{self.code}: {off} off{unit}" + (f", to {self.ends_on}" if self.ends_on else "")


@dataclass(frozen=True, slots=True)
class SubscriptionValue:
    """One running subscription. Instants are aware; days are local to the customer, end excluded.

    ``trial_end`` is set while trialing: nothing was billed yet, the first invoice is due there.
    """

    external_id: str
    customer_external_id: str
    plan_source_id: Hashable
    status: str
    started_at: datetime
    period_start: date
    period_end: date
    trial_ends_at: datetime | None = None
    coupon: CouponValue | None = None
    billing_time: Literal["anniversary", "calendar"] = "anniversary"
