"""Seals: the app says that a metric's period is complete and what it adds up to."""

from odoo import fields, models

from .big_integer import BigInteger


class BillingUsageSeal(models.Model):
    """One metric × period of a subscription. Missing or mismatched, it holds back the billing.

    Only for services that use seals. ``missing`` rows are made by the billing run that could not
    bill; the app's seal then takes their place.
    """

    _name = "fusion.billing.usage.seal"
    _description = "Usage Seal"
    _order = "start desc, id desc"
    _rec_name = "metric_id"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    subscription_id = fields.Many2one("sale.order", required=True, ondelete="restrict")
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    metric_id = fields.Many2one(
        "fusion.billing.metric", required=True, ondelete="restrict", index=True
    )
    start = fields.Date(required=True, help="First day, local to the subscription.")
    end = fields.Date(required=True, help="First day after the period.")
    count = BigInteger(string="Sealed Count", help="Events or buckets, as the app counts them.")
    sum = fields.Float(min_display_digits=2, string="Sealed Sum", help="As the app adds them up.")
    counted = BigInteger(help="Events and buckets here, when last compared.")
    total = fields.Float(min_display_digits=2, help="Their sum here, when last compared.")
    state = fields.Selection(
        [("matched", "Matched"), ("mismatched", "Mismatched"), ("missing", "Missing")],
        required=True,
        default="missing",
        index=True,
    )
    sealed_at = fields.Datetime(help="When the app sealed it last (UTC).")
    held_since = fields.Datetime(help="When a billing run first had to wait for it (UTC).")

    _seal_uniq = models.UniqueIndex("(subscription_id, metric_id, start)")
    _order_of_dates = models.Constraint('CHECK (start < "end")', "A period ends after it starts.")
