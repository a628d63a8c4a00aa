"""Calendar billing: a first fee that covers the days left until the 1st, Monday or 1 January."""

from datetime import date, timedelta
from fractions import Fraction

from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_invoice_line_parameters(self) -> tuple[date, date, Fraction, int]:
        """Period of the next recurring line: first day, last day, share of the price, days.

        Plain anniversary subscriptions, and all that are not ours, keep Odoo's own answer.
        """
        order = self.order_id
        if not order._x_fc_is_aligned() or order.subscription_state == "7_upsell":
            return super()._get_invoice_line_parameters()
        part, full = order._x_fc_calendar_periods()
        found = (part.start, part.end - timedelta(days=1), order._x_fc_share(part, full), part.days)
        if order.plan_id.bill_end_period and hasattr(self, "_get_arrears_parameters"):
            return self._get_arrears_parameters(*found)  # what an upsell added, from its day on
        return found
