"""Invoices. Fees and all that is in them are shown outside lists only."""

from typing import Literal

from .base import AnswerModel, Cents, Currency, Day, Empty, Id, Instant, Millisecond, Never
from .customer import CustomerAnswer, CustomerBrief
from .fee import FeeBrief, Number, PreviewedFee, TaxName
from .subscription import SubscriptionBrief


class InvoiceMetadata(AnswerModel):
    """A key and value of the app's own."""

    lago_id: Id
    key: str
    value: str
    created_at: Instant


class InvoiceTax(TaxName):
    """A tax of the invoice, as Odoo computed it."""

    lago_id: Id
    lago_invoice_id: Id
    amount_cents: Cents
    amount_currency: Currency
    fees_amount_cents: Cents
    created_at: Instant


class InvoiceBase(AnswerModel):
    """What every answer says of an invoice. Fees + taxes = total; total − paid − offset = due."""

    lago_id: Id
    billing_entity_code: str
    sequential_id: int | None
    number: Number
    purchase_order_number: Never
    issuing_date: Day | None
    payment_due_date: Day | None
    net_payment_term: int
    payment_overdue: bool
    created_at: Instant
    updated_at: Instant
    voided_at: Instant | None
    invoice_type: Literal["subscription"]
    status: Literal["draft", "finalized", "voided"]
    payment_status: Literal["pending", "succeeded", "failed"]
    payment_dispute_lost_at: Millisecond | None
    currency: Currency
    fees_amount_cents: Cents
    progressive_billing_credit_amount_cents: Literal[0]
    coupons_amount_cents: Literal[0]
    sub_total_excluding_taxes_amount_cents: Cents
    taxes_amount_cents: Cents
    sub_total_including_taxes_amount_cents: Cents
    credit_notes_amount_cents: Literal[0]
    prepaid_credit_amount_cents: Literal[0]
    prepaid_granted_credit_amount_cents: Never
    prepaid_purchased_credit_amount_cents: Never
    total_amount_cents: Cents
    total_paid_amount_cents: Cents
    total_offsetted_credit_note_amount_cents: Cents
    total_due_amount_cents: Cents
    file_url: str | None
    xml_url: Never
    web_url: Never
    version_number: Literal[4]
    self_billed: Literal[False]


class InvoiceBrief(InvoiceBase):
    """An invoice as lists have it."""

    customer: CustomerBrief | None
    metadata: list[InvoiceMetadata]
    applied_taxes: list[InvoiceTax]


class BillingPeriod(AnswerModel):
    """The subscription period and the usage period an invoice covers for one subscription."""

    lago_subscription_id: Id
    external_subscription_id: str
    lago_plan_id: Id
    invoicing_reason: Literal[
        "subscription_starting", "subscription_periodic", "subscription_terminating"
    ]
    subscription_from_datetime: Instant | None
    subscription_to_datetime: Instant | None
    charges_from_datetime: Instant | None
    charges_to_datetime: Instant | None
    fixed_charges_from_datetime: Instant | None
    fixed_charges_to_datetime: Instant | None


class InvoiceAnswer(InvoiceBase):
    """An invoice."""

    customer: CustomerAnswer | None
    metadata: list[InvoiceMetadata]
    applied_taxes: list[InvoiceTax]
    billing_periods: list[BillingPeriod]
    subscriptions: list[SubscriptionBrief]
    fees: list[FeeBrief]
    credits: Empty
    error_details: Empty
    applied_invoice_custom_sections: Empty


class PreviewedTax(InvoiceTax):
    """A tax of an invoice that is not there yet."""

    created_at: Never


class InvoicePreview(InvoiceAnswer):
    """An invoice that is not there yet. Its id is computed, and no invoice has it."""

    status: Literal["draft"]
    sequential_id: Never
    created_at: Never
    updated_at: Never
    applied_taxes: list[PreviewedTax]
    fees: list[PreviewedFee]


class PaymentDetails(AnswerModel):
    """Where the customer pays an invoice."""

    lago_customer_id: Id | None
    external_customer_id: str | None
    payment_provider: str
    lago_invoice_id: Id
    payment_url: str
