"""Credit notes, and what one would come to."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from .base import AnswerModel, Cents, Currency, Day, Empty, Exact, Id, Instant, Never
from .customer import CustomerBrief
from .fee import FeeBrief, Number, TaxName


class CreditNoteItem(AnswerModel):
    """How much of a fee was given back, without its taxes."""

    lago_id: Id
    amount_cents: Cents
    precise_amount_cents: Exact
    amount_currency: Currency
    fee: FeeBrief


class CreditNoteTax(TaxName):
    """A tax of the credit note, positive as the note is."""

    lago_id: Id
    lago_credit_note_id: Id
    amount_cents: Cents
    amount_currency: Currency
    fees_amount_cents: Cents
    base_amount_cents: Cents


class CreditNoteAnswer(AnswerModel):
    """A credit note."""

    lago_id: Id
    billing_entity_code: str
    sequential_id: int | None
    number: Number
    lago_invoice_id: Id | None
    invoice_number: Number | None
    purchase_order_number: Never
    issuing_date: Day | None
    reason: Literal[
        "duplicated_charge",
        "product_unsatisfactory",
        "order_change",
        "order_cancellation",
        "fraudulent_charge",
        "other",
    ]
    description: str | None
    currency: Currency
    credit_status: Literal["available", "consumed", "voided"] | None
    refund_status: Literal["pending", "succeeded", "failed"] | None
    total_amount_cents: Cents
    precise_total_amount_cents: Exact
    taxes_amount_cents: Cents
    precise_taxes_amount_cents: Exact
    sub_total_excluding_taxes_amount_cents: Cents
    balance_amount_cents: Cents
    credit_amount_cents: Cents
    refund_amount_cents: Cents
    offset_amount_cents: Cents
    coupons_adjustment_amount_cents: Literal[0]
    taxes_rate: Annotated[float, Field(description="Percent; of several rates their mean.")]
    created_at: Instant
    updated_at: Instant
    file_url: str | None
    xml_url: Never
    self_billed: Literal[False]
    customer: CustomerBrief | None
    items: list[CreditNoteItem]
    applied_taxes: list[CreditNoteTax]
    error_details: Empty
    metadata: Annotated[
        dict[str, str | None] | SkipJsonSchema[None],
        Field(description="Only where the app keeps some."),
    ] = None


class EstimatedItem(AnswerModel):
    """An item that would be credited."""

    lago_fee_id: Id
    amount_cents: Cents


class EstimatedTax(TaxName):
    """A tax that would be given back."""

    base_amount_cents: Cents
    amount_cents: Cents
    amount_currency: Currency


class CreditNoteEstimate(AnswerModel):
    """What crediting some fees would come to."""

    lago_invoice_id: Id
    invoice_number: Number
    currency: Currency
    taxes_amount_cents: Cents
    precise_taxes_amount_cents: Exact
    sub_total_excluding_taxes_amount_cents: Cents
    max_creditable_amount_cents: Cents
    max_refundable_amount_cents: Cents
    max_offsettable_amount_cents: Cents
    coupons_adjustment_amount_cents: Literal[0]
    precise_coupons_adjustment_amount_cents: Exact
    taxes_rate: float
    items: list[EstimatedItem]
    applied_taxes: list[EstimatedTax]
