"""The outbox: what is to be told to the apps, written with the change it tells about."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .pretty import pretty_text


class BillingWebhook(models.Model):
    """One message to one app. The payload is frozen: a retry sends the same bytes."""

    _name = "fusion.billing.webhook"
    _description = "Billing Webhook"
    _rec_name = "webhook_type"
    _order = "id desc"

    event_uuid = fields.Char(string="Event ID", required=True, copy=False)
    sequence = fields.Integer(
        copy=False, aggregator=None, help="Order of publication within the service."
    )
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="cascade", index=True
    )
    webhook_type = fields.Char(string="Type", required=True, help="e.g. invoice.created")
    object_type = fields.Char(required=True, help="e.g. invoice")
    payload = fields.Text(required=True, help="The JSON body, byte for byte as it is signed.")
    state = fields.Selection(
        [("pending", "Pending"), ("delivered", "Delivered"), ("failed", "Failed")],
        required=True,
        default="pending",
        copy=False,
        index=True,
    )
    url = fields.Char(string="URL", copy=False, help="Where it goes; fixed at the first attempt.")
    attempts = fields.Integer(copy=False, aggregator=None)
    next_attempt_at = fields.Datetime(copy=False)
    delivered_at = fields.Datetime(copy=False)
    last_status = fields.Integer(string="HTTP Status", copy=False, aggregator=None)
    last_error = fields.Char(copy=False)
    payload_pretty = fields.Text(string="Payload, Readable", compute="_compute_payload_pretty")

    _event_uuid_uniq = models.UniqueIndex("(event_uuid)")
    _sequence_uniq = models.UniqueIndex("(service_id, sequence) WHERE sequence > 0")
    _due_idx = models.Index("(service_id, sequence) WHERE state = 'pending'")
    _unpublished_idx = models.Index("(service_id, id) WHERE sequence IS NULL")

    @api.depends("payload")
    def _compute_payload_pretty(self) -> None:
        for webhook in self:
            webhook.payload_pretty = pretty_text(webhook.payload)

    def action_deliver(self) -> None:
        """Try the pending ones of these webhooks now instead of at their next time."""
        self.check_access("write")
        self.env["fusion.billing.deliver"]._deliver_now(
            self.filtered(lambda webhook: webhook.state == "pending")
        )

    def action_replay(self) -> None:
        """Send again: same bytes, same event id; the address is taken anew from the service."""
        self.check_access("write")
        if any(webhook.state == "pending" for webhook in self):
            raise UserError(self.env._("A pending webhook is already on its way."))
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
