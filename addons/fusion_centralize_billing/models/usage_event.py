"""Append-only ledger of every accepted push: idempotency and audit."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .pretty import pretty

PARK_REASONS = [
    ("unknown_subscription", "Unknown subscription"),
    ("unknown_metric", "Unknown metric"),
    ("missing_value", "Value missing"),
    ("invalid_value", "Value is not a number"),
    ("outside_subscription", "Outside the subscription's dates"),
]


class BillingUsageEvent(models.Model):
    """One event as the app sent it. Nothing but re-examining parked rows may change it."""

    _name = "fusion.billing.usage.event"
    _description = "Billing Usage Event"
    _log_access = False
    _rec_name = "transaction_id"
    _order = "id desc"

    transaction_id = fields.Char(required=True)
    external_subscription_id = fields.Char(required=True)
    code = fields.Char(required=True, help="Metric code as sent.")
    service_id = fields.Many2one("fusion.billing.service", required=True, ondelete="restrict")
    subscription_id = fields.Many2one("sale.order", ondelete="restrict", index="btree_not_null")
    metric_id = fields.Many2one(
        "fusion.billing.metric", ondelete="restrict", index="btree_not_null"
    )
    occurred_at = fields.Datetime(required=True, help="When the usage happened (UTC).")
    day = fields.Date(help="Local day it counts on.")
    value = fields.Float(min_display_digits=2, aggregator=None)
    dimension = fields.Char(default="")
    properties = fields.Json(help="What the app sent along.")
    state = fields.Selection(
        [("accepted", "Accepted"), ("parked", "Parked")], required=True, default="accepted"
    )
    park_reason = fields.Selection(PARK_REASONS, string="Reason")
    received_at = fields.Datetime(required=True, default=fields.Datetime.now)
    content_hash = fields.Char(required=True, help="Same id + same hash = the same push again.")
    properties_pretty = fields.Text(
        string="Properties, Readable", compute="_compute_properties_pretty"
    )

    _transaction_uniq = models.UniqueIndex(
        "(service_id, external_subscription_id, transaction_id)",
        "This transaction id was already received for this subscription.",
    )
    _parked_idx = models.Index("(service_id, external_subscription_id) WHERE state = 'parked'")

    @api.depends("properties")
    def _compute_properties_pretty(self) -> None:
        for event in self:
            event.properties_pretty = pretty(event.properties)

    def write(self, vals: dict) -> bool:
        if vals:
            raise UserError(self.env._("Usage events are a ledger: they cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self) -> None:
        raise UserError(self.env._("Usage events are a ledger: they cannot be deleted."))

    def action_reexamine(self) -> dict:
        """Look at the parked events of these services again; count what resolves now."""
        for service in self.service_id:
            self.env["fusion.billing.ingest"]._reexamine(service)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
