from freezegun import freeze_time

from .common import SubscriptionCase


class TestExpiration(SubscriptionCase):
    """What the weekly job closes, and the screen that closes by hand."""

    def test_a_contract_past_its_end_is_closed_with_the_reason(self):
        with freeze_time("2026-01-01 12:00:00"):
            order = self._order("2026-01-01", end_date="2026-01-31")
            order._create_recurring_invoice()
        with freeze_time("2026-01-31 12:00:00"):
            self.env["sale.order"]._cron_subscription_expiration()
            self.assertEqual(order.subscription_state, "3_progress")
        with freeze_time("2026-02-01 12:00:00"):
            self.env["sale.order"]._cron_subscription_expiration()
        reason = self.env.ref("sale_subscription.close_reason_end_of_contract")
        self.assertRecordValues(
            order,
            [
                {
                    "subscription_state": "6_churn",
                    "close_reason_id": reason.id,
                    "end_date": self._date("2026-01-31"),
                }
            ],
        )

    def test_a_contract_is_not_closed_before_its_last_period_is_invoiced(self):
        plan = self._plan("Arrears", bill_end_period=True)
        with freeze_time("2026-01-01 12:00:00"):
            order = self._order("2026-01-01", plan=plan, end_date="2026-01-31")
        with freeze_time("2026-02-05 12:00:00"):
            self.env["sale.order"]._cron_subscription_expiration()
            self.assertEqual(order.subscription_state, "3_progress")
            order._create_recurring_invoice()
            self.env["sale.order"]._cron_subscription_expiration()
        self.assertEqual(order.subscription_state, "6_churn")
        self.assertEqual(self._periods(order), [("2026-01-01", "2026-01-31")])

    def test_an_invoice_unpaid_past_the_limit_closes_the_subscription(self):
        plan = self._plan("Strict", auto_close_limit=10)
        with freeze_time("2026-01-01 12:00:00"):
            order = self._order("2026-01-01", plan=plan)
            order._create_recurring_invoice().invoice_date_due = "2026-01-05"
        with freeze_time("2026-01-15 12:00:00"):
            self.env["sale.order"]._cron_subscription_expiration()
            self.assertEqual(order.subscription_state, "3_progress")
        with freeze_time("2026-01-16 12:00:00"):
            self.env["sale.order"]._cron_subscription_expiration()
        self.assertEqual(order.subscription_state, "6_churn")
        self.assertIn("is not paid", order.message_ids[0].body)

    def test_without_a_limit_an_unpaid_invoice_closes_nothing(self):
        plan = self._plan("Patient", auto_close_limit=0)
        with freeze_time("2026-01-01 12:00:00"):
            order = self._order("2026-01-01", plan=plan)
            order._create_recurring_invoice()
        with freeze_time("2026-12-01 12:00:00"):
            self.env["sale.order"]._cron_subscription_expiration()
        self.assertEqual(order.subscription_state, "3_progress")

    def test_a_customer_who_never_pays_online_is_closed_after_the_limit(self):
        plan = self._plan("Online", auto_close_limit=10)
        with freeze_time("2026-01-01 12:00:00"):
            order = self._order("2026-01-01", plan=plan)
            order.require_payment = True
        with freeze_time("2026-01-12 12:00:00"):
            self.env["sale.order"]._cron_subscription_expiration()
        self.assertEqual(order.subscription_state, "6_churn")

    @freeze_time("2026-01-15 12:00:00")
    def test_the_screen_closes_with_the_reason_that_was_chosen(self):
        order = self._order("2026-01-01")
        reason = self.env["sale.order.close.reason"].create({"name": "Too expensive"})
        wizard = (
            self.env["sale.subscription.close"]
            .with_context(active_ids=order.ids)
            .create({"close_reason_id": reason.id})
        )
        wizard.action_close()
        self.assertEqual(order.subscription_state, "6_churn")
        self.assertEqual(order.close_reason_id, reason)

    @freeze_time("2026-01-15 12:00:00")
    def test_cancelling_a_running_order_closes_its_subscription(self):
        order = self._order("2026-01-15")
        order.action_cancel()
        self.assertEqual(order.subscription_state, "6_churn")
        order.action_draft()
        self.assertEqual(order.subscription_state, "1_draft")
