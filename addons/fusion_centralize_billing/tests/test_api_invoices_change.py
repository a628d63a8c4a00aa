"""PUT, void, finalize, refresh of invoices: each with its effect in the ledger."""

from datetime import date

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install", "fc_api_invoices")
class TestApiInvoicesChange(BilledCase):
    def put(self, **values) -> dict:
        return self.ok("PUT", f"/invoices/{self.invoice_id}", {"invoice": values})["invoice"]

    # ------------------------------------------------------------------ PUT
    def test_metadata_is_a_set_that_is_replaced_and_searched(self) -> None:
        first = self.put(metadata=[{"key": "po", "value": 12}, {"key": "team", "value": "a"}])
        kept = first["metadata"][0]
        self.assertEqual((kept["key"], kept["value"]), ("po", "12"))
        second = self.put(metadata=[{"id": kept["lago_id"], "key": "po", "value": "13"}])
        self.assertEqual(second["metadata"], [kept | {"value": "13"}])
        for query, count in (
            ("metadata[po]=13", 1),
            ("metadata[po]=12", 0),
            ("metadata[po]=", 1),
        ):
            found = self.ok("GET", f"/invoices?{query}")
            self.assertEqual(found["meta"]["total_count"], count, query)
        [empty] = self.put(metadata=[{"key": "note"}])["metadata"]
        self.assertEqual((empty["key"], empty["value"]), ("note", ""))
        self.assertEqual(self.put(metadata=[])["metadata"], [])

    def test_metadata_beyond_five_or_twice_the_same_key_is_422(self) -> None:
        many = [{"key": f"k{number}", "value": "v"} for number in range(6)]
        for items, code in ((many, "invalid_count"), (many[:1] * 2, "value_already_exist")):
            answer = self.call(
                "PUT", f"/invoices/{self.invoice_id}", {"invoice": {"metadata": items}}
            )
            self.assert_invalid(answer, metadata=[code])

    def test_succeeded_registers_a_payment_and_is_told_once(self) -> None:
        invoice = self.put(payment_status="succeeded")
        self.assertEqual(
            (invoice["payment_status"], invoice["total_paid_amount_cents"]), ("succeeded", 3676)
        )
        self.assertEqual(self.move.amount_residual, 0)
        [payment] = self.move.reconciled_payment_ids
        self.assertEqual(payment.amount, 36.76)
        self.put(payment_status="succeeded")
        self.assertEqual(self.move.reconciled_payment_ids, payment)
        self.assertEqual(len(self.told("invoice.payment_status_updated")), 1)
        self.assertEqual(len(self.told("payment.succeeded")), 1)
        answer = self.call(
            "PUT", f"/invoices/{self.invoice_id}", {"invoice": {"payment_status": "pending"}}
        )
        self.assert_invalid(answer, payment_status=["invoice_is_paid"])
        self.assert_book_is_right()

    def test_failed_is_kept_told_and_found(self) -> None:
        self.assertEqual(self.put(payment_status="failed")["payment_status"], "failed")
        found = self.ok("GET", "/invoices?payment_status=failed")
        self.assertEqual(found["meta"]["total_count"], 1)
        self.assertEqual(self.put(payment_status="pending")["payment_status"], "pending")
        self.assertEqual(len(self.told("invoice.payment_status_updated")), 2)

    def test_an_unknown_payment_status_is_422_and_no_root_key_400(self) -> None:
        path = f"/invoices/{self.invoice_id}"
        answer = self.call("PUT", path, {"invoice": {"payment_status": "lost"}})
        self.assert_invalid(answer, payment_status=["value_is_invalid"])
        self.assertEqual(self.call("PUT", path, {})[0], 400)

    # ------------------------------------------------------------------ void
    def void(self, **values) -> dict:
        return self.ok("POST", f"/invoices/{self.invoice_id}/void", values or None)["invoice"]

    def test_a_void_reverses_the_invoice_in_the_ledger(self) -> None:
        invoice = self.void()
        expected = {
            "status": "voided",
            "payment_status": "pending",
            "total_amount_cents": 3676,
            "total_due_amount_cents": 0,
            "total_paid_amount_cents": 0,
            "total_offsetted_credit_note_amount_cents": 3676,
        }
        self.assertEqual({key: invoice[key] for key in expected}, expected)
        self.assertIsNotNone(invoice["voided_at"])
        self.assertRecordValues(
            self.notes,
            [{"state": "posted", "amount_total": 36.76, "amount_residual": 0.0,
              "reversed_entry_id": self.move.id}],
        )  # fmt: skip
        accounts = (self.move | self.notes).line_ids
        for account in accounts.account_id:
            own = accounts.filtered(lambda line, account=account: line.account_id == account)
            self.assertEqual(sum(own.mapped("balance")), 0, account.name)
        self.assertEqual(self.ok("GET", "/invoices?status=voided")["meta"]["total_count"], 1)
        self.assertEqual(self.ok("GET", "/invoices?status=finalized")["meta"]["total_count"], 1)
        self.assertEqual(len(self.told("invoice.voided")), 1)
        self.assertEqual(len(self.told("credit_note.created")), 1)
        self.assert_book_is_right()

    def test_a_voided_period_is_not_billed_again(self) -> None:
        self.void()
        self.bill(date(2026, 4, 10))
        self.assertEqual(len(self.moves), 2)

    def test_voiding_twice_a_draft_or_changing_a_voided_one_is_405(self) -> None:
        self.void()
        path = f"/invoices/{self.invoice_id}"
        self.assert_not_allowed(self.call("POST", f"{path}/void"), "not_voidable")
        changed = self.call("PUT", path, {"invoice": {"metadata": []}})
        self.assert_not_allowed(changed, "update_on_voided_invoice")
        self.first.button_draft()
        answer = self.call("POST", f"/invoices/{self.first_id}/void")
        self.assert_not_allowed(answer, "not_voidable")
        self.assertEqual(len(self.notes), 1)

    def test_what_was_paid_of_a_voided_invoice_becomes_credit(self) -> None:
        self.pay(amount=10.0)
        answer = self.call(
            "POST",
            f"/invoices/{self.invoice_id}/void",
            {"generate_credit_note": True, "credit_amount": 1100},
        )
        self.assert_invalid(answer, credit_amount=["higher_than_remaining_invoice_amount"])
        self.assertFalse(self.notes)
        self.void(generate_credit_note=True, credit_amount=1000, refund_amount=0)
        self.assertEqual(self.notes.amount_residual, 10.0)
        [note] = self.ok("GET", "/credit_notes")["credit_notes"]
        self.assertEqual((note["balance_amount_cents"], note["offset_amount_cents"]), (1000, 2676))
        self.assert_book_is_right()

    def test_what_no_card_paid_is_not_given_back_by_a_void(self) -> None:
        answer = self.call("POST", f"/invoices/{self.invoice_id}/void", {"refund_amount": "5"})
        self.assert_invalid(answer, refund_amount=["not_supported"])
        self.assertEqual(self.move.amount_residual, 36.76)

    # ------------------------------------------------------------------ drafts
    def test_finalize_posts_a_draft_and_nothing_else(self) -> None:
        path = f"/invoices/{self.invoice_id}/finalize"
        self.assert_not_found(self.call("PUT", path), "invoice_not_found")
        self.move.button_draft()
        self.assertEqual(self.ok("PUT", path)["invoice"]["status"], "finalized")
        self.assertEqual(self.move.state, "posted")

    def test_refresh_rates_a_drafts_usage_again(self) -> None:
        path = f"/invoices/{self.invoice_id}/refresh"
        self.assert_not_found(self.call("PUT", path), "invoice_not_found")
        self.move.button_draft()
        self.push("t-2", timestamp="1774000000", properties={"gb": "100"})
        invoice = self.ok("PUT", path)["invoice"]
        self.assertEqual([fee["amount_cents"] for fee in invoice["fees"]], [2000, 1753])
        self.assertEqual(invoice["fees"][1]["units"], "1350.5")
        self.move.action_post()
        self.assert_book_is_right()
        self.bill(date(2026, 4, 10))
        self.assertEqual(len(self.moves), 2)
