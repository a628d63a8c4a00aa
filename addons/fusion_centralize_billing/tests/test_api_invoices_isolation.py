"""Invoices, fees, credit notes and payments of another service are to a key what nothing is."""

from odoo.tests import tagged

from .api_billed_case import BilledCase

NOTHING = "1321c55a-da3a-8{:03x}-8000-0000ffffffff"
KINDS = {"invoices": 7, "fees": 8, "credit_notes": 13, "payments": 14, "payment_receipts": 18}


@tagged("post_install", "-at_install", "fc_api_invoices")
class TestApiInvoicesIsolation(BilledCase):
    def setUp(self) -> None:
        super().setUp()
        self.other, self.other_key = self.make_service("other")
        item = {"fee_id": self.fee_id, "amount_cents": 100}
        note = {"invoice_id": self.invoice_id, "items": [item], "credit_amount_cents": 113}
        made = self.ok("POST", "/credit_notes", {"credit_note": note})["credit_note"]
        payment = {"invoice_id": self.invoice_id, "amount_cents": 100, "reference": "r"}
        paid = self.ok("POST", "/payments", {"payment": payment})["payment"]
        self.mine = {
            "invoices": self.invoice_id,
            "fees": self.fee_id,
            "credit_notes": made["lago_id"],
            "payments": paid["lago_id"],
            "payment_receipts": self.ok("GET", "/payment_receipts")["payment_receipts"][0][
                "lago_id"
            ],
        }

    def test_every_route_is_404_like_nothing(self) -> None:
        change = {"invoice": {"payment_status": "succeeded"}}
        for resource, method, action, body in (
            ("invoices", "GET", "", None),
            ("invoices", "PUT", "", change),
            ("invoices", "POST", "/download", None),
            ("invoices", "POST", "/download_pdf", None),
            ("invoices", "POST", "/void", None),
            ("invoices", "PUT", "/finalize", None),
            ("invoices", "PUT", "/refresh", None),
            ("invoices", "POST", "/retry_payment", None),
            ("invoices", "POST", "/payment_url", None),
            ("invoices", "DELETE", "", None),
            ("invoices", "POST", "/lose_dispute", None),
            ("invoices", "PUT", "/lose_dispute", None),
            ("invoices", "POST", "/retry", None),
            ("credit_notes", "PUT", "", {"credit_note": {"metadata": {"a": "b"}}}),
            ("fees", "GET", "", None),
            ("fees", "GET", "/explain", None),
            ("fees", "PUT", "", {"fee": {"payment_status": "succeeded"}}),
            ("fees", "DELETE", "", None),
            ("credit_notes", "GET", "", None),
            ("credit_notes", "PUT", "/void", None),
            ("credit_notes", "POST", "/download", None),
            ("payments", "GET", "", None),
            ("payment_receipts", "GET", "", None),
        ):
            with self.subTest(resource=resource, method=method, action=action):
                nothing = NOTHING.format(KINDS[resource])
                theirs, none = (
                    self.call(method, f"/{resource}/{lago_id}{action}", body, key=self.other_key)
                    for lago_id in (self.mine[resource], nothing)
                )
                self.assertEqual(theirs, none)
                self.assert_not_found(theirs, f"{resource[:-1]}_not_found")

    def test_their_ids_in_a_body_are_404_like_nothing(self) -> None:
        item = {"fee_id": self.fee_id, "amount_cents": 1}
        for path, root, values in (
            ("/payments", "payment", {"amount_cents": 1, "reference": "x"}),
            ("/credit_notes", "credit_note", {"items": [item], "credit_amount_cents": 1}),
            ("/credit_notes/estimate", "credit_note", {"items": [item]}),
        ):
            for lago_id in (self.invoice_id, NOTHING.format(7)):
                answer = self.call(
                    "POST", path, {root: {"invoice_id": lago_id, **values}}, key=self.other_key
                )
                self.assert_not_found(answer, "invoice_not_found")
        self.assertEqual((len(self.notes), len(self.move.reconciled_payment_ids)), (1, 1))

    def test_lists_hold_nothing_of_another_service(self) -> None:
        for resource in KINDS:
            status, body = self.call("GET", f"/{resource}", key=self.other_key)
            self.assertEqual((status, body[resource]), (200, []))
            self.assertEqual(body["meta"]["total_count"], 0)
        query = f"/payments?invoice_id={self.invoice_id}"
        self.assertEqual(self.call("GET", query, key=self.other_key)[1]["payments"], [])

    def test_a_read_only_key_changes_nothing(self) -> None:
        self.env["fusion.billing.api.key"].search(
            [("service_id", "=", self.service.id)]
        ).scope = "read"
        for method, path, resource in (
            ("POST", f"/invoices/{self.invoice_id}/void", "invoice"),
            ("POST", "/credit_notes", "credit_note"),
            ("POST", "/payments", "payment"),
        ):
            status, body = self.call(method, path, {"x": 1})
            self.assertEqual(
                (status, body["code"]), (403, f"write_action_not_allowed_for_{resource}")
            )
