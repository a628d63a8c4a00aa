"""A month at other prices: revenue and difference by customer, and not a row written."""

from datetime import date, datetime
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..pipeline.what_if import Change, scaled
from .charge_case import APRIL, MODELS, ChargeCase

MARCH = date(2026, 3, 9)


@tagged("post_install", "-at_install", "fc_rate")
class TestWhatIf(ChargeCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = cls.make_partner("Birch Ltd.")
        cls.second = cls.make_order("sub-2", link=cls.make_link("cust-2", cls.other))
        cls.stage = cls.env["fusion.billing.what.if"]

    def use(self) -> None:
        """240.5 GB by the first customer, 10 GB by the second."""
        self.pay()
        self.push(self.item("b1", 10, sub="sub-2"))

    def compare(self, change: Change, month: date = MARCH) -> dict:
        """``{customer: (old, new)}``."""
        rows = self.stage._compare(self.service, month, change)
        return {row.order.partner_id: (row.old, row.new) for row in rows}

    def test_a_higher_price_raises_each_customer_by_their_own_usage(self) -> None:
        charge = self.priced("standard", unit_price=1)
        self.use()
        change = Change(charges={charge.id: scaled(charge._to_engine(), Decimal(10))})
        self.assertEqual(
            self.compare(change),
            {
                self.partner: (Decimal("269.50"), Decimal("293.55")),
                self.other: (Decimal("39.00"), Decimal("40.00")),
            },
        )

    def test_without_a_change_nothing_differs_and_it_is_what_the_run_bills(self) -> None:
        for model in MODELS:
            self.priced(model)
        self.plan.x_fc_minimum_commitment = 500
        self.use()
        compared = self.compare(Change())
        run = self.run_billing(APRIL)
        for order in self.order | self.second:
            old, new = compared[order.partner_id]
            invoice = run.line_ids.filtered(lambda line, order=order: line.order_id == order)
            last = invoice.invoice_id.sorted("invoice_date")[-1:]
            self.assertEqual((float(old), old), (last.amount_untaxed, new))

    def test_another_plan_brings_its_fee_its_charges_and_its_commitment(self) -> None:
        self.priced("standard", unit_price=1)
        other = self.make_plan("next", 50.0, x_fc_minimum_commitment=100)
        self.make_charge("gb", plan_code="next", plan_id=False, model="standard", unit_price=0.5)
        self.use()
        compared = self.compare(Change(plans={self.plan.id: other}))
        self.assertEqual(compared[self.partner], (Decimal("269.50"), Decimal("170.25")))
        self.assertEqual(compared[self.other], (Decimal("39.00"), Decimal("100.00")))

    def test_only_periods_that_ended_in_the_month_are_compared(self) -> None:
        self.priced("standard", unit_price=1)
        self.use()
        self.push(self.item("april", 5, at=datetime(2026, 4, 3)))
        self.assertEqual(self.compare(Change(), date(2026, 2, 1)), {})
        april = self.compare(Change(), APRIL)
        self.assertEqual(april[self.partner], (Decimal("34.00"),) * 2)

    def test_percent_changes_every_price_and_no_quantity(self) -> None:
        for model in MODELS:
            with self.subTest(model=model):
                terms = self.priced(model, min_amount=10)._to_engine()
                doubled = scaled(terms, Decimal(100))
                self.assertEqual(doubled.min_amount, 20)
                self.assertEqual(scaled(doubled, Decimal(-50)), terms)

    def test_a_manager_compares_on_the_screen_and_the_book_stays_as_it_was(self) -> None:
        charge = self.priced("standard", unit_price=1)
        copy = self.priced(
            "standard", code="draft", plan_code="pro-2027", plan_id=False, unit_price=2
        )
        self.use()
        self.run_billing(APRIL)
        self.env.flush_all()
        before = self.book()
        manager = new_test_user(
            self.env, "fb-boss", groups="fusion_centralize_billing.group_fusion_billing_manager"
        )
        wizard = (
            self.env["fusion.billing.what.if.wizard"]
            .with_user(manager)
            .create(
                {
                    "service_id": self.service.id,
                    "month": MARCH,
                    "change_ids": [
                        Command.create({"charge_id": charge.id, "as_charge_id": copy.id})
                    ],
                }
            )
        )
        action = wizard.action_compare()
        lines = self.env[action["res_model"]].with_user(manager).search(action["domain"])
        self.assertRecordValues(
            lines,
            [
                {"partner_id": self.partner.id, "old_amount": 269.5, "new_amount": 510.0,
                 "difference": 240.5, "subscriptions": 1},
                {"partner_id": self.other.id, "old_amount": 39.0, "new_amount": 49.0,
                 "difference": 10.0, "subscriptions": 1},
            ],
        )  # fmt: skip
        self.env.flush_all()
        self.assertEqual(self.book(), before)

    def book(self) -> list[tuple]:
        """Rows of the book's tables and the transactions that wrote them."""
        tables = (
            "account_move account_move_line sale_order sale_order_line sale_subscription_plan "
            "fusion_billing_charge fusion_billing_period fusion_billing_usage"
        )
        found = []
        for table in tables.split():
            self.env.cr.execute(
                f"SELECT count(*), md5(string_agg(t.id::text || xmin || ctid, '' ORDER BY id)) "
                f"FROM {table} t"
            )
            found.append(self.env.cr.fetchone())
        return found

    def test_a_service_of_another_company_is_not_compared(self) -> None:
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        manager = new_test_user(
            self.env,
            "fb-elsewhere",
            groups="fusion_centralize_billing.group_fusion_billing_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        wizards = self.env["fusion.billing.what.if.wizard"].with_user(manager)
        wizard = wizards.create({"service_id": self.service.id, "month": MARCH})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            wizard.action_compare()

    def test_a_change_that_changes_nothing_known_is_refused(self) -> None:
        charge = self.priced("standard")
        calls = self.make_metric("calls", aggregation="count", field_name=False)
        other = self.priced("standard", code="calls", metric_id=calls.id)
        for values in ({}, {"charge_id": charge.id, "as_charge_id": other.id}):
            wizard = self.env["fusion.billing.what.if.wizard"].create(
                {
                    "service_id": self.service.id,
                    "month": MARCH,
                    "change_ids": [Command.create(values)],
                }
            )
            with self.subTest(values=values), self.assertRaises(UserError):
                wizard.action_compare()
