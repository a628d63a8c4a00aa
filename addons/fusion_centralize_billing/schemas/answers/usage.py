"""Usage: what was pushed as counters, and what it costs."""

from typing import Any, Literal

from .base import (
    AnswerModel,
    Cents,
    Currency,
    Day,
    Empty,
    Exact,
    Id,
    Instant,
    Millisecond,
    Never,
    Plain,
)  # fmt: skip
from .charge import PresentCharge
from .event import Parked, Taken
from .metric import PresentMetric


class _Units(AnswerModel):
    units: Exact
    total_aggregated_units: Exact
    events_count: int
    amount_cents: Cents
    pricing_unit_details: Never


class FilterUsage(_Units):
    """Usage a filter matched; ``values`` null is what none matched."""

    invoice_display_name: str | None
    values: dict[str, list[str]] | None
    presentation_breakdowns: Empty


class GroupUsage(_Units):
    """Usage of one combination of the grouping properties."""

    grouped_by: dict[str, str | None]
    filters: list[FilterUsage]
    presentation_breakdowns: Empty


class ChargeUsage(_Units):
    """Usage of one charge, at zero too."""

    amount_currency: Currency
    charge: PresentCharge
    billable_metric: PresentMetric
    filters: list[FilterUsage]
    grouped_usage: list[GroupUsage]
    presentation_breakdowns: Empty


class _Period(AnswerModel):
    from_datetime: Instant
    to_datetime: Instant
    issuing_date: Day
    currency: Currency
    amount_cents: Cents
    taxes_amount_cents: Cents
    total_amount_cents: Cents
    charges_usage: list[ChargeUsage]


class CurrentUsage(_Period):
    """The running period."""

    lago_invoice_id: Never


class PastUsage(_Period):
    """A billed period; its amounts are the whole invoice's."""

    lago_invoice_id: Id


class _Projected(AnswerModel):
    units: Exact
    projected_units: Exact
    events_count: int
    amount_cents: Cents
    projected_amount_cents: Cents
    pricing_unit_details: Never
    presentation_breakdowns: Empty
    projected_presentation_breakdowns: Empty


class ProjectedFilter(_Projected):
    """What a filter matched, now and at the end; ``values`` empty is what none matched."""

    invoice_display_name: str | None
    values: dict[str, list[str]]


class ProjectedGroup(_Projected):
    """Usage of one combination of the grouping properties, now and at the end."""

    grouped_by: dict[str, str | None]
    filters: list[ProjectedFilter]


class ProjectedCharge(_Projected):
    """Usage of one charge, now and at the end."""

    amount_currency: Currency
    charge: PresentCharge
    billable_metric: PresentMetric
    filters: list[ProjectedFilter]
    grouped_usage: list[ProjectedGroup]


class ProjectedUsage(AnswerModel):
    """The running period, and what it comes to at its end if usage goes on as it began."""

    from_datetime: Instant
    to_datetime: Instant
    issuing_date: Day
    lago_invoice_id: Never
    currency: Currency
    amount_cents: Cents
    projected_amount_cents: Cents
    taxes_amount_cents: Cents
    total_amount_cents: Cents
    charges_usage: list[ProjectedCharge]


class CounterDisposition(AnswerModel):
    """What became of a counter."""

    status: Literal["accepted", "duplicate", "parked"]
    reason: Parked | None


class SetCounter(AnswerModel):
    """A counter as it was set, and what it replaced."""

    external_subscription_id: str
    lago_subscription_id: Id | None
    code: str
    bucket: str
    value: Plain
    previous_value: Plain | None
    sequence: int
    properties: dict[str, Any]
    received_at: Instant
    disposition: CounterDisposition


class AddedUsage(AnswerModel):
    """Usage as it was added."""

    lago_id: Id
    transaction_id: str
    code: str
    timestamp: Millisecond
    external_subscription_id: str
    lago_subscription_id: Id | None
    value: Plain
    properties: dict[str, Any]
    received_at: Instant
    disposition: Taken


class Counted(AnswerModel):
    """What is here of a sealed period."""

    count: int
    sum: Plain


class SealAnswer(AnswerModel):
    """A sealed period: what the app says it adds up to, and what is here."""

    external_subscription_id: str
    code: str
    start: Day
    end: Day
    count: int
    sum: Plain
    state: Literal["matched", "mismatched"]
    counted: Counted
