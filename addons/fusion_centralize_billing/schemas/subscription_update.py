"""PUT /subscriptions/{id}: what may change while a subscription lives. Another plan is a POST."""

from typing import Any

from .base import Instant, Text, WireModel
from .plan_overrides import PlanOverridesIn


class SubscriptionUpdateIn(WireModel):
    """The body under ``subscription``: only the keys that are sent change, null clears."""

    name: Text = None
    ending_at: Instant = None
    subscription_at: Instant = None
    on_termination_credit_note: Text = None
    on_termination_invoice: Text = None
    plan_overrides: PlanOverridesIn | None = None
    # Sold by Lago under a licence. Ignoring them would bill another price than the app asked for.
    usage_thresholds: Any = None
    activation_rules: Any = None

    def licensed_keys(self) -> list[str]:
        """The keys sent with something in them that nothing here acts on."""
        names = ("usage_thresholds", "activation_rules")
        return [name for name in names if getattr(self, name)]
