"""What the app of a subscription was told to do, beside what it confirmed."""

from odoo import api, fields, models

from .command import STATES


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_command_ids = fields.One2many("fusion.billing.command", "order_id", string="Commands")
    x_fc_command_id = fields.Many2one(
        "fusion.billing.command",
        string="Newest Command",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    x_fc_desired_state = fields.Selection(
        related="x_fc_command_id.desired_state", string="State Commanded"
    )
    x_fc_command_state = fields.Selection(related="x_fc_command_id.state", string="Command")
    x_fc_command_alarmed_at = fields.Datetime(related="x_fc_command_id.alarmed_at")
    x_fc_confirmed_state = fields.Selection(
        STATES,
        string="State Confirmed",
        readonly=True,
        copy=False,
        help="What the app said last that it is in.",
    )
    x_fc_confirmed_at = fields.Datetime(string="State Confirmed At", readonly=True, copy=False)
    x_fc_state_drift = fields.Boolean(
        string="Drift",
        compute="_compute_x_fc_state_drift",
        store=True,
        help="The app was told to be in another state than the one it confirmed.",
    )

    _x_fc_state_drift_idx = models.Index("(id) WHERE x_fc_state_drift")

    @api.depends("x_fc_command_id.desired_state", "x_fc_confirmed_state")
    def _compute_x_fc_state_drift(self) -> None:
        for order in self:
            desired = order.x_fc_command_id.desired_state
            order.x_fc_state_drift = bool(desired and desired != order.x_fc_confirmed_state)
