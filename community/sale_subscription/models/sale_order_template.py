from odoo import fields, models


class SaleOrderTemplate(models.Model):
    _inherit = "sale.order.template"

    plan_id = fields.Many2one(
        "sale.subscription.plan",
        string="Recurring Plan",
        help="Quotations made from this template become subscriptions on this plan.",
    )
