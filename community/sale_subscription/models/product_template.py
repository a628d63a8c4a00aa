from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    recurring_invoice = fields.Boolean(
        string="Subscriptions",
        help="Sold on an order with a recurring plan, this product is billed every period.",
    )
    allow_one_time_sale = fields.Boolean(
        string="Accept One-Time", help="May also be sold without a recurring plan."
    )
    allow_prorated_price = fields.Boolean(
        string="Prorated Price",
        default=True,
        help="An incomplete period is charged by its days. Off: always the full price.",
    )
    subscription_rule_ids = fields.One2many(
        "product.pricelist.item",
        "product_tmpl_id",
        string="Recurring Prices",
        domain=lambda self: [*self._base_domain_item_ids(), ("plan_id", "!=", False)],
    )

    def _domain_pricelist_rule_ids(self) -> list:
        return [*super()._domain_pricelist_rule_ids(), ("plan_id", "=", False)]
