"""One message on its way to one endpoint."""

from odoo import fields, models
from odoo.exceptions import UserError


class BillingWebhookDelivery(models.Model):
    """Tries, outcome and next try. The bytes are the message's, the same for every endpoint."""

    _name = "fusion.billing.webhook.delivery"
    _description = "Webhook Delivery"
    _rec_name = "webhook_id"
    _order = "webhook_id desc, id desc"

    webhook_id = fields.Many2one("fusion.billing.webhook", required=True, ondelete="cascade")
    endpoint_id = fields.Many2one(
        "fusion.billing.webhook.endpoint", required=True, ondelete="cascade", index=True
    )
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(aggregator=None, help="The message's number: what goes first.")
    webhook_type = fields.Char(related="webhook_id.webhook_type", string="Type")
    state = fields.Selection(
        [("pending", "Pending"), ("delivered", "Delivered"), ("failed", "Failed")],
        required=True,
        default="pending",
        index=True,
    )
    url = fields.Char(string="URL", help="Where it goes; fixed at the first attempt.")
    attempts = fields.Integer(aggregator=None)
    next_attempt_at = fields.Datetime()
    claimed_until = fields.Datetime(help="A worker has it until then.")
    delivered_at = fields.Datetime()
    last_status = fields.Integer(string="HTTP Status", aggregator=None)
    last_error = fields.Char()

    _once = models.UniqueIndex("(webhook_id, endpoint_id)")
    _due_idx = models.Index("(endpoint_id, sequence) WHERE state = 'pending'")

    def action_deliver(self) -> None:
        """Try the pending ones now instead of at their next time."""
        self.check_access("write")
        self.env["fusion.billing.deliver"]._deliver_now(self)

    def action_replay(self) -> None:
        """Send again: same bytes, same event id; the address is taken anew from the endpoint."""
        self.check_access("write")
        if any(delivery.state == "pending" for delivery in self):
            raise UserError(self.env._("A pending webhook is already on its way."))
        self._restart()

    def _restart(self) -> None:
        """Begin the schedule of tries anew, at once."""
        self.write(
            {
                "state": "pending",
                "attempts": 0,
                "next_attempt_at": fields.Datetime.now(),
                "url": False,
                "last_error": False,
            }
        )
        self.env["fusion.billing.outbox"]._wake_after_commit()
