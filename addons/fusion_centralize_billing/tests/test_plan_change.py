"""Another plan under the same id: every day billed once, on the plan it belongs to."""

from datetime import date, datetime

from odoo.tests import tagged

from ..engine import Invalid
from .renewal_case import APRIL, MARCH, MAY, RenewalCase


@tagged("post_install", "-at_install")
class TestPlanChange(RenewalCase):
    """``pro`` costs 29.00 a month, ``max`` 62.00, ``mini`` 15.00. It is 15 March."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.max = cls.make_plan("max", 62.0)
        cls.mini = cls.make_plan("mini", 15.0)
        cls.make_charge("max", plan_code="max", plan_id=cls.max.id, included_quantity=0)

    def post(self, plan_code: str, external_id: str = "sub-1", **values):
        """What POST /subscriptions does."""
        return self.env["fusion.billing.subscribe"]._create(
            self.service, self.link, plan_code, external_id, values
        )

    def shown(self, order) -> dict:
        return self.env["fusion.billing.serialize"]._subscription(order)

    def untaxed(self, order) -> list[tuple]:
        """``[(date, signed amount)]`` of the order's documents, oldest first."""
        moves = self.env["account.move.line"].search([("subscription_id", "=", order.id)]).move_id
        posted = moves.filtered(lambda move: move.state == "posted")
        return [
            (move.invoice_date, round(move.amount_untaxed_in_currency_signed, 2))
            for move in posted.sorted(lambda move: (move.invoice_date, move.id))
        ]

    def test_up_is_now_credits_the_days_left_and_bills_them_at_the_new_price(self) -> None:
        self.push(self.item("old", 1100, at=datetime(2026, 3, 10)))
        self.push(self.item("today", 40, at=datetime(2026, 3, 15, 11)))
        new = self.post("max")
        self.assertNotEqual(new, self.order)
        self.run_billing(date(2026, 3, 15))
        # 14 of 31 days used: 13.10 of 29.00 stays; 100 GB above the quota; 17/31 of 62.00.
        self.assertEqual(
            self.untaxed(self.order),
            [(MARCH, 29.0), (date(2026, 3, 14), 5.0), (date(2026, 3, 14), -15.9)],
        )
        self.assertEqual(self.untaxed(new), [(date(2026, 3, 15), 34.0)])
        self.set_clock(2026, 4, 1, 12)
        self.run_billing(APRIL)
        # The usage of the day of the change is the new plan's: 40 × 0.05.
        self.assertEqual(self.untaxed(new)[1:], [(APRIL, 64.0)])
        self.assertEqual(new.next_invoice_date, MAY)
        self.assert_right()

    def test_the_app_sees_the_old_one_terminated_and_the_new_one_active(self) -> None:
        new = self.post("max")
        self.assertEqual(self.running(), new)
        shown, old = self.shown(new), self.shown(self.order)
        self.assertEqual(
            (shown["status"], shown["plan_code"], shown["previous_plan_code"]),
            ("active", "max", "pro"),
        )
        self.assertEqual((old["status"], old["next_plan_code"]), ("terminated", "max"))
        self.assertEqual(
            self.told(-2),
            [("subscription.terminated", self.order.name), ("subscription.started", new.name)],
        )
        self.assertEqual(self.post("max"), new)
        self.assert_right()

    def test_down_waits_for_the_end_of_the_period(self) -> None:
        order = self.post("mini")
        self.assertEqual(order, self.order)
        shown = self.shown(order)
        self.assertEqual(
            (shown["plan_code"], shown["next_plan_code"], shown["downgrade_plan_date"]),
            ("pro", "mini", "2026-04-01"),
        )
        self.push(self.item("a", 1100, at=datetime(2026, 3, 20)))
        self.set_clock(2026, 4, 1, 12)
        self.run_billing(APRIL)
        new = self.running()
        self.assertEqual((new.plan_id, new.start_date), (self.mini, APRIL))
        self.assertEqual(self.untaxed(self.order), [(MARCH, 29.0), (date(2026, 3, 31), 5.0)])
        self.assertEqual(self.untaxed(new), [(APRIL, 15.0)])
        self.assertEqual(self.shown(new)["previous_plan_code"], "pro")
        self.assert_right()

    def test_the_caller_may_choose_when(self) -> None:
        later = self.post("max", change_at="period_end")
        self.assertEqual((later, later.x_fc_plan_change_on), (self.order, APRIL))
        new = self.post("mini", change_at="now")
        self.assertEqual((new.plan_id, new.start_date), (self.mini, date(2026, 3, 15)))
        self.assertFalse(self.order.x_fc_next_plan_id)
        self.assert_right()

    def test_an_end_calls_off_the_change_that_waits(self) -> None:
        self.post("mini")
        self.env["fusion.billing.subscribe"]._terminate(self.order, datetime(2026, 3, 20, 12))
        self.set_clock(2026, 4, 2, 12)
        self.run_billing(date(2026, 4, 2))
        self.assertFalse(self.running())
        self.assertFalse(self.order.x_fc_next_plan_id)
        self.assert_right()

    def test_periods_go_on_from_the_first_anniversary_at_month_ends(self) -> None:
        self.set_clock(2026, 1, 31, 12)
        order = self.make_order("sub-31", start_date=date(2026, 1, 31))
        self.run_billing(date(2026, 1, 31))
        self.set_clock(2026, 2, 10, 12)
        new = self.post("max", "sub-31")
        self.set_clock(2026, 3, 31, 12)
        self.run_billing(date(2026, 3, 31))
        # [31 Jan, 28 Feb) has 28 days: 10 used; 18 of them at 62.00 are 39.86.
        self.assertEqual([amount for _day, amount in self.untaxed(order)], [29.0, -18.64])
        self.assertEqual(
            self.untaxed(new),
            [(date(2026, 2, 10), 39.86), (date(2026, 2, 28), 62.0), (date(2026, 3, 31), 62.0)],
        )
        self.assert_right()

    def test_in_arrears_each_plan_bills_its_own_days(self) -> None:
        for billing_time in ("calendar", "anniversary"):
            with self.subTest(billing_time=billing_time):
                self.set_clock(2026, 3, 1, 12)
                code = f"later-{billing_time}"
                plan = self.make_plan(code, 31.0, bill_end_period=True)
                other = self.make_plan(f"{code}-max", 62.0, bill_end_period=True)
                order = self.make_order(code, plan=plan, x_fc_billing_time=billing_time)
                order.next_invoice_date = APRIL
                self.set_clock(2026, 3, 15, 12)
                new = self.post(other.x_fc_code, code)
                self.assertEqual(new.next_invoice_date, APRIL)
                self.set_clock(2026, 4, 1, 12)
                self.run_billing(APRIL)
                self.assertEqual([amount for _day, amount in self.untaxed(order)], [14.0])
                self.assertEqual(self.untaxed(new), [(APRIL, 34.0)])
                self.assert_right()

    def test_a_calendar_plan_paid_ahead_changes_within_its_month(self) -> None:
        self.set_clock(2026, 3, 10, 12)
        order = self.make_order("sub-c", start_date=date(2026, 3, 10), x_fc_billing_time="calendar")
        self.run_billing(date(2026, 3, 10))
        self.set_clock(2026, 3, 21, 12)
        new = self.post("max", "sub-c")
        self.set_clock(2026, 4, 1, 12)
        self.run_billing(APRIL)
        # 22 of 31 days were billed: 20.58, of which 11 days, 10.29, are given back.
        self.assertEqual([amount for _day, amount in self.untaxed(order)], [20.58, -10.29])
        self.assertEqual(self.untaxed(new), [(date(2026, 3, 21), 22.0), (APRIL, 62.0)])
        self.assert_right()

    def test_on_the_first_day_all_of_it_is_given_back(self) -> None:
        self.set_clock(2026, 3, 15, 12)
        order = self.make_order("sub-d", start_date=date(2026, 3, 15))
        self.run_billing(date(2026, 3, 15))
        new = self.post("max", "sub-d")
        self.run_billing(date(2026, 3, 15))
        self.assertEqual(sorted(amount for _day, amount in self.untaxed(order)), [-29.0, 29.0])
        self.assertEqual(self.untaxed(new), [(date(2026, 3, 15), 62.0)])

    def test_before_its_start_the_plan_is_simply_another_one(self) -> None:
        later = self.post("max", "sub-l", subscription_at=datetime(2026, 4, 10, 12))
        other = self.post("mini", "sub-l")
        self.assertEqual((later.state, other.plan_id), ("cancel", self.mini))
        self.assertEqual((other.start_date, other.x_fc_started_at), (date(2026, 4, 10), False))
        self.assertEqual(self.post("mini", "sub-l"), other)

    def test_what_cannot_be_billed_up_to_the_change_is_not_changed(self) -> None:
        self.partner.state_id = False
        with self.assertRaises(Invalid), self.env.cr.savepoint():
            self.post("max")
        self.assertEqual((self.running(), self.order.plan_id), (self.order, self.plan))


