from odoo import models


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _is_tokenization_required(self, sale_order_id: int | None = None, **kwargs) -> bool:
        """A subscription is paid with a card that can be charged again."""
        order_sudo = self.env["sale.order"].sudo().browse(sale_order_id).exists()
        return order_sudo.is_subscription or super()._is_tokenization_required(
            sale_order_id=sale_order_id, **kwargs
        )
