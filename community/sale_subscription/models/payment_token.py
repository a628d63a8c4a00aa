from odoo import models


class PaymentToken(models.Model):
    _inherit = "payment.token"

    def get_linked_records_info(self) -> list[dict]:
        """Name the subscriptions that this card pays, before a customer deletes it."""
        info = super().get_linked_records_info()
        description = self.env._("Subscription")
        return info + [
            {
                "description": description,
                "id": order.id,
                "name": order.name,
                "url": order.get_portal_url(),
            }
            for order in self._get_subscriptions().filtered(
                lambda order: order.subscription_state in ("3_progress", "4_paused")
            )
        ]

    def _handle_archiving(self):
        """A card that is gone pays nothing any more."""
        res = super()._handle_archiving()
        self._get_subscriptions().payment_token_id = False
        return res

    def _get_subscriptions(self):
        orders_sudo = self.env["sale.order"].sudo()
        return orders_sudo.search([("payment_token_id", "in", self.ids)])
