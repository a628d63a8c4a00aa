"""POST and PUT /plans: Lago's plan, without its charges' prices (`charge`)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from .base import NewId, Required, Text, WireModel, refuse
from .charge import ChargeIn
from .metric import LongText, Unserved

INTERVALS = {
    "weekly": ("week", 1),
    "monthly": ("month", 1),
    "quarterly": ("month", 3),
    "semiannual": ("month", 6),
    "yearly": ("year", 1),
}
MAX_CENTS = 10**15


def _currency(value: str, info: ValidationInfo) -> str:
    code = value.upper()
    if not info.context["is_currency"](code):
        raise refuse("value_is_invalid")
    return code


def _metadata(value: dict[str, Any] | None) -> dict[str, Any] | None:
    if value and (len(value) > 50 or any(len(key) > 40 for key in value)):
        raise refuse("value_is_too_long")
    return value


Cents = Annotated[int, Field(ge=0, le=MAX_CENTS)]


class CommitmentIn(WireModel):
    """What a subscription pays at least in a full period."""

    amount_cents: Annotated[int, Field(gt=0, le=MAX_CENTS)]
    invoice_display_name: Text = None
    tax_codes: Unserved = None


class PlanIn(WireModel):
    """The body under ``plan``; an update is checked as what it makes of the plan.

    Validation context: ``is_currency`` (code -> bool).
    """

    name: Required
    code: NewId
    interval: Literal["weekly", "monthly", "quarterly", "semiannual", "yearly"]
    amount_cents: Cents
    amount_currency: Annotated[Required, AfterValidator(_currency)]
    pay_in_advance: bool
    invoice_display_name: Text = None
    description: LongText = None
    trial_period: Annotated[int, Field(ge=0, le=3650)] | None = None
    bill_charges_monthly: Unserved = None
    bill_fixed_charges_monthly: Unserved = None
    tax_codes: Unserved = None
    usage_thresholds: Unserved = None
    fixed_charges: Unserved = None
    minimum_commitment: CommitmentIn | None = None
    metadata: Annotated[dict[str, Any] | None, AfterValidator(_metadata)] = None
    cascade_updates: bool | None = None
    charges: list[ChargeIn] | None = None
