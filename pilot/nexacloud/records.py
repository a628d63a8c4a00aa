"""The rows of the app as values. Field names and order are the columns of ``schema.sql``."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

# Where the company is: the time zone of a user who never chose one.
HOME_TIMEZONE = "America/Toronto"


@dataclass(frozen=True, slots=True)
class User:
    id: UUID
    email: str
    full_name: str | None
    company_name: str | None
    phone: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    province: str | None
    postal_code: str | None
    country: str | None
    tax_number: str | None
    timezone: str | None
    locale: str | None
    stripe_customer_id: str | None
    is_active: bool
    created_at: datetime

    @property
    def zone(self) -> str:
        """Return the IANA time zone that decides this user's days."""
        return self.timezone or HOME_TIMEZONE


@dataclass(frozen=True, slots=True)
class Tier:
    """A storage tier: units up to `up_to` (None: no bound), per unit and once on entering."""

    up_to: Decimal | None
    unit_price: Decimal
    flat_price: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    id: int
    code: str
    name: str
    description: str | None
    interval: str
    price_cents: int
    currency: str
    pay_in_advance: bool
    included_bandwidth_gb: Decimal | None
    overage_bandwidth_price: Decimal | None
    included_build_minutes: Decimal | None
    overage_build_price: Decimal | None
    storage_tiers: tuple[Tier, ...] | None
    is_public: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    id: UUID
    user_id: UUID
    plan_id: int
    status: str
    started_at: datetime
    trial_ends_at: datetime | None
    current_period_start: date
    current_period_end: date
    cancelled_at: datetime | None
    stripe_subscription_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    id: UUID
    subscription_id: UUID
    name: str
    region: str
    size: str
    status: str
    created_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counter:
    """Usage of one deployment in the hour that starts at `hour` (UTC)."""

    subscription_id: UUID
    deployment_id: UUID
    metric: str
    hour: datetime
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """Usage on its way out. `value` is a decimal string, `timestamp` whole Unix seconds."""

    transaction_id: str
    external_subscription_id: str
    code: str
    timestamp: int
    value: str


@dataclass(slots=True)
class Dataset:
    """Everything the app's billing looks at, from the seed or from the database."""

    users: list[User] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)


def columns(record_type: type) -> list[str]:
    """Return the column names of one of the records above."""
    return [each.name for each in fields(record_type)]
