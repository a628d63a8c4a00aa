"""Drafts that are deleted, disputes that are lost, and what an app keeps on a credit note."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install", "fc_api_invoices")
class TestApiInvoicesEnds(BilledCase):
    def lose(self, method: str = "POST"):
        return self.call(method, f"/invoices/{self.invoice_id}/lose_dispute")

    # ------------------------------------------------------------------ drafts
    def test_a_deleted_draft_gives_its_usage_back_to_the_next_run(self) -> None:
        self.move.button_draft()
        deleted = self.ok("DELETE", f"/invoices/{self.invoice_id}")["invoice"]
        self.assertEqual((deleted["lago_id"], deleted["status"]), (self.invoice_id, "draft"))
        self.assertFalse(self.move.exists())
        self.assert_not_found(self.call("GET", f"/invoices/{self.invoice_id}"), "invoice_not_found")
        self.assertIn(self.invoice_id, self.told("invoice.deleted").payload)
        self.service.test_clock = datetime(2026, 5, 10, 15)
        self.bill(date(2026, 5, 10))
        usage = self.moves.invoice_line_ids.filtered("x_fc_line_key")
        self.assertEqual(usage.mapped("price_subtotal"), [12.53])

    def test_only_drafts_are_deleted(self) -> None:
        answer = self.call("DELETE", f"/invoices/{self.invoice_id}")
        self.assert_not_allowed(answer, "invalid_status")
        self.assertTrue(self.move.exists())

    def test_a_number_in_the_middle_of_the_book_stays(self) -> None:
        self.first.button_draft()
        answer = self.call("DELETE", f"/invoices/{self.first_id}")
        self.assert_not_allowed(answer, "not_deletable")
        self.assertTrue(self.first.exists())

    def test_a_company_that_keeps_everything_keeps_it(self) -> None:
        self.move.button_draft()
        self.env.company.restrictive_audit_trail = True
        answer = self.call("DELETE", f"/invoices/{self.invoice_id}")
        self.assert_not_allowed(answer, "not_deletable")

    # ---------------------------------------------------------------- disputes
    def test_a_lost_dispute_is_told_once_and_nobody_is_asked_again(self) -> None:
        self.move.invoice_date_due = date(2026, 4, 1)
        path = f"/invoices/{self.invoice_id}"
        self.assertTrue(self.ok("GET", path)["invoice"]["payment_overdue"])
        status, body = self.lose()
        self.assertEqual(status, 200, body)
        self.assertEqual(body["invoice"]["payment_dispute_lost_at"], "2026-04-10T15:00:00.000Z")
        self.assertFalse(body["invoice"]["payment_overdue"])
        self.assertEqual(body["invoice"]["payment_status"], "pending")
        self.service.test_clock = datetime(2026, 4, 12)
        again = self.lose("PUT")[1]["invoice"]
        self.assertEqual(again["payment_dispute_lost_at"], "2026-04-10T15:00:00.000Z")
        [told] = self.told("invoice.payment_dispute_lost")
        self.assertIn(self.invoice_id, told.payload)
        self.assertIn("dispute", self.move.message_ids[0].body)
        self.assertFalse(self.move.next_charge_date)
        self.assert_not_allowed(self.call("POST", f"{path}/retry_payment"), "invalid_status")

    def test_lost_disputes_are_found_and_are_not_overdue(self) -> None:
        self.moves.invoice_date_due = date(2026, 4, 1)
        self.lose()
        for query, expected in (
            ("payment_dispute_lost=true", [self.invoice_id]),
            ("payment_dispute_lost=false", [self.first_id]),
            ("payment_overdue=true", [self.first_id]),
        ):
            found = self.ok("GET", f"/invoices?{query}")["invoices"]
            self.assertEqual([invoice["lago_id"] for invoice in found], expected, query)

    def test_only_what_is_finalized_can_be_disputed(self) -> None:
        self.move.button_draft()
        self.assert_not_allowed(self.lose(), "not_disputable")
        self.ok("POST", f"/invoices/{self.first_id}/void")
        answer = self.call("POST", f"/invoices/{self.first_id}/lose_dispute")
        self.assert_not_allowed(answer, "not_disputable")

    def test_no_invoice_is_half_made_and_waits_for_a_retry(self) -> None:
        self.assert_not_allowed(
            self.call("POST", f"/invoices/{self.invoice_id}/retry"), "invalid_status"
        )

    # ------------------------------------------------------------ credit notes
    def test_a_credit_note_keeps_what_the_app_gives_it(self) -> None:
        item = {"fee_id": self.fee_id, "amount_cents": 100}
        new = {"invoice_id": self.invoice_id, "items": [item], "credit_amount_cents": 113}
        made = self.ok("POST", "/credit_notes", {"credit_note": new})["credit_note"]
        self.assertNotIn("metadata", made)
        path = f"/credit_notes/{made['lago_id']}"

        def changed(**values):
            return self.ok("PUT", path, {"credit_note": values})["credit_note"]

        self.assertEqual(
            changed(metadata={"ticket": "7", "by": None})["metadata"], {"ticket": "7", "by": None}
        )
        self.assertEqual(changed(metadata={"ticket": "8"})["metadata"], {"ticket": "8"})
        self.assertEqual(changed(refund_status=None, x=1)["metadata"], {"ticket": "8"})
        self.assertEqual(self.ok("GET", path)["credit_note"]["metadata"], {"ticket": "8"})
        self.assertNotIn("metadata", changed(metadata=None))
        with_some = self.ok(
            "POST", "/credit_notes", {"credit_note": new | {"metadata": {"a": "b"}}}
        )
        self.assertEqual(with_some["credit_note"]["metadata"], {"a": "b"})
        self.assert_invalid(
            self.call("PUT", path, {"credit_note": {"refund_status": "succeeded"}}),
            refund_status=["not_supported"],
        )
        self.assertEqual(self.notes.mapped("state"), ["posted", "posted"])

    # --------------------------------------------------------- a customer's own
    def test_a_customers_payments_and_credit_notes_are_only_theirs(self) -> None:
        self.customer("rival", email="rival@example.com")
        item = {"fee_id": self.fee_id, "amount_cents": 100}
        note = {"invoice_id": self.invoice_id, "items": [item], "credit_amount_cents": 113}
        self.ok("POST", "/credit_notes", {"credit_note": note})
        payment = {"invoice_id": self.invoice_id, "amount_cents": 100, "reference": "r"}
        self.ok("POST", "/payments", {"payment": payment})
        _other, key = self.make_service("other")
        for resource in ("payments", "credit_notes"):
            own = self.ok("GET", f"/customers/acme/{resource}")
            self.assertEqual(own, self.ok("GET", f"/{resource}"))
            self.assertEqual(own["meta"]["total_count"], 1)
            self.assertEqual(self.ok("GET", f"/customers/rival/{resource}")[resource], [])
            for name in ("acme", "nobody"):
                answer = self.call("GET", f"/customers/{name}/{resource}", key=key)
                self.assert_not_found(answer, "customer_not_found")
        none = self.ok("GET", "/customers/acme/credit_notes?credit_status=voided")
        self.assertEqual(none["credit_notes"], [])
        none = self.ok("GET", f"/customers/acme/payments?invoice_id={self.first_id}")
        self.assertEqual(none["payments"], [])
