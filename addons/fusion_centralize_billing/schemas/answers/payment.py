"""Payments."""

from typing import Annotated, Any, Literal

from pydantic import Field

from .base import AnswerModel, Cents, Currency, Id, Instant
from .fee import Number


class ReceiptAnswer(AnswerModel):
    """That a payment was received. ``number`` is its own in the ledger."""

    lago_id: Id
    number: Annotated[str, Field(examples=["PBNK1/2026/00001"])]
    payment: "PaymentAnswer"
    created_at: Instant


class SavedCard(AnswerModel):
    """A payment method that a customer saved. ``is_default``: what runs is charged to it."""

    lago_id: Id
    is_default: bool
    payment_provider_code: str
    payment_provider_name: str
    payment_provider_type: str
    provider_method_id: str | None
    created_at: Instant


class PaymentAnswer(AnswerModel):
    """A payment, with those of its invoices that are this service's."""

    lago_id: Id
    lago_customer_id: Id | None
    external_customer_id: str | None
    invoice_ids: list[Id]
    invoice_numbers: list[Number]
    lago_payable_id: Id
    payable_type: Literal["Invoice"]
    amount_cents: Cents
    amount_currency: Currency
    status: Literal["pending", "succeeded", "failed"]
    payment_status: Literal["pending", "succeeded", "failed"]
    type: Literal["provider", "manual"]
    reference: str
    payment_provider_code: str | None
    payment_provider_type: str | None
    external_payment_id: str | None
    provider_payment_id: str | None
    provider_customer_id: str | None
    next_action: dict[str, Any]
    created_at: Instant
