"""Fees: the lines of an invoice."""

from typing import Annotated, Any, Literal

from pydantic import Field

from .base import AnswerModel, Cents, Currency, Empty, Exact, Id, Instant, Never, Offset

Number = Annotated[str, Field(examples=["INV/2026/00001"])]


class FeeItem(AnswerModel):
    """What a fee is for: a charge's metric, the plan, or its commitment."""

    type: Literal["charge", "subscription", "commitment"]
    code: str | None
    name: str | None
    description: Never
    invoice_display_name: str | None
    filters: Never
    filter_invoice_display_name: str | None
    lago_item_id: Id | None
    item_type: Literal["BillableMetric", "Subscription", "Commitment"]
    grouped_by: dict[str, str | None]


class FeeBrief(AnswerModel):
    """A fee as it stands on its invoice."""

    lago_id: Id
    lago_charge_id: Id | None
    lago_charge_filter_id: Id | None
    lago_fixed_charge_id: Never
    lago_invoice_id: Id
    lago_true_up_fee_id: Never
    lago_true_up_parent_fee_id: Id | None
    lago_original_fee_id: Never
    lago_subscription_id: Id | None
    external_subscription_id: str | None
    lago_customer_id: Id | None
    external_customer_id: str | None
    item: FeeItem
    pay_in_advance: bool
    invoiceable: Literal[True]
    description: str | None
    amount_cents: Cents
    amount_currency: Currency
    precise_amount: Exact
    precise_total_amount: Exact
    taxes_amount_cents: Cents
    taxes_precise_amount: Exact
    taxes_rate: float
    total_amount_cents: Cents
    total_amount_currency: Currency
    units: Exact
    total_aggregated_units: Exact
    precise_unit_amount: Exact
    precise_coupons_amount_cents: Exact
    sub_total_excluding_taxes_amount_cents: Cents
    sub_total_excluding_taxes_precise_amount_cents: Exact
    events_count: Never
    payment_status: Literal["pending", "succeeded", "failed"]
    created_at: Instant
    succeeded_at: Never
    failed_at: Never
    refunded_at: Never
    amount_details: Annotated[
        dict[str, Any], Field(description="How the amount came about, by charge model.")
    ]
    self_billed: Literal[False]
    pricing_unit_details: Never
    presentation_breakdowns: Empty
    from_date: Offset | None
    to_date: Offset | None


class TaxName(AnswerModel):
    """What identifies a tax inside an applied one."""

    lago_tax_id: Id
    tax_name: str
    tax_code: str
    tax_rate: float
    tax_description: str | None


class FeeTax(TaxName):
    """A tax on a fee."""

    lago_id: Id
    lago_fee_id: Id
    amount_cents: Cents
    amount_currency: Currency
    created_at: Instant


class FeeAnswer(FeeBrief):
    """A fee by itself, with its taxes."""

    applied_taxes: list[FeeTax]


class EstimatedFeeTax(TaxName):
    """A tax that would be on a fee."""

    lago_id: Never
    lago_fee_id: Never
    amount_cents: Cents
    amount_currency: Currency
    created_at: Never


class EstimatedFee(FeeBrief):
    """What an event would add to a line of its period's invoice: no row holds it."""

    lago_id: Never
    lago_invoice_id: Never
    lago_true_up_parent_fee_id: Never
    events_count: int
    created_at: Never
    event_transaction_id: str | None
    applied_taxes: list[EstimatedFeeTax]


class PreviewedFee(FeeBrief):
    """A fee of an invoice that is not there yet."""

    lago_id: Never
    lago_invoice_id: Never
    lago_true_up_parent_fee_id: Never
    created_at: Never


class FeeExplanation(AnswerModel):
    """How an amount came about, and whether it comes about again. Ours."""

    lago_fee_id: Id
    lago_invoice_id: Id
    invoice_number: Number
    language: Annotated[str, Field(examples=["en_CA"])]
    description: str | None
    sentences: list[str]
    amount_cents: Cents
    amount_currency: Currency
    replays: bool | None
    derivation: dict[str, Any] | None
