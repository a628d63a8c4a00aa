from freezegun import freeze_time

from odoo.exceptions import UserError

from .common import SubscriptionCase


class TestUpsellRefusals(SubscriptionCase):
    """When this stand-in does not confirm an upsell, or keeps it apart: see the README."""

    @classmethod
    def _invoiced(cls):
        with freeze_time("2026-01-01 12:00:00"):
            order = cls._order("2026-01-01")
            order._create_recurring_invoice()
        return order

    def _upsell(self, order, quantity):
        upsell = self.env["sale.order"].browse(order.prepare_upsell_order()["res_id"])
        upsell.order_line.product_uom_qty = quantity
        return upsell

    @freeze_time("2026-01-10 12:00:00")
    def test_another_price_makes_a_line_of_its_own(self):
        order = self._invoiced()
        upsell = self._upsell(order, 1)
        upsell.order_line.price_unit = 20.0
        upsell.action_confirm()
        self.assertEqual(order.order_line.mapped("price_unit"), [31.0, 20.0])

    @freeze_time("2026-02-05 12:00:00")
    def test_a_contract_that_is_late_is_invoiced_before_its_upsell(self):
        order = self._invoiced()
        upsell = self._upsell(order, 1)
        with self.assertRaisesRegex(UserError, "Invoice contract"):
            upsell.action_confirm()
        self.assertEqual(order.order_line.product_uom_qty, 1.0)

    @freeze_time("2026-02-01 12:00:00")
    def test_a_draft_for_the_next_period_is_posted_or_deleted_first(self):
        order = self._invoiced()
        draft = order._create_invoices()
        upsell = self._upsell(order, 1)
        with self.assertRaisesRegex(UserError, "draft invoice"):
            upsell.action_confirm()
        draft.action_post()
        upsell.action_confirm()
        self.assertEqual(upsell._create_invoices().amount_untaxed, 31.0)

    @freeze_time("2026-01-10 12:00:00")
    def test_an_upsell_only_adds(self):
        upsell = self._upsell(self._invoiced(), -1)
        with self.assertRaisesRegex(UserError, "only adds"):
            upsell.action_confirm()

    @freeze_time("2026-01-10 12:00:00")
    def test_a_confirmed_upsell_is_not_cancelled_but_changed_in_its_contract(self):
        upsell = self._upsell(self._invoiced(), 1)
        upsell.action_confirm()
        with self.assertRaisesRegex(UserError, "change the quantities there"):
            upsell._action_cancel()
