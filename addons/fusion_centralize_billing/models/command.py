"""Commands: what an app is to do with a subscription, and what it said about it."""

import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError

MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"
STATES = [("active", "Active"), ("suspended", "Suspended"), ("terminated", "Terminated")]


class BillingCommand(models.Model):
    """Suspend, resume or terminate one subscription. Written only by `fusion.billing.command.desk`.

    pending → sent (numbered and told) → confirmed or refused; superseded by a newer one. All
    instants are the service's own, as its clock says.
    """

    _name = "fusion.billing.command"
    _description = "Service Command"
    _rec_name = "uuid"
    _order = "id desc"

    uuid = fields.Char(string="Command ID", required=True, default=lambda self: str(uuid.uuid4()))
    number = fields.Integer(
        aggregator=None, help="Order within the service, given when the command is published."
    )
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="cascade", index=True
    )
    order_id = fields.Many2one(
        "sale.order", string="Subscription", required=True, ondelete="cascade", index=True
    )
    external_subscription_id = fields.Char(required=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    command = fields.Selection(
        [("suspend", "Suspend"), ("resume", "Resume"), ("terminate", "Terminate")], required=True
    )
    desired_state = fields.Selection(STATES, required=True)
    reason = fields.Char(help="Why, as the app is told.")
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("sent", "Sent"),
            ("confirmed", "Confirmed"),
            ("refused", "Refused"),
            ("superseded", "Superseded"),
        ],
        required=True,
        default="pending",
        index=True,
    )
    issued_at = fields.Datetime(required=True)
    sent_at = fields.Datetime(string="First Sent At")
    attempts = fields.Integer(
        string="Times Told", aggregator=None, help="Messages that told the app about it."
    )
    next_send_at = fields.Datetime(help="When it is told again, unless the app confirms it first.")
    alarmed_at = fields.Datetime(help="When somebody was told that the app does not confirm it.")
    confirmed_at = fields.Datetime(string="Answered At", help="When the app confirmed or refused.")
    confirmed_state = fields.Selection(STATES, string="State Reported")
    occurred_at = fields.Datetime(help="When the app says it acted.")
    refusal = fields.Char(help="Why the app did not act, in its own words.")
    webhook_ids = fields.Many2many("fusion.billing.webhook", string="Messages")

    _uuid_uniq = models.UniqueIndex("(uuid)")
    _one_open = models.UniqueIndex(
        "(order_id) WHERE state IN ('pending', 'sent')",
        "A subscription has one unconfirmed command at most.",
    )
    _number_uniq = models.UniqueIndex("(service_id, number) WHERE number > 0")
    _unnumbered_idx = models.Index("(service_id, id) WHERE number IS NULL")
    _due_idx = models.Index("(service_id, next_send_at) WHERE state = 'sent'")

    @api.depends("command", "external_subscription_id")
    def _compute_display_name(self) -> None:
        labels = dict(self._fields["command"]._description_selection(self.env))
        for command in self:
            command.display_name = (
                f"{labels.get(command.command, '')} {command.external_subscription_id}"
            )

    @api.model
    def _issue(self, order: models.BaseModel, command: str, reason: str) -> models.BaseModel:
        """Have the app told to ``suspend``, ``resume`` or ``terminate``; repeats do nothing more.

        Returns the command (sudo), the running one if it asks for the same state already; none
        for orders of no app and for services in shadow.
        """
        return self.env["fusion.billing.command.desk"]._issue(order, command, reason)

    def action_resend(self) -> None:
        """Tell the app about these unconfirmed commands now instead of at their next time."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only billing administrators command an app."))
        self.check_access("read")
        self.env["fusion.billing.command.desk"]._resend(self)
