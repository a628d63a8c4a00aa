"""The outbox: what is to be told to the apps, written with the change it tells about."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .pretty import pretty_text

# What the deliveries say, worst first: one that is on its way decides, then one that failed.
STATES = {
    "pending": ["|", ("routed", "=", False), ("delivery_ids.state", "=", "pending")],
    "failed": [
        ("routed", "=", True),
        ("delivery_ids.state", "=", "failed"),
        "!", ("delivery_ids.state", "=", "pending"),
    ],
    "delivered": [
        ("routed", "=", True),
        ("delivery_ids.state", "=", "delivered"),
        "!", ("delivery_ids.state", "in", ["pending", "failed"]),
    ],
    "unheard": [("routed", "=", True), ("delivery_ids", "=", False)],
}  # fmt: skip


class BillingWebhook(models.Model):
    """One message of one service. The payload is frozen: every endpoint gets the same bytes."""

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
    once_key = fields.Char(
        readonly=True, copy=False, help="Names what is told once only, e.g. the end of a trial."
    )
    routed = fields.Boolean(
        copy=False, help="Given to the endpoints that were there when it was published."
    )
    delivery_ids = fields.One2many("fusion.billing.webhook.delivery", "webhook_id")
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("unheard", "No receiver"),
        ],
        compute="_compute_state",
        search="_search_state",
        help="Pending until every endpoint that wants it has it; failed where one gave up.",
    )
    payload_pretty = fields.Text(string="Payload, Readable", compute="_compute_payload_pretty")

    _event_uuid_uniq = models.UniqueIndex("(event_uuid)")
    _sequence_uniq = models.UniqueIndex("(service_id, sequence) WHERE sequence > 0")
    _once_uniq = models.UniqueIndex("(service_id, once_key) WHERE once_key IS NOT NULL")
    _unpublished_idx = models.Index("(service_id, id) WHERE sequence IS NULL")
    _unrouted_idx = models.Index("(service_id, sequence) WHERE routed IS NOT TRUE")

    @api.depends("payload")
    def _compute_payload_pretty(self) -> None:
        for webhook in self:
            webhook.payload_pretty = pretty_text(webhook.payload)

    @api.depends("routed", "delivery_ids.state")
    def _compute_state(self) -> None:
        for webhook in self:
            states = set(webhook.delivery_ids.mapped("state"))
            if not webhook.routed or "pending" in states:
                webhook.state = "pending"
            elif "failed" in states:
                webhook.state = "failed"
            else:
                webhook.state = "delivered" if states else "unheard"

    @api.model
    def _search_state(self, operator: str, value: Any) -> Domain:
        if operator != "in":
            return NotImplemented
        return Domain.OR(Domain(STATES[state]) for state in value if state in STATES)

    def action_deliver(self) -> None:
        """Try the pending ones of these webhooks now instead of at their next time."""
        self.check_access("write")
        self.env["fusion.billing.outbox"]._publish()
        self.delivery_ids.action_deliver()

    def action_replay(self) -> None:
        """Send again to every endpoint that has it: same bytes, same event id."""
        self.check_access("write")
        if any(webhook.state == "pending" for webhook in self):
            raise UserError(self.env._("A pending webhook is already on its way."))
        self.delivery_ids.action_replay()
