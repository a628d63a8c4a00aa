"""Charges and their prices: prices are text, counts are integers."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from .base import AnswerModel, Cents, Empty, Id, Instant, Never, Plain

Edge = Annotated[int | Plain, Field(description="Whole, or exact text where it is a fraction.")]
Absent = SkipJsonSchema[None]
ChargeModel = Literal[
    "standard",
    "graduated",
    "package",
    "percentage",
    "volume",
    "graduated_percentage",
    "dynamic",
]


class AmountRange(AnswerModel):
    """A tier with a price a unit."""

    from_value: Edge
    to_value: Edge | None
    per_unit_amount: Plain
    flat_amount: Plain


class RateRange(AnswerModel):
    """A tier with a rate in percent."""

    from_value: Edge
    to_value: Edge | None
    rate: Plain
    flat_amount: Plain


class PropertiesAnswer(AnswerModel):
    """The prices of a charge: the keys of its model, and no others."""

    amount: Plain | Absent = None
    graduated_ranges: list[AmountRange] | Absent = None
    volume_ranges: list[AmountRange] | Absent = None
    graduated_percentage_ranges: list[RateRange] | Absent = None
    package_size: Edge | Absent = None
    free_units: Edge | Absent = None
    rate: Plain | Absent = None
    fixed_amount: Plain | None = None
    free_units_per_events: int | None = None
    free_units_per_total_aggregation: Plain | None = None
    per_transaction_min_amount: Plain | None = None
    per_transaction_max_amount: Plain | None = None
    pricing_group_keys: list[str] | Absent = None


class FilterAnswer(AnswerModel):
    """A part of the usage with a price of its own."""

    lago_id: Id
    charge_code: str
    invoice_display_name: str | None
    properties: PropertiesAnswer
    values: dict[str, list[str]]


class ChargeAnswer(AnswerModel):
    """A charge. ``cap_amount_cents`` is ours."""

    lago_id: Id
    lago_billable_metric_id: Id
    billable_metric_code: str
    code: str
    invoice_display_name: str
    created_at: Instant
    charge_model: ChargeModel
    invoiceable: Literal[True]
    regroup_paid_fees: Never
    pay_in_advance: Literal[False]
    prorated: bool
    min_amount_cents: Cents
    accepts_target_wallet: Never
    properties: PropertiesAnswer
    applied_pricing_unit: Never
    lago_parent_id: Id | None
    filters: list[FilterAnswer]
    taxes: Empty
    cap_amount_cents: Cents | None


class PresentCharge(AnswerModel):
    """What usage says of the charge it is priced by."""

    lago_id: Id
    code: str
    charge_model: ChargeModel
    invoice_display_name: str
