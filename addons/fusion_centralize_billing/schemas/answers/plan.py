"""Plans."""

from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from .base import AnswerModel, Cents, Currency, Empty, Id, Instant, Never
from .charge import ChargeAnswer

Interval = Annotated[
    str,
    Field(
        pattern=r"^(weekly|monthly|quarterly|semiannual|yearly|every_\d+_(week|month|year|day)s)$",
        examples=["monthly"],
        description="Lago's word, or every_2_months where it has none.",
    ),
]


class CommitmentAnswer(AnswerModel):
    """What a subscription pays at least in a full period."""

    lago_id: Id
    plan_code: str
    invoice_display_name: str | None
    commitment_type: Literal["minimum_commitment"]
    amount_cents: Cents
    interval: Interval
    created_at: Instant
    updated_at: Instant
    taxes: Empty


class PlanBrief(AnswerModel):
    """A plan as lists have it. ``minimum_commitment`` and ``metadata`` only where it has any."""

    lago_id: Id
    name: str
    invoice_display_name: str | None
    created_at: Instant
    code: str
    interval: Interval
    description: str | None
    amount_cents: Cents
    amount_currency: Currency
    trial_period: float
    pay_in_advance: bool
    bill_charges_monthly: Never
    bill_fixed_charges_monthly: Never
    customers_count: Literal[0]
    active_subscriptions_count: Literal[0]
    draft_invoices_count: Literal[0]
    parent_id: Id | None
    pending_deletion: Literal[False]
    charges: list[ChargeAnswer]
    usage_thresholds: Empty
    applicable_usage_thresholds: Empty
    taxes: Empty
    entitlements: Empty
    minimum_commitment: CommitmentAnswer | SkipJsonSchema[None] = None
    metadata: dict[str, Any] | SkipJsonSchema[None] = None


class PlanAnswer(PlanBrief):
    """A plan."""

    fixed_charges: Empty
