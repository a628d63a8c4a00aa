"""POST /invoices/preview: everything at the top level of the body, as in Lago."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from .base import Instant, Required, Text, WireModel, refuse
from .metric import Unserved


class PreviewedIn(WireModel):
    """Subscriptions there are; to end them or to change their plan is not previewed."""

    external_ids: Annotated[list[Required], Field(min_length=1)]
    plan_code: Unserved = None
    terminated_at: Unserved = None


class InvoicePreviewIn(WireModel):
    """Either ``subscriptions``, or a ``plan_code`` for the customer to subscribe to."""

    customer: dict[str, Any] | None = None
    plan_code: Text = None
    billing_time: Literal["calendar", "anniversary"] | None = None
    subscription_at: Instant = None
    subscriptions: PreviewedIn | None = None
    coupons: Unserved = None

    @model_validator(mode="after")
    def _something(self) -> "InvoicePreviewIn":
        if not self.subscriptions and not self.plan_code:
            raise refuse("value_is_mandatory")
        return self
