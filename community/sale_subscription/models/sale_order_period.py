import datetime

from odoo import models
from odoo.tools import date_utils

from .period import boundary_after, boundary_before, is_boundary

ONE_DAY = datetime.timedelta(days=1)


class SaleOrder(models.Model):
    """Which period of a subscription is next, and when it is due.

    An order's ``next_invoice_date`` D says which period is next: ``[D, next boundary)`` when billed
    in advance, ``[previous boundary, D)`` in arrears. Boundaries are counted from the anchor (the
    start date, or the start of its week, month or year when the plan aligns).
    """

    _inherit = "sale.order"

    def _get_billing_anchor(self) -> datetime.date:
        """The day that all period boundaries are counted from."""
        self.ensure_one()
        start = self.start_date or self.next_invoice_date or self._get_billing_today()
        if self.plan_id.billing_first_day:
            return date_utils.start_of(start, self.plan_id.billing_period_unit)
        return start

    def _get_full_period(self) -> tuple[datetime.date, datetime.date]:
        """The whole period ``[start, end)`` that D belongs to, before start and end date cut it.

        A date that somebody wrote off the grid starts (ends, in arrears) a whole period of its own.
        """
        self.ensure_one()
        anchor, step = self._get_billing_anchor(), self.plan_id.billing_period
        due = self.next_invoice_date or self._get_due_date(anchor)
        on_grid = is_boundary(anchor, step, due)
        if self.plan_id.bill_end_period:
            if on_grid or (self.end_date and due == self.end_date + ONE_DAY):
                start = boundary_before(anchor, step, due)
                return start, boundary_after(anchor, step, start)
            return due - step, due
        if on_grid or due == self.start_date:
            end = boundary_after(anchor, step, due)
            return boundary_before(anchor, step, end), end
        return due, due + step

    def _get_invoicing_period(self) -> tuple[datetime.date, datetime.date]:
        """First and last day, both included, of the next period to invoice."""
        start, end = self._get_full_period()
        stop = end - ONE_DAY
        if self.start_date:
            start = max(start, self.start_date)
        if self.plan_id.bill_end_period and (covered := self._get_last_covered_day()):
            start = max(start, covered + ONE_DAY)  # a due date that was moved by hand
        if self.end_date:
            stop = min(stop, self.end_date)
        return start, stop

    def _get_due_date(self, period_start: datetime.date) -> datetime.date:
        """When the period that starts on this day is due."""
        self.ensure_one()
        if not self.plan_id.bill_end_period:
            return period_start
        due = boundary_after(self._get_billing_anchor(), self.plan_id.billing_period, period_start)
        if self.end_date and period_start <= self.end_date:
            due = min(due, self.end_date + ONE_DAY)
        return due

    def _get_last_covered_day(self) -> datetime.date | None:
        """Last day that a posted invoice of this order covers."""
        days = (line.last_invoiced_date for line in self.order_line)
        return max((day for day in days if day), default=None)

    def _update_next_invoice_date(self) -> None:
        """Move to the period after the last one that a posted invoice covers. Never backwards."""
        # The invoice is the trace; a note of each move would double the chatter of every run.
        for order in self.filtered("is_subscription").with_context(tracking_disable=True):
            covered = order._get_last_covered_day()
            if not covered:
                continue
            due = order._get_due_date(covered + ONE_DAY)
            if not order.next_invoice_date or due > order.next_invoice_date:
                order.next_invoice_date = due
