"""Rows → values, without any database."""

from datetime import UTC, date, datetime
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..importers import translate
from ..importers.errors import RowError
from ..importers.values import Skipped, TierValue
from ..pipeline.anchor import find_anchor

PLAN = {
    "id": 3, "code": "pro", "name": "Pro", "description": None, "interval": "month",
    "price_cents": 2900, "currency": "cad", "pay_in_advance": True,
    "included_bandwidth_gb": Decimal(250), "overage_bandwidth_price": Decimal("0.08"),
    "included_build_minutes": None, "overage_build_price": None, "storage_tiers": None,
}  # fmt: skip
USER = {
    "id": "u1", "email": "ann@example.ca", "full_name": "Ann Roy", "company_name": None,
    "phone": " ", "address_line1": None, "address_line2": None, "city": "Québec",
    "province": "QC", "postal_code": "G1R 1A1", "country": "CA", "tax_number": None,
    "timezone": None, "locale": "fr_CA", "stripe_customer_id": "cus_1",
}  # fmt: skip
SUBSCRIPTION = {
    "id": "s1", "user_id": "u1", "plan_id": 3, "status": "active", "cancelled_at": None,
    "started_at": datetime(2025, 10, 1, 3, tzinfo=UTC), "trial_ends_at": None,
    "current_period_start": date(2026, 3, 1), "current_period_end": date(2026, 4, 1),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestImportTranslate(BaseCase):
    def test_a_quota_without_an_overage_price_has_a_reason_and_no_charge(self):
        plan = translate.plan(PLAN)

        self.assertEqual([charge.code for charge in plan.charges], ["bandwidth"])
        self.assertIn("never charged", plan.uncharged["build"])
        self.assertIn("never charged", plan.uncharged["storage"])

    def test_a_price_without_a_quota_charges_from_the_first_unit(self):
        plan = translate.plan(PLAN | {"included_bandwidth_gb": None})

        self.assertEqual(plan.charges[0].included_quantity, Decimal(0))
        self.assertEqual(plan.charges[0].unit_price, Decimal("0.08"))

    def test_storage_tiers_become_a_graduated_charge_without_a_last_bound(self):
        rows = [{"up_to": 50, "unit_price": "0"}, {"up_to": None, "unit_price": Decimal("0.08")}]

        (charge,) = translate.plan(
            PLAN | {"overage_bandwidth_price": None, "storage_tiers": rows}
        ).charges

        zero = Decimal(0)
        self.assertEqual(charge.model, "graduated")
        self.assertEqual(
            charge.tiers,
            (TierValue(Decimal(50), zero, zero), TierValue(zero, Decimal("0.08"), zero)),
        )

    def test_broken_plans_are_told(self):
        cases = {
            "neither month nor year": {"interval": "week"},
            "price_cents cannot be -1": {"price_cents": -1},
            "price_cents is no number": {"price_cents": None},
            "code is empty": {"code": " "},
            "storage_tiers is not a list": {"storage_tiers": {}},
            "lacks up_to or unit_price": {"storage_tiers": [{"up_to": 1}]},
        }
        for sentence, change in cases.items():
            with self.subTest(sentence), self.assertRaisesRegex(RowError, sentence):
                translate.plan(PLAN | change)

    def test_a_companys_name_goes_before_the_persons(self):
        values = translate.customer(USER | {"company_name": "Maple Inc."}).values

        self.assertEqual((values["name"], values["customer_type"]), ("Maple Inc.", "company"))
        self.assertEqual(values["metadata"], [{"key": "contact", "value": "Ann Roy"}])

    def test_blank_text_is_null_and_stripe_goes_where_lago_keeps_it(self):
        values = translate.customer(USER).values

        self.assertIsNone(values["phone"])
        self.assertEqual(values["billing_configuration"]["provider_customer_id"], "cus_1")
        self.assertEqual(values["billing_configuration"]["document_locale"], "fr_CA")

    def test_a_cancelled_subscription_is_skipped_with_its_day(self):
        row = SUBSCRIPTION | {
            "status": "cancelled",
            "cancelled_at": datetime(2026, 1, 5, tzinfo=UTC),
        }

        self.assertEqual(
            translate.subscription(row),
            Skipped("Cancelled in the app on 2026-01-05: there is nothing left to bill."),
        )

    def test_broken_subscriptions_are_told(self):
        cases = {
            "“frozen” is not one of": {"status": "frozen"},
            "does not say until when": {"status": "trialing"},
            "is no period": {"current_period_end": date(2026, 3, 1)},
            "started_at is missing": {"started_at": None},
        }
        for sentence, change in cases.items():
            with self.subTest(sentence), self.assertRaisesRegex(RowError, sentence):
                translate.subscription(SUBSCRIPTION | change)

    def test_a_trial_ends_on_the_customers_own_day(self):
        value = translate.subscription(
            SUBSCRIPTION
            | {"status": "trialing", "trial_ends_at": datetime(2026, 3, 10, 3, tzinfo=UTC)}
        )

        day = date(2026, 3, 9)  # 10 March, 03:00 UTC is still the 9th in Vancouver
        self.assertEqual(translate.local_period(value, "America/Vancouver"), (day, day))


@tagged("post_install", "-at_install")
class TestAnchor(BaseCase):
    def test_the_oldest_whole_period_is_counted_from_so_that_past_ones_can_be_compared(self):
        self.assertEqual(
            find_anchor(date(2025, 1, 15), date(2026, 3, 1), date(2026, 4, 1), "month", 1),
            date(2025, 2, 1),
        )

    def test_a_month_end_comes_back_after_february(self):
        start, end = date(2026, 2, 28), date(2026, 3, 31)

        self.assertEqual(
            find_anchor(date(2025, 10, 31), start, end, "month", 1), date(2025, 10, 31)
        )

    def test_the_day_is_read_off_the_period_when_the_contract_began_on_another(self):
        start, end = date(2026, 2, 28), date(2026, 3, 31)

        self.assertEqual(find_anchor(date(2025, 1, 7), start, end, "month", 1), date(2026, 1, 31))

    def test_a_trial_counts_from_its_end(self):
        day = date(2026, 3, 10)

        self.assertEqual(find_anchor(date(2026, 2, 10), day, day, "month", 1), day)

    def test_a_period_of_another_length_has_no_anchor(self):
        self.assertIsNone(
            find_anchor(date(2026, 1, 1), date(2026, 3, 1), date(2026, 3, 20), "month", 1)
        )
