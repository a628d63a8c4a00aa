"""Every charge model, from events to an invoice line that explains itself."""

from datetime import datetime
from decimal import Decimal

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..pipeline.counted import Events
from .charge_case import APRIL, MODELS, ChargeCase, ladder


@tagged("post_install", "-at_install", "fc_rate")
class TestChargeModels(ChargeCase):
    def test_each_model_bills_what_its_formula_gives_and_current_usage_said(self) -> None:
        charges = {model: self.priced(model) for model in MODELS}
        self.pay()
        said = {item.charge: item for item in self.current().charges}
        lines = self.bill()
        for model, (_values, expected) in MODELS.items():
            with self.subTest(model=model):
                charge = charges[model]
                line = lines.filtered(
                    lambda line, key=f"gb/{charge.code}": line.x_fc_line_key == key
                )
                self.assertEqual(Decimal(str(line.price_subtotal)), Decimal(expected))
                self.assertEqual(said[charge].amount, Decimal(expected))
                self.assertEqual(said[charge].quantity, Decimal("240.5"))
        self.assertBook()

    def test_each_line_explains_itself_in_english_and_in_french(self) -> None:
        for model in MODELS:
            self.priced(model)
        self.pay()
        self.env["res.lang"]._activate_lang("fr_CA")
        for line in self.bill():
            english = line.with_context(lang="en_CA").x_fc_explanation
            french = line.with_context(lang="fr_CA").x_fc_explanation
            with self.subTest(key=line.x_fc_line_key):
                self.assertIn("Rounded half up to 2 decimals: $", english)
                self.assertIn("Arrondi", french)
                self.assertNotEqual(english, french)

    def test_a_charge_is_named_in_the_customers_language_whoever_bills(self) -> None:
        self.env["res.lang"]._activate_lang("fr_CA")
        charge = self.priced("standard")
        charge.name = "Bandwidth"
        charge.with_context(lang="fr_CA").name = "Bande passante"
        self.partner.lang = "fr_CA"
        self.pay()
        [line] = self.bill().filtered(lambda line: line.x_fc_line_key == f"gb/{charge.code}")
        self.assertTrue(line.name.startswith("Bande passante\u00a0: "), line.name)
        self.assertEqual(line.x_fc_trace["charge"]["name"], "Bande passante")

    def test_a_new_name_from_the_app_holds_in_every_language(self) -> None:
        self.env["res.lang"]._activate_lang("fr_CA")
        charge, other = self.priced("standard"), self.priced("quota")
        charge.with_context(lang="fr_CA").name = "Bande passante"
        other._named_like(charge)
        self.assertEqual(other.with_context(lang="fr_CA").name, "Bande passante")
        charge.with_context(lang="fr_CA")._rename(charge.name)
        self.assertEqual(charge.with_context(lang="fr_CA").name, "Bande passante", "not new")
        charge._rename("Traffic")
        for lang in ("fr_CA", "en_US"):
            self.assertEqual(charge.with_context(lang=lang).name, "Traffic")

    def test_each_model_says_its_price_in_one_line(self) -> None:
        said = {model: self.priced(model).price_summary for model in MODELS}
        self.assertEqual(
            said,
            {
                "quota": "100 GB included, then 0.05 per GB",
                "standard": "0.015 per GB",
                "graduated": "2 tiers",
                "volume": "2 tiers",
                "package": "9 per 100 GB started, 30 free",
                "percentage": "2.9 % + 0.3 per event",
                "graduated_percentage": "2 tiers",
                "dynamic": "As the app prices each event",
            },
        )

    def test_what_makes_no_sense_is_refused_by_the_name_of_the_field(self) -> None:
        wrong = {
            "package_size": ("package", {"package_size": 0}),
            "rate": ("percentage", {"rate": -1}),
            "per_transaction_max_amount": (
                "percentage",
                {"per_transaction_min_amount": 5, "per_transaction_max_amount": 1},
            ),
            "tiers: missing_volume_ranges": ("volume", {"tier_ids": []}),
            "cap_amount": ("standard", {"min_amount": 5, "cap_amount": 1}),
            "prorated": ("standard", {"prorated": True}),
            "filters.0.unit_price": (
                "standard",
                {"filter_ids": [Command.create({"values": {"a": ["b"]}, "unit_price": -1})]},
            ),
        }
        for field, (model, values) in wrong.items():
            with self.subTest(field=field):
                with self.assertRaises(ValidationError) as refused:
                    self.priced(model, **values)
                self.assertIn(field, str(refused.exception))

    def test_a_recurring_metric_must_be_one_that_can_be_carried_over(self) -> None:
        with self.assertRaisesRegex(ValidationError, "recurring"):
            self.make_metric("peak", aggregation="max", recurring=True)
        self.metric.recurring = True
        self.priced("standard", prorated=True)
        with self.assertRaisesRegex(ValidationError, "prorated"):
            self.metric.recurring = False

    def test_events_are_read_for_charges_that_price_each_one_and_for_no_others(self) -> None:
        read = set()
        of = Events.of
        self.patch(Events, "of", lambda *args: read.add(args[2]) or of(*args))
        self.pay()
        for model in MODELS.keys() - {"percentage"}:
            self.priced(model)
        self.current()
        self.assertEqual(read, set())
        self.priced("percentage")
        self.current()
        self.assertEqual(read, {self.metric.id})

    def test_thousands_of_equal_events_are_one_pair(self) -> None:
        self.pay(*[("5", {})] * 7, ("1", {}), ("5", {}))
        self.priced("percentage")
        (charge,) = self.current().charges
        usage = charge.lines[0].derivation["usage"]
        self.assertEqual(usage["transactions"], [["5", "7"], ["1", "1"], ["5", "1"]])


