"""The first day whose usage is ours to bill, remembered before a pause moves the due date on."""

from datetime import timedelta

from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    x_fc_usage_from = fields.Date(
        string="Usage Billed From",
        copy=False,
        readonly=True,
        help="Set by a pause: what was used before this day, the app itself has billed.",
    )

    def pause_subscription(self):
        """Remember the period that is due: resuming moves the due date on without an invoice."""
        self._x_fc_remember_usage()
        return super().pause_subscription()

    def _x_fc_remember_usage(self) -> None:
        """Keep the first day that is ours to bill, before fees stop for a while.

        A contract that was invoiced before is remembered by its invoices, which are earlier.
        """
        for order in self:
            if order.x_fc_service_id and not order.x_fc_usage_from and order.next_invoice_date:
                inside = order.next_invoice_date - timedelta(days=1)
                period = self.env["fusion.billing.draft"]._period(order, inside)
                order.sudo().x_fc_usage_from = max(period.start, order.start_date)
