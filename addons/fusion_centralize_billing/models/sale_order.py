"""Subscriptions that belong to a service: identity, clock and the third shadow lock."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_service_id = fields.Many2one(
        "fusion.billing.service",
        string="Billing Service",
        ondelete="restrict",
        index="btree_not_null",
    )
    x_fc_external_id = fields.Char(string="External ID", copy=False, index="btree_not_null")
    x_fc_link_id = fields.Many2one(
        "fusion.billing.account.link",
        string="Customer Link",
        ondelete="restrict",
        index="btree_not_null",
    )
    x_fc_name = fields.Char(string="Subscription Name", help="Name the app gave it.")
    x_fc_tz = fields.Char(
        string="Billing Timezone", help="Decides the local day. Frozen at creation."
    )
    x_fc_billing_time = fields.Selection(
        [("calendar", "Calendar"), ("anniversary", "Anniversary")],
        string="Billing Time",
        help="Calendar: periods end on the 1st, on Monday, on 1 January; the first fee is "
        "prorated. Anniversary: periods count from the start date.",
    )
    x_fc_subscription_at = fields.Datetime(string="Subscribed At", copy=False)
    x_fc_started_at = fields.Datetime(string="Started At", copy=False)
    x_fc_ending_at = fields.Datetime(string="Ending At", copy=False)
    x_fc_terminated_at = fields.Datetime(string="Terminated At", copy=False)
    x_fc_canceled_at = fields.Datetime(string="Cancelled At", copy=False)
    x_fc_termination_credit = fields.Selection(
        [
            ("credit", "Credit Note"),
            ("offset", "Set Against the Invoice"),
            ("refund", "Back to the Card"),
            ("skip", "Nothing"),
        ],
        string="Credit at the End",
        copy=False,
        help="What becomes of days that were billed and not used.",
    )
    x_fc_import_status = fields.Char(string="Status in the App", copy=False)
    x_fc_current_period_start = fields.Date(string="App Period Start", copy=False)
    x_fc_current_period_end = fields.Date(string="App Period End", copy=False)
    x_fc_usage_ids = fields.One2many("fusion.billing.usage", "subscription_id", string="Usage")
    x_fc_period_ids = fields.One2many(
        "fusion.billing.period", "subscription_id", string="Billed Periods"
    )

    _x_fc_external_uniq = models.UniqueIndex(
        "(x_fc_service_id, x_fc_external_id) WHERE x_fc_terminated_at IS NULL"
        " AND state != 'cancel' AND x_fc_external_id IS NOT NULL",
        "This service already has a running subscription with this external id.",
    )

    @api.constrains("payment_token_id", "x_fc_service_id", "x_fc_shadow")
    def _check_x_fc_shadow_token(self) -> None:
        """Third shadow lock, second half: nothing to charge while in shadow."""
        for order in self:
            service_sudo = order.x_fc_service_id.sudo()
            if order.payment_token_id and (service_sudo.mode == "shadow" or order.x_fc_shadow):
                raise ValidationError(
                    self.env._(
                        "%(service)s is in shadow mode: its subscriptions cannot hold a card.",
                        service=service_sudo.name,
                    )
                )

    def action_confirm(self) -> bool:
        """Third shadow lock: an order is confirmed once its service is live, and not before."""
        for service_sudo in self.x_fc_service_id.sudo():
            if service_sudo.mode == "shadow":
                raise UserError(
                    self.env._(
                        "%(service)s is in shadow mode: go live to confirm its orders.",
                        service=service_sudo.name,
                    )
                )
        return super().action_confirm()
