"""What an app reads of filters, groups, bounds and models: Lago's shapes."""

from datetime import datetime

from odoo import Command
from odoo.tests import tagged

from .charge_case import MODELS, ChargeCase


@tagged("post_install", "-at_install", "fc_rate")
class TestChargeSerialize(ChargeCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.shapes = cls.env["fusion.billing.serialize"]

    def shown(self) -> dict:
        (charge,) = self.shapes._usage(self.order, datetime(2026, 3, 31, 12))["charges_usage"]
        return charge

    def europe(self, **values):
        own = {"name": "Europe", "values": {"region": ["eu"]}, "unit_price": 2}
        return self.priced("standard", unit_price=1, filter_ids=[Command.create(own)], **values)

    def picked(self, entry: dict, *names: str) -> tuple:
        return tuple(entry[name] for name in names)

    def test_filters_and_the_rest_add_up_to_the_charge(self) -> None:
        self.europe()
        self.pay()
        charge = self.shown()
        self.assertEqual(
            self.picked(charge, "units", "amount_cents", "events_count"), ("240.5", 28100, 3)
        )
        names = ("values", "units", "amount_cents", "events_count", "invoice_display_name")
        self.assertEqual(
            [self.picked(entry, *names) for entry in charge["filters"]],
            [
                (None, "200.0", 20000, 2, None),
                ({"region": ["eu"]}, "40.5", 8100, 1, "Europe"),
            ],
        )
        self.assertEqual(charge["grouped_usage"], [])

    def test_groups_hold_their_filters(self) -> None:
        self.europe(pricing_group_keys="region")
        self.pay()
        charge = self.shown()
        self.assertEqual(charge["filters"], [])
        self.assertEqual(
            [
                (entry["grouped_by"], entry["amount_cents"], len(entry["filters"]))
                for entry in charge["grouped_usage"]
            ],
            [
                ({"region": None}, 8000, 1),
                ({"region": "ca"}, 12000, 1),
                ({"region": "eu"}, 8100, 2),
            ],
        )

    def test_a_minimum_is_in_the_amount_of_the_charge(self) -> None:
        self.priced("standard", min_amount=30)
        self.pay()
        self.assertEqual(self.picked(self.shown(), "units", "amount_cents"), ("240.5", 3000))

    def test_a_plan_lists_each_model_in_lago_s_words(self) -> None:
        for model in MODELS:
            self.priced(model)
        plan = self.shapes._plan(self.plan)
        properties = {charge["code"]: charge["properties"] for charge in plan["charges"]}
        self.assertEqual(
            properties["package"], {"amount": "9", "package_size": 100, "free_units": 30}
        )
        self.assertEqual(
            properties["percentage"],
            {
                "rate": "2.9",
                "fixed_amount": "0.3",
                "free_units_per_events": None,
                "free_units_per_total_aggregation": None,
                "per_transaction_min_amount": None,
                "per_transaction_max_amount": "3",
            },
        )
        self.assertEqual(
            properties["graduated-percentage"],
            {
                "graduated_percentage_ranges": [
                    {"from_value": 0, "to_value": 200, "rate": "1", "flat_amount": "0.5"},
                    {"from_value": 200, "to_value": None, "rate": "10", "flat_amount": "0"},
                ]
            },
        )
        self.assertIn("volume_ranges", properties["volume"])
        self.assertEqual(properties["dynamic"], {})

    def test_a_plan_lists_filters_groups_bounds_and_commitment(self) -> None:
        self.europe(code="eu", pricing_group_keys="zone", min_amount=5, cap_amount=90)
        self.plan.x_fc_minimum_commitment = 100
        plan = self.shapes._plan(self.plan)
        self.assertEqual(plan["minimum_commitment"]["amount_cents"], 10000)
        (eu,) = plan["charges"]
        self.assertEqual(eu["properties"], {"amount": "1", "pricing_group_keys": ["zone"]})
        self.assertEqual(self.picked(eu, "min_amount_cents", "cap_amount_cents"), (500, 9000))
        (own,) = eu["filters"]
        self.assertEqual(
            self.picked(own, "values", "properties", "invoice_display_name"),
            ({"region": ["eu"]}, {"amount": "2"}, "Europe"),
        )

    def test_fees_tell_their_filter_group_parent_and_details(self) -> None:
        self.europe(pricing_group_keys="region", min_amount=300)
        self.plan.x_fc_minimum_commitment = 1000
        self.pay()
        lines = self.bill()
        fees = [self.shapes._fee(line, self.link) for line in lines]
        self.assertEqual(
            [fee["item"]["type"] for fee in fees],
            ["charge"] * 4 + ["commitment"],
            lines.mapped("name"),
        )
        europe = fees[2]
        self.assertEqual(europe["item"]["grouped_by"], {"region": "eu"})
        self.assertEqual(europe["item"]["filter_invoice_display_name"], "Europe")
        self.assertTrue(europe["lago_charge_filter_id"])
        self.assertEqual(fees[3]["lago_true_up_parent_fee_id"], fees[0]["lago_id"])
        self.assertEqual(self.picked(fees[4], "units", "amount_cents"), ("0.0", 67100))

    def test_details_of_each_model_agree_with_its_amount(self) -> None:
        for model in MODELS:
            self.priced(model)
        self.pay()
        details = {
            line.x_fc_trace["charge"]["model"]: self.shapes._fee(line, self.link)["amount_details"]
            for line in self.bill()
        }
        self.assertEqual((details["standard"], details["dynamic"]), ({}, {}))
        self.assertEqual(
            details["package"],
            {
                "free_units": "30",
                "paid_units": "210.5",
                "per_package_size": "100",
                "per_package_unit_amount": "9",
            },
        )
        self.assertEqual(
            details["volume"],
            {"flat_unit_amount": "2", "per_unit_amount": "0.5", "per_unit_total_amount": "120.25"},
        )
        percentage = details["percentage"]
        self.assertEqual(self.picked(percentage, "paid_events", "free_events"), (3, 0))
        self.assertEqual(percentage["min_max_adjustment_total_amount"], "-0.78")
        first, second = details["graduated_percentage"]["graduated_percentage_ranges"]
        self.assertEqual((first["total_with_flat_amount"], second["units"]), ("2.5", "40.5"))
