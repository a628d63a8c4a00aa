"""/fees: the lines of invoices, found, shown and explained."""

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install", "fc_api_fees")
class TestApiFees(BilledCase):
    def test_a_fee_is_as_on_its_invoice_with_its_taxes(self) -> None:
        fee = self.ok("GET", f"/fees/{self.usage_id}")["fee"]
        [tax] = fee.pop("applied_taxes")
        invoice = self.ok("GET", f"/invoices/{self.invoice_id}")["invoice"]
        self.assertEqual(fee, invoice["fees"][1])
        self.assertEqual((tax["tax_rate"], tax["amount_cents"]), (13.0, 163))
        self.assertEqual(tax["lago_fee_id"], self.usage_id)

    def test_the_list_filters_by_each_argument(self) -> None:
        self.pay(self.first)
        for query, count in (
            ("", 3),
            ("fee_type=charge", 1),
            ("fee_type=subscription", 2),
            ("fee_type[]=charge&fee_type[]=subscription", 3),
            ("fee_type=commitment", 0),
            ("fee_type=add_on", 0),
            ("payment_status=succeeded", 1),
            ("payment_status=pending", 2),
            ("payment_status=refunded", 0),
            ("billable_metric_code=bandwidth", 1),
            ("billable_metric_code=calls", 0),
            ("external_customer_id=acme", 3),
            ("external_customer_id=nobody", 0),
            ("external_subscription_id=sub-1", 3),
            ("currency=USD", 0),
            ("event_transaction_id=t-1", 0),
            ("created_at_from=2000-01-01T00:00:00Z", 3),
            ("created_at_to=2000-01-01T00:00:00Z", 0),
            ("created_at_to=rubbish", 3),
            ("failed_at_from=2000-01-01T00:00:00Z", 0),
        ):
            with self.subTest(query=query):
                found = self.ok("GET", f"/fees?{query}")
                self.assertEqual((len(found["fees"]), found["meta"]["total_count"]), (count,) * 2)
        self.assert_invalid(self.call("GET", "/fees?fee_type=lost"), fee_type=["value_is_invalid"])

    def test_a_fee_on_an_invoice_is_not_changed_by_itself(self) -> None:
        for method in ("PUT", "DELETE"):
            answer = self.call(
                method, f"/fees/{self.fee_id}", {"fee": {"payment_status": "succeeded"}}
            )
            self.assert_not_allowed(answer, "invoiced_fee")

    def test_explain_says_how_the_amount_came_about(self) -> None:
        found = self.ok("GET", f"/fees/{self.usage_id}/explain")["fee_explanation"]
        self.assertEqual((found["amount_cents"], found["replays"]), (1253, True))
        self.assertEqual(found["lago_invoice_id"], self.invoice_id)
        self.assertEqual(found["sentences"][1], "Quantity measured: 1,250.5 GB")
        self.assertEqual(found["derivation"]["amount"], "12.53")
        base = self.ok("GET", f"/fees/{self.fee_id}/explain")["fee_explanation"]
        self.assertEqual((base["replays"], base["derivation"]), (None, None))
        self.assertEqual(base["amount_cents"], 2000)

    def test_explain_speaks_the_customers_language(self) -> None:
        self.env["res.lang"]._activate_lang("fr_CA")
        self.move.partner_id.lang = "fr_CA"
        found = self.ok("GET", f"/fees/{self.usage_id}/explain")["fee_explanation"]
        self.assertEqual(found["language"], "fr_CA")
        self.assertTrue(found["sentences"][1].startswith("Quantité mesurée"), found["sentences"])

    def test_a_line_that_was_tampered_with_does_not_replay(self) -> None:
        line = self.move.invoice_line_ids.filtered("x_fc_line_key")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET price_subtotal = 99 WHERE id = %s", (line.id,)
        )
        self.env.invalidate_all()
        found = self.ok("GET", f"/fees/{self.usage_id}/explain")["fee_explanation"]
        self.assertIs(found["replays"], False)
