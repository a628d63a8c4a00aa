"""The dates of a subscription: its period, its first invoice, its start and its end."""

import logging
from datetime import date, datetime, timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine.errors import BillingError, Invalid
from ..engine.period import period_containing
from .clock import local_day

_logger = logging.getLogger(__name__)


class BillingSubscribeClock(models.AbstractModel):
    _inherit = "fusion.billing.subscribe"

    def _current_period(self, order: models.BaseModel, now: datetime) -> tuple[date, date]:
        """The billing period ``[start, end)`` in local days that ``now`` falls in.

        Before the start it is the first period. With calendar billing the first one begins on
        the start day and ends with the week, month or year.
        """
        order_sudo = order.sudo()
        tz = order_sudo.x_fc_tz or order_sudo.x_fc_service_id.timezone
        today = local_day(now, tz)
        anchor = order_sudo.start_date or order_sudo.x_fc_current_period_start or today
        day = max(today, anchor)
        if order_sudo.start_date:
            period = self.env["fusion.billing.draft"]._period(order_sudo, day)
            return max(period.start, anchor), period.end
        plan_sudo = order_sudo.plan_id  # imported, and nobody knows since when
        unit, value = plan_sudo.billing_period_unit, plan_sudo.billing_period_value
        period = period_containing(anchor, unit, value, day)
        return period.start, period.end

    def _first_invoice_date(self, order_sudo: models.BaseModel, now: datetime) -> date:
        """When the first invoice of a new subscription is due.

        In advance: at the start; a start in the past means that the app has billed the current
        period, so the first one here is the next. In arrears: at the end of the period.
        """
        _start, end = self._current_period(order_sudo, now)
        today = local_day(now, order_sudo.x_fc_tz)
        trial = order_sudo.x_fc_trial_end
        if trial and not order_sudo.plan_id.bill_end_period and trial >= today:
            return trial
        if order_sudo.start_date < today or order_sudo.plan_id.bill_end_period:
            return end
        return order_sudo.start_date

    # ----------------------------------------------------------------------- end
    def _terminate(
        self, order: models.BaseModel, at: datetime, credit_note: str = "credit"
    ) -> models.BaseModel:
        """End a running subscription; its last day counts, its last usage is invoiced.

        :param credit_note: what becomes of days billed ahead and not used: ``credit`` leaves a
            credit note open, ``offset`` sets it against the invoice, ``skip`` gives nothing back.
            A shadow order is only marked: it has nothing to close, to bill or to credit.
        """
        order_sudo = order.sudo()
        self._call_off_successor(order_sudo)
        self._call_off_change(order_sudo)
        tz = order_sudo.x_fc_tz or order_sudo.x_fc_service_id.timezone
        # An end at midnight leaves the day that begins then unused.
        last_day = local_day(at - timedelta(seconds=1), tz)
        last_day = max(last_day, order_sudo.start_date or last_day)
        order_sudo.x_fc_terminated_at = at
        order_sudo.x_fc_termination_credit = credit_note
        if credit_note != "skip":
            # A period that is due and not invoiced yet is billed for its days only.
            order_sudo.end_date = last_day
        if order_sudo.state == "sale" and self._bill_last(order_sudo, last_day):
            order_sudo.with_context(billing_date=last_day).set_close()
        order_sudo.end_date = last_day
        self._announce(order_sudo, "subscription.terminated")
        return order_sudo

    def _bill_last(self, order_sudo: models.BaseModel, last_day: date) -> bool:
        """Whether what is left was billed. Where it cannot be, the order stays open with its end
        date: the billing run parks it with the reason and bills it once that is mended."""
        if self.env["fusion.billing.billable"]._obstacle(order_sudo, last_day):
            return False
        try:
            with self.env.cr.savepoint():
                self.env["fusion.billing.invoice"]._bill_final(
                    order_sudo, last_day + timedelta(days=1)
                )
        except (BillingError, UserError) as error:
            _logger.info("The end of %s is not billed yet: %s", order_sudo.name, error)
            return False
        return True

    def _cancel(self, order: models.BaseModel, at: datetime) -> models.BaseModel:
        """Call off a subscription that has not started; it frees its id."""
        order_sudo = order.sudo()
        order_sudo.x_fc_canceled_at = at
        order_sudo._action_cancel()
        self._announce(order_sudo, "subscription.canceled")
        return order_sudo

    def _advance(self, service: models.BaseModel) -> None:
        """Start what was waiting for its date and end what has reached it. Safe to repeat.

        Quotations of renewals and upsells are nothing the app knows.
        """
        now = service._now()
        orders_sudo = self.env["sale.order"].sudo()
        own = Domain("x_fc_service_id", "=", service.id) & Domain("state", "!=", "cancel")
        own &= Domain("subscription_id", "=", False) | Domain("x_fc_external_id", "!=", False)
        open_ = own & Domain("x_fc_terminated_at", "=", False)
        due = Domain("x_fc_started_at", "=", False) & Domain("x_fc_subscription_at", "<=", now)
        for order_sudo in orders_sudo.search(open_ & due, order="id"):
            self._begin(order_sudo)
        for order_sudo in orders_sudo.search(open_ & Domain("x_fc_ending_at", "<=", now)):
            self._terminate(order_sudo, order_sudo.x_fc_ending_at)
        self._change_due_plans(service)
        self._collect_strays(service)

    def _announce(self, order_sudo: models.BaseModel, webhook_type: str) -> None:
        payload = self.env["fusion.billing.serialize"]._subscription(order_sudo, customer=True)
        self.env["fusion.billing.outbox"]._emit(
            order_sudo.x_fc_service_id, webhook_type, "subscription", payload
        )

    def _check_termination(self, options: dict[str, str | None]) -> None:
        """Refuse what nothing here does yet, rather than ignore it.

        :param options: ``on_termination_credit_note``, ``on_termination_invoice``, as sent
        """
        served = {
            "on_termination_credit_note": ("credit", "offset", "refund", "skip"),
            "on_termination_invoice": ("generate",),
        }
        unserved = {"skip"}  # an end without an invoice exists in Lago only
        wrong = {}
        for name, allowed in served.items():
            value = options.get(name) or allowed[0]
            if value not in allowed:
                wrong[name] = ["not_supported" if value in unserved else "value_is_invalid"]
        if wrong:
            raise Invalid(wrong)
