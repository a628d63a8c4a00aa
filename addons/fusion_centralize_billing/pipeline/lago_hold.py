"""A customer's credit in Lago holds back going live until somebody has decided about it."""

from odoo import models


class BillingGolive(models.AbstractModel):
    _inherit = "fusion.billing.golive"

    def _obstacle(self, order_sudo: models.BaseModel) -> str:
        """Also: a coupon or wallet of Lago's with a value left that nobody has decided about."""
        if problem := super()._obstacle(order_sudo):
            return problem
        waiting_sudo = (
            self.env["fusion.billing.lago.record"]
            .sudo()
            .search([("link_id", "=", order_sudo.x_fc_link_id.id), ("decision", "=", "pending")])
        )
        if not waiting_sudo:
            return ""
        what = "; ".join(f"{record.kind} {record.name}: {record.value}" for record in waiting_sudo)
        return f"its customer has a credit in Lago that nobody decided about ({what})"
