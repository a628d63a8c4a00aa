"""Usage around a renewal: each event counts for one order, each day is billed once."""

from datetime import date, datetime
from decimal import Decimal

from odoo.tests import tagged

from .renewal_case import APRIL, JUNE, MARCH, MAY, RenewalCase

APRIL_5 = datetime(2026, 4, 5, 12)


@tagged("post_install", "-at_install", "fc_renewal")
class TestRenewalUsage(RenewalCase):
    def test_usage_counts_for_whom_its_instant_belongs_to(self) -> None:
        renewal = self.renew()
        before = self.item("a", 1, at=datetime(2026, 4, 1, 3, 59, 59))
        after = self.item("b", 10, at=datetime(2026, 4, 1, 4))
        self.assertEqual(self.statuses(before, after), ["accepted", "accepted"])
        self.assertEqual((self.total(self.order), self.total(renewal)), (1, 10))

    def test_late_usage_of_the_parents_days_still_counts_for_the_parent(self) -> None:
        renewal = self.renew()
        self.set_clock(2026, 4, 20, 12)
        self.push(self.item("a", 7))
        self.assertEqual((self.total(self.order), self.total(renewal)), (7, 0))

    def test_in_advance_the_parents_last_month_is_billed_on_an_invoice_of_its_own(self) -> None:
        renewal = self.renew()
        self.push(self.item("a", 1200), self.item("b", 1400, at=APRIL_5))
        for day in (APRIL, MAY, JUNE):
            self.run_billing(day)
        self.assertEqual(self.billed(self.order), [(MARCH, APRIL, Decimal(1200))])
        self.assertEqual(
            self.billed(renewal), [(APRIL, MAY, Decimal(1400)), (MAY, JUNE, Decimal(0))]
        )
        self.assertEqual((self.usage_total(self.order), self.usage_total(renewal)), (10.0, 20.0))
        last = self.order.x_fc_period_ids.invoice_id
        self.assertRecordValues(last, [{"invoice_date": date(2026, 3, 31), "amount_untaxed": 10.0}])
        self.assert_right()

    def test_usage_later_still_is_an_adjustment_of_the_parent(self) -> None:
        self.renew()
        self.push(self.item("a", 1200))
        self.run_billing(APRIL)
        self.push(self.item("b", 100))
        self.run_billing(MAY)
        self.assertEqual(self.billed(self.order), [(MARCH, APRIL, Decimal(1300))])
        self.assertEqual(self.usage_total(self.order), 15.0)
        self.assert_right()

    def test_what_the_parent_counted_of_the_renewals_days_moves_along(self) -> None:
        self.push(self.item("a", 300), self.item("b", 1100, at=APRIL_5))
        self.set_clock(2026, 4, 10, 12)
        renewal = self.renew()
        self.assertEqual((self.total(self.order), self.total(renewal)), (300, 1100))
        self.push(self.item("c", 100, at=datetime(2026, 4, 6, 12)))
        self.run_billing(MAY)
        self.assertEqual(self.billed(renewal), [(APRIL, MAY, Decimal(1200))])
        self.assertEqual(self.usage_total(renewal), 10.0)
        self.assert_right()

    def test_the_same_event_again_is_a_duplicate_of_the_one_that_moved(self) -> None:
        self.push(self.item("a", 5, at=APRIL_5))
        self.set_clock(2026, 4, 10, 12)
        renewal = self.renew()
        self.assertEqual(self.statuses(self.item("a", 5, at=APRIL_5)), ["duplicate"])
        self.assertEqual(self.total(renewal), 5)

    def test_in_arrears_the_renewal_bills_the_open_period_whole_with_one_quota(self) -> None:
        plan = self.make_plan("late", 29.0, bill_end_period=True)
        self.make_charge("late", plan_code="late", plan_id=plan.id)
        order = self.make_order("sub-2", plan=plan)
        self.push(self.item("a", 1100, sub="sub-2"))
        self.set_clock(2026, 4, 10, 12)
        self.run_billing(APRIL)
        self.push(self.item("b", 800, sub="sub-2", at=APRIL_5))
        renewal = self.renew(order)
        self.push(self.item("c", 400, sub="sub-2", at=datetime(2026, 4, 20, 12)))
        self.assertEqual(renewal.start_date, APRIL)
        self.run_billing(MAY)
        self.assertEqual(self.billed(order), [(MARCH, APRIL, Decimal(1100))])
        self.assertEqual(self.billed(renewal), [(APRIL, MAY, Decimal(1200))])
        self.assertEqual((self.usage_total(order), self.usage_total(renewal)), (5.0, 10.0))
        self.assert_right()

    def test_another_plan_prices_the_usage_of_its_own_days(self) -> None:
        plan = self.make_plan("max", 59.0)
        self.make_charge(
            "max", plan_code="max", plan_id=plan.id, included_quantity=0, unit_price=0.02
        )
        renewal = self.renew(plan_id=plan.id)
        self.push(self.item("a", 1100), self.item("b", 1100, at=APRIL_5))
        self.run_billing(APRIL)
        self.run_billing(MAY)
        self.assertEqual((self.usage_total(self.order), self.usage_total(renewal)), (5.0, 22.0))
        self.assert_right()

    def test_a_month_end_is_billed_day_by_day_over_the_renewal(self) -> None:
        order = self.make_order("sub-2", start_date=date(2026, 1, 31))
        self.set_clock(2026, 1, 31, 17)
        self.run_billing(date(2026, 1, 31))
        renewal = self.renew(order)
        for day in (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)):
            self.run_billing(day)
        self.assertEqual(
            [(claim[0], claim[1]) for claim in self.billed(order) + self.billed(renewal)],
            [
                (date(2026, 1, 31), date(2026, 2, 28)),
                (date(2026, 2, 28), date(2026, 3, 31)),
                (date(2026, 3, 31), date(2026, 4, 30)),
            ],
        )

    def test_usage_that_strayed_past_the_hand_over_is_collected_by_the_run(self) -> None:
        """A push that had found the parent before the confirmation was visible to it."""
        renewal = self.renew()
        self.push(self.item("b", 1100, at=APRIL_5))
        # As that push would have left it: ledger and rollup name the parent.
        self.env.cr.execute(
            "UPDATE fusion_billing_usage_event SET subscription_id = %(parent)s "
            "WHERE transaction_id = 'b'; "
            "UPDATE fusion_billing_usage SET subscription_id = %(parent)s "
            "WHERE subscription_id = %(renewal)s",
            {"parent": self.order.id, "renewal": renewal.id},
        )
        self.push(self.item("c", 100, at=APRIL_5))
        self.run_billing(MAY)
        self.assertEqual((self.total(self.order), self.total(renewal)), (0, 1200))
        self.assertEqual(self.usage_total(renewal), 10.0)
        self.assert_right()

    def test_usage_of_a_day_that_was_parked_meanwhile_is_taken_up(self) -> None:
        self.set_clock(2026, 4, 10, 12)
        self.order.end_date = date(2026, 4, 30)
        self.run_billing(APRIL)
        parked = self.item("a", 5, at=datetime(2026, 5, 5, 12))
        self.assertEqual(self.reasons(parked), ["outside_subscription"])
        renewal = self.renew()
        self.assertEqual(self.total(renewal), 5)

    def test_the_invariant_sees_usage_and_periods_on_the_wrong_side(self) -> None:
        renewal = self.renew()
        self.push(self.item("b", 1100, at=APRIL_5))
        self.run_billing(MAY)
        self.assert_right()
        self.env.cr.execute(
            "UPDATE fusion_billing_usage SET day = '2026-03-05' WHERE subscription_id = %s",
            (renewal.id,),
        )
        renewal.x_fc_period_ids.start = date(2026, 3, 20)
        found = self.env["fusion.billing.invariants"]._check(self.service)
        told = [str(one) for one in found if one.rule == "renewal_takes_over"]
        self.assertEqual(
            told,
            [
                f"renewal_takes_over: {renewal.name}: usage from 2026-04-01 became on 2026-03-05",
                f"renewal_takes_over: {renewal.name}: periods from 2026-04-01 became "
                "one from 2026-03-20",
            ],
        )
