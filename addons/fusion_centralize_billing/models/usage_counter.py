"""Counters: the whole usage of a bucket as the app knows it, replaced by each newer push."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .big_integer import BigInteger
from .usage_event import PARK_REASONS

COUNTER_PARK_REASONS = [
    *PARK_REASONS,
    ("bucket_spans_periods", "The bucket reaches into two billing periods"),
    ("metric_takes_events_only", "This aggregation needs events, not counters"),
]


class BillingUsageCounter(models.Model):
    """The value that counts now. Written only by the counter stage; each push is kept below it."""

    _name = "fusion.billing.usage.counter"
    _description = "Billing Usage Counter"
    _log_access = False
    _rec_name = "bucket"
    _order = "day desc, id desc"

    external_subscription_id = fields.Char(required=True)
    code = fields.Char(required=True, help="Metric code as sent.")
    bucket = fields.Char(
        required=True,
        help="Hour, day or month in the subscription's billing timezone; an hour ending in Z is in "
        "UTC.",
    )
    labels = fields.Char(
        required=True, default="", help="The counter's properties, as canonical JSON."
    )
    properties = fields.Json(help="What the app sent along.")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    subscription_id = fields.Many2one("sale.order", ondelete="restrict", index="btree_not_null")
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    metric_id = fields.Many2one(
        "fusion.billing.metric", ondelete="restrict", index="btree_not_null"
    )
    unit = fields.Char(related="metric_id.unit")
    first_day = fields.Date(required=True, help="First local day of the bucket.")
    last_day = fields.Date(required=True, help="Last local day the bucket reaches into.")
    starts_at = fields.Datetime(help="Wall-clock time at which the bucket begins: local, or UTC.")
    day = fields.Date(help="Local day it counts on.")
    split = fields.Char(required=True, default="", help="Properties that prices tell apart.")
    value = fields.Float(min_display_digits=2, help="What counts now.")
    previous = fields.Float(min_display_digits=2, help="What counted before the latest push.")
    sequence = BigInteger(required=True, help="A push with a smaller one is refused.")
    content_hash = fields.Char(required=True)
    state = fields.Selection(
        [("accepted", "Counted"), ("parked", "Parked")], required=True, default="accepted"
    )
    park_reason = fields.Selection(COUNTER_PARK_REASONS, string="Reason")
    received_at = fields.Datetime(required=True, help="When the latest push came (UTC).")
    push_ids = fields.One2many("fusion.billing.usage.counter.push", "counter_id", string="Pushes")

    _counter_uniq = models.UniqueIndex(
        "(service_id, external_subscription_id, code, bucket, labels)",
        "This counter already exists.",
    )
    _day_idx = models.Index("(subscription_id, metric_id, day) WHERE state = 'accepted'")
    _parked_idx = models.Index("(service_id, external_subscription_id) WHERE state = 'parked'")

    def write(self, vals: dict) -> bool:
        if vals:
            raise UserError(self.env._("Counters are set by the app's own pushes."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self) -> None:
        raise UserError(self.env._("Counters are part of the ledger: they stay."))

    def action_reexamine(self) -> dict:
        """Look at the parked counters of these services again."""
        for service in self.service_id:
            self.env["fusion.billing.ingest"]._reexamine(service)
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class BillingUsageCounterPush(models.Model):
    """One push of a counter: the audit trail of what was replaced by what, and when."""

    _name = "fusion.billing.usage.counter.push"
    _description = "Billing Usage Counter Push"
    _log_access = False
    _rec_name = "sequence"
    _order = "sequence desc"

    counter_id = fields.Many2one("fusion.billing.usage.counter", required=True, ondelete="restrict")
    service_id = fields.Many2one(related="counter_id.service_id")
    sequence = BigInteger(required=True)
    value = fields.Float(min_display_digits=2)
    received_at = fields.Datetime(required=True)

    _push_uniq = models.UniqueIndex("(counter_id, sequence)")
