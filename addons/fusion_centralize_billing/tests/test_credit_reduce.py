"""Fewer units from tomorrow on: the difference to the period's end comes back."""

from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .usage_case import UsageCase

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
DAY = date(2026, 3, 10)


@tagged("post_install", "-at_install", "fc_credit")
class TestReduceWithCredit(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")
        cls.line = cls.order.order_line
        cls.line.product_uom_qty = 5  # 145.00 a month

    def setUp(self) -> None:
        super().setUp()
        self.invoice = self.run_billing(MARCH).line_ids.invoice_id
        self.assertEqual(self.invoice.amount_untaxed, 145.0)

    def reduce(self, quantity: float, day: date = DAY, line=None, settle: str = "credit"):
        return self.env["fusion.billing.credit"]._reduce(line or self.line, quantity, day, settle)

    def violations(self) -> list:
        return self.env["fusion.billing.invariants"]._check(self.service)

    def test_the_difference_of_the_days_left_is_credited(self) -> None:
        note = self.reduce(3)
        # 145.00 × (10/31 + 21/31 × 3/5) = 105.709… stays billed.
        self.assertRecordValues(note, [{"state": "posted", "amount_untaxed": 39.29}])
        self.assertEqual(note.invoice_line_ids.x_fc_line_key, "credit/2026-03-11/3/5")
        self.assertEqual((self.line.product_uom_qty, self.line.price_unit), (3, 29.0))
        self.assertEqual(self.violations(), [])

    def test_the_next_period_bills_the_new_quantity(self) -> None:
        self.reduce(3)
        april = self.run_billing(APRIL).line_ids.invoice_id
        self.assertEqual(april.amount_untaxed, 87.0)
        self.assertEqual(self.violations(), [])

    def test_reduced_twice_and_ended_keeps_the_days_at_their_quantities(self) -> None:
        self.reduce(3)
        self.reduce(1, date(2026, 3, 15))
        self.env["fusion.billing.subscribe"]._terminate(self.order, datetime(2026, 3, 20, 16))
        credited = sum(self.invoice.reversal_move_ids.mapped("amount_untaxed"))
        # 29.00 a unit: 10 days of 5, 5 days of 3, 5 days of 1 of 31 days: 65.483…
        expected = (10 * 5 + 5 * 3 + 5 * 1) * 29 / 31
        self.assertAlmostEqual(145 - credited, expected, delta=0.015)
        self.assertEqual(len(self.invoice.reversal_move_ids), 3)
        self.assertEqual(self.violations(), [])

    def test_all_units_gone_is_a_line_that_bills_nothing(self) -> None:
        note = self.reduce(0)
        self.assertEqual(note.amount_untaxed, 98.23)  # 145.00 − 46.77

    def test_a_price_that_was_agreed_on_stays(self) -> None:
        self.line.price_unit = 20.0
        self.reduce(3)
        self.assertEqual(self.line.price_unit, 20.0)

    def test_only_the_line_itself_is_credited(self) -> None:
        order = self.make_order("sub-2", order_line=[
            Command.create({"product_id": self.base_product.id, "product_uom_qty": 2}),
            Command.create({"product_id": self.base_product.id, "product_uom_qty": 1}),
        ])  # fmt: skip
        self.run_billing(MARCH)
        first, second = order.order_line
        note = self.reduce(1, line=first)
        self.assertEqual(note.invoice_line_ids.sale_line_ids, first)
        self.assertEqual(second.product_uom_qty, 1)

    def test_what_an_upsell_added_comes_back_too(self) -> None:
        order = self.order.with_context(billing_date=DAY)
        upsell = self.env["sale.order"].browse(order.prepare_upsell_order()["res_id"])
        upsell.order_line.product_uom_qty = 5
        upsell = upsell.with_context(billing_date=DAY)
        upsell.action_confirm()
        extra = upsell._create_invoices()
        extra.action_post()
        self.assertEqual((extra.amount_untaxed, self.line.product_uom_qty), (102.9, 10))
        notes = self.reduce(5, date(2026, 3, 20))
        # Half of what 11 of 31 (of 22) days cost on either invoice: 25.73 and 25.72 or so.
        self.assertEqual(notes.reversed_entry_id, self.invoice | extra)
        self.assertAlmostEqual(sum(notes.mapped("amount_untaxed")), 145 * 11 / 31, delta=0.02)

    def test_offset_is_less_to_pay(self) -> None:
        self.reduce(3, settle="offset")
        self.assertAlmostEqual(self.invoice.amount_residual, 145 - 39.29)

    def test_more_the_same_or_less_than_nothing_is_refused(self) -> None:
        for quantity in (5, 6, -1):
            with self.subTest(quantity=quantity), self.assertRaises(UserError):
                self.reduce(quantity)
        self.assertFalse(self.invoice.reversal_move_ids)

    def test_a_subscription_in_arrears_is_refused(self) -> None:
        plan = self.make_plan("late", 29.0, bill_end_period=True)
        order = self.make_order("sub-2", plan=plan)
        order.order_line.product_uom_qty = 2
        with self.assertRaisesRegex(UserError, "billed at period end"):
            self.reduce(1, line=order.order_line)

    def test_a_closed_subscription_is_refused(self) -> None:
        self.order.with_context(billing_date=DAY).set_close()
        with self.assertRaises(UserError):
            self.reduce(1)

    def test_before_its_first_invoice_only_the_quantity_changes(self) -> None:
        order = self.make_order("sub-2")
        order.order_line.product_uom_qty = 2
        self.assertFalse(self.reduce(1, line=order.order_line))
        self.assertEqual(order.order_line.product_uom_qty, 1)

    def wizard(self, user=None):
        model = self.env["fusion.billing.reduce.wizard"]
        model = model.with_user(user) if user else model
        form = Form(model.with_context(default_order_id=self.order.id))
        form.line_id = self.line
        form.quantity = 3
        return form

    def test_the_wizard_shows_the_credit_and_gives_it(self) -> None:
        form = self.wizard()
        # The service's clock says 15 March: 145.00 × 2/5 × 16/31.
        self.assertEqual((form.day, form.amount), (date(2026, 3, 15), 29.94))
        action = form.save().action_reduce()
        note = self.invoice.reversal_move_ids
        self.assertEqual(action["domain"], [("id", "in", note.ids)])
        self.assertEqual(note.amount_untaxed, 29.94)

    def test_a_reader_cannot_reduce(self) -> None:
        group = "fusion_centralize_billing.group_fusion_billing_user"
        reader = new_test_user(self.env, "reader", groups=f"base.group_user,{group}")
        with self.assertRaises(AccessError):
            self.wizard(reader)
