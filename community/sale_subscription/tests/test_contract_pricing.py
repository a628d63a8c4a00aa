from freezegun import freeze_time

from odoo import Command

from .common import SubscriptionCase


@freeze_time("2026-01-15 12:00:00")
class TestContractPricing(SubscriptionCase):
    def _price(self, plan, price, **values):
        return self.env["product.pricelist.item"].create(
            {
                "plan_id": plan.id,
                "product_tmpl_id": self.hosting.product_tmpl_id.id,
                "fixed_price": price,
                **values,
            }
        )

    def test_a_recurring_price_is_a_pricelist_rule_of_the_plan(self):
        self._price(self.monthly, 20.0)
        order = self._order("2026-01-15", confirm=False)
        self.assertEqual(order.order_line.price_unit, 20.0)

    def test_a_recurring_price_may_stand_without_a_pricelist(self):
        rule = self._price(self.monthly, 20.0)
        self.assertFalse(rule.pricelist_id)
        self.assertFalse(rule.is_pricelist_required)

    def test_without_a_rule_the_sales_price_applies(self):
        self._price(self._plan("Yearly", billing_period_unit="year"), 200.0)
        order = self._order("2026-01-15", confirm=False)
        self.assertEqual(order.order_line.price_unit, 31.0)

    def test_changing_the_plan_changes_the_price(self):
        yearly = self._plan("Yearly", billing_period_unit="year")
        self._price(self.monthly, 20.0)
        self._price(yearly, 200.0)
        order = self._order("2026-01-15", confirm=False)
        order.plan_id = yearly
        self.assertEqual(order.order_line.price_unit, 200.0)

    def test_a_price_written_by_hand_survives_a_change_of_plan(self):
        yearly = self._plan("Yearly", billing_period_unit="year")
        self._price(yearly, 200.0)
        order = self._order("2026-01-15", confirm=False)
        order.order_line.price_unit = 17.5
        order.plan_id = yearly
        self.assertEqual(order.order_line.price_unit, 17.5)

    def test_one_off_rules_do_not_price_recurring_lines_nor_the_other_way_round(self):
        pricelist = self.env["product.pricelist"].create({"name": "Friends"})
        template = self.hosting.product_tmpl_id
        template.allow_one_time_sale = True
        self._price(self.monthly, 20.0, pricelist_id=pricelist.id)
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": pricelist.id,
                "product_tmpl_id": template.id,
                "fixed_price": 99.0,
            }
        )
        recurring = self._order("2026-01-15", pricelist_id=pricelist.id, confirm=False)
        one_off = self._order(
            "2026-01-15", plan=self.monthly.browse(), pricelist_id=pricelist.id, confirm=False
        )
        one_off.plan_id = False
        self.assertEqual(recurring.order_line.price_unit, 20.0)
        self.assertEqual(one_off.order_line.price_unit, 99.0)
        self.assertFalse(one_off.is_subscription)

    def test_the_rule_of_the_orders_own_pricelist_comes_first(self):
        pricelist = self.env["product.pricelist"].create({"name": "Friends"})
        self._price(self.monthly, 20.0)
        self._price(self.monthly, 15.0, pricelist_id=pricelist.id)
        friend = self._order("2026-01-15", pricelist_id=pricelist.id, confirm=False)
        self.assertEqual(friend.order_line.price_unit, 15.0)

    def test_a_recurring_rule_of_another_pricelist_does_not_apply(self):
        other = self.env["product.pricelist"].create({"name": "Other"})
        mine = self.env["product.pricelist"].create({"name": "Mine"})
        self._price(self.monthly, 15.0, pricelist_id=other.id)
        order = self._order("2026-01-15", pricelist_id=mine.id, confirm=False)
        self.assertEqual(order.order_line.price_unit, 31.0)

    def test_a_pricelist_shows_its_one_off_rules_only(self):
        pricelist = self.env["product.pricelist"].create({"name": "Friends"})
        self._price(self.monthly, 15.0, pricelist_id=pricelist.id)
        self.assertFalse(pricelist.item_ids)
        self.assertEqual(len(self.hosting.product_tmpl_id.subscription_rule_ids), 1)
        self.assertFalse(self.hosting.product_tmpl_id.pricelist_rule_ids)

    def test_a_discount_in_percent_is_taken_from_the_sales_price(self):
        self._price(self.monthly, 0.0, compute_price="percentage", percent_price=10)
        order = self._order("2026-01-15", confirm=False)
        self.assertAlmostEqual(order.order_line.price_unit, 27.9)

    def test_a_rule_without_a_pricelist_is_in_the_currency_of_the_company(self):
        usd = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": usd.id})
        self._price(self.monthly, 20.0)
        order = self._order("2026-01-15", pricelist_id=pricelist.id, confirm=False)
        self.assertEqual(order.order_line.price_unit, 40.0)

    def test_the_monthly_amount_divides_the_price_by_the_months_of_a_period(self):
        for unit, value, expected in (("month", 1, 31.0), ("month", 3, 10.33), ("year", 1, 2.58)):
            plan = self._plan("Plan", billing_period_unit=unit, billing_period_value=value)
            order = self._order("2026-01-15", plan=plan, confirm=False)
            with self.subTest(unit=unit, value=value):
                self.assertAlmostEqual(order.recurring_monthly, expected, places=2)

    def test_fifty_two_weeks_are_worth_a_year(self):
        plan = self._plan("Weekly", billing_period_unit="week")
        order = self._order("2026-01-15", plan=plan, confirm=False)
        self.assertAlmostEqual(order.recurring_monthly * 12, 31 * 52, places=0)

    def test_one_off_lines_are_not_part_of_the_recurring_amounts(self):
        setup = self._product("Setup", 500.0, recurring_invoice=False)
        order = self._order("2026-01-15", lines=[(self.hosting, 2), (setup, 1)], confirm=False)
        self.assertEqual(order.recurring_total, 62.0)
        self.assertEqual(order.recurring_monthly, 62.0)

    def test_a_template_brings_its_plan(self):
        template = self.env["sale.order.template"].create(
            {"name": "Hosting", "plan_id": self.monthly.id}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "sale_order_template_id": template.id,
                "order_line": [Command.create({"product_id": self.hosting.id})],
            }
        )
        self.assertEqual(order.plan_id, self.monthly)
        self.assertEqual(order.subscription_state, "1_draft")
