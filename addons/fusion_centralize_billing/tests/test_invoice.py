"""Usage on the subscription's own invoice: the right lines, the right period, the right cents."""

from datetime import date, datetime
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from .usage_case import UsageCase

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


@tagged("post_install", "-at_install", "fc_invoice")
class TestInvoice(UsageCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.order = cls.make_order("sub-1")

    def _invoices(self, run):
        return run.line_ids.invoice_id.sorted("invoice_date")

    def test_in_advance_the_fee_comes_first_and_usage_with_the_next_fee(self) -> None:
        self.push(self.item("a", 1250))
        march, april = self._invoices(self.run_billing(APRIL))
        self.assertRecordValues(
            march + april,
            [
                {"invoice_date": MARCH, "amount_untaxed": 29.0, "state": "posted"},
                {"invoice_date": APRIL, "amount_untaxed": 41.5, "state": "posted"},
            ],
        )
        self.assertEqual(self.order.next_invoice_date, MAY)
        self.assertRecordValues(
            self.usage_lines(april),
            [
                {
                    "quantity": 250,
                    "price_unit": 0.05,
                    "price_subtotal": 12.5,
                    "product_id": self.usage_product.id,
                    "x_fc_line_key": "gb/bandwidth",
                    "x_fc_period_start": MARCH,
                    "x_fc_period_end": APRIL,
                    "subscription_id": self.order.id,
                }
            ],
        )

    def test_the_line_says_how_it_came_about(self) -> None:
        self.push(self.item("a", 1250))
        line = self.usage_lines(self._invoices(self.run_billing(APRIL))[1])
        self.assertEqual(
            line.name,
            "Bandwidth: 1,250 GB used, 1,000 included, 250 × $0.05 (1 Mar 2026 to 31 Mar 2026)",
        )
        self.assertEqual(line.x_fc_trace["quantity"], "1250")

    def test_usage_stands_below_the_base_fee(self) -> None:
        self.push(self.item("a", 1250))
        invoice = self._invoices(self.run_billing(APRIL))[1]
        lines = invoice.invoice_line_ids.sorted("sequence")
        self.assertEqual(lines.mapped(lambda line: bool(line.x_fc_line_key)), [False, True])

    def test_a_product_that_is_not_whole_cents_is_written_as_one_amount(self) -> None:
        """287.5 × 0.05 = 14.375: the total, rounded globally, must not see the half cent."""
        self.order.company_id.tax_calculation_rounding_method = "round_globally"
        self.push(self.item("a", "1287.5"))
        invoice = self._invoices(self.run_billing(APRIL))[1]
        line = self.usage_lines(invoice)
        self.assertRecordValues(line, [{"quantity": 1, "price_unit": 14.38}])
        self.assertIn("287.5 × $0.05", line.name)
        self.assertEqual(invoice.amount_untaxed, 43.38)

    def test_usage_within_the_quota_leaves_no_line(self) -> None:
        self.push(self.item("a", 1000))
        self.assertFalse(self.usage_lines(self._invoices(self.run_billing(APRIL))[1]))

    def test_in_arrears_fee_and_usage_of_one_period_share_the_invoice_at_its_end(self) -> None:
        plan = self.make_plan("later", 29, bill_end_period=True)
        self.make_charge("late", plan_id=plan.id, plan_code="later", name="Traffic")
        order = self.make_order("sub-2", plan=plan)
        self.push(self.item("a", 1100, sub="sub-2"))
        self.assertEqual(order.next_invoice_date, APRIL)
        run = self.run_billing(APRIL)
        invoice = run.line_ids.filtered(lambda line: line.order_id == order).invoice_id
        self.assertRecordValues(
            invoice, [{"invoice_date": APRIL, "amount_untaxed": 34.0, "state": "posted"}]
        )

    def test_a_calendar_stub_has_its_own_usage_period(self) -> None:
        order = self.make_order(
            "sub-2", start_date=date(2026, 3, 17), x_fc_billing_time="calendar", confirm=False
        )
        order.with_context(billing_date=date(2026, 3, 17)).action_confirm()
        self.push(
            self.item("a", 1100, sub="sub-2", at=datetime(2026, 3, 20)),
            self.item("b", 1200, sub="sub-2", at=datetime(2026, 4, 20)),
        )
        run = self.run_billing(MAY)
        invoices = run.line_ids.filtered(lambda line: line.order_id == order).invoice_id
        stub, april, may = invoices.sorted("invoice_date")
        # 15 of 31 days of 29.00: 14.03.
        self.assertEqual(stub.mapped("amount_untaxed"), [14.03])
        self.assertEqual(april.mapped("amount_untaxed"), [34.0])
        self.assertEqual(may.mapped("amount_untaxed"), [39.0])
        self.assertRecordValues(
            self.usage_lines(april) + self.usage_lines(may),
            [
                {"x_fc_period_start": date(2026, 3, 17), "x_fc_period_end": APRIL},
                {"x_fc_period_start": APRIL, "x_fc_period_end": MAY},
            ],
        )

    def test_the_month_end_comes_back_after_february(self) -> None:
        order = self.make_order("sub-2", start_date=date(2026, 1, 31), confirm=False)
        order.with_context(billing_date=date(2026, 1, 31)).action_confirm()
        self.run_billing(date(2026, 3, 31))
        claims = order.x_fc_period_ids.sorted("start")
        self.assertEqual(
            claims.mapped(lambda claim: (claim.start, claim.end)),
            [
                (date(2026, 1, 31), date(2026, 2, 28)),
                (date(2026, 2, 28), date(2026, 3, 31)),
            ],
        )

    def test_an_imported_due_date_off_the_grid_is_one_period_with_one_quota(self) -> None:
        order = self.make_order("sub-2", start_date=date(2026, 2, 28), confirm=False)
        order.with_context(billing_date=date(2026, 2, 28)).action_confirm()
        order.next_invoice_date = date(2026, 3, 31)
        self.run_billing(date(2026, 3, 31))
        self.assertRecordValues(
            order.x_fc_period_ids, [{"start": date(2026, 2, 28), "end": date(2026, 3, 31)}]
        )

    def test_what_the_app_billed_before_our_first_due_date_is_not_billed_again(self) -> None:
        order = self.make_order("sub-2", start_date=date(2025, 12, 31))
        order.next_invoice_date = date(2026, 3, 31)
        self.push(
            self.item("theirs", 5000, sub="sub-2", at=datetime(2026, 1, 15)),
            self.item("ours", 1100, sub="sub-2", at=datetime(2026, 3, 15)),
        )
        run = self.run_billing(date(2026, 4, 30))
        invoices = run.line_ids.filtered(lambda line: line.order_id == order).invoice_id
        self.assertEqual(sorted(invoices.mapped("amount_untaxed")), [29.0, 34.0])
        self.assertEqual(
            order.x_fc_period_ids.sorted("start").mapped(lambda claim: (claim.start, claim.end)),
            [
                (date(2026, 2, 28), date(2026, 3, 31)),
                (date(2026, 3, 31), date(2026, 4, 30)),
            ],
        )

    def test_usage_of_a_pause_before_the_first_claim_is_billed_after_it(self) -> None:
        self.run_billing(MARCH)
        self.push(self.item("a", 1100), self.item("b", 1200, at=datetime(2026, 4, 10)))
        self.order.pause_subscription()
        self.order.with_context(billing_date=date(2026, 5, 15)).resume_subscription()
        run = self.run_billing(date(2026, 6, 1))
        lines = self.usage_lines(run.line_ids.invoice_id)
        self.assertEqual(lines.mapped("price_subtotal"), [5.0, 10.0])
        self.assertEqual(lines.mapped("x_fc_period_start"), [MARCH, APRIL])

    def test_usage_of_a_period_without_a_fee_has_an_invoice_of_its_own(self) -> None:
        self.base_product.invoice_policy = "delivery"
        order = self.make_order("sub-2")
        self.push(self.item("a", 1100, sub="sub-2"))
        run = self.run_billing(APRIL)
        lines = run.line_ids.filtered(lambda line: line.order_id == order).sorted("id")
        self.assertEqual(lines.mapped("state"), ["skipped", "invoiced"])
        self.assertEqual(lines.invoice_id.mapped("amount_untaxed"), [5.0])

    def test_a_price_finer_than_the_database_s_is_billed_once_and_exactly(self) -> None:
        self.charge.write({"model": "standard", "unit_price": 0.0008})
        self.push(self.item("a", "123456.5"))
        line = self.usage_lines(self._invoices(self.run_billing(APRIL))[1])
        # 123,456.5 × 0.0008 = 98.7652
        self.assertRecordValues(line, [{"quantity": 1, "price_unit": 98.77}])
        self.assertIn("123,456.5 GB × $0.0008", line.name)

    def test_graduated_tiers_and_a_quota_have_the_right_cents_on_one_invoice(self) -> None:
        calls = self.make_metric("calls", name="Calls", aggregation="count", field_name=False)
        tiers = [(2, 0.015, 1.0), (0, 0.0051, 0.5)]
        self.make_charge(
            "tiers",
            metric_id=calls.id,
            name="Calls",
            model="graduated",
            tier_ids=[
                Command.create({"up_to": up_to, "unit_price": unit, "flat_price": flat})
                for up_to, unit, flat in tiers
            ],
        )
        self.push(
            self.item("gb", "1000.3"),
            *(self.item(f"c{n}", None, code="calls") for n in range(5)),
        )
        lines = self.usage_lines(self._invoices(self.run_billing(APRIL))[1])
        # 0.3 × 0.05 = 0.015 → 0.02; (2 × 0.015 + 1) + (3 × 0.0051 + 0.5) = 1.5453 → 1.55
        self.assertEqual(sorted(lines.mapped("price_subtotal")), [0.02, 1.55])

    def test_the_first_flat_of_a_graduated_charge_is_due_without_usage(self) -> None:
        self.charge.write(
            {
                "model": "graduated",
                "tier_ids": [Command.create({"up_to": 0, "unit_price": 1, "flat_price": 2.5})],
            }
        )
        lines = self.usage_lines(self._invoices(self.run_billing(APRIL))[1])
        self.assertEqual(lines.mapped("price_subtotal"), [2.5])

    def test_each_service_has_its_own_invoice_for_the_same_customer(self) -> None:
        maps = self.make_service("maps")
        plan = self.make_plan("pro", 10, service=maps)
        link = self.make_link("m-1", self.partner, service=maps)
        self.make_order("sub-1", link=link, plan=plan)
        run = self.run_billing(MARCH, self.service | maps)
        self.assertEqual(
            run.line_ids.invoice_id.sorted("amount_untaxed").mapped(
                lambda move: (move.x_fc_service_id, move.amount_untaxed)
            ),
            [(maps, 10.0), (self.service, 29.0)],
        )

    def test_a_preview_of_the_invoice_bills_nothing(self) -> None:
        self.run_billing(MARCH)
        self.push(self.item("a", 1250))
        vals = self.order.with_context(billing_date=APRIL)._prepare_invoice()
        self.assertEqual(vals["invoice_line_ids"], [])
        self.assertFalse(self.order.x_fc_period_ids)

    def test_a_person_who_invoices_by_hand_bills_the_usage_and_claims_the_period(self) -> None:
        self.run_billing(MARCH)
        self.push(self.item("a", 1250))
        invoice = self.order.with_context(billing_date=APRIL)._create_invoices()
        self.assertEqual(invoice.amount_untaxed, 41.5)
        self.assertRecordValues(
            self.order.x_fc_period_ids,
            [{"start": MARCH, "end": APRIL, "state": "billed", "invoice_id": invoice.id}],
        )

    def test_the_claim_keeps_quantities_and_terms_as_text(self) -> None:
        self.push(self.item("a", "1250.5"))
        self.run_billing(APRIL)
        entry = self.order.x_fc_period_ids.billed["gb/bandwidth"]
        self.assertEqual((entry["quantity"], entry["amount"]), ("1250.5", "12.53"))
        self.assertEqual(Decimal(entry["charge"]["properties"]["unit_price"]), Decimal("0.05"))
