"""From shadow to live: what is confirmed, from when it bills, and what is held back."""

from datetime import UTC, date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .nexacloud_case import NexacloudCase, uid


@tagged("post_install", "-at_install")
class TestGolive(NexacloudCase):
    def test_subscriptions_are_confirmed_and_due_where_the_apps_period_ends(self):
        self.seed()
        self.run_import()

        report = self.service.go_live()

        self.assertEqual(report["confirmed"], 1)
        self.assertEqual((report["held"], report["to_review"]), ([], []))
        self.assertEqual((report["charges_attached"], report["mode"]), (3, "live"))
        order = self.order()
        self.assertRecordValues(
            order,
            [
                {
                    "state": "sale",
                    "subscription_state": "3_progress",
                    "start_date": date(2025, 10, 1),
                    "next_invoice_date": date(2026, 4, 1),
                    "date_order": datetime(2025, 10, 1, 15),
                    "amount_untaxed": 29.0,
                }
            ],
        )
        self.assertEqual(self.service.charge_ids.plan_id, order.plan_id)
        self.assertFalse(order.invoice_ids)

    def test_stripe_without_a_webhook_secret_keeps_the_service_in_shadow(self):
        self.seed()
        self.run_import()
        provider = self.env["payment.provider"].search(
            [("code", "=", "stripe"), ("company_id", "=", self.service.company_id.id)], limit=1
        )
        keys = {"stripe_secret_key": "sk_x", "stripe_publishable_key": "pk_x"}
        provider.write({"state": "test", "stripe_webhook_secret": False, **keys})
        with self.assertRaisesRegex(UserError, "webhook secret"):
            self.service.go_live()
        self.assertEqual((self.service.mode, self.order().state), ("shadow", "draft"))
        provider.stripe_webhook_secret = "whsec_x"
        self.assertEqual(self.service.go_live()["confirmed"], 1)

    def test_going_live_twice_changes_nothing(self):
        self.seed()
        self.run_import()
        self.service.go_live()

        report = self.service.go_live()

        self.assertEqual((report["confirmed"], report["already_live"]), (0, 1))
        self.assertEqual(report["charges_attached"], 0)
        self.assertEqual(self.order().next_invoice_date, date(2026, 4, 1))

    def test_in_arrears_the_app_would_have_billed_on_the_same_day(self):
        self.add_plan(1, "pro", pay_in_advance=False)
        self.add_user(1)
        self.add_subscription(101, user=1)
        self.run_import()

        self.service.go_live()

        self.assertEqual(self.order().next_invoice_date, date(2026, 4, 1))

    def test_a_trial_is_billed_from_its_end_and_in_arrears_a_period_later(self):
        self.add_plan(1, "pro")
        self.add_plan(2, "agency", pay_in_advance=False)
        self.add_user(1)
        ends = {"status": "trialing", "trial_ends_at": datetime(2026, 3, 10, 4, tzinfo=UTC)}
        self.add_subscription(101, user=1, plan=1, **ends)
        self.add_subscription(102, user=1, plan=2, **ends)
        self.run_import()

        self.service.go_live()

        self.assertEqual(self.order(101).next_invoice_date, date(2026, 3, 10))
        self.assertEqual(self.order(102).next_invoice_date, date(2026, 4, 10))
        self.assertEqual(self.order(102).start_date, date(2026, 3, 10))

    def test_a_subscription_of_the_31st_stays_one_after_february(self):
        self.add_plan(1, "pro")
        self.add_user(1)
        self.add_subscription(
            101,
            user=1,
            started_at=datetime(2025, 10, 31, 15, tzinfo=UTC),
            current_period_start=date(2026, 2, 28),
            current_period_end=date(2026, 3, 31),
        )
        self.run_import()

        self.service.go_live()

        order = self.order()
        self.assertEqual(order.next_invoice_date, date(2026, 3, 31))
        self.assertEqual(order._get_invoicing_period(), (date(2026, 3, 31), date(2026, 4, 29)))

    def test_without_a_province_it_is_held_until_there_is_one(self):
        self.seed()
        self.add_user(2, province=None)
        self.add_subscription(102, user=2)
        self.run_import()

        report = self.service.go_live()

        self.assertEqual(report["confirmed"], 1)
        (held,) = report["held"]
        self.assertEqual(held["external_id"], uid(102))
        self.assertEqual(held["reason"], "no province: tax cannot be determined")
        self.assertEqual(self.order(102).state, "draft")

        self.link(2).partner_id.state_id = self.env.ref("base.state_ca_qc")
        report = self.service.go_live()

        self.assertEqual((report["confirmed"], report["held"]), (1, []))
        self.assertEqual(self.order(102).state, "sale")

    def test_a_service_whose_orders_are_all_held_stays_in_shadow(self):
        self.add_plan(1, "pro")
        self.add_user(1, province=None)
        self.add_subscription(101, user=1)
        self.run_import()

        report = self.service.go_live()

        self.assertEqual((report["mode"], self.service.mode), ("shadow", "shadow"))
        self.assertFalse(self.service.charge_ids.plan_id)

    def test_a_shared_mailbox_goes_live_and_is_listed_for_review(self):
        self.seed()
        self.add_user(2, email="ANN@Example.ca")
        self.add_subscription(102, user=2)
        self.run_import()

        report = self.service.go_live()

        self.assertEqual(report["confirmed"], 2)
        self.assertEqual([line["external_id"] for line in report["to_review"]], [uid(102)])
        self.assertEqual(self.order(101).partner_id, self.order(102).partner_id)

    def test_a_shared_mailbox_in_another_province_is_held_for_a_person(self):
        self.seed()
        self.add_user(2, email="ann@example.ca", province="QC", city="Québec")
        self.add_subscription(102, user=2)
        self.run_import()

        (held,) = self.service.go_live()["held"]

        self.assertEqual(held["external_id"], uid(102))
        self.assertIn("the app's address is not the contact's", held["reason"])

    def test_a_rejected_link_is_held(self):
        self.seed()
        self.run_import()
        self.link().action_reject()

        (held,) = self.service.go_live()["held"]

        self.assertEqual(held["reason"], "its customer link was rejected")

    def test_one_order_that_cannot_be_confirmed_holds_back_no_other(self):
        self.seed()
        self.add_subscription(102, user=1)
        self.run_import()
        bad = self.order(102)
        confirm = type(bad).action_confirm

        def refuse_one(orders):
            if bad in orders:
                raise UserError("Not this one.")
            return confirm(orders)

        self.patch(type(bad), "action_confirm", refuse_one)
        report = self.service.go_live()

        self.assertEqual(report["confirmed"], 1)
        self.assertEqual(
            report["held"],
            [{"external_id": uid(102), "order": bad.name, "reason": "Not this one."}],
        )
        self.assertEqual((self.order(101).state, self.order(102).state), ("sale", "draft"))

    def test_when_every_order_is_refused_the_locks_close_again(self):
        self.seed()
        self.run_import()

        def refuse(orders):
            raise UserError("Not today.")

        self.patch(type(self.order()), "action_confirm", refuse)
        report = self.service.go_live()

        self.assertEqual((report["mode"], report["charges_attached"]), ("shadow", 0))
        self.assertEqual(self.service.mode, "shadow")
        self.assertFalse(self.service.charge_ids.plan_id)

    def test_a_service_without_orders_goes_live_with_its_charges(self):
        self.add_plan(1, "pro")
        self.run_import()

        report = self.service.go_live()

        self.assertEqual((report["mode"], report["charges_attached"]), ("live", 3))

    def test_nobody_but_a_billing_administrator_goes_live(self):
        self.seed()
        self.run_import()
        reader = new_test_user(
            self.env, "reader", "fusion_centralize_billing.group_fusion_billing_user"
        )
        manager = new_test_user(
            self.env, "manager", "fusion_centralize_billing.group_fusion_billing_manager"
        )

        with self.assertRaises(AccessError):
            self.service.with_user(reader).go_live()
        self.assertEqual(self.service.with_user(manager).go_live()["confirmed"], 1)
