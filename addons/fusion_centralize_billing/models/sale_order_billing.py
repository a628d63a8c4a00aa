"""Odoo's own invoicing hooks, through which usage reaches the subscription's invoice."""

from datetime import date, timedelta
from itertools import count

from odoo import Command, fields, models
from odoo.fields import Domain

from ..engine.period import Period, calendar_boundary, calendar_period
from ..pipeline.usage_lines import FIRST_SEQUENCE


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _prepare_invoice(self) -> dict:
        """Add what Odoo cannot know: service, journal, billing date and the usage lines."""
        values = super()._prepare_invoice()
        if not self.x_fc_service_id:
            return values
        service_sudo = self.x_fc_service_id.sudo()
        values["x_fc_service_id"] = service_sudo.id
        if service_sudo.journal_id:
            values["journal_id"] = service_sudo.journal_id.id
        if billing_date := self._x_fc_billing_date():
            values["invoice_date"] = billing_date
            if not values.get("invoice_payment_term_id"):
                # Without terms Odoo would make it due on the day the run happens to run.
                values["invoice_date_due"] = billing_date
        lines = self.env["fusion.billing.invoice"]._usage_line_vals(self)
        values["invoice_line_ids"] += [Command.create(vals) for vals in lines]
        return values

    def _create_invoices(self, grouped: bool = False, final: bool = False, date=None):
        """Rate before, claim after: usage is on these invoices once, or the claim fails."""
        stage = self.env["fusion.billing.invoice"]
        orders, drafts = stage._with_drafts(self)
        moves = super(SaleOrder, orders)._create_invoices(grouped=grouped, final=final, date=date)
        stage._claim(drafts, moves)
        return moves

    def _create_account_invoices(self, invoice_vals_list: list[dict], final: bool):
        """Count the lines of each invoice from 0, as on an invoice made alone; usage stands below.

        Odoo counts on through a batch, so that the fees of its last orders would come after their
        usage, or counts anew in the order it finds them in, which is usage first.
        """
        for values in invoice_vals_list:
            if values.get("x_fc_service_id"):
                lines = [command[2] for command in values["invoice_line_ids"] if command[2]]
                counters = {False: count(), True: count(FIRST_SEQUENCE)}
                for line in lines:
                    line["sequence"] = next(counters[bool(line.get("x_fc_line_key"))])
        return super()._create_account_invoices(invoice_vals_list, final)

    def _get_invoice_grouping_keys(self) -> list[str]:
        """One invoice per service, whatever else two orders share."""
        return [*super()._get_invoice_grouping_keys(), "x_fc_service_id"]

    def _recurring_invoice_domain(self, extra_domain=None) -> Domain:
        """Leave our subscriptions to our own run, which passes the day it bills.

        Odoo's own cron knows no test clock, no shadow and no missing province: it would bill
        what the run parks.
        """
        domain = Domain(super()._recurring_invoice_domain(extra_domain=extra_domain))
        if self.env.context.get("billing_date"):
            return domain
        return domain & Domain("x_fc_service_id", "=", False)

    def _update_next_invoice_date(self):
        """In arrears a calendar period is due at its calendar end, not a period after the start."""
        due_before = {order: order.next_invoice_date for order in self}
        result = super()._update_next_invoice_date()
        for order in self.filtered(lambda order: order._x_fc_is_calendar_arrears()):
            if order.next_invoice_date != due_before[order]:
                order.next_invoice_date = order._x_fc_calendar_end(due_before[order])
        return result

    def resume_subscription(self):
        """A calendar subscription goes on at the next 1st, Monday or 1 January."""
        due_before = {order: order.next_invoice_date for order in self}
        result = super().resume_subscription()
        for order in self.filtered("x_fc_service_id"):
            moved = order.next_invoice_date != due_before[order]
            if moved and order.x_fc_billing_time == "calendar":
                # Today, if it is one itself.
                order.next_invoice_date = order._x_fc_calendar_end(
                    order._x_fc_today() - timedelta(days=1)
                )
        return result

    def _x_fc_today(self) -> date:
        """The local day that billing believes it is: the run's, else the service's."""
        self.ensure_one()
        day = fields.Date.to_date(self.env.context.get("billing_date"))
        return day or self.x_fc_service_id.sudo()._today(self.x_fc_tz or None)

    def _x_fc_billing_date(self) -> date | None:
        """The day to write on an invoice; none: the day it is posted, as Odoo does."""
        attended = self.env.context.get("billing_date") or self.x_fc_service_id.sudo().test_clock
        return self._x_fc_today() if attended else None

    def _x_fc_calendar_end(self, day: date) -> date:
        """The first boundary after ``day``, of the calendar or of the order's own count."""
        if self.x_fc_billing_time != "calendar":
            return self._x_fc_full_period(day).end
        unit, value = self._x_fc_interval()
        return calendar_boundary(unit, value, day)

    def _x_fc_is_calendar_arrears(self) -> bool:
        return self._x_fc_is_aligned() and self.plan_id.bill_end_period

    def _x_fc_interval(self) -> tuple[str, int]:
        """Unit and count of the plan's period, e.g. ``("month", 3)``."""
        return self.plan_id.billing_period_unit, self.plan_id.billing_period_value

    def _x_fc_calendar_periods(self) -> tuple[Period, Period]:
        """``(part, full)``: what the next fee covers, and the calendar period it lies in.

        Started on 15 March, monthly, due on 15 March: part [15 Mar, 1 Apr), full [1 Mar, 1 Apr).
        """
        self.ensure_one()
        unit, value = self._x_fc_interval()
        due = self.next_invoice_date or self.start_date
        inside = due - timedelta(days=1) if self.plan_id.bill_end_period else due
        calendar = self.x_fc_billing_time == "calendar"
        full = calendar_period(unit, value, inside) if calendar else self._x_fc_full_period(inside)
        start = max(full.start, self.start_date) if self.plan_id.bill_end_period else due
        end = full.end
        # Billed up to its end there is no next fee: Odoo asks all the same, and bills nothing.
        if self.end_date and self.end_date >= start:
            end = min(full.end, self.end_date + timedelta(days=1))
        return Period(start, end), full
