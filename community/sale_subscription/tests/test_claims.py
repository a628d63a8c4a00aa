import psycopg2
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import SubscriptionCase


@freeze_time("2026-01-01 12:00:00")
class TestClaims(SubscriptionCase):
    """How this stand-in keeps two runs from billing one period twice."""

    def _claims(self, order):
        return self.env["sale.subscription.claim"].sudo().search([("order_id", "=", order.id)])

    def test_an_invoice_claims_the_first_day_of_its_period(self):
        order = self._order("2026-01-01", lines=[(self.hosting, 1), (self.hosting, 2)])
        invoice = order._create_recurring_invoice()
        self.assertRecordValues(
            self._claims(order),
            [{"period_start": self._date("2026-01-01"), "move_id": invoice.id}],
        )

    def test_a_second_invoice_for_the_period_is_refused_by_the_database(self):
        order = self._order("2026-01-01")
        order._create_recurring_invoice()
        # What a run sees that started before the first one was committed.
        stale = {"last_invoiced_date": False, "qty_to_invoice": 1.0}
        order.next_invoice_date = "2026-01-01"
        self.env.cr.execute(
            "UPDATE account_move_line SET deferred_start_date = NULL, deferred_end_date = NULL"
            " WHERE subscription_id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        order.order_line.write(stale)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            order._create_invoices()

    def test_a_run_that_comes_second_parks_the_subscription_with_a_sentence(self):
        order = self._order("2026-01-01")
        order._create_recurring_invoice()
        order.next_invoice_date = "2026-01-01"
        self.env.cr.execute(
            "UPDATE account_move_line SET deferred_start_date = NULL, deferred_end_date = NULL"
            " WHERE subscription_id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        order.order_line.write({"qty_to_invoice": 1.0})
        with mute_logger("odoo.sql_db"):
            self.assertFalse(order._create_recurring_invoice())
        self.assertEqual(order.invoice_count, 1)
        self.assertIn("already has an invoice", order.message_ids[0].body)

    def test_a_due_date_moved_back_into_a_billed_period_is_reported_not_skipped(self):
        order = self._order("2026-01-01")
        order._create_recurring_invoice()
        order.next_invoice_date = "2026-01-01"
        self.assertFalse(order._create_recurring_invoice())
        self.assertEqual(order.next_invoice_date, self._date("2026-01-01"))
        self.assertIn("already has an invoice", order.message_ids[0].body)

    def test_deleting_the_draft_frees_its_period(self):
        order = self._order("2026-01-01")
        order._create_invoices().unlink()
        self.assertFalse(self._claims(order))
        self.assertTrue(order._create_recurring_invoice().exists())

    def test_cancelling_the_draft_frees_its_period(self):
        order = self._order("2026-01-01")
        order._create_invoices().button_cancel()
        self.assertFalse(self._claims(order))
        self.assertTrue(order._create_recurring_invoice().exists())

    def test_a_cancelled_invoice_cannot_come_back_into_a_billed_period(self):
        order = self._order("2026-01-01")
        cancelled = order._create_invoices()
        cancelled.button_cancel()
        order._create_recurring_invoice()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            cancelled.button_draft()

    def test_a_posted_invoice_reset_to_draft_keeps_its_claim(self):
        order = self._order("2026-01-01")
        invoice = order._create_recurring_invoice()
        invoice.button_draft()
        self.assertEqual(self._claims(order).move_id, invoice)
        invoice.action_post()
        self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))

    def test_an_order_without_a_plan_claims_nothing(self):
        self.hosting.allow_one_time_sale = True
        order = self._order("2026-01-01", confirm=False)
        order.plan_id = False
        order.action_confirm()
        order._create_invoices().action_post()
        self.assertFalse(self._claims(order))
        with self.assertRaises(UserError):
            order._create_invoices()
