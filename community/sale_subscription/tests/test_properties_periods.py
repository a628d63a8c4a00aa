"""Five years of daily ticks over every kind of plan, on real orders."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random

from freezegun import freeze_time

from odoo.tests import tagged

from .common import SubscriptionCase

ONE_DAY = timedelta(days=1)
PLANS = [("week", n) for n in (1, 2, 3)] + [("month", n) for n in range(1, 13)]
PLANS += [("year", 1), ("year", 2)]
STARTS = (date(2024, 1, 31), date(2024, 2, 29), date(2026, 11, 30), date(2027, 5, 12))
SEED = 20260301


@tagged("post_install", "-at_install")
class TestPeriodProperties(SubscriptionCase):
    """The order's date moves as posting an invoice of its period would move it."""

    def _ticks(self, order, days):
        """``[(first day, last day, due, part of the full price)]`` of each period billed."""
        billed = []
        for offset in range(days):
            today = order.start_date + timedelta(days=offset)
            while order.next_invoice_date <= today:
                due = order.next_invoice_date
                start, stop, ratio, count = order.order_line._get_invoice_line_parameters()
                self.assertEqual(count, (stop - start).days + 1)
                billed.append((start, stop, due, ratio))
                order.next_invoice_date = order._get_due_date(stop + ONE_DAY)
                self.assertGreater(order.next_invoice_date, due)
        return billed

    def _check_tiles(self, order, billed):
        self.assertEqual(billed[0][0], order.start_date)
        for (_start, stop, _due, _ratio), (following, *_rest) in zip(
            billed, billed[1:], strict=False
        ):
            self.assertEqual(following, stop + ONE_DAY)
        arrears = order.plan_id.bill_end_period
        for start, stop, due, _ratio in billed:
            self.assertEqual(due, stop + ONE_DAY if arrears else start)

    def test_five_years_tile_for_every_plan_in_advance_and_in_arrears(self):
        draw = Random(SEED)
        for unit, value in PLANS:
            for arrears in (False, True):
                aligned = draw.random() < 0.5
                plan = self._plan(
                    f"{value} {unit}",
                    billing_period_unit=unit,
                    billing_period_value=value,
                    bill_end_period=arrears,
                    billing_first_day=aligned,
                )
                start = draw.choice(STARTS)
                with self.subTest(plan=plan.name, arrears=arrears, aligned=aligned, start=start):
                    order = self._order(start, plan=plan).with_context(tracking_disable=True)
                    billed = self._ticks(order, 5 * 366)
                    self._check_tiles(order, billed)
                    # Only a first period that was aligned is a part; all others are whole.
                    self.assertEqual({ratio for *_dates, ratio in billed[1:]}, {1})
                    self.assertTrue(aligned or billed[0][3] == 1)

    def test_an_end_cuts_the_last_period_and_the_parts_are_the_days(self):
        draw = Random(SEED)
        for unit, value in PLANS:
            plan = self._plan(f"{value} {unit}", billing_period_unit=unit,
                              billing_period_value=value)  # fmt: skip
            start = draw.choice(STARTS)
            end = start + timedelta(days=draw.randrange(0, 1500))
            with self.subTest(plan=plan.name, start=start, end=end):
                order = self._order(start, plan=plan, end_date=end)
                order = order.with_context(tracking_disable=True)
                while order.next_invoice_date <= end:
                    first, last, ratio, days = order.order_line._get_invoice_line_parameters()
                    full_start, full_end = order._get_full_period()
                    self.assertEqual(ratio, Fraction(days, (full_end - full_start).days))
                    order.next_invoice_date = order._get_due_date(last + ONE_DAY)
                self.assertEqual(last, end)

    def test_real_invoices_of_two_years_leave_no_day_out(self):
        for unit, value in (("week", 3), ("month", 1), ("month", 3), ("year", 1)):
            plan = self._plan(f"{value} {unit}", billing_period_unit=unit,
                              billing_period_value=value)  # fmt: skip
            order = self._order("2027-12-31", plan=plan)
            with freeze_time("2029-12-30 12:00:00"):
                while order.next_invoice_date <= date(2029, 12, 30):
                    order._create_recurring_invoice()
            with self.subTest(plan=plan.name):
                periods = [tuple(map(date.fromisoformat, pair)) for pair in self._periods(order)]
                self.assertEqual(periods[0][0], date(2027, 12, 31))
                for (_start, stop), (following, _stop) in zip(periods, periods[1:], strict=False):
                    self.assertEqual(following, stop + ONE_DAY)
                self.assertGreaterEqual(periods[-1][1], date(2029, 12, 30))
