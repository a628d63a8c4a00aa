"""POST /subscriptions: Lago's subscription, as far as one can be created here."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from .base import Instant, NewId, Required, Text, WireModel
from .plan_overrides import PlanOverridesIn


def _calendar_if_unset(value: str | None) -> str:
    return value or "calendar"


class SubscriptionIn(WireModel):
    """The body under ``subscription``."""

    external_customer_id: NewId
    plan_code: Required
    external_id: NewId
    name: Text = None
    billing_time: Annotated[
        Literal["calendar", "anniversary"] | None, AfterValidator(_calendar_if_unset)
    ] = "calendar"
    subscription_at: Instant = None
    ending_at: Instant = None
    # Ours: when another plan takes over. Unset: up at once, down at the end of the period.
    change_at: Literal["now", "period_end"] | None = None
    plan_overrides: PlanOverridesIn | None = None
    # Sold by Lago under a licence. Ignoring them would bill another price than the app asked for.
    usage_thresholds: Any = None
    activation_rules: Any = None

    def licensed_keys(self) -> list[str]:
        """The keys sent with something in them that nothing here acts on."""
        names = ("usage_thresholds", "activation_rules")
        return [name for name in names if getattr(self, name)]
