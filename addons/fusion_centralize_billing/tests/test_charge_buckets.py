"""Filters, groups, minimum and cap of a charge; the commitment of a plan."""

from datetime import date, datetime
from decimal import Decimal

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .charge_case import APRIL, MAY, ChargeCase

EU = 'gb/standard{"filter":"{\\"region\\":[\\"eu\\"]}"}'


@tagged("post_install", "-at_install", "fc_rate")
class TestChargeBuckets(ChargeCase):
    def filtered(self, **values):
        """Europe at 2.00, named; the rest at 1.00."""
        own = {"name": "Europe", "values": {"region": ["eu"]}, "unit_price": 2}
        return self.priced("standard", unit_price=1, filter_ids=[Command.create(own)], **values)

    def test_each_filter_has_its_own_line_and_name(self) -> None:
        self.filtered()
        self.pay()
        lines = self.bill()
        self.assertEqual(self.amounts(lines), {"gb/standard": 200.0, EU: 81.0})
        self.assertIn("Standard (Europe)", lines[1].name)
        self.assertBook()

    def test_each_group_has_its_own_line_and_its_own_tiers(self) -> None:
        self.priced("quota", included_quantity=50, unit_price=1, pricing_group_keys="region")
        self.pay()
        self.assertEqual(
            self.amounts(self.bill()),
            {"gb/quota": 30.0, 'gb/quota{"group":{"region":"ca"}}': 70.0},
        )
        self.assertBook()

    def test_events_that_came_before_the_filter_are_told_apart_too(self) -> None:
        self.pay()
        self.filtered()
        self.assertEqual(self.metric.split_keys, ["region"])
        self.assertEqual(self.current().amount, 281)

    def test_split_keys_follow_filters_and_groups_until_something_is_billed(self) -> None:
        charge = self.filtered(pricing_group_keys="server, zone,server")
        self.assertEqual(self.metric.split_keys, ["region", "server", "zone"])
        charge.pricing_group_keys = "zone"
        self.assertEqual(self.metric.split_keys, ["region", "zone"])
        charge.filter_ids.values_text = "kind = gpu\nkind = tpu\nplace = *"
        self.assertEqual(self.metric.split_keys, ["kind", "place", "zone"])
        self.pay()
        self.bill()
        charge.filter_ids.unlink()
        self.assertEqual(self.metric.split_keys, ["kind", "place", "zone"])

    def test_a_filter_is_written_as_lines_of_text(self) -> None:
        charge = self.filtered()
        with Form(charge) as form, form.filter_ids.edit(0) as own:
            self.assertEqual(own.values_text, "region = eu")
            own.values_text = "region = eu\nregion=a, b\nkind = *"
        self.assertEqual(
            charge.filter_ids.values,
            {"region": ["eu", "a, b"], "kind": ["__ALL_FILTER_VALUES__"]},
        )
        for text in ("region", "= eu", ""):
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, "property"):
                charge.filter_ids.values_text = text

    def test_usage_that_arrives_late_moves_only_its_own_bucket(self) -> None:
        self.filtered()
        self.pay()
        self.bill()
        self.pay(("10", {"region": "eu"}), prefix="late", day=25)
        lines = self.bill(MAY)
        self.assertEqual(self.amounts(lines), {EU: 20.0})
        self.assertIn("Adjustment: Standard (Europe)", lines.name)
        self.assertBook()

    def test_a_filter_that_is_removed_still_bills_its_own_late_usage(self) -> None:
        charge = self.filtered()
        self.pay()
        self.bill()
        charge.filter_ids.unlink()
        self.pay(("10", {"region": "eu"}), prefix="late", day=25)
        self.assertEqual(self.amounts(self.bill(MAY)), {EU: 20.0})
        self.assertBook()

    def test_usage_of_a_new_group_that_no_run_was_told_of_is_a_violation(self) -> None:
        self.priced("standard", unit_price=1, pricing_group_keys="region")
        self.pay()
        self.bill()
        self.pay(("10", {"region": "uk"}), prefix="late", day=25)
        self.assertBook()
        self.order.x_fc_period_ids.dirty = False
        (found,) = self.env["fusion.billing.invariants"]._check(self.service)
        self.assertEqual((found.rule, found.found), ("rated_is_billed", "0 = 0"))

    def test_a_minimum_is_trued_up_and_a_cap_gives_back_on_lines_of_their_own(self) -> None:
        self.priced("standard", unit_price=0.1, min_amount=30)
        self.priced("package", cap_amount=20)
        self.pay()
        self.assertEqual(
            self.amounts(self.bill()),
            {
                "gb/standard": 24.05,
                'gb/standard{"line":"minimum"}': 5.95,
                "gb/package": 27.0,
                'gb/package{"line":"cap"}': -7.0,
            },
        )
        self.assertBook()
        self.pay(("100", {}), prefix="late", day=25)
        late = self.bill(MAY).filtered(lambda line: line.x_fc_period_start == self.START)
        self.assertEqual(
            self.amounts(late),
            {
                "gb/standard": 10.0,
                'gb/standard{"line":"minimum"}': -5.95,
                "gb/package": 9.0,
                'gb/package{"line":"cap"}': -9.0,
            },
        )
        self.assertBook()

    def test_a_minimum_of_a_part_of_a_period_is_a_part_of_the_minimum(self) -> None:
        self.priced("standard", unit_price=0.1, min_amount=31)
        late = self.make_order(
            "sub-2",
            start_date=date(2026, 3, 20),
            x_fc_billing_time="calendar",
            x_fc_started_at=datetime(2026, 3, 20, 12),
        )
        run = self.run_billing(APRIL)
        own = run.line_ids.filtered(lambda line: line.order_id == late)
        lines = self.usage_lines(own.invoice_id)
        self.assertEqual(self.amounts(lines), {'gb/standard{"line":"minimum"}': 12.0})
        self.assertIn(Decimal(12), [Decimal(line.x_fc_trace["share"]) for line in lines])


