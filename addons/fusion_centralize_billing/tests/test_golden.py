"""Published examples of other billing systems, billed for real: see tests/golden/README.md."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from odoo import Command
from odoo.tests import tagged

from .. import engine
from .charge_case import APRIL, ChargeCase

GOLDEN = Path(__file__).resolve().parents[3] / "tests" / "golden"
MODELS = ("graduated", "package", "volume")


def cases(name: str) -> list[dict]:
    return json.loads((GOLDEN / f"{name}.json").read_text())["cases"]


@tagged("post_install", "-at_install", "fc_rate", "fc_golden")
class TestGolden(ChargeCase):
    def charge_for(self, case: dict, model: str, **values):
        """A metric and a charge of the case alone, its properties as a person would type them."""
        metric = self.make_metric(case["id"], field_name="v", **values)
        properties = dict(case.get("properties") or {"unit_price": "1"})
        tiers = [
            Command.create({"sequence": place} | {key: float(tier[key] or 0) for key in tier})
            for place, tier in enumerate(properties.pop("tiers", ()))
        ]
        return self.make_charge(
            "golden",
            metric_id=metric.id,
            name=case["id"],
            model=model,
            tier_ids=tiers,
            **{key: float(value) for key, value in properties.items()},
        )

    def billed(self, lines) -> dict[str, Decimal]:
        return {
            line.x_fc_line_key.partition("/")[0]: Decimal(str(line.price_subtotal))
            for line in lines
        }

    def test_vectors_of_each_model_are_what_the_invoice_line_says(self) -> None:
        expected = {}
        for model in MODELS:
            for case in cases(model):
                self.charge_for(case, model)
                self.push(self.item(case["id"], code=case["id"], v=Decimal(case["units"])))
                amount = engine.round_money(Decimal(case["expected"]))
                expected |= {case["id"]: amount} if amount else {}
        self.assertEqual(self.billed(self.bill()), expected)
        self.assertBook()

    def test_weighted_vectors_are_what_two_months_of_invoices_say(self) -> None:
        first, second = cases("weighted")
        # The second vector is the first one's next month: one metric, billed twice.
        self.charge_for(second, "standard", aggregation="weighted", recurring=True)
        self.make_order(
            "golden",
            start_date=date(2023, 3, 1),
            x_fc_tz="UTC",
            x_fc_started_at=datetime(2023, 3, 1),
            next_invoice_date=date(2023, 3, 1),
        )
        for place, (instant, change) in enumerate(second["changes"]):
            at = datetime.fromisoformat(instant).replace(tzinfo=None)
            item = self.item(f"w{place}", sub="golden", code=second["id"], at=at, v=Decimal(change))
            self.assertEqual(self.statuses(item), ["accepted"])
        lines = self.usage_lines(self.run_billing(date(2023, 5, 1)).line_ids.invoice_id)
        self.assertEqual(
            [str(line.price_subtotal) for line in lines.sorted("x_fc_period_start")],
            [first["expected"], second["expected"]],
        )
        self.assertBook()

    def test_proration_vectors_are_what_the_base_fee_costs(self) -> None:
        fitting = [case for case in cases("proration") if self._months(case)]
        self.assertGreaterEqual(len(fitting), 2)
        for case in fitting:
            with self.subTest(case=case["id"]):
                start, end = map(date.fromisoformat, case["part"])
                plan = self.make_plan(
                    case["id"],
                    float(case["amount"]),
                    bill_end_period=True,
                    billing_period_value=self._months(case),
                )
                order = self.make_order(
                    case["id"],
                    plan=plan,
                    start_date=start,
                    end_date=end - timedelta(days=1),
                    x_fc_billing_time="calendar",
                )
                order.next_invoice_date = end
                moves = order.with_context(billing_date=end)._create_recurring_invoice()
                self.assertEqual(f"{moves.amount_untaxed:.2f}", case["expected"])

    def _months(self, case: dict) -> int:
        """Length of the full period if it is one of our calendar's months or quarters; else 0."""
        start, end = map(date.fromisoformat, case["full"])
        months = (end.year - start.year) * 12 + end.month - start.month
        calendar = months and engine.calendar_period("month", months, start)
        return months if calendar == engine.Period(start, end) else 0

    def test_tax_authority_examples_are_what_the_invoice_s_tax_line_says(self) -> None:
        taxes = {}
        for case in cases("rounding"):
            tax = self.env["account.tax"].create(
                {
                    "name": case["id"],
                    "amount": float(case["rate_pct"]),
                    "type_tax_use": "sale",
                    "company_id": self.company.id,
                }
            )
            product = self.make_product(case["id"], taxes_id=[Command.set(tax.ids)])
            self.charge_for(case, "standard", product_id=product.id)
            self.push(self.item(case["id"], code=case["id"], v=Decimal(case["base"])))
            taxes[tax] = case["expected"]
        move = self.bill(APRIL).move_id
        found = {
            line.tax_line_id: f"{-line.amount_currency:.2f}"
            for line in move.line_ids.filtered("tax_line_id")
        }
        self.assertEqual(found, taxes)
