"""A charge of a plan: a metric, a model, its prices. What the prices say is read in `prices`."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from .base import NewId, Required, Text, WireModel, refuse
from .metric import Unserved


def _always(value: bool | None) -> bool | None:
    if value is False:
        raise refuse("must_be_true_unless_pay_in_advance")
    return value


def _listed(value: Any) -> Any:
    """One value may stand alone, as in Lago's oldest clients."""
    return [value] if isinstance(value, str) else value


Values = Annotated[list[Required], Field(min_length=1), BeforeValidator(_listed)]


_PRICE = {"type": "string", "pattern": r"^\d{1,9}(\.\d{1,6})?$", "examples": ["0.05"]}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 10**9}
_EDGES = {"from_value": _COUNT, "to_value": {"anyOf": [_COUNT, {"type": "null"}]}}
_AMOUNTS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {**_EDGES, "per_unit_amount": _PRICE, "flat_amount": _PRICE},
        "required": [*_EDGES, "per_unit_amount", "flat_amount"],
    },
}
_RATES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {**_EDGES, "rate": _PRICE, "flat_amount": _PRICE},
        "required": [*_EDGES, "rate", "flat_amount"],
    },
}
# `prices` reads it, by charge model: prices are text, counts are integers.
_PRICES = {
    "type": "object",
    "description": "The prices, by charge model: text, because they must stay exact.",
    "properties": {
        "amount": _PRICE,
        "graduated_ranges": _AMOUNTS,
        "volume_ranges": _AMOUNTS,
        "graduated_percentage_ranges": _RATES,
        "package_size": _COUNT | {"minimum": 1},
        "free_units": _COUNT,
        "rate": _PRICE,
        "fixed_amount": _PRICE,
        "free_units_per_events": _COUNT,
        "free_units_per_total_aggregation": _PRICE,
        "per_transaction_min_amount": _PRICE,
        "per_transaction_max_amount": _PRICE,
        "pricing_group_keys": {"type": "array", "items": {"type": "string"}},
    },
    "examples": [{"amount": "0.05"}],
}
Prices = Annotated[dict[str, Any] | None, WithJsonSchema({"anyOf": [_PRICES, {"type": "null"}]})]


class FilterIn(WireModel):
    """A part of the usage with a price of its own."""

    values: Annotated[dict[str, Values], Field(min_length=1)]
    properties: Prices = None
    invoice_display_name: Text = None


class FilterChangeIn(FilterIn):
    """The body under ``filter``, of one filter by itself."""

    cascade_updates: bool | None = None


class ChargeIn(WireModel):
    """One item of ``charges``. ``id`` says which one of the plan's it is."""

    id: Text = None
    billable_metric_id: Required
    code: Annotated[NewId | None, Field()] = None
    charge_model: Literal[
        "standard",
        "graduated",
        "package",
        "percentage",
        "volume",
        "graduated_percentage",
        "dynamic",
    ]
    invoice_display_name: Text = None
    prorated: bool | None = None
    min_amount_cents: Annotated[int, Field(ge=0, le=10**15)] | None = None
    cap_amount_cents: Annotated[int, Field(ge=0, le=10**15)] | None = None
    properties: Prices = None
    filters: list[FilterIn] | None = None
    cascade_updates: bool | None = None
    invoiceable: Annotated[bool | None, AfterValidator(_always)] = None
    # What only Lago does is refused with something in it: it would bill another amount.
    pay_in_advance: Unserved = None
    regroup_paid_fees: Unserved = None
    tax_codes: Unserved = None
    applied_pricing_unit: Unserved = None
    accepts_target_wallet: Unserved = None
