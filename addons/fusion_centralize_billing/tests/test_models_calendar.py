"""Calendar billing: the first fee covers the days left; the dates then follow the calendar."""

from datetime import date
from fractions import Fraction

from odoo.tests import tagged

from .common import BillingCase


@tagged("post_install", "-at_install")
class TestCalendarBilling(BillingCase):
    def _order(self, **values):
        plan = values.pop("plan", self.plan)
        order = self.make_order(
            "cal-1",
            plan=plan,
            confirm=False,
            start_date=date(2026, 3, 15),
            x_fc_billing_time="calendar",
            **values,
        )
        order.with_context(billing_date=date(2026, 3, 15)).action_confirm()
        return order

    def _bill(self, order, day: date):
        moves = order.with_context(billing_date=day)._create_recurring_invoice()
        moves.filtered(lambda move: move.state == "draft").action_post()
        return moves

    def test_the_first_fee_in_advance_covers_17_of_31_days(self):
        order = self._order()

        parameters = order.order_line._get_invoice_line_parameters()

        self.assertEqual(parameters, (date(2026, 3, 15), date(2026, 3, 31), Fraction(17, 31), 17))

    def test_in_advance_the_second_fee_is_a_full_month_from_the_first(self):
        order = self._order()

        first = self._bill(order, date(2026, 3, 15))
        # 29.00 × 17 / 31 = 15.903…
        self.assertEqual(first.amount_untaxed, 15.90)
        self.assertRecordValues(
            first,
            [{"invoice_date": date(2026, 3, 15), "invoice_date_due": date(2026, 3, 15)}],
        )
        self.assertEqual(order.next_invoice_date, date(2026, 4, 1))

        second = self._bill(order, date(2026, 4, 1))
        self.assertEqual(second.amount_untaxed, 29.0)
        self.assertEqual(order.next_invoice_date, date(2026, 5, 1))

    def test_in_arrears_each_fee_is_due_when_its_calendar_month_ended(self):
        order = self._order(plan=self.make_plan("late", 31.0, bill_end_period=True))
        order.next_invoice_date = date(2026, 4, 1)

        first = self._bill(order, date(2026, 4, 1))
        self.assertEqual(first.amount_untaxed, 17.0)
        self.assertEqual(order.next_invoice_date, date(2026, 5, 1))

        second = self._bill(order, date(2026, 5, 1))
        self.assertEqual(second.amount_untaxed, 31.0)
        self.assertEqual(order.next_invoice_date, date(2026, 6, 1))

    def test_weeks_end_on_sunday_and_quarters_with_the_quarter(self):
        weekly = self.make_plan("weekly", 7.0, billing_period_unit="week")
        order = self._order(plan=weekly)
        # 15 March 2026 is a Sunday: one day of its week is left.
        self.assertEqual(
            order.order_line._get_invoice_line_parameters()[1:],
            (date(2026, 3, 15), Fraction(1, 7), 1),
        )
        order.plan_id = self.make_plan("quarterly", 90.0, billing_period_value=3)
        self.assertEqual(
            order.order_line._get_invoice_line_parameters()[1:],
            (date(2026, 3, 31), Fraction(17, 90), 17),
        )

    def test_an_end_date_cuts_the_last_fee(self):
        order = self._order(end_date=date(2026, 3, 20))

        self.assertEqual(
            order.order_line._get_invoice_line_parameters(),
            (date(2026, 3, 15), date(2026, 3, 20), Fraction(6, 31), 6),
        )

    def test_anniversary_subscriptions_keep_odoos_own_periods(self):
        order = self.make_order("ann-1", start_date=date(2026, 3, 15))

        start, stop, ratio, _days = order.order_line._get_invoice_line_parameters()

        self.assertEqual((start, stop, ratio), (date(2026, 3, 15), date(2026, 4, 14), 1))

    def test_a_paused_subscription_goes_on_at_the_next_first_of_the_month(self):
        order = self._order()
        self._bill(order, date(2026, 3, 15))
        order.pause_subscription()

        order.with_context(billing_date=date(2026, 5, 6)).resume_subscription()

        self.assertEqual(order.next_invoice_date, date(2026, 6, 1))

    def test_resumed_on_the_first_it_is_due_that_day(self):
        order = self._order()
        self._bill(order, date(2026, 3, 15))
        order.pause_subscription()

        order.with_context(billing_date=date(2026, 5, 1)).resume_subscription()

        self.assertEqual(order.next_invoice_date, date(2026, 5, 1))
