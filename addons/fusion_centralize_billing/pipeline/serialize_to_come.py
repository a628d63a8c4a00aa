"""Lago's pending subscription of a downgrade, from the note of it on the running one."""

from typing import Any

from odoo import models


class BillingSerializeToCome(models.AbstractModel):
    _inherit = "fusion.billing.serialize"

    def _subscription_to_come(self, order: models.BaseModel, plan: bool = True) -> dict[str, Any]:
        """What takes over from a running subscription. Its ``lago_id`` is of the note: the
        subscription that begins on the day has one of its own."""
        order_sudo = order.sudo()
        plan_sudo, currency = order_sudo.x_fc_next_plan_id, order_sudo.currency_id
        item_sudo = self.env["fusion.billing.subscribe"]._item_for(
            order_sudo.x_fc_service_id, order_sudo.x_fc_link_id, plan_sudo
        )
        own_id = self._id("subscription", order_sudo)
        begins = self._starts(order_sudo.x_fc_plan_change_on, self._zone(order_sudo))
        coming = self._subscription(order_sudo, plan=False) | {
            "lago_id": self._derived_id(own_id, f"next/{plan_sudo.id}"),
            "plan_code": plan_sudo._x_fc_app_code(),
            "plan_amount_cents": self._cents(item_sudo.fixed_price, item_sudo.currency_id),
            "plan_amount_currency": item_sudo.currency_id.name,
            "status": "pending",
            "subscription_at": begins,
            "started_at": None,
            "activated_at": None,
            "trial_ended_at": None,
            "current_billing_period_started_at": None,
            "current_billing_period_ending_at": None,
            "previous_plan_code": order_sudo.plan_id._x_fc_app_code(),
            "next_plan_code": None,
            "downgrade_plan_date": None,
            "on_termination_credit_note": None if plan_sudo.bill_end_period else "credit",
        }
        return coming | ({"plan": self._plan(plan_sudo, currency)} if plan else {})
