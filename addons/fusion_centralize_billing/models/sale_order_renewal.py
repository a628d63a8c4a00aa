"""Renewals and upsells of an app's subscription: what they take over from it, and when."""

from datetime import date

from odoo import models

from ..engine.period import period_containing

RENEWAL, UPSELL = "2_renewal", "7_upsell"
RUNNING = ("3_progress", "4_paused")
# What the app calls by the same id is told the same things: frozen once, carried on.
SHARED = ("x_fc_service_id", "x_fc_link_id", "x_fc_tz")
CARRIED = (*SHARED, "x_fc_name", "x_fc_billing_time")


class SaleOrder(models.Model):
    """A child order belongs to its parent's service from the quotation on.

    The app's id moves when a renewal is confirmed, and not before: until then there is nothing to
    call by it. An upsell never gets it: it adds to a subscription and is none.
    """

    _inherit = "sale.order"

    def _prepare_upsell_renew_order_values(self, subscription_state: str) -> dict:
        values = super()._prepare_upsell_renew_order_values(subscription_state)
        return values | self._x_fc_child_values(subscription_state)

    def action_confirm(self) -> bool:
        """Make sure of the service first; hand the app's id over to renewals afterwards."""
        for order in self.filtered(lambda order: order.state in ("draft", "sent")):
            order._x_fc_join_service()
        result = super().action_confirm()
        for order_sudo in self.sudo().filtered(lambda order: order._x_fc_takes_over()):
            order_sudo.env["fusion.billing.subscribe"]._hand_over(order_sudo)
        return result

    def _action_cancel(self):
        """A renewal that is called off gives the id back."""
        renewals_sudo = self.sudo().filtered(lambda order: order._x_fc_takes_over())
        result = super()._action_cancel()
        for order_sudo in renewals_sudo:
            order_sudo.env["fusion.billing.subscribe"]._hand_back(order_sudo)
        return result

    def _x_fc_child_values(self, subscription_state: str) -> dict:
        """What a quotation made from this order takes over, as values to create it with."""
        self.ensure_one()
        if not self.x_fc_service_id:
            return {}
        names = CARRIED if subscription_state == RENEWAL else SHARED
        return {name: self._fields[name].convert_to_write(self[name], self) for name in names}

    def _x_fc_join_service(self) -> None:
        """What the quotation did not get when it was made; the day an upsell begins on."""
        self.ensure_one()
        if self.subscription_state not in (RENEWAL, UPSELL):
            return
        if not self.x_fc_service_id:
            self.write(self.subscription_id.sudo()._x_fc_child_values(self.subscription_state))
        if self.subscription_state == UPSELL and not self.start_date and self.x_fc_service_id:
            self.start_date = self._x_fc_today()

    # ------------------------------------------------------------------ who came before whom
    def _x_fc_takes_over(self) -> bool:
        """Whether this is a confirmed renewal of a subscription of the same service, which it
        ended. Cancelled it is one no longer."""
        self.ensure_one()
        parent_sudo = self.subscription_id.sudo()
        return bool(
            self.x_fc_service_id
            and self.state == "sale"
            and self.subscription_state != UPSELL
            and parent_sudo.x_fc_service_id == self.x_fc_service_id
            and parent_sudo.subscription_state not in RUNNING
        )

    def _x_fc_predecessor(self):
        """The order that this one took over from, or none."""
        return self.subscription_id if self._x_fc_takes_over() else self.browse()

    def _x_fc_successor(self):
        """The confirmed renewal that took over from this order, or none."""
        renewals = self.subscription_child_ids.filtered(lambda order: order._x_fc_takes_over())
        return renewals[:1]

    def _x_fc_anchor(self) -> date:
        """The day that periods are counted from: the first contract's where its boundaries go on.

        31 January, renewed on 28 February: the next boundary is 31 March.
        """
        self.ensure_one()
        if self.x_fc_anchor_date:
            return self.x_fc_anchor_date
        anchor, parent = self.start_date, self._x_fc_predecessor()
        earlier = parent and parent._x_fc_anchor()
        if not earlier:
            return anchor
        unit, value = self._x_fc_interval()
        goes_on = period_containing(earlier, unit, value, anchor).start == anchor
        return earlier if goes_on else anchor
