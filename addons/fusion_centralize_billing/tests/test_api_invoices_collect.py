"""Collecting an invoice: its PDF, the saved card, the payment page."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from .api_billed_case import BilledCase
from .api_common import BASE


@tagged("post_install", "-at_install", "fc_api_invoices")
class TestApiInvoicesCollect(BilledCase):
    def attach(self, move) -> bytes:
        """The PDF that Odoo keeps with an invoice it sent."""
        content = b"%PDF-1.4 of " + move.name.encode()
        self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        return content

    # ------------------------------------------------------------------ download
    def test_download_links_to_odoos_own_pdf(self) -> None:
        content = self.attach(self.move)
        for action in ("download", "download_pdf"):
            invoice = self.ok("POST", f"/invoices/{self.invoice_id}/{action}")["invoice"]
            self.assertEqual(invoice["total_amount_cents"], 3676)
            for left_out in ("fees", "customer", "metadata", "applied_taxes"):
                self.assertNotIn(left_out, invoice)
            path = invoice["file_url"][invoice["file_url"].index(BASE) :]
            answer = self.url_open(path)
            self.assertEqual((answer.status_code, answer.content), (200, content))
            self.assertEqual(answer.headers["Content-Type"], "application/pdf")

    def test_a_link_that_expired_or_was_changed_opens_nothing(self) -> None:
        self.attach(self.move)
        url = self.ok("POST", f"/invoices/{self.invoice_id}/download")["invoice"]["file_url"]
        path = url[url.index(BASE) + len(BASE) :]
        for wrong in (path[:-6] + "AAAAAA", path[:-40], "/files/x", "/files/AQ"):
            self.assert_not_found(self.call("GET", wrong, key=None), "file_not_found")
        with freeze_time("2099-01-01"):
            self.assert_not_found(self.call("GET", path, key=None), "file_not_found")

    def test_without_a_renderer_download_is_an_empty_200(self) -> None:
        report = type(self.env["ir.actions.report"])
        with patch.object(report, "get_wkhtmltopdf_state", lambda self: "install"):
            answer = self.call("POST", f"/invoices/{self.invoice_id}/download")
        self.assertEqual(answer, (200, None))

    def test_with_a_renderer_the_pdf_is_made_once(self) -> None:
        report = type(self.env["ir.actions.report"])
        with patch.object(report, "get_wkhtmltopdf_state", lambda self: "ok"):
            invoice = self.ok("POST", f"/invoices/{self.invoice_id}/download")["invoice"]
            self.assertIsNotNone(invoice["file_url"])
            made = self.move.invoice_pdf_report_id
            self.assertTrue(made.raw)
            self.ok("POST", f"/invoices/{self.invoice_id}/download")
        self.assertEqual(self.move.invoice_pdf_report_id, made)

    # ------------------------------------------------------------------ card and page
    def card(self):
        provider = self.env["payment.provider"].search(
            [("code", "=", "stripe"), ("company_id", "=", self.env.company.id)], limit=1
        )
        provider.write(
            {"state": "test", "stripe_secret_key": "sk_x", "stripe_publishable_key": "pk_x"}
        )
        return self.env["payment.token"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "payment_details": "4242",
                "provider_ref": "cus_x",
                "partner_id": self.move.partner_id.id,
            }
        )

    def test_retry_payment_has_the_run_charge_the_card(self) -> None:
        path = f"/invoices/{self.invoice_id}/retry_payment"
        answer = self.call("POST", path)
        self.assert_invalid(answer, base=["no_linked_payment_provider"])
        self.move.invoice_line_ids.subscription_id.payment_token_id = self.card()
        self.move.next_charge_date = False
        self.assertEqual(self.call("POST", path), (200, None))
        self.assertTrue(self.move.next_charge_date)

    def test_retry_payment_of_a_charge_under_way_or_undecided_is_405(self) -> None:
        order = self.move.invoice_line_ids.subscription_id
        order.payment_token_id = self.card()
        path = f"/invoices/{self.invoice_id}/retry_payment"
        busy = "payment_processor_is_currently_handling_payment"
        order.payment_exception = True
        self.assert_not_allowed(self.call("POST", path), busy)
        order.payment_exception = False
        order._do_payment(order.payment_token_id, self.move)
        self.assert_not_allowed(self.call("POST", path), busy)

    def test_a_charged_card_is_a_payment_that_the_app_hears_of(self) -> None:
        order = self.move.invoice_line_ids.subscription_id
        order.payment_token_id = self.card()
        charge = order._do_payment(order.payment_token_id, self.move)
        charge._set_done()
        charge._post_process()
        [payment] = self.ok("GET", "/payments")["payments"]
        expected = {
            "type": "provider",
            "payment_provider_type": "stripe",
            "payment_status": "succeeded",
            "amount_cents": 3676,
            "invoice_ids": [self.invoice_id],
            "provider_customer_id": "cus_x",
        }
        self.assertEqual({key: payment[key] for key in expected}, expected)
        self.assertEqual(len(self.told("payment.succeeded")), 1)
        self.assertEqual(len(self.told("invoice.payment_status_updated")), 1)

    def test_a_paid_draft_or_voided_invoice_is_not_collected(self) -> None:
        self.first.button_draft()
        self.pay()
        for lago_id in (self.invoice_id, self.first_id):
            for action in ("retry_payment", "payment_url"):
                answer = self.call("POST", f"/invoices/{lago_id}/{action}")
                self.assert_not_allowed(answer, "invalid_status")

    def test_payment_url_is_odoos_page_for_this_invoice(self) -> None:
        path = f"/invoices/{self.invoice_id}/payment_url"
        self.env["payment.provider"].search([]).state = "disabled"
        self.assert_invalid(self.call("POST", path), base=["no_linked_payment_provider"])
        self.card()
        found = self.ok("POST", path)["invoice_payment_details"]
        self.assertEqual(found["lago_invoice_id"], self.invoice_id)
        self.assertEqual(found["external_customer_id"], "acme")
        self.assertEqual(found["payment_provider"], "stripe")
        self.assertIn(self.move.access_token, found["payment_url"])

    # ------------------------------------------------------------------ filters
    def test_every_filter_of_the_list(self) -> None:
        self.pay(amount=10.0)
        for query, count in (
            ("amount_from=3000", 1),
            ("amount_to=3000", 1),
            ("amount_from=2260&amount_to=3676", 2),
            ("amount_from=x", 2),
            ("partially_paid=true", 1),
            ("partially_paid=false", 1),
            ("payment_overdue=true", 1),
            ("payment_dispute_lost=true", 0),
            ("payment_dispute_lost=false", 2),
            ("self_billed=true", 0),
            ("invoice_type=subscription", 2),
            ("invoice_type=one_off", 0),
            ("billing_entity_codes[]=maps", 2),
            ("billing_entity_codes[]=other", 0),
            ("purchase_order_number=1", 0),
            (f"search_term={self.move.name}", 1),
            ("search_term=acme", 2),
            ("metadata[a]=b", 0),
        ):
            with self.subTest(query=query):
                found = self.ok("GET", f"/invoices?{query}")
                self.assertEqual(found["meta"]["total_count"], count)
        self.assert_invalid(
            self.call("GET", "/invoices?invoice_type=lost"), invoice_type=["value_is_invalid"]
        )
