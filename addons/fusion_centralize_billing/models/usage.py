"""Day rollups: what rating reads instead of millions of events."""

from odoo import fields, models


class BillingUsage(models.Model):
    """Usage of one subscription and metric on one local day (and split, and dimension).

    Rows of events are written only by the ingest stage, in the statement that appends the events,
    so that the sum of the ledger and the rollup can never differ. Rows of counters hold what the
    app last said; they are replaced, never folded.
    """

    _name = "fusion.billing.usage"
    _description = "Billing Usage"
    _log_access = False
    _rec_name = "metric_id"
    _order = "day desc, id desc"

    day = fields.Date(required=True, help="Local day in the subscription's billing timezone.")
    dimension = fields.Char(
        required=True, default="", help="The distinct value, for metrics that count those."
    )
    split = fields.Char(
        required=True,
        default="",
        help="What the metric's prices tell apart, as canonical JSON: see `engine.split_of`.",
    )
    source = fields.Char(
        required=True, default="event", help="“event”: folded. “counter”: replaced by each push."
    )
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    subscription_id = fields.Many2one("sale.order", required=True, ondelete="restrict")
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    metric_id = fields.Many2one(
        "fusion.billing.metric", required=True, ondelete="restrict", index=True
    )
    unit = fields.Char(related="metric_id.unit")
    # No `digits`: see fusion.billing.charge, NUMERIC with every digit kept.
    total = fields.Float(min_display_digits=2, help="Sum of the day's values.")
    maximum = fields.Float(min_display_digits=2, help="Highest value of the day.", aggregator="max")
    last = fields.Float(min_display_digits=2, help="Value of the latest event.", aggregator=None)
    last_at = fields.Datetime(help="Instant of the latest event (UTC).")
    count = fields.Integer(string="Events", help="Number of events counted.")
    moment = fields.Float(
        default=0,
        min_display_digits=2,
        aggregator=None,
        help="Sum of value × UTC epoch seconds: what a time-weighted sum needs of the events.",
    )
    precise_amount = fields.Float(
        default=0,
        min_display_digits=2,
        help="Sum of the prices the app sent along (precise_total_amount_cents / 100).",
    )
    watermark = fields.Datetime(help="When this rollup last changed (UTC).")

    _rollup_uniq = models.UniqueIndex("(subscription_id, metric_id, day, split, dimension, source)")

    def init(self) -> None:
        """Half of each page stays free: a row is changed by every push of its day, and a change
        that finds room on its own page leaves all indexes alone."""
        self.env.cr.execute("ALTER TABLE fusion_billing_usage SET (fillfactor = 50)")