@tagged("post_install", "-at_install")
class TestTrial(RenewalCase):
    """``free`` costs 31.00 a month and has a fortnight's trial."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.free = cls.make_plan("free", 31.0, x_fc_trial_days=14)
        cls.make_charge("gb", plan_code="free", plan_id=cls.free.id, included_quantity=0)

    def start(self, billing_time: str, plan_code: str = "free", day: int = 1):
        self.set_clock(2026, 3, day, 12)
        return self.env["fusion.billing.subscribe"]._create(
            self.service, self.link, plan_code, f"t-{billing_time}", {"billing_time": billing_time}
        )

    def invoiced(self, order, as_of: date) -> list[tuple]:
        self.set_clock(as_of.year, as_of.month, as_of.day, 12)
        self.run_billing(as_of)
        moves = order.invoice_ids.sorted("invoice_date")
        return [(move.invoice_date, move.amount_untaxed) for move in moves]

    def test_the_fee_is_due_when_the_trial_ends_for_the_days_left(self) -> None:
        for billing_time in ("calendar", "anniversary"):
            with self.subTest(billing_time=billing_time):
                order = self.start(billing_time)
                self.assertEqual(order.next_invoice_date, date(2026, 3, 15))
                use = self.item(
                    f"u-{billing_time}", 100, sub=order.x_fc_external_id, at=datetime(2026, 3, 3)
                )
                self.push(use)
                found = self.invoiced(order, MAY)
                # 17 of 31 days; then 31.00 with the usage of all of March, 5.00.
                self.assertEqual(found, [(date(2026, 3, 15), 17.0), (APRIL, 36.0), (MAY, 31.0)])
                self.assert_right()

    def test_in_arrears_the_free_days_are_left_out(self) -> None:
        self.free.bill_end_period = True
        for billing_time in ("calendar", "anniversary"):
            with self.subTest(billing_time=billing_time):
                order = self.start(billing_time)
                self.assertEqual(self.invoiced(order, MAY), [(APRIL, 17.0), (MAY, 31.0)])
                self.assert_right()

    def test_usage_of_a_whole_period_on_trial_is_billed(self) -> None:
        self.free.x_fc_trial_days = 45
        order = self.start("anniversary")
        self.assertEqual(order.next_invoice_date, date(2026, 4, 15))
        self.push(self.item("u", 100, sub=order.x_fc_external_id, at=datetime(2026, 3, 3)))
        found = self.invoiced(order, MAY)
        # 16 of 30 days, with March's usage; the next fee on 1 May.
        self.assertEqual(found, [(date(2026, 4, 15), 21.53), (MAY, 31.0)])
        self.assert_right()

    def test_another_plan_gives_no_second_trial(self) -> None:
        order = self.start("anniversary")
        self.assertEqual(order.x_fc_trial_end, date(2026, 3, 15))
        more = self.make_plan("more", 62.0, x_fc_trial_days=30)
        self.set_clock(2026, 3, 8, 12)
        new = self.env["fusion.billing.subscribe"]._create(
            self.service, self.link, more.x_fc_code, order.x_fc_external_id, {}
        )
        self.assertEqual(new.x_fc_trial_end, date(2026, 3, 15))
        self.assertEqual(self.invoiced(new, date(2026, 3, 15)), [(date(2026, 3, 15), 34.0)])
        self.assert_right()

    def test_the_api_says_when_the_trial_ended(self) -> None:
        order = self.start("anniversary")
        serialize = self.env["fusion.billing.serialize"]
        self.assertEqual(serialize._plan(self.free)["trial_period"], 14.0)
        self.assertIsNone(serialize._subscription(order)["trial_ended_at"])
        self.set_clock(2026, 3, 15, 12)
        self.assertEqual(serialize._subscription(order)["trial_ended_at"], "2026-03-15T04:00:00Z")
