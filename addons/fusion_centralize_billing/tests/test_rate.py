"""Rating reads rollups exactly and shows an app what its next invoice will say."""

from datetime import date, datetime
from decimal import Decimal

from odoo.tests import tagged

from ..engine import Invalid, Period
from ..pipeline.counted import Span
from .usage_case import UsageCase

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@tagged("post_install", "-at_install", "fc_rate")
class TestRate(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")
        cls.rate = cls.env["fusion.billing.rate"]

    def _rate(self):
        return self.rate._rate(self.order, MARCH, APRIL)

    def test_each_aggregation_reads_its_own_figure(self) -> None:
        expected = {"sum": 10, "count": 4, "max": 5, "last": 3, "unique": 3}
        metrics = {
            kind: self.make_metric(
                kind, aggregation=kind, field_name=False if kind == "count" else "v"
            )
            for kind in expected
        }
        for code in metrics:
            self.push(
                self.item(f"{code}1", code=code, v=1, at=datetime(2026, 3, 2)),
                self.item(f"{code}2", code=code, v=5, at=datetime(2026, 3, 9)),
                self.item(f"{code}3", code=code, v=3, at=datetime(2026, 3, 20)),
                self.item(f"{code}4", code=code, v=1, at=datetime(2026, 3, 4)),
            )
        usage = self.rate._usage(self.order, MARCH, APRIL)
        self.assertEqual(
            {kind: usage[metric].quantity for kind, metric in metrics.items()}, expected
        )

    def test_the_first_day_is_in_and_the_end_is_out(self) -> None:
        self.push(
            self.item("first", 1, at=datetime(2026, 3, 1, 5)),
            self.item("last", 2, at=datetime(2026, 4, 1, 3, 59, 59)),
            self.item("next", 4, at=datetime(2026, 4, 1, 4)),
        )
        self.assertEqual(self.rate._usage(self.order, MARCH, APRIL)[self.metric].quantity, 3)

    def test_sums_beyond_a_float_s_digits_are_exact(self) -> None:
        self.push(self.item("a", "90071992547409.930000000001"), self.item("b", "0.000000000001"))
        quantity = self.rate._usage(self.order, MARCH, APRIL)[self.metric].quantity
        self.assertEqual(quantity, Decimal("90071992547409.930000000002"))

    def test_the_metric_s_rounding_comes_before_the_price(self) -> None:
        self.metric.write({"rounding_function": "ceil", "rounding_precision": 0})
        self.push(self.item("a", "1000.2"))
        (line,) = self._rate()
        self.assertEqual((line.quantity, line.amount), (1001, Decimal("0.05")))

    def test_a_negative_quantity_bills_nothing(self) -> None:
        self.push(self.item("a", -5))
        (line,) = self._rate()
        self.assertEqual((line.quantity, line.amount), (-5, 0))

    def test_a_charge_without_usage_is_rated_at_zero(self) -> None:
        (line,) = self._rate()
        self.assertEqual((line.key, line.quantity, line.amount), ("gb/bandwidth", 0, 0))

    def test_charges_without_plan_of_another_plan_or_archived_do_not_rate(self) -> None:
        other = self.make_plan("other", 1)
        self.make_charge("b", plan_id=other.id, plan_code="other")
        self.make_charge("c", plan_id=False)
        self.make_charge("d", active=False)
        self.assertEqual([line.key for line in self._rate()], ["gb/bandwidth"])

    def test_a_charge_in_another_currency_is_refused_and_not_priced_at_zero(self) -> None:
        currencies = self.env["res.currency"].with_context(active_test=False)
        self.charge.currency_id = currencies.search([("name", "=", "NZD")])
        with self.assertRaises(Invalid) as caught:
            self._rate()
        self.assertIn("currencies_does_not_match", str(caught.exception))

    def test_rating_writes_nothing(self) -> None:
        self.push(self.item("a", 1250))
        before = self.rollup(self.order)
        self._rate()
        self.assertEqual((self.rollup(self.order), self.order.x_fc_period_ids.ids), (before, []))

    def test_one_statement_reads_the_usage_of_many_subscriptions(self) -> None:
        orders = [self.make_order(f"many-{n}") for n in range(5)]
        for n, order in enumerate(orders):
            self.push(self.item("a", n + 1, sub=order.x_fc_external_id))
        spans = [Span(order.id, Period(MARCH, APRIL)) for order in orders]
        self.rate._counted(spans)
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            counted = self.rate._counted(spans)
        totals = [counted[span].rollups[self.metric][0].total for span in spans]
        self.assertEqual(totals, [1, 2, 3, 4, 5])


@tagged("post_install", "-at_install", "fc_rate")
class TestCurrentUsage(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def _current(self, order=None, now=datetime(2026, 3, 15, 12)):
        return self.env["fusion.billing.rate"]._current_usage(order or self.order, now)

    def test_it_says_to_the_cent_what_the_next_invoice_will(self) -> None:
        self.push(self.item("a", "1250.3"))
        current = self._current()
        self.assertEqual((current.period.start, current.period.end), (MARCH, APRIL))
        invoice = self.run_billing(APRIL).line_ids.invoice_id.sorted("invoice_date")[1]
        self.assertEqual(float(current.amount), self.usage_lines(invoice).price_subtotal)
        self.assertEqual(current.amount, Decimal("12.52"))

    def test_every_charge_is_listed_at_zero_too_by_the_name_of_its_metric(self) -> None:
        calls = self.make_metric("calls", name="API calls", aggregation="count", field_name=False)
        self.make_charge("calls", metric_id=calls.id)
        current = self._current()
        self.assertEqual(
            [
                (item.charge.metric_id.name, item.usage.count, item.amount)
                for item in current.charges
            ],
            [("API calls", 0, 0), ("Bandwidth", 0, 0)],
        )

    def test_it_counts_the_local_day_the_clock_is_in(self) -> None:
        self.assertEqual(self._current(now=datetime(2026, 4, 1, 3, 59)).period.start, MARCH)
        self.assertEqual(self._current(now=datetime(2026, 4, 1, 4)).period.start, APRIL)

    def test_a_shadow_order_is_priced_by_the_code_of_its_plan(self) -> None:
        shadow = self.make_service("shadow", mode="shadow")
        metric = self.make_metric("gb", service=shadow)
        plan = self.make_plan("pro", 29, service=shadow)
        self.make_charge(
            "x", service_id=shadow.id, metric_id=metric.id, plan_id=False, unit_price=1
        )
        link = self.make_link("s-1", self.partner, service=shadow)
        order = self.make_order("s-1", link=link, plan=plan, confirm=False)
        self.push(self.item("a", 1002, sub="s-1"), service=shadow)
        self.assertEqual(self._current(order).amount, 2)
        self.assertEqual(self.env["fusion.billing.rate"]._rate(order, MARCH, APRIL), [])
