from datetime import timedelta
from fractions import Fraction

from freezegun import freeze_time

from .common import SubscriptionCase


@freeze_time("2024-01-01 12:00:00")
class TestContractPeriods(SubscriptionCase):
    def _bill(self, order, count):
        """Invoice the next periods, each on the day it is due."""
        for _ in range(count):
            order.with_context(billing_date=order.next_invoice_date)._create_recurring_invoice()
        return self._periods(order)

    def test_a_month_end_comes_back_after_a_leap_february(self):
        order = self._order("2024-01-31")
        self.assertEqual(
            self._bill(order, 3),
            [
                ("2024-01-31", "2024-02-28"),
                ("2024-02-29", "2024-03-30"),
                ("2024-03-31", "2024-04-29"),
            ],
        )

    def test_a_month_end_comes_back_after_a_common_february(self):
        order = self._order("2025-01-31")
        periods = self._bill(order, 2)
        self.assertEqual(periods[1], ("2025-02-28", "2025-03-30"))

    def test_a_year_from_a_leap_day(self):
        order = self._order("2024-02-29", plan=self._plan("Yearly", billing_period_unit="year"))
        self.assertEqual(self._bill(order, 4)[-1], ("2027-02-28", "2028-02-28"))
        self.assertEqual(order.next_invoice_date, self._date("2028-02-29"))

    def test_two_weeks_are_fourteen_days(self):
        plan = self._plan("Fortnight", billing_period_unit="week", billing_period_value=2)
        order = self._order("2024-01-03", plan=plan)
        self.assertEqual(self._bill(order, 1), [("2024-01-03", "2024-01-16")])

    def test_at_period_end_the_first_invoice_is_due_when_the_period_is_over(self):
        order = self._order("2024-01-31", plan=self._plan("Arrears", bill_end_period=True))
        self.assertEqual(order.next_invoice_date, self._date("2024-02-29"))
        self.assertEqual(
            self._bill(order, 2), [("2024-01-31", "2024-02-28"), ("2024-02-29", "2024-03-30")]
        )
        self.assertEqual(order.next_invoice_date, self._date("2024-04-30"))

    def test_aligned_to_the_month_the_first_invoice_is_reduced(self):
        order = self._order("2024-07-15", plan=self._plan("Aligned", billing_first_day=True))
        periods = self._bill(order, 2)
        self.assertEqual(periods, [("2024-07-15", "2024-07-31"), ("2024-08-01", "2024-08-31")])
        amounts = order.invoice_ids.sorted("invoice_date").mapped("amount_untaxed")
        self.assertEqual(amounts, [17.0, 31.0])
        self.assertEqual(order.amount_untaxed, 31.0)

    def test_a_product_that_is_not_prorated_is_charged_in_full(self):
        self.hosting.allow_prorated_price = False
        order = self._order("2024-07-15", plan=self._plan("Aligned", billing_first_day=True))
        self._bill(order, 1)
        self.assertEqual(order.invoice_ids.amount_untaxed, 31.0)

    def test_aligned_to_the_week_periods_begin_on_monday(self):
        plan = self._plan("Week", billing_period_unit="week", billing_first_day=True)
        order = self._order("2024-01-04", plan=plan)
        self.assertEqual(
            self._bill(order, 2), [("2024-01-04", "2024-01-07"), ("2024-01-08", "2024-01-14")]
        )

    def test_the_parameters_of_a_line_are_its_days_and_its_part(self):
        order = self._order("2024-07-15", plan=self._plan("Aligned", billing_first_day=True))
        start, stop, ratio, days = order.order_line._get_invoice_line_parameters()
        self.assertEqual((str(start), str(stop)), ("2024-07-15", "2024-07-31"))
        self.assertEqual(ratio, Fraction(17, 31))
        self.assertEqual(days, 17)

    def test_the_end_date_cuts_the_last_period_and_nothing_follows(self):
        order = self._order("2024-01-01", end_date="2024-02-10")
        periods = self._bill(order, 2)
        self.assertEqual(periods[-1], ("2024-02-01", "2024-02-10"))
        last = order.invoice_ids.sorted("invoice_date")[-1]
        self.assertEqual(last.amount_untaxed, 10.69)  # 31 × 10 / 29 = 10.6896…
        later = order.with_context(billing_date="2024-12-31")
        self.assertFalse(later._create_recurring_invoice())

    def test_at_period_end_the_last_part_is_due_the_day_after_the_end(self):
        plan = self._plan("Arrears", bill_end_period=True)
        order = self._order("2024-01-01", plan=plan, end_date="2024-02-10")
        self._bill(order, 1)
        self.assertEqual(order.next_invoice_date, self._date("2024-02-11"))
        self.assertEqual(self._bill(order, 1)[-1], ("2024-02-01", "2024-02-10"))
        later = order.with_context(billing_date="2024-12-31")
        self.assertFalse(later._create_recurring_invoice())

    def test_an_end_date_set_later_pulls_the_last_due_date_forward(self):
        order = self._order("2024-01-01", plan=self._plan("Arrears", bill_end_period=True))
        order.end_date = "2024-01-20"
        self.assertEqual(order.next_invoice_date, self._date("2024-01-21"))
        self.assertEqual(self._bill(order, 1), [("2024-01-01", "2024-01-20")])

    def test_a_due_date_written_by_hand_starts_a_whole_period_of_its_own(self):
        order = self._order("2024-01-01")
        order.next_invoice_date = "2024-01-15"
        self.assertEqual(
            self._bill(order, 2), [("2024-01-15", "2024-02-14"), ("2024-02-15", "2024-03-14")]
        )

    def test_five_years_of_periods_tile_the_time_line(self):
        plans = [
            self._plan("1 month"),
            self._plan("3 months aligned", billing_period_value=3, billing_first_day=True),
            self._plan("1 month at its end", bill_end_period=True),
            self._plan("Aligned at its end", bill_end_period=True, billing_first_day=True),
            self._plan("5 weeks", billing_period_unit="week", billing_period_value=5),
            self._plan("1 year", billing_period_unit="year"),
        ]
        for plan in plans:
            for start in ("2024-01-31", "2024-02-29", "2023-12-30"):
                with self.subTest(plan=plan.name, start=start):
                    self._check_tiles(self._order(start, plan=plan), start)

    def _check_tiles(self, order, start):
        """Move the due date as posting does, without the cost of five years of invoices."""
        expected = self._date(start)
        while expected.year < 2029:
            due = order.next_invoice_date
            first, last, _ratio, days = order.order_line._get_invoice_line_parameters()
            self.assertEqual(first, expected)
            self.assertEqual((last - first).days + 1, days)
            expected = last + timedelta(days=1)
            order.next_invoice_date = order._get_due_date(expected)
            self.assertGreater(order.next_invoice_date, due)
