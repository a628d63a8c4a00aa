from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import SubscriptionCase


@freeze_time("2026-01-01 12:00:00")
class TestContractInvoicing(SubscriptionCase):
    def test_the_first_invoice_is_for_the_first_period_and_posted(self):
        order = self._order("2026-01-01")
        invoice = order._create_recurring_invoice()
        self.assertEqual(invoice.state, "posted")
        self.assertRecordValues(
            invoice.invoice_line_ids,
            [
                {
                    "price_subtotal": 31.0,
                    "deferred_start_date": self._date("2026-01-01"),
                    "deferred_end_date": self._date("2026-01-31"),
                    "subscription_id": order.id,
                }
            ],
        )

    def test_the_line_says_its_period(self):
        order = self._order("2026-01-01")
        line = order._create_recurring_invoice().invoice_line_ids
        self.assertEqual(line.name, "Hosting\n1 month 01/01/2026 to 01/31/2026")

    def test_posting_moves_the_next_date_behind_the_last_invoiced_day(self):
        order = self._order("2026-01-01")
        order._create_recurring_invoice()
        self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))

    def test_a_draft_does_not_move_the_next_date(self):
        order = self._order("2026-01-01")
        invoice = order._create_invoices()
        self.assertEqual(invoice.state, "draft")
        self.assertEqual(order.next_invoice_date, self._date("2026-01-01"))
        invoice.action_post()
        self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))

    def test_an_invoice_left_in_draft_by_the_hook_is_not_made_twice(self):
        order = self._order("2026-01-01")
        with patch.object(type(order), "_process_auto_invoice", lambda self, invoice: None):
            invoice = order._create_recurring_invoice()
            again = order._create_recurring_invoice()
        self.assertEqual(invoice.state, "draft")
        self.assertFalse(again)
        self.assertEqual(order.next_invoice_date, self._date("2026-01-01"))

    def test_nothing_is_invoiced_before_it_is_due(self):
        order = self._order("2026-01-02")
        self.assertFalse(order._create_recurring_invoice())
        with self.assertRaises(UserError):
            order._create_invoices()

    def test_a_second_run_on_the_same_day_makes_nothing(self):
        order = self._order("2026-01-01")
        order._create_recurring_invoice()
        self.assertFalse(order._create_recurring_invoice())
        self.assertEqual(order.invoice_count, 1)

    def test_a_day_given_in_the_context_counts_as_today(self):
        order = self._order("2026-03-01")
        invoice = order.with_context(billing_date="2026-03-01")._create_recurring_invoice()
        self.assertEqual(invoice.invoice_date, self._date("2026-03-01"))
        self.assertEqual(invoice.invoice_date_due, self._date("2026-03-01"))

    def test_without_an_order_every_due_subscription_is_invoiced(self):
        first, second = self._order("2026-01-01"), self._order("2025-12-15")
        later = self._order("2026-01-05")
        invoices = self.env["sale.order"]._create_recurring_invoice(batch_size=1)
        self.assertEqual(invoices.invoice_line_ids.subscription_id, first + second)
        self.assertFalse(later.invoice_ids)

    def test_each_subscription_gets_its_own_invoice(self):
        orders = self._order("2026-01-01") + self._order("2026-01-01")
        self.assertEqual(len(orders._create_recurring_invoice()), 2)
        self.assertEqual(orders.mapped("invoice_count"), [1, 1])

    def test_each_subscription_gets_its_own_invoice_by_hand_too(self):
        orders = self._order("2026-01-01") + self._order("2026-01-01")
        self.assertEqual(len(orders._create_invoices(grouped=False)), 2)

    def test_a_one_off_line_is_billed_with_the_first_period_only(self):
        setup = self._product("Setup", 500.0, recurring_invoice=False)
        order = self._order("2026-01-01", lines=[(self.hosting, 1), (setup, 1)])
        first = order._create_recurring_invoice()
        second = order.with_context(billing_date="2026-02-01")._create_recurring_invoice()
        self.assertEqual(first.amount_untaxed, 531.0)
        self.assertEqual(second.amount_untaxed, 31.0)

    def test_the_cron_invoices_what_is_due(self):
        order = self._order("2026-01-01")
        self.env["sale.order"]._cron_recurring_create_invoice()
        self.assertEqual(order.invoice_count, 1)

    def test_an_order_paid_online_waits_for_its_customer(self):
        order = self._order("2026-01-01")
        order.require_payment = True
        self.assertFalse(order._create_recurring_invoice())

    def test_a_contract_in_exception_waits_for_a_person(self):
        order = self._order("2026-01-01")
        order.payment_exception = True
        self.assertFalse(order._create_recurring_invoice())
        order.payment_exception = False
        self.assertTrue(order._create_recurring_invoice().exists())

    def test_a_credit_note_makes_nothing_due_again(self):
        order = self._order("2026-01-01")
        invoice = order._create_recurring_invoice()
        refund = invoice._reverse_moves([{"invoice_date": self._date("2026-01-02")}])
        refund.action_post()
        self.assertEqual(refund.invoice_line_ids.subscription_id, order)
        self.assertEqual(order.order_line.qty_to_invoice, 1.0)
        self.assertFalse(order._create_recurring_invoice())
        self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))

    def test_the_hook_after_an_invoice_runs_on_its_subscription(self):
        order = self._order("2026-01-01")
        seen = []
        with patch.object(type(order), "_post_invoice_hook", lambda self: seen.append(self.ids)):
            order._create_invoices().action_post()
        self.assertEqual(seen, [order.ids])

    def test_one_bad_subscription_stops_nobody_and_says_why(self):
        good, bad = self._order("2026-01-01"), self._order("2026-01-01")
        prepare = type(good)._prepare_invoice

        def refuse(order):
            if order == bad:
                raise UserError("The address is incomplete.")
            return prepare(order)

        with patch.object(type(good), "_prepare_invoice", refuse):
            invoices = (good + bad)._create_recurring_invoice()
            (good + bad)._create_recurring_invoice()
        self.assertEqual(invoices.invoice_line_ids.subscription_id, good)
        self.assertEqual(bad.next_invoice_date, self._date("2026-01-01"))
        notes = bad.message_ids.filtered(lambda m: "The address is incomplete" in (m.body or ""))
        self.assertEqual(len(notes), 1)
        self.assertTrue(bad._create_recurring_invoice().exists())

    def test_an_invoice_that_cannot_be_posted_is_not_left_behind(self):
        order = self._order("2026-01-01")

        def refuse(self, invoice):
            raise UserError("The journal is closed.")

        with patch.object(type(order), "_process_auto_invoice", refuse):
            self.assertFalse(order._create_recurring_invoice())
        self.assertFalse(order.invoice_ids)

    def test_nothing_delivered_is_a_free_period(self):
        counted = self._product("Hours", 10.0, invoice_policy="delivery")
        order = self._order("2026-01-01", lines=[(counted, 1)])
        self.assertFalse(order._create_recurring_invoice())
        self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))
        self.assertIn("Free subscription", order.message_ids[0].body)

    def test_a_one_off_in_a_free_period_is_billed_and_the_period_passes(self):
        counted = self._product("Hours", 10.0, invoice_policy="delivery")
        setup = self._product("Setup", 500.0, recurring_invoice=False)
        order = self._order("2026-01-01", lines=[(counted, 1), (setup, 1)])
        invoice = order._create_recurring_invoice()
        self.assertEqual((invoice.state, invoice.amount_untaxed), ("posted", 500.0))
        self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))

    def test_an_older_invoice_back_in_draft_does_not_stop_the_next_period(self):
        for plan in (self.monthly, self._plan("Arrears", bill_end_period=True)):
            order = self._order("2025-10-31", plan=plan)
            order._create_recurring_invoice().button_draft()
            with self.subTest(plan=plan.name):
                again = order._create_recurring_invoice()
                self.assertEqual(again.state, "posted")

    def test_what_was_delivered_since_the_last_invoice_is_billed(self):
        counted = self._product("Hours", 10.0, invoice_policy="delivery")
        order = self._order("2026-01-01", lines=[(counted, 1)])
        order.order_line.qty_delivered = 3
        first = order._create_recurring_invoice()
        order.order_line.qty_delivered = 5
        second = order.with_context(billing_date="2026-02-01")._create_recurring_invoice()
        self.assertEqual(first.amount_untaxed, 30.0)
        self.assertEqual(second.amount_untaxed, 20.0)

    def test_an_order_is_to_invoice_when_due_and_not_between(self):
        order = self._order("2026-01-01")
        self.assertEqual(order.invoice_status, "to invoice")
        order._create_recurring_invoice()
        self.assertEqual(order.invoice_status, "invoiced")

    def test_an_invoice_email_is_queued_when_the_plan_has_one(self):
        template = self.env["mail.template"].create(
            {"name": "Your invoice", "model_id": self.env["ir.model"]._get_id("account.move")}
        )
        quiet, loud = self.monthly, self._plan("Loud", invoice_mail_template_id=template.id)
        orders = self._order("2026-01-01", plan=quiet) + self._order("2026-01-01", plan=loud)
        orders._create_recurring_invoice()
        self.assertFalse(orders[0].invoice_ids.sending_data)
        self.assertTrue(orders[1].invoice_ids.sending_data)
        self.assertEqual(orders[1].invoice_ids._get_mail_template(), template)
