from odoo import fields, models


class SaleSubscriptionClose(models.TransientModel):
    """Asks for the reason before subscriptions are closed."""

    _name = "sale.subscription.close"
    _description = "Close Subscription"

    order_ids = fields.Many2many(
        "sale.order", required=True, default=lambda self: self.env.context.get("active_ids")
    )
    close_reason_id = fields.Many2one("sale.order.close.reason", required=True)

    def action_close(self) -> dict:
        self.ensure_one()
        self.order_ids.set_close(close_reason_id=self.close_reason_id.id)
        return {"type": "ir.actions.act_window_close"}
