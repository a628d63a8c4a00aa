"""Commands, and where a subscription's service stands."""

from typing import Literal

from .base import AnswerModel, Instant

State = Literal["active", "suspended", "terminated"]


class CommandAnswer(AnswerModel):
    """What the app was told to do, and what became of it. Act on those that are ``sent``."""

    id: str
    number: int | None
    attempt: int
    command: Literal["suspend", "resume", "terminate"]
    desired_state: State
    external_subscription_id: str
    external_customer_id: str | None
    reason: str | None
    issued_at: Instant
    status: Literal["pending", "sent", "confirmed", "refused", "superseded"]
    sent_at: Instant | None
    confirmed_at: Instant | None
    confirmed_state: State | None
    refusal: str | None


class CommandsMeta(AnswerModel):
    """``next_after`` is what to ask with next, ``last_number`` the newest number."""

    next_after: int
    last_number: int
    count: int


class ServiceStateAnswer(AnswerModel):
    """What is wanted beside what the app confirmed, with the newest command."""

    external_subscription_id: str
    desired_state: State | None
    confirmed_state: State | None
    confirmed_at: Instant | None
    drift: bool
    command: CommandAnswer | None
