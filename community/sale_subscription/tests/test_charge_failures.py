from unittest.mock import patch

from freezegun import freeze_time

from odoo.tools import mute_logger

from .charge_case import TRANSACTION, ChargeCase


class TestChargeFailures(ChargeCase):
    """A card that is declined, an answer that is lost, and books that fail."""

    def test_a_declined_card_leaves_one_unpaid_invoice_and_is_not_tried_the_same_day(self):
        order, invoice = self._invoiced()
        self.bank = [402]
        self._run()
        self._run()
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(invoice.charge_ids.charge_outcome, "declined")
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.next_charge_date, self._date("2026-01-02"))
        self.assertEqual(order.last_reminder_date, self._date("2026-01-01"))
        self.assertEqual(order.invoice_count, 1)
        self.assertFalse(order.payment_exception)
        self.assertIn("was not charged", order.message_ids[0].body)

    def test_a_declined_card_is_tried_on_its_days_and_then_no_more(self):
        _order, invoice = self._invoiced()
        self.bank = [402] * 9
        for day in (1, 2, 3, 4, 5, 9, 10, 16, 17, 18, 31):
            self._run(f"2026-01-{day:02}")
        days = sorted(str(day) for day in invoice.charge_ids.mapped("charge_date"))
        self.assertEqual([day[-2:] for day in days], ["01", "02", "05", "10", "17"])
        self.assertEqual(len(set(self.sent)), 5)
        self.assertFalse(invoice.next_charge_date)

    def test_a_retry_that_succeeds_pays_the_invoice(self):
        order, invoice = self._invoiced()
        self.bank = ["error", "done"]
        self._run()
        self._run("2026-01-02")
        self.assertEqual(self.sent, [invoice.name, f"{invoice.name}-1"])
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(order.invoice_count, 1)

    def test_a_new_card_pays_what_the_old_one_could_not(self):
        order, invoice = self._invoiced()
        self.bank = [402]
        self._run()
        with freeze_time("2026-01-01 18:00:00"):
            order.payment_token_id = self._token(payment_details="5555")
        self._run()
        self.assertEqual(invoice.amount_residual, 0)

    def test_a_new_card_does_not_pay_invoices_that_were_never_charged(self):
        order = self._subscription()
        order.payment_token_id = False
        with freeze_time("2026-01-01 12:00:00"):
            order._create_recurring_invoice()
        order.payment_token_id = self.token
        self._run()
        self.assertEqual(self.sent, [])

    def test_a_lost_answer_stops_the_subscription_and_is_never_charged_again(self):
        for answer in (None, 500, 409, 429, 408, "silent"):
            with self.subTest(answer=answer):
                order, invoice = self._invoiced()
                self.bank, self.sent[:] = [answer], []
                self._run()
                self._run("2026-01-02")
                self._run("2026-02-20")
                self.assertEqual(len(self.sent), 1)
                self.assertEqual(invoice.charge_ids.charge_outcome, "unknown")
                self.assertTrue(order.payment_exception)
                self.assertIn("not known", " ".join(order.message_ids.mapped("body")))
                with freeze_time("2026-02-01 12:00:00"):
                    self.assertFalse(order._create_recurring_invoice())

    def test_a_request_that_was_not_accepted_is_no_decline(self):
        order, invoice = self._invoiced()
        self.bank = [401]
        self._run()
        self.assertEqual(invoice.charge_ids.charge_outcome, "refused")
        self.assertFalse(order.payment_exception)

    def test_a_person_who_looked_may_untick_and_the_invoice_is_charged_anew(self):
        order, invoice = self._invoiced()
        self.bank = [None]
        self._run()
        order.payment_exception = False
        self.assertEqual(invoice.charge_ids.charge_outcome, "void")
        self._run("2026-01-01", "13:00:00")
        self.assertEqual(self.sent, [invoice.name, f"{invoice.name}-1"])
        self.assertEqual(invoice.amount_residual, 0)

    def test_a_late_word_of_the_provider_pays_the_invoice_and_ends_the_exception(self):
        order, invoice = self._invoiced()
        self.bank = [None]
        self._run()
        attempt = invoice.charge_ids
        attempt._set_done()
        self.assertEqual(attempt.charge_outcome, "paid")
        self.assertFalse(order.payment_exception)
        attempt._post_process()
        self.assertEqual(invoice.amount_residual, 0)

    def test_an_amount_that_is_not_ours_is_for_a_person_to_decide(self):
        order, invoice = self._invoiced()
        data = {"amount": 99.0, "currency_code": invoice.currency_id.name}

        def send(transaction):
            self.sent.append(transaction.reference)
            transaction._process("none", {})

        with (
            patch(f"{TRANSACTION}._extract_amount_data", lambda tx, payment: data),
            patch(f"{TRANSACTION}._send_payment_request", send),
        ):
            self._run()
            self._run("2026-01-02")
        self.assertEqual(invoice.charge_ids.charge_outcome, "mismatch")
        self.assertTrue(order.payment_exception)
        self.assertEqual(len(self.sent), 1)
        order.payment_exception = False
        self.assertEqual(invoice.charge_ids.charge_outcome, "void")

    def test_a_pending_charge_waits_for_the_bank(self):
        order, invoice = self._invoiced()
        self.bank = ["pending"]
        self._run()
        self._run("2026-01-09")
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(invoice.charge_ids.charge_outcome, "open")
        self.assertFalse(order.payment_exception)
        invoice.charge_ids._set_done()
        self.assertEqual(invoice.charge_ids.charge_outcome, "paid")

    def test_an_error_in_our_own_code_is_an_unknown_outcome_and_stops_nobody_else(self):
        _order, broken = self._invoiced()
        _other, fine = self._invoiced()
        send = self._make_answer()

        def breaks(transaction):
            if transaction.charge_invoice_id == broken:
                raise KeyError("payment_intent")
            send(transaction)

        with (
            patch(f"{TRANSACTION}._send_payment_request", breaks),
            mute_logger("odoo.addons.sale_subscription.models.payment_transaction"),
        ):
            self._run()
        self.assertEqual(broken.charge_ids.charge_outcome, "unknown")
        self.assertEqual(fine.charge_ids.charge_outcome, "paid")

    def test_books_that_fail_lose_no_payment(self):
        _order, invoice = self._invoiced()
        accounting = "odoo.addons.account_payment.models.payment_transaction.PaymentTransaction"
        with (
            patch(f"{accounting}._create_payment", self._refuse),
            mute_logger("odoo.addons.sale_subscription.models.payment_transaction_resolve"),
        ):
            self._run()
        attempt = invoice.charge_ids
        self.assertEqual((attempt.charge_outcome, attempt.is_post_processed), ("paid", False))
        self._run()
        self.assertEqual(len(self.sent), 1)
        attempt._post_process()
        self.assertEqual(invoice.amount_residual, 0)
