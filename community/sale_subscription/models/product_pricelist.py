import datetime

from odoo import models


class ProductPricelist(models.Model):
    """Recurring and one-off prices live in one table and never mix.

    Odoo passes ``plan_id`` down from the order line: a rule with a plan applies to that plan only,
    a rule without one to one-off sales only. A recurring rule without a pricelist is the fall-back
    for every pricelist, and for databases that use none.
    """

    _inherit = "product.pricelist"

    def _domain_item_ids(self) -> list:
        return [*super()._domain_item_ids(), ("plan_id", "=", False)]

    def _get_applicable_rules(self, products, date: datetime.date, **kwargs):
        if not kwargs.get("plan_id"):
            return super()._get_applicable_rules(products, date, **kwargs)
        rules = self.env["product.pricelist.item"].search(
            self._get_applicable_rules_domain(products=products, date=date, **kwargs)
        )
        return rules.sorted(lambda rule: not rule.pricelist_id)

    def _get_applicable_rules_domain(self, products, date: datetime.date, **kwargs) -> list:
        domain = super()._get_applicable_rules_domain(products=products, date=date, **kwargs)
        plan_id = kwargs.get("plan_id") or False
        if plan_id:
            own = ("pricelist_id", "=", self.id)
            shared = ("pricelist_id", "in", [self.id, False])
            domain = [shared if term == own else term for term in domain]
        return [*domain, ("plan_id", "=", plan_id)]
