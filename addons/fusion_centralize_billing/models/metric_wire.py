"""What an app said about its metrics and plans that only it reads: kept, and given back."""

from odoo import fields, models


class BillingMetric(models.Model):
    _inherit = "fusion.billing.metric"

    declared_filters = fields.Json(
        help='Event properties and their values that charges may price apart: [{"key": "region", '
        '"values": ["ca", "us"]}]. Empty = anything.'
    )


class SaleSubscriptionPlan(models.Model):
    _inherit = "sale.subscription.plan"

    x_fc_metadata = fields.Json(string="Plan Metadata", help="Keys and values of the app's own.")
