"""The price of one metric on one plan."""

from odoo import fields, models


class BillingCharge(models.Model):
    """Plan + metric → pricing model, quota and prices.

    ``plan_code`` is what the app calls the plan. ``plan_id`` stays empty until go-live, and a
    charge without it never rates: the second of the three shadow locks.
    """

    _name = "fusion.billing.charge"
    _description = "Billing Charge"
    _order = "service_id, plan_code, sequence, id"

    name = fields.Char(required=True, help="Shown on the invoice line, e.g. “Bandwidth”.")
    code = fields.Char(required=True, help="Tells two charges on one metric apart.")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    plan_code = fields.Char(required=True, index=True, help="What the app calls the plan.")
    service_id = fields.Many2one(
        "fusion.billing.service", required=True, ondelete="restrict", index=True
    )
    plan_id = fields.Many2one(
        "sale.subscription.plan",
        ondelete="restrict",
        copy=False,
        index=True,
        help="Set by go-live. Empty = this charge never bills.",
    )
    metric_id = fields.Many2one(
        "fusion.billing.metric",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('service_id', '=', service_id)]",
    )
    tier_ids = fields.One2many(
        "fusion.billing.charge.tier", "charge_id", string="Tiers", copy=True
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    model = fields.Selection(
        [
            ("quota", "Included quota, then per unit"),
            ("standard", "Per unit"),
            ("graduated", "Graduated tiers"),
        ],
        string="Pricing",
        required=True,
        default="quota",
    )
    included_quantity = fields.Float(digits=(30, 12), help="Units per period at no charge.")
    unit_price = fields.Float(digits=(30, 12), help="Price of one unit beyond the quota.")

    _charge_uniq = models.UniqueIndex(
        "(service_id, plan_code, metric_id, code)",
        "This plan already has a charge with this code on this metric.",
    )