@tagged("post_install", "-at_install", "fc_rate")
class TestCommitment(ChargeCase):
    """The base fee is 29.00 a month."""

    def lines(self, invoice):
        return self.amounts(self.usage_lines(invoice))

    def test_a_plan_paid_ahead_owes_the_rest_with_the_usage_of_the_period(self) -> None:
        self.plan.x_fc_minimum_commitment = 100
        self.priced("standard")
        self.pay()
        lines = self.bill()
        self.assertEqual(self.amounts(lines), {"gb/standard": 3.61, "commitment": 67.39})
        self.assertIn("Minimum commitment", lines[1].name)
        self.assertBook()
        self.push(self.item("late", 1000, at=datetime(2026, 3, 25)))
        late = self.bill(MAY)
        self.assertEqual(late.mapped("price_subtotal"), [15.0, -15.0, 71.0])
        self.assertBook()

    def test_usage_above_the_commitment_owes_nothing_more(self) -> None:
        self.plan.x_fc_minimum_commitment = 30
        self.priced("standard", unit_price=1)
        self.pay()
        self.assertEqual(self.amounts(self.bill()), {"gb/standard": 240.5})

    def test_in_arrears_the_fee_on_the_same_invoice_counts(self) -> None:
        plan = self.make_plan("later", 31.0, bill_end_period=True, x_fc_minimum_commitment=62)
        order = self.make_order(
            "sub-2", plan=plan, start_date=date(2026, 3, 20), x_fc_billing_time="calendar"
        )
        order.next_invoice_date = APRIL
        run = self.run_billing(APRIL)
        invoice = run.line_ids.filtered(lambda line: line.order_id == order).invoice_id
        # 12 of 31 days: 24.00 committed, 12.00 of it is the fee.
        self.assertEqual(invoice.amount_untaxed, 24.0)
        self.assertEqual(self.lines(invoice), {"commitment": 12.0})
        self.assertBook()

    def test_an_early_end_owes_the_commitment_of_its_days(self) -> None:
        self.plan.x_fc_minimum_commitment = 310
        self.run_billing(date(2026, 3, 15))
        self.env["fusion.billing.subscribe"]._terminate(self.order, datetime(2026, 3, 20, 12))
        moves = self.env["account.move.line"].search([("x_fc_line_key", "=", "commitment")])
        # 20 of 31 days: 200.00, less 18.71 of the fee.
        self.assertEqual(moves.price_subtotal, 181.29)
        self.assertBook()

    def test_a_commitment_in_another_currency_parks_the_subscription(self) -> None:
        other = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", self.currency.id)], limit=1)
        )
        self.plan.write({"x_fc_minimum_commitment": 9, "x_fc_commitment_currency_id": other.id})
        run = self.run_billing(APRIL)
        parked = run.line_ids.filtered(lambda line: line.state == "parked")
        self.assertIn("minimum_commitment", parked.reason)
