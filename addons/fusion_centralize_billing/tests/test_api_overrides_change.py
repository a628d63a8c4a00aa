"""Own prices for a subscription that exists, and for a plan that waits."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install", "fc_overrides")
class TestApiOverridesChange(BilledCase):
    """``sub-1`` is on ``pro``: 20.00 a month, 0.05 a GB beyond 1,000. It is 10 April."""

    def setUp(self) -> None:
        super().setUp()
        self.pro = self.ok("GET", "/plans/pro")["plan"]
        self.gb = self.charge_of({"plan": self.pro})

    def put(self, overrides: dict, query: str = "", key: str = "", **values):
        body = {"subscription": values | {"plan_overrides": overrides}}
        return self.call("PUT", f"/subscriptions/sub-1{query}", body, key=key)

    def overridden(self, **overrides) -> dict:
        status, body = self.put(overrides)
        self.assertEqual(status, 200, body)
        return body["subscription"]

    def charge_of(self, subscription: dict) -> dict:
        """The charge that is ``bandwidth-over``."""
        charges = subscription["plan"]["charges"]
        return next(own for own in charges if own["code"] == "bandwidth-over")

    def copies(self):
        plans = self.env["sale.subscription.plan"].with_context(active_test=False)
        return plans.search([("x_fc_parent_id", "!=", False)])

    def listed(self, query: str) -> list[str]:
        body = self.ok("GET", f"/subscriptions?{query}")
        return [own["external_id"] for own in body["subscriptions"]]

    def test_the_next_bill_has_the_new_prices(self) -> None:
        free = {
            "graduated_ranges": [
                {"from_value": 0, "to_value": 100, "per_unit_amount": "0", "flat_amount": "0"},
                {"from_value": 100, "to_value": None, "per_unit_amount": "0.02",
                 "flat_amount": "0"},
            ]
        }  # fmt: skip
        own = self.overridden(
            amount_cents=1500, charges=[{"id": self.gb["lago_id"], "properties": free}]
        )
        self.assertEqual((own["plan_code"], own["plan_amount_cents"]), ("pro", 1500))
        self.assertEqual(own["plan"]["parent_id"], self.pro["lago_id"])
        self.assertEqual(self.ok("GET", "/plans/pro")["plan"], self.pro)
        self.push("t-2", properties={"gb": "600"})
        self.service.test_clock = datetime(2026, 5, 10, 15)
        self.bill(date(2026, 5, 10))
        last = self.moves.sorted("id")[-1].invoice_line_ids
        # 15.00 and (600 − 100) × 0.02.
        self.assertEqual(sorted(last.mapped("price_subtotal")), [10.0, 15.0])
        self.assert_book_is_right()

    def test_only_usage_overridden_keeps_the_fee_that_was_agreed(self) -> None:
        self.service.subscription_ids.order_line.price_unit = 17.0
        own = self.overridden(charges=[{"id": self.gb["lago_id"], "min_amount_cents": 900}])
        self.assertEqual(own["plan_amount_cents"], 1700)
        self.assertEqual(self.charge_of(own)["min_amount_cents"], 900)

    def test_a_second_time_the_copy_itself_changes(self) -> None:
        self.overridden(amount_cents=1500, description="Agreed")
        own = self.overridden(amount_cents=1400)
        self.assertEqual(own["plan_amount_cents"], 1400)
        self.assertEqual(own["plan"]["description"], "Agreed")
        self.assertEqual(len(self.copies()), 1)
        charge = self.charge_of(own)
        for known in (charge["lago_id"], charge["lago_parent_id"]):
            sent = {"id": known, "invoice_display_name": known[-4:]}
            changed = self.charge_of(self.overridden(charges=[sent]))
            self.assertEqual(changed["invoice_display_name"], known[-4:])

    def test_what_does_not_fit_is_refused_and_nothing_is_left_behind(self) -> None:
        wrong = {"id": self.pro["lago_id"], "properties": {"amount": "1"}}
        self.assert_not_found(self.put({"charges": [wrong]}), "charge_not_found")
        answer = self.put({"amount_currency": "JPY"})
        self.assert_invalid(answer, amount_currency=["currencies_does_not_match"])
        answer = self.put({"invoice_display_name": "Other"})
        self.assert_invalid(answer, invoice_display_name=["not_supported"])
        self.assertFalse(self.copies())
        self.overridden(amount_cents=1500)
        self.assert_not_found(self.put({"charges": [wrong]}), "charge_not_found")
        answer = self.put({"amount_currency": "JPY"})
        self.assert_invalid(answer, amount_currency=["currencies_does_not_match"])

    def test_overridden_ones_are_listed_by_themselves(self) -> None:
        self.subscribe("own", plan_overrides={"amount_cents": 1500})
        self.assertEqual(self.listed("overridden=true"), ["own"])
        self.assertEqual(self.listed("overridden=false"), ["sub-1"])
        self.assertEqual(set(self.listed("")), {"own", "sub-1"})

    def test_a_service_is_one_billing_entity(self) -> None:
        own = f"billing_entity_codes[]={self.service.code}"
        self.assertEqual(self.listed(own), ["sub-1"])
        self.assertEqual(self.listed(f"{own}&billing_entity_codes[]=other"), ["sub-1"])
        self.assertEqual(self.listed("billing_entity_codes[]=other"), [])

    def test_a_start_to_come_gets_own_prices_too(self) -> None:
        self.subscribe("later", subscription_at="2026-08-01T12:00:00Z")
        body = {"subscription": {"plan_overrides": {"amount_cents": 700}}}
        later = self.ok("PUT", "/subscriptions/later?status=pending", body)["subscription"]
        self.assertEqual((later["status"], later["plan_amount_cents"]), ("pending", 700))

    # ------------------------------------------------------------------ a plan that waits
    def downgrade(self, cents: int | None = None) -> dict:
        overrides = {"plan_overrides": {"amount_cents": cents}} if cents else {}
        self.subscribe(plan_code="mini", **overrides)
        return self.ok("GET", "/subscriptions/sub-1?status=pending")["subscription"]

    def test_asking_for_a_downgrade_again_leaves_one_copy(self) -> None:
        self.make_plan(self.service, "mini", 5.0)
        self.assertEqual(self.downgrade(400)["plan_amount_cents"], 400)
        self.assertEqual(self.downgrade(300)["plan_amount_cents"], 300)
        self.assertEqual(len(self.copies()), 1)
        self.assertEqual(self.listed("status=pending&overridden=true"), ["sub-1"])
        self.assertEqual(self.downgrade()["plan_amount_cents"], 500)
        self.assertFalse(self.copies())

    def test_a_downgrade_called_off_leaves_no_copy(self) -> None:
        self.make_plan(self.service, "mini", 5.0)
        self.downgrade(400)
        coming = self.ok("DELETE", "/subscriptions/sub-1?status=pending")["subscription"]
        self.assertEqual(coming["plan_amount_cents"], 400)
        self.assertFalse(self.copies())

    def test_a_plan_taken_away_takes_what_waits_for_it_along(self) -> None:
        self.make_plan(self.service, "mini", 5.0)
        self.downgrade(400)
        self.ok("DELETE", "/plans/mini")
        self.assertFalse(self.copies())
        self.assertIsNone(self.ok("GET", "/subscriptions/sub-1")["subscription"]["next_plan_code"])

    def test_a_plan_that_waits_is_overridden_and_follows_its_plan(self) -> None:
        self.make_plan(self.service, "mini", 5.0)
        self.downgrade()
        status, body = self.put({"description": "Agreed"}, "?status=pending")
        self.assertEqual((status, body["subscription"]["status"]), (200, "pending"), body)
        self.assertEqual(body["subscription"]["plan"]["description"], "Agreed")
        self.assert_invalid(
            self.put({"amount_cents": 1}, "?status=pending", name="x"), name=["not_supported"]
        )
        self.ok("PUT", "/plans/mini", {"plan": {"amount_cents": 450, "cascade_updates": True}})
        self.service.test_clock = datetime(2026, 5, 10, 15)
        self.bill(date(2026, 5, 10))
        running = self.ok("GET", "/subscriptions/sub-1")["subscription"]
        self.assertEqual((running["plan_code"], running["plan_amount_cents"]), ("mini", 450))
        self.assertEqual(running["plan"]["description"], "Agreed")

    def test_another_services_subscription_is_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        for query in ("", "?status=pending"):
            answer = self.put({"amount_cents": 1}, query, key=key)
            self.assert_not_found(answer, "subscription_not_found")
        self.assertFalse(self.copies())
