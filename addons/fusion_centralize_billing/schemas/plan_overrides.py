"""``plan_overrides`` of a subscription: what of its plan is another for this one customer."""

from typing import Annotated, Any

from pydantic import Field

from .base import Required, Text, WireModel
from .charge import FilterIn
from .metric import LongText, Unserved
from .plan import Cents, CommitmentIn


class ChargeOverrideIn(WireModel):
    """One of the plan's charges, named by its ``id``: its metric and model stay."""

    id: Required
    invoice_display_name: Text = None
    min_amount_cents: Annotated[int, Field(ge=0, le=10**15)] | None = None
    properties: dict[str, Any] | None = None
    filters: list[FilterIn] | None = None
    tax_codes: Unserved = None
    applied_pricing_unit: Unserved = None


class PlanOverridesIn(WireModel):
    """Only the keys that are sent differ from the plan."""

    amount_cents: Cents | None = None
    amount_currency: Text = None
    name: Text = None
    description: LongText = None
    invoice_display_name: Text = None
    trial_period: Annotated[int, Field(ge=0, le=3650)] | None = None
    minimum_commitment: CommitmentIn | None = None
    charges: list[ChargeOverrideIn] | None = None
    tax_codes: Unserved = None
    fixed_charges: Unserved = None
    usage_thresholds: Unserved = None
