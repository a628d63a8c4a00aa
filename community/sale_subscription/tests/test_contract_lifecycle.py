from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import SubscriptionCase


class TestContractLifecycle(SubscriptionCase):
    @freeze_time("2026-01-15 12:00:00")
    def test_a_quotation_with_a_plan_and_a_recurring_product_is_a_subscription(self):
        order = self._order(False, confirm=False)
        self.assertTrue(order.is_subscription)
        self.assertEqual(order.subscription_state, "1_draft")
        self.assertFalse(order.next_invoice_date)

    @freeze_time("2026-01-15 12:00:00")
    def test_without_a_recurring_product_the_plan_makes_no_subscription(self):
        setup = self._product("Setup", 500.0, recurring_invoice=False)
        order = self._order(False, lines=[(setup, 1)])
        self.assertFalse(order.is_subscription)
        self.assertFalse(order.subscription_state)

    @freeze_time("2026-01-15 12:00:00")
    def test_confirming_starts_today_when_no_start_is_given(self):
        order = self._order(False)
        self.assertRecordValues(
            order,
            [
                {
                    "subscription_state": "3_progress",
                    "start_date": self._date("2026-01-15"),
                    "next_invoice_date": self._date("2026-01-15"),
                }
            ],
        )

    @freeze_time("2026-01-15 12:00:00")
    def test_confirming_keeps_the_start_that_was_given(self):
        order = self._order("2026-02-01")
        self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))

    @freeze_time("2026-01-15 12:00:00")
    def test_a_recurring_product_needs_a_plan(self):
        order = self._order(False, confirm=False)
        order.plan_id = False
        with self.assertRaisesRegex(UserError, "recurring plan"):
            order.action_confirm()

    @freeze_time("2026-01-15 12:00:00")
    def test_a_product_that_accepts_it_may_be_sold_once(self):
        self.hosting.allow_one_time_sale = True
        order = self._order(False, confirm=False)
        order.plan_id = False
        order.action_confirm()
        self.assertFalse(order.is_subscription)
        self.assertFalse(order.subscription_state)
        self.assertEqual(order._create_invoices().amount_untaxed, 31.0)

    @freeze_time("2026-01-15 12:00:00")
    def test_a_paused_subscription_is_not_invoiced(self):
        order = self._order("2026-01-15")
        order.pause_subscription()
        self.assertEqual(order.subscription_state, "4_paused")
        self.assertFalse(order._create_recurring_invoice())

    def test_resuming_bills_again_from_the_next_boundary_of_the_contract(self):
        with freeze_time("2026-01-31 12:00:00"):
            order = self._order("2026-01-31")
            order._create_recurring_invoice()
            order.pause_subscription()
        with freeze_time("2026-05-10 12:00:00"):
            order.resume_subscription()
        self.assertEqual(order.subscription_state, "3_progress")
        self.assertEqual(order.next_invoice_date, self._date("2026-05-31"))

    def test_resuming_before_the_next_invoice_is_due_changes_no_date(self):
        with freeze_time("2026-01-31 12:00:00"):
            order = self._order("2026-01-31")
            order._create_recurring_invoice()
            order.pause_subscription()
            order.resume_subscription()
        self.assertEqual(order.next_invoice_date, self._date("2026-02-28"))

    @freeze_time("2026-01-15 12:00:00")
    def test_only_a_running_subscription_can_be_paused_and_only_a_paused_one_resumed(self):
        order = self._order("2026-01-15", confirm=False)
        with self.assertRaises(UserError):
            order.pause_subscription()
        order.action_confirm()
        with self.assertRaises(UserError):
            order.resume_subscription()

    @freeze_time("2026-01-15 12:00:00")
    def test_closing_sets_the_reason_and_ends_today(self):
        reason = self.env["sale.order.close.reason"].create({"name": "Too expensive"})
        orders = self._order("2026-01-01") + self._order("2026-01-10")
        orders.set_close(close_reason_id=reason.id)
        self.assertRecordValues(
            orders,
            [
                {
                    "subscription_state": "6_churn",
                    "end_date": self._date("2026-01-15"),
                    "close_reason_id": reason.id,
                }
            ]
            * 2,
        )
        self.assertFalse(orders._create_recurring_invoice())

    @freeze_time("2026-01-15 12:00:00")
    def test_closing_for_a_renewal_says_renewed(self):
        order = self._order("2026-01-01")
        order.set_close(renew=True)
        self.assertEqual(order.subscription_state, "5_renewed")

    @freeze_time("2026-01-15 12:00:00")
    def test_closing_a_contract_that_already_ended_keeps_its_end(self):
        order = self._order("2025-12-01", end_date="2025-12-31")
        order.set_close()
        self.assertEqual(order.end_date, self._date("2025-12-31"))

    @freeze_time("2026-01-15 12:00:00")
    def test_a_copy_is_a_fresh_quotation(self):
        order = self._order("2026-01-01")
        copy = order.copy()
        self.assertEqual(copy.plan_id, self.monthly)
        self.assertEqual(copy.subscription_state, "1_draft")
        self.assertFalse(copy.start_date or copy.next_invoice_date)
