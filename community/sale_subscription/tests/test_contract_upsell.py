from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from .common import SubscriptionCase


class TestContractUpsell(SubscriptionCase):
    @classmethod
    def _invoiced(cls, start="2026-01-01", **values):
        """A running contract with its first period invoiced on its first day."""
        with freeze_time(f"{start} 12:00:00"):
            order = cls._order(start, **values)
            order._create_recurring_invoice()
        return order

    def _upsell(self, order, quantity=0.0, **values):
        upsell = self.env["sale.order"].browse(order.prepare_upsell_order()["res_id"])
        if quantity:
            upsell.order_line[0].product_uom_qty = quantity
        upsell.write(values)
        return upsell

    @freeze_time("2026-01-10 12:00:00")
    def test_an_upsell_is_refused_before_the_first_invoice(self):
        order = self._order("2026-01-01")
        with self.assertRaisesRegex(UserError, "not invoiced yet"):
            order.prepare_upsell_order()

    @freeze_time("2026-01-10 12:00:00")
    def test_only_a_subscription_in_progress_can_be_added_to(self):
        order = self._invoiced()
        order.pause_subscription()
        with self.assertRaisesRegex(UserError, "not in progress"):
            order.prepare_upsell_order()

    @freeze_time("2026-01-10 12:00:00")
    def test_the_quotation_shows_the_recurring_products_at_quantity_zero(self):
        setup = self._product("Setup", 500.0, recurring_invoice=False)
        order = self._invoiced(lines=[(self.hosting, 3), (setup, 1)])
        action = order.prepare_upsell_order()
        upsell = self.env[action["res_model"]].browse(action["res_id"])
        self.assertRecordValues(
            upsell,
            [
                {
                    "state": "draft",
                    "subscription_state": "7_upsell",
                    "is_subscription": False,
                    "plan_id": self.monthly.id,
                    "partner_id": self.customer.id,
                    "subscription_id": order.id,
                    "origin_order_id": order.id,
                }
            ],
        )
        self.assertRecordValues(
            upsell.order_line,
            [
                {
                    "product_id": self.hosting.id,
                    "product_uom_qty": 0.0,
                    "price_unit": 31.0,
                    "parent_line_id": order.order_line[0].id,
                }
            ],
        )
        self.assertIn(upsell, order.subscription_child_ids)

    @freeze_time("2026-01-10 12:00:00")
    def test_confirming_adds_the_quantity_to_the_line_of_the_contract(self):
        order = self._invoiced(lines=[(self.hosting, 3)])
        upsell = self._upsell(order, 2)
        upsell.action_confirm()
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [5.0])
        self.assertEqual(order.recurring_monthly, 155.0)
        self.assertFalse(upsell.is_subscription)
        self.assertEqual(upsell.recurring_monthly, 0.0)

    @freeze_time("2026-01-10 12:00:00")
    def test_a_new_product_becomes_a_line_of_the_contract(self):
        backup = self._product("Backup", 10.0)
        order = self._invoiced()
        upsell = self._upsell(
            order,
            order_line=[Command.create({"product_id": backup.id, "product_uom_qty": 2})],
        )
        upsell.action_confirm()
        added = order.order_line.filtered(lambda line: line.product_id == backup)
        self.assertEqual((added.product_uom_qty, added.price_unit), (2.0, 10.0))
        self.assertTrue(added.recurring_invoice)
        self.assertEqual(upsell.order_line[1].parent_line_id, added)

    @freeze_time("2026-01-10 12:00:00")
    def test_the_price_agreed_on_stays_when_a_quantity_grows(self):
        order = self._invoiced()
        order.order_line.write({"price_unit": 25.0, "discount": 10.0})
        self._upsell(order, 4).action_confirm()
        self.assertRecordValues(
            order.order_line, [{"product_uom_qty": 5.0, "price_unit": 25.0, "discount": 10.0}]
        )

    @freeze_time("2026-01-10 12:00:00")
    def test_the_upsell_bills_the_days_left_of_the_invoiced_period(self):
        order = self._invoiced()
        upsell = self._upsell(order, 2)
        upsell.action_confirm()
        line = upsell._create_invoices().invoice_line_ids
        self.assertRecordValues(
            line,
            [
                {
                    "price_subtotal": 44.0,  # 2 × 31.00 × 22/31
                    "deferred_start_date": self._date("2026-01-10"),
                    "deferred_end_date": self._date("2026-01-31"),
                    "subscription_id": order.id,
                }
            ],
        )

    def test_the_next_period_of_the_contract_bills_everything_once(self):
        with freeze_time("2026-01-10 12:00:00"):
            order = self._invoiced()
            upsell = self._upsell(order, 2)
            upsell.action_confirm()
            upsell._create_invoices().action_post()
            self.assertEqual(order.next_invoice_date, self._date("2026-02-01"))
            self.assertFalse(order._create_recurring_invoice())
        with freeze_time("2026-02-01 12:00:00"):
            self.assertEqual(order._create_recurring_invoice().amount_untaxed, 93.0)
            self.assertFalse(self.env["sale.order"]._create_recurring_invoice())
            with self.assertRaises(UserError):
                upsell._create_invoices()

    def test_a_new_line_is_first_billed_by_the_contract_from_its_next_period(self):
        backup = self._product("Backup", 28.0)
        with freeze_time("2026-01-10 12:00:00"):
            order = self._invoiced()
            lines = [Command.create({"product_id": backup.id, "product_uom_qty": 1})]
            self._upsell(order, order_line=lines).action_confirm()
            self.assertFalse(order._create_recurring_invoice())
        with freeze_time("2026-02-01 12:00:00"):
            invoice = order._create_recurring_invoice()
        self.assertEqual(invoice.invoice_line_ids.mapped("price_subtotal"), [31.0, 28.0])
        self.assertEqual(
            set(invoice.invoice_line_ids.mapped("deferred_start_date")),
            {self._date("2026-02-01")},
        )

    @freeze_time("2026-01-10 12:00:00")
    def test_goods_and_services_that_are_not_prorated_are_charged_in_full(self):
        router = self._product("Router rent", 15.0, type="consu")
        fixed = self._product("Licence", 40.0, allow_prorated_price=False)
        order = self._invoiced(lines=[(router, 1), (fixed, 1)])
        upsell = self._upsell(order)
        upsell.order_line.product_uom_qty = 1
        upsell.action_confirm()
        invoice = upsell._create_invoices()
        self.assertEqual(invoice.invoice_line_ids.mapped("price_subtotal"), [15.0, 40.0])

    @freeze_time("2026-01-10 12:00:00")
    def test_a_one_off_line_of_an_upsell_is_billed_by_the_upsell_only(self):
        setup = self._product("Setup", 500.0, recurring_invoice=False)
        order = self._invoiced()
        lines = [Command.create({"product_id": setup.id, "product_uom_qty": 1})]
        upsell = self._upsell(order, order_line=lines)
        upsell.action_confirm()
        self.assertEqual(upsell._create_invoices().amount_untaxed, 500.0)
        self.assertEqual(order.order_line.product_id, self.hosting)

    @freeze_time("2026-02-01 12:00:00")
    def test_on_the_day_of_the_next_invoice_there_is_nothing_left_to_prorate(self):
        order = self._invoiced()
        upsell = self._upsell(order, 1)
        upsell.action_confirm()
        self.assertEqual(upsell.order_line.qty_to_invoice, 0.0)
        self.assertEqual(order._create_recurring_invoice().amount_untaxed, 62.0)

    @freeze_time("2026-01-10 12:00:00")
    def test_periods_invoiced_ahead_are_part_of_the_charge(self):
        order = self._invoiced()
        order.with_context(billing_date="2026-02-01")._create_recurring_invoice()
        upsell = self._upsell(order, 1)
        upsell.action_confirm()
        line = upsell._create_invoices().invoice_line_ids
        self.assertEqual(line.price_subtotal, 53.0)  # 31.00 × 22/31 + 31.00
        self.assertEqual(line.deferred_end_date, self._date("2026-02-28"))
