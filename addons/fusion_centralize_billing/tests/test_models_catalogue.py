"""Metrics, charges and tiers: valid exactly when the engine says so."""

from decimal import Decimal

import psycopg2

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BillingCase


@tagged("post_install", "-at_install")
class TestCatalogue(BillingCase):
    def test_a_quota_charge_reaches_the_engine_digit_for_digit(self):
        self.charge.write({"included_quantity": 1234.567, "unit_price": 0.000000000123})

        charge = self.charge._to_engine()

        self.assertEqual(charge.key, "gb/bandwidth")
        self.assertEqual(charge.pricer.included_quantity, Decimal("1234.567"))
        self.assertEqual(charge.pricer.unit_price, Decimal("0.000000000123"))
        self.assertEqual((charge.name, charge.unit), ("Bandwidth", "GB"))
        self.assertEqual(charge.currency, self.currency.name)

    def test_tiers_reach_the_engine_in_their_order_and_zero_means_no_end(self):
        charge = self._graduated([(10, 2, 1), (100, 1, 0), (0, 0.5, 0)])

        tiers = charge._to_engine().pricer.tiers

        self.assertEqual([tier.up_to for tier in tiers], [Decimal(10), Decimal(100), None])
        self.assertEqual([tier.unit_price for tier in tiers], [2, 1, Decimal("0.5")])
        self.assertEqual(tiers[0].flat_price, 1)

    def test_prices_that_make_no_sense_are_refused_by_name(self):
        with self.assertRaisesRegex(ValidationError, "unit_price"):
            self.charge.unit_price = -1
        with self.assertRaisesRegex(ValidationError, "tiers: missing_graduated_ranges"):
            self.charge.model = "graduated"

    def test_tiers_that_leave_units_unpriced_or_run_backwards_are_refused(self):
        for tiers in ([(10, 1, 0)], [(10, 1, 0), (5, 1, 0), (0, 1, 0)], [(0, 1, 0), (10, 1, 0)]):
            with (
                self.subTest(tiers=tiers),
                self.assertRaisesRegex(ValidationError, "invalid_graduated_ranges"),
            ):
                self._graduated(tiers)

    def test_changing_one_tier_is_checked_against_its_neighbours(self):
        charge = self._graduated([(10, 1, 0), (0, 2, 0)])

        with self.assertRaisesRegex(ValidationError, "invalid_graduated_ranges"):
            charge.tier_ids[1].up_to = 5

    def test_a_metric_that_needs_a_value_names_the_property(self):
        self.make_metric("calls", aggregation="count", field_name=False)

        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.make_metric("seats", aggregation="max", field_name=False)

    def test_a_charge_cannot_mix_services(self):
        other = self.make_service("desk")
        metric = self.make_metric("gb", service=other)
        plan = self.make_plan("pro", 5.0, service=other)

        with self.assertRaisesRegex(ValidationError, "mixes services"):
            self.charge.metric_id = metric
        with self.assertRaisesRegex(ValidationError, "mixes services"):
            self.charge.plan_id = plan

    def test_codes_are_unique_within_a_service_and_free_in_another(self):
        other = self.make_service("desk")
        self.make_metric("gb", service=other)
        self.make_plan("pro", 5.0, service=other)
        makers = (
            lambda: self.make_metric("gb"),
            lambda: self.make_plan("pro", 5.0),
            lambda: self.make_charge("bandwidth"),
            lambda: self.make_link("cust-1", self.partner),
            lambda: self.make_service("cloud"),
        )
        for maker in makers:
            with (
                self.subTest(maker=maker),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.UniqueViolation),
                self.env.cr.savepoint(),
            ):
                maker()
                self.env.flush_all()

    def test_the_price_reads_as_one_line(self):
        self.assertEqual(self.charge.price_summary, "1,000 GB included, then 0.05 per GB")
        self.charge.included_quantity = 0
        self.assertEqual(self.charge.price_summary, "0.05 per GB")
        self.assertEqual(self._graduated([(10, 1, 0), (0, 2, 0)]).price_summary, "2 tiers")

    def test_usage_lines_take_the_product_of_the_metric_before_that_of_the_service(self):
        self.assertEqual(self.metric._get_product(), self.usage_product)
        own = self.make_product("Traffic")
        self.metric.product_id = own
        self.assertEqual(self.metric._get_product(), own)

    def _graduated(self, tiers):
        return self.make_charge(
            f"tiers-{len(self.service.charge_ids)}",
            model="graduated",
            tier_ids=[
                Command.create(
                    {"sequence": n, "up_to": up_to, "unit_price": unit, "flat_price": flat}
                )
                for n, (up_to, unit, flat) in enumerate(tiers)
            ],
        )
