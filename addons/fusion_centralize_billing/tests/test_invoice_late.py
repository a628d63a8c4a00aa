"""Invariant 4: usage that comes late is billed as a difference, whatever its sign."""

from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from .usage_case import UsageCase

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


@tagged("post_install", "-at_install", "fc_invoice")
class TestInvoiceLate(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def setUp(self) -> None:
        super().setUp()
        self.push(self.item("a", 1250))
        self.april = self.run_billing(APRIL).line_ids.invoice_id.sorted("invoice_date")[1]
        self.claim = self.order.x_fc_period_ids

    def _adjustments(self, as_of: date):
        return self.usage_lines(self.run_billing(as_of).line_ids.invoice_id)

    def test_late_usage_marks_its_period(self) -> None:
        self.assertFalse(self.claim.dirty)
        self.push(self.item("on time", at=datetime(2026, 4, 2)))
        self.assertFalse(self.claim.dirty)
        self.push(self.item("late"))
        self.assertTrue(self.claim.dirty)

    def test_the_next_invoice_carries_the_difference_and_names_the_period(self) -> None:
        self.push(self.item("late", 100))
        line = self._adjustments(MAY)
        self.assertRecordValues(
            line,
            [
                {
                    "price_subtotal": 5.0,
                    "x_fc_line_key": "gb/bandwidth",
                    "x_fc_period_start": MARCH,
                    "x_fc_period_end": APRIL,
                }
            ],
        )
        self.assertEqual(
            line.name,
            "Adjustment: Bandwidth: 1,350 GB used, 1,000 included, 350 × $0.05 "
            "(1 Mar 2026 to 31 Mar 2026), $12.50 billed before",
        )
        self.assertFalse(self.claim.dirty)
        self.assertFalse(self._adjustments(JUNE))

    def test_a_correction_downwards_gives_back(self) -> None:
        self.push(self.item("correction", -100))
        self.assertEqual(self._adjustments(MAY).mapped("price_subtotal"), [-5.0])

    def test_late_usage_is_rated_at_the_price_of_its_own_period(self) -> None:
        self.charge.unit_price = 1
        self.push(self.item("late", 100))
        self.assertEqual(self._adjustments(MAY).mapped("price_subtotal"), [5.0])

    def test_a_new_price_alone_adjusts_nothing(self) -> None:
        self.charge.unit_price = 1
        self.claim.dirty = True
        self.assertFalse(self._adjustments(MAY))

    def test_usage_that_slipped_in_while_its_period_was_billed_is_found_without_a_mark(self):
        self.push(self.item("slipped", 100))
        self.claim.dirty = False
        self.assertEqual(self._adjustments(MAY).mapped("price_subtotal"), [5.0])

    def test_usage_released_after_its_period_was_billed_is_billed_with_the_next(self) -> None:
        self.push(self.item("tb", 3, code="tb"))
        metric = self.make_metric("tb", name="Disk")
        self.make_charge("disk", metric_id=metric.id, name="Disk", model="standard", unit_price=2)
        self.assertEqual(self._adjustments(MAY).mapped("price_subtotal"), [6.0])

    def test_a_correction_beyond_the_invoice_is_a_credit_note(self) -> None:
        self.push(self.item("a lot", 100000))
        self._adjustments(MAY)
        self.push(self.item("not so", -100000, at=datetime(2026, 3, 11)))
        run = self.run_billing(JUNE)
        self.assertEqual(run.line_ids.mapped("state"), ["invoiced", "invoiced"])
        [note] = run.line_ids.invoice_id.filtered(lambda move: move.move_type == "out_refund")
        self.assertEqual((note.amount_untaxed, note.reversed_entry_id), (5000.0, self.april))

    def test_a_deleted_draft_gives_its_period_back(self) -> None:
        self.push(self.item("april", 2000, at=datetime(2026, 4, 10)))
        draft = self.order.with_context(billing_date=MAY)._create_invoices()
        self.assertEqual(draft.amount_untaxed, 79.0)
        draft.unlink()
        self.assertEqual(self.order.x_fc_period_ids, self.claim)
        self.assertEqual(self._adjustments(MAY).mapped("price_subtotal"), [50.0])

    def test_a_deleted_adjustment_is_due_again(self) -> None:
        self.push(self.item("late", 100))
        self.order.with_context(billing_date=MAY)._create_invoices().unlink()
        self.assertTrue(self.claim.dirty)
        self.assertEqual(self._adjustments(MAY).mapped("price_subtotal"), [5.0])

    def test_a_cancelled_draft_stays_cancelled_because_its_period_is_open_again(self) -> None:
        self.push(self.item("april", 2000, at=datetime(2026, 4, 10)))
        draft = self.order.with_context(billing_date=MAY)._create_invoices()
        draft.button_cancel()
        self.assertEqual(self.order.x_fc_period_ids, self.claim)
        with self.assertRaises(UserError):
            draft.button_draft()
