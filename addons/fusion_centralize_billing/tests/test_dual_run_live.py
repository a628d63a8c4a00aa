"""After the cut-over the posted invoices are compared, with all that belongs to their period."""

from datetime import date

from odoo import Command
from odoo.tests import tagged

from .dual_run_case import PERIODS, DualRunCase


@tagged("post_install", "-at_install")
class TestDualRunLive(DualRunCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.subscribe("sub-1")
        cls.service.mode = "live"
        cls.order.x_fc_shadow = False
        cls.told(cls.app_invoice(cls.order, 0, base="41.50", used="0", usage="0", tax="5.40"))

    def bill(self, *amounts: float, day: date = PERIODS[0][1], **values):
        """A posted invoice of the subscription with one line an amount."""
        lines = [
            Command.create(
                {
                    "product_id": self.base_product.id,
                    "quantity": 1,
                    "price_unit": amount,
                    "tax_ids": [Command.set(self.tax.ids)],
                    "subscription_id": self.order.id,
                }
            )
            for amount in amounts
        ]
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_date": day,
                "journal_id": self.journal.id,
                "x_fc_service_id": self.service.id,
                "invoice_line_ids": lines,
                **values,
            }
        )
        move._post()
        return move

    def first(self):
        self.stage._run(self.service, *PERIODS[0])
        return self.rows(self.order)

    def test_the_posted_invoice_of_the_due_date_is_ours(self) -> None:
        self.bill(41.50)
        row = self.first()
        self.assertEqual((row.difference_class, row.our_amount, row.our_tax), ("match", 41.5, 5.4))

    def test_drafts_and_the_invoice_the_period_began_with_do_not_count(self) -> None:
        self.bill(41.50).button_draft()
        self.bill(41.50, day=PERIODS[0][0])
        self.assertEqual(self.first().difference_class, "missing_here")

    def test_a_final_invoice_within_the_period_and_refunds_belong_to_it(self) -> None:
        self.bill(50.00, day=date(2026, 3, 20))
        self.bill(8.50, move_type="out_refund")
        row = self.first()
        self.assertEqual((row.our_amount, row.our_tax, row.app_amount), (41.5, 5.39, 41.5))
