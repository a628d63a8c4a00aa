from odoo import models


class SaleOrder(models.Model):
    """Pattern posting of the Community stand-in: what of ours it may write, and what not.

    Only the stand-in calls these hooks.
    """

    _inherit = "sale.order"

    def _get_pattern_modules(self) -> set[str]:
        """Our extensions of Odoo's invoicing do nothing for an order without a service."""
        return super()._get_pattern_modules() | {"fusion_centralize_billing"}

    def _filter_pattern_orders(self):
        """An order of a service has usage to rate, periods to claim and an app to tell."""
        return super()._filter_pattern_orders().filtered(lambda order: not order.x_fc_service_id)
