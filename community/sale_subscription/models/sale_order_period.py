import datetime
from collections.abc import Callable

from odoo import models
from odoo.tools import date_utils, format_date

from .period import boundary_after, boundary_before, is_boundary

ONE_DAY = datetime.timedelta(days=1)
Period = tuple[datetime.date, datetime.date]


class KnownPeriods:
    """Periods of orders, and days as a language writes them: found once for all lines.

    Passed as the context key ``known_periods`` by whoever goes through many lines while no order's
    dates change, and gone with that.
    """

    def __init__(self):
        self.periods: dict[tuple[str, int], Period] = {}
        self.days: dict[tuple[str, datetime.date], str] = {}

    def period(self, order, find: Callable[[], Period]) -> Period:
        key = (find.__name__, order.id)
        if key not in self.periods:
            self.periods[key] = find()
        return self.periods[key]

    def day(self, env, day: datetime.date) -> str:
        key = (env.lang, day)
        if key not in self.days:
            self.days[key] = format_date(env, day)
        return self.days[key]


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

    def _get_known_periods(self) -> KnownPeriods:
        """What the caller knows already, or a fresh start."""
        return self.env.context.get("known_periods") or KnownPeriods()

    def _get_full_period(self) -> Period:
        """The whole period ``[start, end)`` that D belongs to, before start and end date cut it.

        A date that somebody wrote off the grid starts (ends, in arrears) a whole period of its own.
        """
        self.ensure_one()
        return self._get_known_periods().period(self, self._find_full_period)

    def _find_full_period(self) -> Period:
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

    def _get_invoicing_period(self) -> Period:
        """First and last day, both included, of the next period to invoice."""
        self.ensure_one()
        return self._get_known_periods().period(self, self._find_invoicing_period)

    def _find_invoicing_period(self) -> Period:
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
