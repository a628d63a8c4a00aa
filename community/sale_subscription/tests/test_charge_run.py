from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.tools import mute_logger

from .charge_case import ChargeCase


class TestChargeRun(ChargeCase):
    """Invoices are posted first, and their card is charged afterwards, by a run of its own."""

    def test_invoicing_charges_nothing_and_wakes_the_run(self):
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", self.cron.id)])
        _order, invoice = self._invoiced()
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.next_charge_date, self._date("2026-01-01"))
        self.assertEqual((self.sent, invoice.charge_ids.ids), ([], []))
        after = triggers.search_count([("cron_id", "=", self.cron.id)])
        self.assertEqual(after, before + 1)

    def test_the_run_charges_and_the_invoice_is_paid(self):
        order, invoice = self._invoiced()
        self._run()
        self.assertEqual(self.sent, [invoice.name])
        self.assertRecordValues(
            invoice.charge_ids,
            [
                {
                    "state": "done",
                    "charge_outcome": "paid",
                    "amount": 31.0,
                    "operation": "offline",
                    "invoice_ids": invoice.ids,
                    "sale_order_ids": [],
                    "is_post_processed": True,
                }
            ],
        )
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertFalse(invoice.next_charge_date)
        self.assertFalse(order.payment_exception)

    def test_a_second_run_charges_nothing(self):
        self._invoiced()
        self._run()
        self._run()
        self._run("2026-01-20")
        self.assertEqual(len(self.sent), 1)

    def test_each_period_is_charged_once(self):
        order, _invoice = self._invoiced()
        self._run()
        with freeze_time("2026-02-01 12:00:00"):
            order._create_recurring_invoice()
        self._run("2026-02-01")
        self.assertEqual(len(self.sent), 2)
        self.assertEqual(order.invoice_count, 2)
        self.assertEqual(sum(order.invoice_ids.mapped("amount_residual")), 0)

    def test_without_a_card_nothing_is_scheduled(self):
        order = self._subscription()
        order.payment_token_id = False
        with freeze_time("2026-01-01 12:00:00"):
            invoice = order._create_recurring_invoice()
        self._run()
        self.assertFalse(invoice.next_charge_date)
        self.assertEqual(self.sent, [])

    def test_an_invoice_that_was_paid_meanwhile_is_not_charged(self):
        _order, invoice = self._invoiced()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self._run()
        self.assertEqual(self.sent, [])

    def test_the_rest_of_a_partly_paid_invoice_is_charged(self):
        _order, invoice = self._invoiced()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": 11.0})._create_payments()
        self._run()
        self.assertEqual(invoice.charge_ids.amount, 20.0)

    def test_an_invoice_that_its_customer_is_paying_is_left_alone(self):
        _order, invoice = self._invoiced()
        self.env["payment.transaction"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.token.payment_method_id.id,
                "amount": 31.0,
                "currency_id": invoice.currency_id.id,
                "partner_id": self.customer.id,
                "operation": "online_direct",
                "state": "pending",
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
        self._run()
        self.assertEqual(self.sent, [])

    def test_automatic_invoicing_of_odoo_does_not_unlink_the_invoice(self):
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        order, invoice = self._invoiced()
        self._run()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(invoice.charge_ids.invoice_ids, invoice)
        self.assertEqual(order.invoice_count, 1)

    def test_a_draft_that_was_left_for_a_person_is_charged_once_posted(self):
        order = self._subscription()
        with (
            freeze_time("2026-01-01 12:00:00"),
            patch.object(type(order), "_process_auto_invoice", lambda self, invoice: None),
        ):
            invoice = order._create_recurring_invoice()
        self._run()
        self.assertEqual(self.sent, [])
        invoice.action_post()
        self._run("2026-01-03")
        self.assertEqual(self.sent, [invoice.name])

    @freeze_time("2026-01-01 12:00:00")
    def test_a_payment_asked_for_elsewhere_is_recorded_and_sent_by_the_run(self):
        order, invoice = self._invoiced()
        attempt = order._do_payment(self.token, invoice, auto_commit=True)
        self.assertEqual((self.sent, attempt.charge_outcome), ([], "ready"))
        self._run()
        self.assertEqual(self.sent, [invoice.name])
        self.assertEqual(attempt.charge_outcome, "paid")

    @freeze_time("2026-01-01 12:00:00")
    def test_one_invoice_has_one_open_attempt_whoever_asks(self):
        order, invoice = self._invoiced()
        first = order._do_payment(self.token, invoice)
        self.assertFalse(order._do_payment(self.token, invoice))
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.env.cr.savepoint(),
        ):
            first.copy({"reference": "another", "charge_outcome": "open"})

    def test_an_attempt_that_is_no_longer_wanted_is_not_sent(self):
        order, invoice = self._invoiced()
        attempt = order._do_payment(self.token, invoice)
        invoice.button_draft()
        self._run()
        self.assertEqual((self.sent, attempt.charge_outcome), ([], "void"))

    def test_the_hook_after_a_payment_runs_once(self):
        order, invoice = self._invoiced()
        calls = []

        def hook(self, transaction, invoices, automatic=True):
            calls.append((self, invoices))

        with patch.object(type(order), "_subscription_post_success_payment", hook):
            self._run()
            invoice.charge_ids._post_process()
        self.assertEqual(calls, [(order, invoice)])
