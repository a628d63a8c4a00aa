"""A renewal becomes what the app calls by its id, at one instant and without a job."""

from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .renewal_case import APRIL, HANDOVER, MARCH, RenewalCase


@tagged("post_install", "-at_install", "fc_renewal")
class TestRenewal(RenewalCase):
    def test_the_quotation_belongs_to_the_service_and_has_no_id_yet(self) -> None:
        renewal = self.quotation()
        self.assertRecordValues(
            renewal,
            [
                {
                    "x_fc_service_id": self.service.id,
                    "x_fc_link_id": self.link.id,
                    "x_fc_name": "Maple's cloud",
                    "x_fc_tz": "America/Toronto",
                    "x_fc_billing_time": "anniversary",
                    "x_fc_external_id": False,
                    "x_fc_subscription_at": False,
                }
            ],
        )
        self.assertEqual(self.running(), self.order)

    def test_an_order_of_nobodys_service_renews_as_ever(self) -> None:
        order = self.make_order("free")
        order.write({"x_fc_service_id": False, "x_fc_external_id": False, "x_fc_link_id": False})
        order.with_context(billing_date=MARCH)._create_recurring_invoice()
        renewal = self.renew(order)
        self.assertRecordValues(
            renewal, [{"x_fc_service_id": False, "subscription_state": "3_progress"}]
        )
        self.assertFalse(order.x_fc_terminated_at)

    def test_confirming_moves_the_id_and_ends_the_parent_where_the_renewal_begins(self) -> None:
        renewal = self.renew()
        self.assertRecordValues(
            self.order,
            [
                {
                    "subscription_state": "5_renewed",
                    "x_fc_external_id": "sub-1",
                    "x_fc_terminated_at": HANDOVER,
                    "end_date": date(2026, 3, 31),
                }
            ],
        )
        self.assertRecordValues(
            renewal,
            [
                {
                    "subscription_state": "3_progress",
                    "x_fc_external_id": "sub-1",
                    "x_fc_terminated_at": False,
                    "x_fc_subscription_at": HANDOVER,
                    "start_date": APRIL,
                }
            ],
        )

    def test_the_clock_alone_says_which_of_the_two_runs(self) -> None:
        renewal = self.renew()
        self.set_clock(2026, 4, 1, 3, 59, 59)
        self.assertEqual(self.running(), self.order)
        self.assertEqual(self.running(status="pending"), renewal)
        self.assertFalse(self.running(status="terminated"))
        self.set_clock(2026, 4, 1, 4)
        self.assertEqual(self.running(), renewal)
        self.assertFalse(self.running(status="pending"))
        self.assertEqual(self.running(status="terminated"), self.order)

    def test_the_app_hears_of_news_and_not_of_an_end_when_the_plan_stays(self) -> None:
        renewal = self.renew()
        self.assertEqual(self.told(), [])
        self.set_clock(2026, 4, 1, 12)
        self.run_billing(APRIL)
        self.run_billing(APRIL)
        self.assertEqual(self.told(), [("subscription.updated", renewal.name)])

    def test_another_plan_is_an_end_and_a_start_with_both_codes(self) -> None:
        self.make_plan("max", 59.0)
        plan = self.env["sale.subscription.plan"].search([("x_fc_code", "=", "max")])
        renewal = self.renew(plan_id=plan.id)
        serialize = self.env["fusion.billing.serialize"]
        before = serialize._subscription(self.order)
        codes = ("previous_plan_code", "next_plan_code", "downgrade_plan_date", "status")
        self.assertEqual([before[code] for code in codes], [None, "max", "2026-04-01", "active"])
        self.set_clock(2026, 4, 1, 12)
        self.run_billing(APRIL)
        self.assertEqual(
            self.told(),
            [
                ("subscription.terminated", self.order.name),
                ("subscription.started", renewal.name),
            ],
        )
        after = [serialize._subscription(one) for one in (self.order, renewal)]
        self.assertEqual(
            [[one[code] for code in codes] for one in after],
            [[None, "max", None, "terminated"], ["pro", None, None, "active"]],
        )

    def test_a_salesperson_without_a_right_on_billing_renews(self) -> None:
        seller = new_test_user(
            self.env, "renewing-seller", groups="sales_team.group_sale_salesman_all_leads"
        )
        renewal = self.renew(self.order.with_user(seller))
        self.assertEqual(renewal.x_fc_external_id, "sub-1")
        self.assertEqual(self.order.x_fc_terminated_at, HANDOVER)

    def test_a_renewal_of_the_past_runs_at_once(self) -> None:
        self.set_clock(2026, 4, 10, 12)  # April is due and not billed
        renewal = self.renew()
        self.assertEqual(renewal.x_fc_started_at, HANDOVER)
        self.assertEqual(self.running(), renewal)
        self.assertEqual(self.told(), [("subscription.updated", renewal.name)])

    def test_a_renewal_is_renewed_in_its_turn(self) -> None:
        first = self.renew()
        self.set_clock(2026, 4, 10, 12)
        self.run_billing(APRIL)
        second = self.renew(first)
        self.set_clock(2026, 5, 1, 12)
        self.assertEqual(self.running(), second)
        self.assertEqual((self.order | first | second).mapped("x_fc_external_id"), ["sub-1"] * 3)

    def test_an_end_date_of_the_renewal_is_told_to_the_app(self) -> None:
        renewal = self.renew(end_date=date(2026, 12, 31))
        self.assertEqual(renewal.x_fc_ending_at, datetime(2027, 1, 1, 5))
        self.set_clock(2027, 1, 1, 12)
        self.run_billing(date(2027, 1, 1))
        self.assertEqual(renewal.x_fc_terminated_at, datetime(2027, 1, 1, 5))
        self.assertFalse(self.running())

    def test_a_repeated_request_of_the_app_is_answered_with_the_renewal(self) -> None:
        renewal = self.renew()
        self.set_clock(2026, 4, 2, 12)
        found = self.env["fusion.billing.subscribe"]._create(
            self.service, self.link, "pro", "sub-1", {}
        )
        self.assertEqual(found, renewal)

    def test_going_live_again_confirms_no_quotation(self) -> None:
        renewal = self.quotation()
        report = self.env["fusion.billing.golive"]._go_live(self.service)
        self.assertEqual((report["confirmed"], renewal.state), (0, "draft"))

    def test_a_month_end_survives_the_renewal(self) -> None:
        order = self.make_order("sub-2", start_date=date(2026, 1, 31))
        self.set_clock(2026, 1, 31, 17)
        self.run_billing(date(2026, 1, 31))
        renewal = self.renew(order)
        self.assertEqual(renewal.start_date, date(2026, 2, 28))
        period = self.env["fusion.billing.subscribe"]._current_period(
            renewal, datetime(2026, 3, 30, 17)
        )
        self.assertEqual(period, (date(2026, 2, 28), date(2026, 3, 31)))

    def test_another_plan_in_arrears_is_due_at_the_end_of_the_calendar_year(self) -> None:
        yearly = self.make_plan("yearly", 290.0, billing_period_unit="year", bill_end_period=True)
        self.order.x_fc_billing_time = "calendar"
        renewal = self.renew(plan_id=yearly.id)
        self.assertEqual((renewal.start_date, renewal.next_invoice_date), (APRIL, date(2027, 1, 1)))

    def test_a_second_renewal_is_refused_and_takes_nothing(self) -> None:
        late = self.quotation()
        renewal = self.renew()
        with self.assertRaises(UserError):
            late.action_confirm()
        self.assertFalse(late.x_fc_external_id)
        self.assertEqual(renewal.x_fc_external_id, "sub-1")
