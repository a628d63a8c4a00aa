from odoo import api, fields, models


class ProductPricelistItem(models.Model):
    """With a plan, a pricelist rule is the recurring price of its product on that plan."""

    _inherit = "product.pricelist.item"

    plan_id = fields.Many2one(
        "sale.subscription.plan",
        string="Recurring Plan",
        index="btree_not_null",
        ondelete="cascade",
        help="Price per period of this plan. Empty: a price for one-off sales.",
    )

    @api.depends("plan_id")
    def _compute_is_pricelist_required(self):
        res = super()._compute_is_pricelist_required()
        self.filtered("plan_id").is_pricelist_required = False
        return res

    @api.model_create_multi
    def create(self, vals_list: list[dict]):
        default_plan = self.env.context.get("default_plan_id")
        for vals in vals_list:
            # Odoo's default is the first pricelist of the company; a recurring price may stand
            # for all of them, so here an absent pricelist means none.
            if vals.get("plan_id", default_plan) and "pricelist_id" not in vals:
                vals["pricelist_id"] = self.env.context.get("default_pricelist_id", False)
        return super().create(vals_list)

    def _compute_price(self, product, quantity, uom, date, currency=None, **kwargs) -> float:
        price = super()._compute_price(product, quantity, uom, date, currency=currency, **kwargs)
        if not self.plan_id or self.pricelist_id or self.compute_price != "fixed":
            return price
        # A fixed price is taken as one in the currency asked for, because a pricelist has just
        # one. Without a pricelist the rule is in the company's currency.
        company = self.company_id or self.env.company
        wanted = currency or self.currency_id
        return self.currency_id._convert(price, wanted, company, date, round=False)
