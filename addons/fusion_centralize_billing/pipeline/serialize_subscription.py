"""Lago's subscription from a sale order."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from odoo import models

from .clock import midnight
from .gate import to_decimal


class BillingSerializeSubscription(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _subscription(
        self, order: models.BaseModel, plan: bool = True, customer: bool = False
    ) -> dict[str, Any]:
        """A subscription. Lists leave ``plan`` out; webhooks add ``customer``."""
        order_sudo = order.sudo()
        link_sudo = order_sudo.x_fc_link_id
        subscription = {
            "lago_id": self._id("subscription", order_sudo),
            "external_id": order_sudo.x_fc_external_id or None,
            "lago_customer_id": self._id("customer", link_sudo),
            "external_customer_id": link_sudo.external_id or None,
            "name": order_sudo.x_fc_name or None,
            "plan_code": order_sudo.plan_id._x_fc_app_code(),
            "plan_amount_cents": self._cents(_base_fee(order_sudo), order_sudo.currency_id),
            "plan_amount_currency": order_sudo.currency_id.name,
            "billing_time": order_sudo.x_fc_billing_time,
            **self._subscription_dates(order_sudo),
            **self._plan_change(order_sudo),
            **self._confirmed_state(order_sudo),
            "on_termination_credit_note": _credit_note(order_sudo),
            "on_termination_invoice": "generate",
            "progressive_billing_disabled": False,
            "consolidate_invoice": None,
            "purchase_order_number": None,
            "billing_entity_code": order_sudo.x_fc_service_id.code,
            "cancellation_reason": None,
            "payment_method": {"payment_method_id": None, "payment_method_type": None},
            "activation_rules": [],
            "entitlements": [],
            "applicable_usage_thresholds": [],
            "applied_invoice_custom_sections": [],
        }
        if plan:
            subscription["plan"] = self._plan(order_sudo.plan_id, order_sudo.currency_id)
        if customer:
            # An order made by hand may belong to nobody the app knows.
            subscription["customer"] = self._customer(link_sudo) if link_sudo else None
        return subscription

    def _plan_change(self, order_sudo: models.BaseModel) -> dict[str, str | None]:
        """The plans before and after, where a renewal changed it; the day, while it is to come."""
        earlier, later = order_sudo._x_fc_predecessor(), order_sudo._x_fc_successor()
        changes = later.plan_id != order_sudo.plan_id
        now = order_sudo.x_fc_service_id._now()
        waits = later and self.env["fusion.billing.subscribe"]._status(later, now) == "pending"
        changed = earlier.plan_id != order_sudo.plan_id
        if planned := order_sudo.x_fc_next_plan_id:
            return {
                "previous_plan_code": (changed and earlier.plan_id._x_fc_app_code()) or None,
                "next_plan_code": planned._x_fc_app_code(),
                "downgrade_plan_date": self._day(order_sudo.x_fc_plan_change_on),
            }
        return {
            "previous_plan_code": (changed and earlier.plan_id._x_fc_app_code()) or None,
            "next_plan_code": (changes and later.plan_id._x_fc_app_code()) or None,
            "downgrade_plan_date": self._day(later.start_date) if waits and changes else None,
        }

    def _subscription_dates(self, order_sudo: models.BaseModel) -> dict[str, Any]:
        """Status and instants, as the service's clock sees them now."""
        subscribe = self.env["fusion.billing.subscribe"]
        now = order_sudo.x_fc_service_id._now()
        status = subscribe._status(order_sudo, now)
        began = order_sudo.x_fc_started_at
        if not began and status != "pending":
            began = order_sudo.x_fc_subscription_at
        start, end = (None, None)
        if status == "active":
            start, end = subscribe._current_period(order_sudo, now)
        tz = self._zone(order_sudo)
        return {
            "status": status,
            "subscription_at": self._instant(order_sudo.x_fc_subscription_at),
            "started_at": self._instant(began, milliseconds=True),
            "activated_at": self._instant(began),
            "trial_ended_at": self._trial_ended(order_sudo, now),
            "ending_at": self._instant(order_sudo.x_fc_ending_at),
            "terminated_at": self._instant(order_sudo.x_fc_terminated_at),
            "canceled_at": self._instant(order_sudo.x_fc_canceled_at),
            "created_at": self._instant(order_sudo.create_date),
            "current_billing_period_started_at": self._starts(start, tz),
            "current_billing_period_ending_at": self._ends(end, tz),
        }

    def _trial_ended(self, order_sudo: models.BaseModel, now: datetime) -> str | None:
        """The local midnight of the first paid day, once it is over."""
        if not order_sudo.x_fc_trial_end:
            return None
        instant = midnight(order_sudo.x_fc_trial_end, self._zone(order_sudo))
        return self._instant(instant) if instant <= now else None


def _credit_note(order_sudo: models.BaseModel) -> str | None:
    """What becomes of unused days; in arrears nothing is billed ahead, and Lago says null."""
    if order_sudo.plan_id.bill_end_period:
        return None
    return order_sudo.x_fc_termination_credit or "credit"


def _base_fee(order_sudo: models.BaseModel) -> Decimal:
    """What the order bills each period before usage and tax."""
    return sum(
        (
            to_decimal(line.price_unit) * to_decimal(line.product_uom_qty)
            for line in order_sudo.order_line
            if not line.display_type
        ),
        Decimal(0),
    )
