"""Pattern posting of the Community stand-in, with this addon installed."""

from unittest.mock import patch

from odoo import Command
from odoo.addons.sale_subscription.models.pattern_store import Book
from odoo.tests import tagged

from .usage_case import UsageCase


@tagged("post_install", "-at_install", "fc_invoice")
class TestPatternPosting(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.company.subscription_pattern_posting = True
        cls.today = {"billing_date": cls.START}

    def _plain_orders(self, count: int):
        """Due subscriptions without a service."""
        plan = self.env["sale.subscription.plan"].create({"name": "Plain"})
        line = Command.create({"product_id": self.base_product.id, "price_unit": 29.0})
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.make_partner(f"Plain {number}").id,
                    "plan_id": plan.id,
                    "start_date": self.START,
                    "require_payment": False,
                    "order_line": [line],
                }
                for number in range(count)
            ]
        )
        orders.action_confirm()
        return orders.with_context(**self.today)

    def test_subscriptions_without_a_service_follow_a_pattern(self) -> None:
        orders = self._plain_orders(3)
        patterns = self.env["sale.subscription.pattern"].with_context(**self.today)
        self.assertIn("Approved", patterns._compare_pattern_posting())
        with patch.object(Book, "insert", autospec=True, side_effect=Book.insert) as insert:
            moves = orders._create_recurring_invoice()
        self.assertEqual(len(insert.call_args.args[0].move_ids), 2)
        self.assertEqual(moves.mapped("amount_total"), [29.0] * 3)

    def test_subscriptions_of_a_service_take_the_normal_path(self) -> None:
        orders = self.env["sale.order"]
        for name in ("one", "two", "three"):
            link = self.make_link(name, self.make_partner(name))
            orders |= self.make_order(name, link=link)
        orders = orders.with_context(**self.today)
        self.assertFalse(orders.with_context(pattern_posting="compare")._get_pattern_groups())
        with patch.object(Book, "insert", autospec=True) as insert:
            run = self.run_billing(self.START)
        insert.assert_not_called()
        self.assertEqual(run.invoiced_count, 3)
