"""How far a consumer of the feed has come."""

from odoo import fields, models


class BillingWebhookCheckpoint(models.Model):
    """The last message a consumer has dealt with, kept for it, so that it can go on from there."""

    _name = "fusion.billing.webhook.checkpoint"
    _description = "Webhook Checkpoint"
    _order = "service_id, name"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True, default="default", help="Which of the app's consumers.")
    sequence = fields.Integer(
        aggregator=None, help="Every message up to this number is dealt with; 0: none yet."
    )

    _name_uniq = models.UniqueIndex("(service_id, name)")
