"""/payments: money that came in by another way, registered, reconciled and told."""

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install", "fc_api_payments")
class TestApiPayments(BilledCase):
    def send(self, amount_cents=1000, reference="wire-1", **values):
        asked = {
            "invoice_id": self.invoice_id,
            "amount_cents": amount_cents,
            "reference": reference,
            **values,
        }
        return self.call("POST", "/payments", {"payment": asked})

    def register(self, *args, **values) -> dict:
        status, body = self.send(*args, **values)
        self.assertEqual(status, 200, body)
        return body["payment"]

    def test_a_payment_is_in_the_ledger(self) -> None:
        payment = self.register(paid_at="2026-04-09")
        expected = {
            "external_customer_id": "acme",
            "invoice_ids": [self.invoice_id],
            "invoice_numbers": [self.move.name],
            "lago_payable_id": self.invoice_id,
            "payable_type": "Invoice",
            "amount_cents": 1000,
            "amount_currency": "CAD",
            "payment_status": "succeeded",
            "type": "manual",
            "reference": "wire-1",
            "payment_provider_code": None,
        }
        self.assertEqual({key: payment[key] for key in expected}, expected)
        self.assertEqual(self.move.amount_residual, 26.76)
        self.assertEqual(self.move.reconciled_payment_ids.amount, 10.0)
        self.assertEqual(self.ok("GET", f"/payments/{payment['lago_id']}")["payment"], payment)
        self.assertEqual(self.ok("GET", "/payments")["payments"], [payment])
        [webhook] = self.told("payment.succeeded")
        self.assertIn('"reference":"wire-1"', webhook.payload)
        self.assertFalse(self.told("invoice.payment_status_updated"))
        self.assert_book_is_right()

    def test_the_last_payment_settles_the_invoice_and_says_so(self) -> None:
        self.register(1000)
        self.register(2676, "wire-2")
        invoice = self.ok("GET", f"/invoices/{self.invoice_id}")["invoice"]
        self.assertEqual(
            (invoice["payment_status"], invoice["total_due_amount_cents"]), ("succeeded", 0)
        )
        [webhook] = self.told("invoice.payment_status_updated")
        self.assertIn('"payment_status":"succeeded"', webhook.payload)

    def test_an_invoice_set_to_paid_takes_the_rest_whatever_came_under_its_name(self) -> None:
        self.register(1000, self.move.name)
        paid = {"invoice": {"payment_status": "succeeded"}}
        self.ok("PUT", f"/invoices/{self.invoice_id}", paid)
        self.assertEqual(self.move.amount_residual, 0)
        self.assertEqual(
            sorted(self.move.reconciled_payment_ids.mapped("x_fc_reference")),
            [self.move.name, f"{self.move.name} (2)"],
        )

    def test_the_same_reference_again_is_the_same_payment(self) -> None:
        first = self.register(3676)
        self.assertEqual(self.register("3676"), first)
        self.assertEqual(len(self.move.reconciled_payment_ids), 1)
        self.assertEqual(len(self.told("payment.succeeded")), 1)
        self.assert_invalid(self.send(3000), reference=["value_already_exist"])

    def test_a_payment_that_was_received_has_a_receipt(self) -> None:
        first, second = self.register(1000), self.register(500, "wire-2")
        listed = self.ok("GET", "/payment_receipts")
        self.assertEqual([own["payment"] for own in listed["payment_receipts"]], [second, first])
        receipt = listed["payment_receipts"][1]
        ledger = self.move.reconciled_payment_ids.sorted("id")[0]
        self.assertTrue(ledger.name)
        self.assertEqual(receipt["number"], ledger.name)
        path = f"/payment_receipts/{receipt['lago_id']}"
        self.assertEqual(self.ok("GET", path)["payment_receipt"], receipt)
        none = self.ok("GET", f"/payment_receipts?invoice_id={self.first_id}")
        self.assertEqual(none["payment_receipts"], [])
        ledger.action_cancel()
        self.assert_not_found(self.call("GET", path), "payment_receipt_not_found")
        self.assertEqual(self.ok("GET", "/payment_receipts")["meta"]["total_count"], 1)

    def test_what_cannot_be_is_422(self) -> None:
        for values, details in (
            ({"amount_cents": 3677}, {"amount_cents": ["value_is_out_of_range"]}),
            ({"amount_cents": 0}, {"amount_cents": ["value_is_out_of_range"]}),
            ({"amount_cents": None}, {"amount_cents": ["value_is_mandatory"]}),
            ({"reference": ""}, {"reference": ["value_is_mandatory"]}),
            ({"paid_at": "2026-04-11"}, {"paid_at": ["value_is_invalid"]}),
            ({"paid_at": "rubbish"}, {"paid_at": ["invalid_date"]}),
        ):
            with self.subTest(values=values):
                self.assert_invalid(self.send(**values), **details)
        self.assertFalse(self.move.reconciled_payment_ids)

    def test_a_draft_or_a_voided_invoice_takes_no_payment(self) -> None:
        self.first.button_draft()
        answer = self.send(invoice_id=self.first_id)
        self.assert_not_allowed(answer, "invalid_status")
        self.ok("POST", f"/invoices/{self.invoice_id}/void")
        self.assert_not_allowed(self.send(), "invalid_status")

    def test_a_payment_on_the_screen_is_listed_and_told(self) -> None:
        self.pay()
        self.pay(self.first)
        self.assertEqual(self.ok("GET", "/payments")["meta"]["total_count"], 2)
        found = self.ok("GET", f"/payments?invoice_id={self.first_id}")["payments"]
        self.assertEqual([payment["amount_cents"] for payment in found], [2260])
        mine = self.ok("GET", "/payments?external_customer_id=acme")
        self.assertEqual(mine["meta"]["total_count"], 2)
        for query in ("invoice_id=nonsense", "external_customer_id=nobody"):
            self.assertEqual(self.ok("GET", f"/payments?{query}")["payments"], [])
        self.assertEqual(len(self.told("payment.succeeded")), 2)
        self.assertEqual(len(self.told("invoice.payment_status_updated")), 2)

    def test_undoing_a_payment_is_told_as_well(self) -> None:
        self.pay()
        receivable = self.move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        receivable.remove_move_reconcile()
        [paid, unpaid] = self.told("invoice.payment_status_updated")
        self.assertIn('"payment_status":"succeeded"', paid.payload)
        self.assertIn('"payment_status":"pending"', unpaid.payload)