@tagged("post_install", "-at_install", "fc_rate")
class TestChargeTime(ChargeCase):
    """Metrics that carry over, weigh by time, or are prorated by days."""

    def test_a_recurring_sum_carries_over_to_the_next_period(self) -> None:
        self.metric.recurring = True
        self.priced("standard", unit_price=1)
        self.pay(("5", {}), ("2", {}))
        self.assertEqual(self.bill().price_subtotal, 7)
        self.push(self.item("april", -3, at=datetime(2026, 4, 10)))
        self.assertEqual(self.bill(APRIL.replace(month=5)).price_subtotal, 4)
        self.assertBook()

    def test_a_prorated_seat_costs_its_days(self) -> None:
        self.metric.recurring = True
        self.priced("standard", unit_price=31, prorated=True)
        self.pay(("2", {}), day=20)  # 12 of 31 days
        line = self.bill()
        self.assertEqual(line.price_subtotal, 24.0)
        self.push(self.item("gone", -2, at=datetime(2026, 4, 16, 12)))
        self.assertEqual(self.current(datetime(2026, 4, 20)).amount, Decimal("31.00"))  # 15 of 30
        self.assertBook()

    def test_a_value_weighted_by_time_ends_at_the_customer_s_midnight(self) -> None:
        metric = self.make_metric("ram", aggregation="weighted", unit="GB")
        self.priced("standard", metric_id=metric.id, unit_price=31)
        # Toronto's March 2026 has 743 hours: clocks go forward on the 8th. In place for its
        # last 20 hours: 20 / 743 of 31.00.
        at = datetime(2026, 3, 31, 8)
        self.push(self.item("ram", code="ram", at=at, ram=1))
        self.assertEqual(self.bill().price_subtotal, 0.83)
        self.assertBook()

    def test_what_a_renewal_carries_over_was_counted_on_its_parent(self) -> None:
        self.metric.recurring = True
        self.priced("standard", unit_price=1)
        self.pay(("5", {}))
        self.run_billing(APRIL)
        values = self.order._prepare_upsell_renew_order_values("2_renewal")
        renewal = self.env["sale.order"].create(values | {"start_date": APRIL})
        renewal.with_context(billing_date=APRIL).action_confirm()
        self.assertEqual(renewal.x_fc_external_id, "sub-1")
        lines = self.env["fusion.billing.rate"]._rate(renewal, APRIL, APRIL.replace(month=5))
        self.assertEqual([line.amount for line in lines], [5])

    def test_graduated_tiers_take_a_filter_s_own_ladder(self) -> None:
        self.priced(
            "graduated",
            filter_ids=[
                Command.create(
                    {"values": {"region": ["eu"]}, "tier_ids": ladder({"unit_price": 2})}
                )
            ],
        )
        self.pay()
        self.assertEqual(
            self.amounts(self.bill()),
            {"gb/graduated": 111.0, 'gb/graduated{"filter":"{\\"region\\":[\\"eu\\"]}"}': 81.0},
        )
        self.assertBook()
