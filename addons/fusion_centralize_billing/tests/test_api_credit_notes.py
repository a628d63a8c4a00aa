"""/credit_notes: fees given back in the ledger, never more than is left of them."""

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install", "fc_api_credit_notes")
class TestApiCreditNotes(BilledCase):
    def ask(self, *items: tuple[str, int], path: str = "/credit_notes", **values):
        """``items`` are (fee id, cents)."""
        asked = {
            "invoice_id": self.invoice_id,
            "items": [{"fee_id": fee, "amount_cents": cents} for fee, cents in items],
            **values,
        }
        return self.call("POST", path, {"credit_note": asked})

    def credit(self, *items: tuple[str, int], **values) -> dict:
        status, body = self.ask(*items, **values)
        self.assertEqual(status, 200, body)
        return body["credit_note"]

    def test_a_credit_stays_with_the_customer(self) -> None:
        note = self.credit(
            (self.fee_id, 1000), credit_amount_cents=1130, reason="order_change", description="Half"
        )
        expected = {
            "lago_invoice_id": self.invoice_id,
            "invoice_number": self.move.name,
            "issuing_date": "2026-04-10",
            "credit_status": "available",
            "refund_status": None,
            "reason": "order_change",
            "description": "Half",
            "currency": "CAD",
            "total_amount_cents": 1130,
            "taxes_amount_cents": 130,
            "sub_total_excluding_taxes_amount_cents": 1000,
            "balance_amount_cents": 1130,
            "credit_amount_cents": 1130,
            "refund_amount_cents": 0,
            "offset_amount_cents": 0,
            "taxes_rate": 13.0,
        }
        self.assertEqual({key: note[key] for key in expected}, expected)
        [item] = note["items"]
        self.assertEqual((item["amount_cents"], item["fee"]["lago_id"]), (1000, self.fee_id))
        self.assertEqual(note["applied_taxes"][0]["amount_cents"], 130)
        move, billed = self.notes, self.move.invoice_line_ids.sorted("sequence")[0]
        self.assertRecordValues(move, [{"state": "posted", "reversed_entry_id": self.move.id}])
        self.assertEqual(move.invoice_line_ids.account_id, billed.account_id)
        self.assertEqual(move.invoice_line_ids.tax_ids, billed.tax_ids)
        self.assertEqual(self.move.amount_residual, 36.76)
        self.assertEqual(len(self.told("credit_note.created")), 1)
        shown = self.ok("GET", f"/credit_notes/{note['lago_id']}")["credit_note"]
        self.assertEqual(shown, note)
        self.assert_book_is_right()

    def test_an_offset_lowers_what_the_invoice_owes(self) -> None:
        note = self.credit((self.usage_id, 1253), (self.fee_id, 2000), offset_amount_cents=3676)
        self.assertEqual((note["credit_status"], note["offset_amount_cents"]), (None, 3676))
        invoice = self.ok("GET", f"/invoices/{self.invoice_id}")["invoice"]
        self.assertEqual(invoice["total_due_amount_cents"], 0)
        self.assertEqual(invoice["total_offsetted_credit_note_amount_cents"], 3676)
        self.assertEqual(invoice["payment_status"], "succeeded")
        self.assertEqual(len(self.told("invoice.payment_status_updated")), 1)
        self.assert_book_is_right()

    def test_never_more_than_is_left_of_a_fee(self) -> None:
        self.credit((self.fee_id, 1500), credit_amount_cents=1695)
        answer = self.ask((self.fee_id, 501), credit_amount_cents=566)
        self.assert_invalid(answer, amount_cents=["higher_than_remaining_fee_amount"])
        twice = self.ask((self.fee_id, 300), (self.fee_id, 300), credit_amount_cents=678)
        self.assert_invalid(twice, amount_cents=["higher_than_remaining_fee_amount"])
        self.credit((self.fee_id, 500), credit_amount_cents=565)
        self.assertEqual(len(self.notes), 2)
        self.assert_book_is_right()

    def test_a_credit_somebody_gave_on_the_screen_counts(self) -> None:
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.move.ids
        )
        reversal = wizard.create({"journal_id": self.move.journal_id.id})
        note = self.env["account.move"].browse(reversal.reverse_moves()["res_id"])
        note.action_post()
        answer = self.ask((self.fee_id, 1), credit_amount_cents=1)
        self.assert_invalid(answer, amount_cents=["higher_than_remaining_fee_amount"])
        [shown] = self.ok("GET", "/credit_notes")["credit_notes"]
        self.assertEqual((shown["reason"], shown["total_amount_cents"]), ("other", 3676))

    def test_amounts_that_do_not_fit_are_422(self) -> None:
        fee = (self.fee_id, 1000)
        for values, field, code in (
            ({}, "base", "total_amount_must_be_positive"),
            ({"credit_amount_cents": 1128}, "base", "does_not_match_item_amounts"),
            ({"refund_amount_cents": 1130}, "refund_amount_cents", "cannot_refund_unpaid_invoice"),
            (
                {"credit_amount_cents": 1000, "offset_amount_cents": 130},
                "offset_amount_cents",
                "not_supported",
            ),
            ({"reason": "boredom", "credit_amount_cents": 1130}, "reason", "value_is_invalid"),
        ):
            with self.subTest(values=values):
                self.assert_invalid(self.ask(fee, **values), **{field: [code]})
        self.pay()
        offset = self.ask(fee, offset_amount_cents=1130)
        code = "higher_than_remaining_invoice_amount"
        self.assert_invalid(offset, offset_amount_cents=[code])
        self.assertFalse(self.notes)

    def test_another_invoices_fee_is_404_and_a_draft_405(self) -> None:
        serialize = self.env["fusion.billing.serialize"]
        other = serialize._id("fee", self.first.invoice_line_ids)
        self.assert_not_found(self.ask((other, 1), credit_amount_cents=1), "fee_not_found")
        self.move.button_draft()
        answer = self.ask((self.fee_id, 100), credit_amount_cents=113)
        self.assert_not_allowed(answer, "invalid_type_or_status")

    def test_an_estimate_is_what_creation_makes_and_writes_nothing(self) -> None:
        items = ((self.fee_id, 333), (self.usage_id, 777))
        status, body = self.ask(*items, path="/credit_notes/estimate")
        self.assertEqual(status, 200, body)
        estimate = body["estimated_credit_note"]
        self.assertFalse(self.notes)
        self.assertEqual(estimate["sub_total_excluding_taxes_amount_cents"], 1110)
        total = estimate["max_creditable_amount_cents"]
        self.assertEqual(total, 1110 + estimate["taxes_amount_cents"])
        [tax] = estimate["applied_taxes"]
        self.assertEqual((tax["amount_cents"], tax["base_amount_cents"]), (144, 1110))
        note = self.credit(*items, credit_amount_cents=total)
        self.assertEqual(
            (note["total_amount_cents"], note["taxes_amount_cents"]),
            (total, estimate["taxes_amount_cents"]),
        )

    def test_a_credit_nobody_used_can_be_voided_once(self) -> None:
        note = self.credit((self.fee_id, 1000), credit_amount_cents=1130)
        path = f"/credit_notes/{note['lago_id']}/void"
        voided = self.ok("PUT", path)["credit_note"]
        self.assertEqual((voided["credit_status"], voided["balance_amount_cents"]), ("voided", 0))
        self.assertEqual(self.notes.state, "cancel")
        self.assert_not_allowed(self.call("PUT", path), "no_voidable_amount")
        self.credit((self.fee_id, 2000), credit_amount_cents=2260)
        self.assert_book_is_right()

    def test_a_used_credit_is_not_voided(self) -> None:
        note = self.credit((self.fee_id, 1000), offset_amount_cents=1130)
        answer = self.call("PUT", f"/credit_notes/{note['lago_id']}/void")
        self.assert_not_allowed(answer, "no_voidable_amount")

    def test_a_void_after_a_credit_reverses_only_the_rest(self) -> None:
        self.credit((self.fee_id, 1501), credit_amount_cents=1696)
        self.ok("POST", f"/invoices/{self.invoice_id}/void")
        self.assertEqual(sum(self.notes.mapped("amount_untaxed")), 32.53)
        self.assertEqual(round(sum(self.notes.mapped("amount_total")), 2), 36.76)
        self.assert_book_is_right()

    def test_the_last_credit_takes_the_taxes_that_are_left(self) -> None:
        """Rounded apart, the three taxes would be 1.31 + 1.57 + 1.36, a cent too much."""
        self.credit((self.fee_id, 1004), credit_amount_cents=1135)
        self.credit((self.usage_id, 1204), credit_amount_cents=1361)
        rest = ((self.fee_id, 996), (self.usage_id, 49))
        _status, body = self.ask(*rest, path="/credit_notes/estimate")
        self.assertEqual(body["estimated_credit_note"]["max_creditable_amount_cents"], 1180)
        note = self.credit(*rest, credit_amount_cents=1180)
        self.assertEqual((note["total_amount_cents"], note["taxes_amount_cents"]), (1180, 135))
        self.assertEqual(round(sum(self.notes.mapped("amount_total")), 2), 36.76)
        self.assert_book_is_right()

    def test_the_list_filters_by_each_argument(self) -> None:
        self.credit((self.fee_id, 1000), credit_amount_cents=1130, reason="order_change")
        for query, count in (
            ("", 1),
            ("external_customer_id=acme", 1),
            ("external_customer_id=nobody", 0),
            ("reason=order_change", 1),
            ("reason=other", 0),
            ("credit_status=available", 1),
            ("credit_status=consumed", 0),
            ("refund_status=pending", 0),
            (f"invoice_number={self.move.name}", 1),
            ("amount_from=1131", 0),
            ("issuing_date_from=2026-04-10", 1),
            ("currency=USD", 0),
            ("search_term=acme", 1),
        ):
            with self.subTest(query=query):
                found = self.ok("GET", f"/credit_notes?{query}")
                self.assertEqual(found["meta"]["total_count"], count)

    def test_download_is_empty_without_a_renderer_or_a_pdf(self) -> None:
        note = self.credit((self.fee_id, 1000), credit_amount_cents=1130)
        path = f"/credit_notes/{note['lago_id']}/download"
        self.env["ir.attachment"].create(
            {
                "name": "note.pdf",
                "raw": b"%PDF-1.4",
                "res_model": "account.move",
                "res_id": self.notes.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        self.assertIn("/files/", self.ok("POST", path)["credit_note"]["file_url"])
