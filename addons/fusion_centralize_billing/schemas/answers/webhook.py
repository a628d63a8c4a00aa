"""Webhooks: where they go, what was sent, how far a consumer is."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from .base import AnswerModel, Id, Instant


class EndpointAnswer(AnswerModel):
    """Where a service's messages go. ``event_types`` null is all of them."""

    lago_id: Id
    lago_organization_id: Id
    webhook_url: str
    signature_algo: Literal["jwt", "hmac"]
    name: str | None
    event_types: list[str] | None
    created_at: Instant


class PublicKey(AnswerModel):
    """What verifies ``jwt`` signatures."""

    public_key: Annotated[str, Field(description="Base64 of the PEM, in lines.")]


class WebhookBrief(AnswerModel):
    """One message, with the exact text that was signed and sent."""

    lago_id: Id
    id: Annotated[str, Field(examples=[str(UUID(int=1))], description="The webhook-id header.")]
    sequence: int | None
    webhook_type: str
    object_type: str
    created_at: Instant
    payload: str


class DeliveryAnswer(AnswerModel):
    """How a message fared at one endpoint."""

    webhook_endpoint_id: Id
    state: str
    attempts: int
    http_status: int | None
    error: str | None
    next_attempt_at: Instant | None
    delivered_at: Instant | None


class WebhookAnswer(WebhookBrief):
    """One message, with its deliveries."""

    state: str
    deliveries: list[DeliveryAnswer]


class FeedMeta(AnswerModel):
    """``next_after`` is what to ask with next, ``last_sequence`` the newest number."""

    next_after: int
    last_sequence: int
    count: int


class CheckpointAnswer(AnswerModel):
    """How far a consumer of the feed is."""

    name: str
    sequence: int
    last_sequence: int
    behind: int
    updated_at: Instant | None


class ReplayAnswer(AnswerModel):
    """How many deliveries begin anew."""

    deliveries: int
