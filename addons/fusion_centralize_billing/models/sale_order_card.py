"""One card for a subscription and all it went on from."""

from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals: dict) -> bool:
        """A new card pays what is left of the orders before a renewal or a change of plan, too:
        their invoices are charged to their own card, and are the same customer's debt."""
        result = super().write(vals)
        if token_id := vals.get("payment_token_id"):
            for order in self.filtered("x_fc_service_id"):
                chain = self.env["fusion.billing.enforce"]._chain(order)
                earlier = (chain - order).filtered(
                    lambda other: other.payment_token_id.id != token_id
                )
                earlier.write({"payment_token_id": token_id})
        return result

    def _x_fc_running(self) -> "SaleOrder":
        """These orders, and those that run today in their place."""
        stage = self.env["fusion.billing.enforce"]
        running = self
        for order in self.filtered("x_fc_service_id"):
            running |= stage._current(order, stage._today(order))
        return running
