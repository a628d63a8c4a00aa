"""Large corrections in the customer's favour are credit notes, small ones lines."""

from datetime import date

from odoo.tests import tagged

from .usage_case import UsageCase

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


@tagged("post_install", "-at_install", "fc_invoice")
class TestInvoiceCorrections(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def setUp(self) -> None:
        super().setUp()
        self.push(self.item("a", 3000))
        self.billed = self.run_billing(APRIL).line_ids.invoice_id.sorted("invoice_date")[1]
        self.claim = self.order.x_fc_period_ids

    def run_may(self):
        moves = self.run_billing(MAY).line_ids.invoice_id
        return (
            moves.filtered(lambda move: move.move_type == "out_invoice"),
            moves.filtered(lambda move: move.move_type == "out_refund"),
        )

    def test_up_to_the_limit_a_correction_is_a_line(self) -> None:
        self.service.correction_limit = 5
        self.push(self.item("back", -100))
        invoice, note = self.run_may()
        self.assertFalse(note)
        self.assertEqual(self.usage_lines(invoice).mapped("price_subtotal"), [-5.0])

    def test_above_the_limit_it_is_a_credit_note_on_the_invoice_it_corrects(self) -> None:
        self.service.correction_limit = 5
        self.push(self.item("back", -102))
        invoice, note = self.run_may()
        self.assertFalse(self.usage_lines(invoice))
        self.assertRecordValues(
            note,
            [
                {
                    "state": "posted",
                    "amount_untaxed": 5.1,
                    "reversed_entry_id": self.billed.id,
                    "x_fc_service_id": self.service.id,
                }
            ],
        )
        self.assertFalse(self.claim.filtered("dirty"))
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])

    def test_more_than_the_invoice_charges_is_a_credit_note_without_any_limit(self) -> None:
        self.push(self.item("back", -1000))
        invoice, note = self.run_may()
        self.assertEqual((invoice.amount_untaxed, note.amount_untaxed), (29.0, 50.0))

    def test_a_credit_note_is_made_once(self) -> None:
        self.service.correction_limit = 5
        self.push(self.item("back", -102))
        self.run_may()
        invoice, note = self.run_may()
        self.assertFalse(invoice | note)
        self.assertFalse(
            self.run_billing(JUNE).line_ids.invoice_id.filtered(
                lambda move: move.move_type == "out_refund"
            )
        )

    def test_usage_that_comes_back_later_is_charged_again(self) -> None:
        self.service.correction_limit = 5
        self.push(self.item("back", -200))
        self.run_may()
        self.push(self.item("again", 50))
        [invoice] = self.run_billing(JUNE).line_ids.invoice_id
        self.assertEqual(self.usage_lines(invoice).mapped("price_subtotal"), [2.5])
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])
