"""The first period's usage is billed, also when no invoice was made at its end."""

from datetime import date, datetime

from odoo.tests import tagged

from .usage_case import UsageCase

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@tagged("post_install", "-at_install", "fc_invoice")
class TestUsageFrom(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.plan.bill_end_period = True
        cls.order = cls.make_order("sub-1")

    def _lines(self, as_of: date) -> list[tuple]:
        lines = self.usage_lines(self.run_billing(as_of).line_ids.invoice_id)
        return [(line.x_fc_period_start, line.price_subtotal) for line in lines]

    def test_a_contract_paused_before_its_first_invoice_is_billed_for_what_it_used(self) -> None:
        self.push(self.item("a", 1250))
        self.order.with_context(billing_date=date(2026, 3, 20)).pause_subscription()
        self.assertFalse(self.run_billing(APRIL).line_ids.invoice_id)
        self.order.with_context(billing_date=date(2026, 4, 5)).resume_subscription()
        self.assertEqual(self.order.next_invoice_date, MAY)
        self.push(self.item("b", 1100, at=datetime(2026, 4, 20)))
        self.assertEqual(self._lines(MAY), [(date(2026, 3, 1), 12.5), (APRIL, 5.0)])
        self.assertEqual(self.env["fusion.billing.invariants"]._check(self.service), [])

    def test_what_the_app_has_billed_before_stays_the_apps(self) -> None:
        order = self.make_order("sub-2", start_date=date(2025, 1, 1))
        order.next_invoice_date = APRIL
        self.push(
            self.item("old", 5000, sub="sub-2", at=datetime(2026, 2, 10)),
            self.item("new", 1250, sub="sub-2"),
        )
        order.with_context(billing_date=date(2026, 3, 20)).pause_subscription()
        order.with_context(billing_date=date(2026, 4, 5)).resume_subscription()
        self.assertEqual(order.x_fc_usage_from, date(2026, 3, 1))
        self.assertIn((date(2026, 3, 1), 12.5), self._lines(MAY))
        self.assertEqual(min(order.x_fc_period_ids.mapped("start")), date(2026, 3, 1))
