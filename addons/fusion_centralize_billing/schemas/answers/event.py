"""Events, and what became of each."""

from typing import Any, Literal

from .base import AnswerModel, Exact, Id, Instant, Millisecond, Never

Parked = Literal[
    "unknown_subscription",
    "unknown_metric",
    "missing_value",
    "invalid_value",
    "outside_subscription",
]


class Taken(AnswerModel):
    """What became of a push. Ours: Lago does not say."""

    status: Literal["accepted", "duplicate", "parked"]
    reason: Parked | None


class Billed(AnswerModel):
    """Whether and where it was billed. Ours."""

    status: Literal["parked", "counted", "billed", "correcting"]
    reason: Parked | None
    lago_invoice_id: Id | None
    invoice_number: str | None


class _Event(AnswerModel):
    lago_id: Id
    transaction_id: str
    lago_customer_id: Never
    code: str
    timestamp: Millisecond
    precise_total_amount_cents: Exact | None
    properties: dict[str, Any]
    lago_subscription_id: Id | None
    external_subscription_id: str
    created_at: Instant


class PushedEvent(_Event):
    """An event as it was taken in."""

    disposition: Taken


class EventAnswer(_Event):
    """An event of the ledger."""

    disposition: Billed
