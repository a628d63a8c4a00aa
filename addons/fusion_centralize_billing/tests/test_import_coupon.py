"""Coupons of the app: a discount where it is exact, else said and held."""

from datetime import date

from odoo.tests import tagged

from .nexacloud_case import NexacloudCase, uid


@tagged("post_install", "-at_install")
class TestImportCoupon(NexacloudCase):
    def test_per_cent_and_an_exact_amount_become_a_discount_that_stays_when_it_goes_live(self):
        self.add_plan(1, "pro", price_cents=2000)
        self.add_user(1)
        self.add_subscription(101, user=1, coupon_code="HALF", coupon_percent_off="50")
        self.add_subscription(102, user=1, coupon_code="FIVE", coupon_amount_off_cents=500)
        over = {"coupon_percent_off": "50", "coupon_ends_at": date(2026, 4, 1)}
        self.add_subscription(103, user=1, coupon_code="OVER", **over)

        self.run_import()
        again = self.run_import()
        self.service.go_live()

        orders = self.order(101) + self.order(102) + self.order(103)
        self.assertEqual(orders.mapped("amount_untaxed"), [10.0, 15.0, 20.0])
        self.assertEqual(orders.mapped("state"), ["sale"] * 3)
        self.assertEqual(again["subscriptions"]["unchanged"], 3)

    def test_a_coupon_of_the_period_that_is_billed_in_arrears_is_not_over(self):
        self.add_plan(1, "pro", price_cents=2000)
        self.add_plan(2, "late", price_cents=2000, pay_in_advance=False)
        self.add_user(1)
        until = {"coupon_code": "MARCH", "coupon_percent_off": "50"}
        for number, plan, end in ((101, 1, 20), (102, 2, 20), (103, 2, 1)):
            self.add_subscription(
                number, user=1, plan=plan, coupon_ends_at=date(2026, 3, end), **until
            )

        self.run_import()

        held = [self.order(number).x_fc_import_hold for number in (101, 102, 103)]
        self.assertEqual(held[::2], [False, False], "over before what is left to bill begins")
        self.assertIn("it ends on 2026-03-20: give it by hand", held[1])

    def test_what_a_discount_cannot_say_exactly_is_told_and_held_until_a_person_clears_it(self):
        self.seed()
        self.add_subscription(102, user=1, coupon_code="FIVE", coupon_amount_off_cents=500)
        until = {"coupon_percent_off": "10", "coupon_ends_at": date(2026, 9, 1)}
        self.add_subscription(103, user=1, coupon_code="YEAR", **until)

        report = self.run_import()
        held = {line["external_id"]: line["reason"] for line in self.service.go_live()["held"]}
        told = self.reasons(self.run_import(), uid(102))

        severities = {line["severity"] for line in report["lines"]}
        self.assertEqual(severities, {"warning"})
        self.assertIn("it ends on 2026-09-01", self.reasons(report, uid(103)))
        self.assertIn("5.00 off is no whole hundredth", held[uid(102)])
        self.assertIn(held[uid(102)], told)
        order = self.order(102)
        self.assertEqual((order.state, order.order_line.discount), ("draft", 0.0))
        order.order_line.price_unit = 24.0
        order.x_fc_import_hold = False
        self.assertEqual(self.run_import()["subscriptions"]["unchanged"], 3, "the dual run goes on")
        self.assertEqual((order.amount_untaxed, order.x_fc_import_hold), (24.0, False))
        self.service.go_live(), self.run_import()
        self.assertEqual((order.state, order.amount_untaxed), ("sale", 24.0))

    def test_a_coupon_that_says_two_things_fails_alone(self):
        self.seed()
        both = {"coupon_percent_off": "10", "coupon_amount_off_cents": 100}
        self.add_subscription(102, user=1, coupon_code="BOTH", **both)

        report = self.run_import()

        self.assertEqual(report["subscriptions"]["failed"], 1)
        self.assertIn("BOTH", self.reasons(report, uid(102)))

    def test_an_app_that_has_no_coupon_columns_is_imported_all_the_same(self):
        for name in ("code", "percent_off", "amount_off_cents", "ends_at"):
            self.sql(f"ALTER TABLE subscriptions DROP coupon_{name}")
        self.seed()

        report = self.run_import()

        self.assertEqual((report["ok"], report["subscriptions"]["created"]), (True, 1))
