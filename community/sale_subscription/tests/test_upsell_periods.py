from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import SubscriptionCase


class TestUpsellPeriods(SubscriptionCase):
    """Which days an upsell bills where public sources leave it open: see the README."""

    def _upsell(self, order, quantity):
        upsell = self.env["sale.order"].browse(order.prepare_upsell_order()["res_id"])
        upsell.order_line[-1:].product_uom_qty = quantity
        upsell.action_confirm()
        return upsell

    def test_in_arrears_the_contract_bills_the_added_days_at_the_end_of_the_period(self):
        arrears = self._plan("Arrears", bill_end_period=True)
        with freeze_time("2026-02-01 12:00:00"):
            order = self._order("2026-01-01", plan=arrears)
            order._create_recurring_invoice()
        with freeze_time("2026-02-15 12:00:00"):
            upsell = self._upsell(order, 2)
            self.assertEqual(upsell.order_line.qty_to_invoice, 0.0)
        with freeze_time("2026-03-01 12:00:00"):
            lines = order._create_recurring_invoice().invoice_line_ids
            # 31.00 for February, and 2 × 31.00 × 14/28 from the 15th on
            self.assertEqual(lines.mapped("price_subtotal"), [31.0, 31.0])
            self.assertEqual(
                [str(day) for day in lines.mapped("deferred_start_date")],
                ["2026-02-01", "2026-02-15"],
            )
        with freeze_time("2026-04-01 12:00:00"):
            lines = order._create_recurring_invoice().invoice_line_ids
        self.assertEqual(lines.mapped("price_subtotal"), [31.0, 62.0])

    def test_in_arrears_a_second_upsell_leaves_the_first_one_alone(self):
        arrears = self._plan("Arrears", bill_end_period=True)
        with freeze_time("2026-02-01 12:00:00"):
            order = self._order("2026-01-01", plan=arrears)
            order._create_recurring_invoice()
        for day in ("2026-02-15", "2026-02-22"):
            with freeze_time(f"{day} 12:00:00"):
                self._upsell(order, 2)
        with freeze_time("2026-03-01 12:00:00"):
            lines = order._create_recurring_invoice().invoice_line_ids
        # 31.00 + 62.00 × 14/28 + 62.00 × 7/28
        self.assertEqual(lines.mapped("price_subtotal"), [31.0, 31.0, 15.5])

    def test_in_arrears_the_day_the_period_is_due_is_too_late(self):
        arrears = self._plan("Arrears", bill_end_period=True)
        with freeze_time("2026-02-01 12:00:00"):
            order = self._order("2026-01-01", plan=arrears)
            order._create_recurring_invoice()
        with freeze_time("2026-03-01 12:00:00"), self.assertRaisesRegex(UserError, "Invoice"):
            self._upsell(order, 1)

    def test_an_aligned_first_period_is_prorated_over_the_whole_month(self):
        aligned = self._plan("Aligned", billing_first_day=True)
        with freeze_time("2026-07-15 12:00:00"):
            order = self._order("2026-07-15", plan=aligned)
            order._create_recurring_invoice()
        with freeze_time("2026-07-20 12:00:00"):
            invoice = self._upsell(order, 1)._create_invoices()
        self.assertEqual(invoice.amount_untaxed, 12.0)  # 31.00 × 12/31

    def test_a_month_end_contract_is_prorated_over_its_own_short_period(self):
        with freeze_time("2026-01-31 12:00:00"):
            order = self._order("2026-01-31")
            order._create_recurring_invoice()
        self.hosting.list_price = 28.0
        order.order_line.price_unit = 28.0
        with freeze_time("2026-02-14 12:00:00"):
            invoice = self._upsell(order, 1)._create_invoices()
        self.assertEqual(invoice.amount_untaxed, 14.0)  # 28.00 × 14/28, until 27 February

    def test_a_last_period_cut_by_the_end_date_keeps_its_full_length_as_measure(self):
        with freeze_time("2026-01-01 12:00:00"):
            order = self._order("2026-01-01", end_date="2026-01-20")
            order._create_recurring_invoice()
        with freeze_time("2026-01-11 12:00:00"):
            invoice = self._upsell(order, 1)._create_invoices()
        self.assertEqual(invoice.amount_untaxed, 10.0)  # 31.00 × 10/31

    def test_an_upsell_invoice_neither_claims_a_period_nor_moves_a_date(self):
        with freeze_time("2026-01-01 12:00:00"):
            order = self._order("2026-01-01")
            order._create_recurring_invoice()
            invoice = self._upsell(order, 1)._create_invoices()
            invoice.action_post()
        self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))
        invoice.button_cancel()
        invoice.button_draft()
        self.assertEqual(
            self.env["sale.subscription.claim"].sudo().search_count([("order_id", "=", order.id)]),
            1,
        )
