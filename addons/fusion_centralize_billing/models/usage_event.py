"""Append-only ledger of every accepted push: idempotency and audit."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from . import ledger_table
from .pretty import pretty

PARK_REASONS = [
    ("unknown_subscription", "Unknown subscription"),
    ("unknown_metric", "Unknown metric"),
    ("missing_value", "Value missing"),
    ("invalid_value", "Value is not a number"),
    ("outside_subscription", "Outside the subscription's dates"),
]


class BillingUsageEvent(models.Model):
    """One event as the app sent it. Nothing but the ingest stage may write it.

    The table is partitioned by month of ``occurred_at``, which Odoo does not make nor see as a
    table: it is made here, and read as a query of itself, which PostgreSQL flattens.
    """

    _name = "fusion.billing.usage.event"
    _description = "Billing Usage Event"
    _auto = False
    _log_access = False
    _table_query = "SELECT * FROM fusion_billing_usage_event"
    _rec_name = "transaction_id"
    _order = "id desc"

    transaction_id = fields.Char(required=True)
    external_subscription_id = fields.Char(required=True)
    code = fields.Char(required=True, help="Metric code as sent.")
    service_id = fields.Many2one("fusion.billing.service", required=True, ondelete="restrict")
    subscription_id = fields.Many2one("sale.order", ondelete="restrict")
    metric_id = fields.Many2one("fusion.billing.metric", ondelete="restrict")
    occurred_at = fields.Datetime(required=True, help="When the usage happened (UTC).")
    day = fields.Date(help="Local day it counts on.")
    value = fields.Float(min_display_digits=2, aggregator=None)
    dimension = fields.Char(default="")
    split = fields.Char(default="", help="What the metric's prices tell apart, as JSON.")
    precise_total_amount_cents = fields.Float(
        string="Price Sent (Cents)",
        min_display_digits=2,
        aggregator=None,
        help="Price of this event as the app computed it, for charges that take it.",
    )
    properties = fields.Json(help="What the app sent along.")
    state = fields.Selection(
        [("accepted", "Accepted"), ("parked", "Parked")], required=True, default="accepted"
    )
    park_reason = fields.Selection(PARK_REASONS, string="Reason")
    received_at = fields.Datetime(required=True, default=fields.Datetime.now)
    properties_pretty = fields.Text(
        string="Properties, Readable", compute="_compute_properties_pretty"
    )

    def init(self) -> None:
        ledger_table.create(self.env.cr)

    @api.depends("properties")
    def _compute_properties_pretty(self) -> None:
        for event in self:
            event.properties_pretty = pretty(event.properties)

    @api.model_create_multi
    def create(self, vals_list: list[dict]) -> "BillingUsageEvent":
        if vals_list:
            raise UserError(self.env._("Usage events arrive by ingestion: they cannot be created."))
        return super().create(vals_list)

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
