"""What an app runs for a subscription: a reference for people, without a price of its own."""

from odoo import fields, models


class BillingDeployment(models.Model):
    """One deployment of the app. Its usage arrives through the API; nothing bills by this row."""

    _name = "fusion.billing.deployment"
    _description = "Deployment"
    _order = "order_id, name, id"

    service_id = fields.Many2one(
        "fusion.billing.service", required=True, readonly=True, ondelete="cascade", index=True
    )
    order_id = fields.Many2one(
        "sale.order", string="Subscription", required=True, readonly=True, ondelete="cascade",
        index=True,
    )  # fmt: skip
    external_id = fields.Char(string="ID in the App", required=True, readonly=True)
    name = fields.Char(readonly=True)
    region = fields.Char(readonly=True)
    size = fields.Char(readonly=True)
    status = fields.Char(string="Status in the App", readonly=True)

    _external_uniq = models.UniqueIndex(
        "(service_id, external_id)", "This service already has a deployment with this id."
    )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_deployment_ids = fields.One2many(
        "fusion.billing.deployment", "order_id", string="Deployments", readonly=True
    )
    x_fc_coupon = fields.Char(
        string="Coupon in the App", copy=False, help="What the app gives off, in its own words."
    )
    x_fc_import_hold = fields.Char(
        string="Held by the Import", copy=False,
        help="Why this draft does not go live. Mend it, then clear this.",
    )  # fmt: skip
