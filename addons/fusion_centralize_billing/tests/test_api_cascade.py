"""``cascade_updates``: what of a customer's own plan still is as the plan's was follows it."""

from typing import Any

from odoo.tests import tagged

from .api_billed_case import BilledCase
from .test_api_catalogue_plans import TEAM


def ranges(price: str, free: int = 1000) -> dict[str, Any]:
    return {
        "graduated_ranges": [
            {"from_value": 0, "to_value": free, "per_unit_amount": "0", "flat_amount": "0"},
            {"from_value": free, "to_value": None, "per_unit_amount": price, "flat_amount": "0"},
        ]
    }


@tagged("post_install", "-at_install", "fc_overrides")
class TestApiCascade(BilledCase):
    """``fee`` has a base fee of its own, ``gb`` a usage price; both are copies of ``pro``."""

    def setUp(self) -> None:
        super().setUp()
        charges = self.ok("GET", "/plans/pro")["plan"]["charges"]
        self.gb = next(own for own in charges if own["code"] == "bandwidth-over")
        self.other = [own["code"] for own in charges if own != self.gb]
        self.path = f"/plans/pro/charges/{self.gb['code']}"
        own = [{"id": self.gb["lago_id"], "properties": ranges("0.02", 100)}]
        self.subscribe("fee", plan_overrides={"amount_cents": 1500})
        self.subscribe("gb", plan_overrides={"charges": own})

    def plan_of(self, external_id: str) -> dict[str, Any]:
        return self.ok("GET", f"/subscriptions/{external_id}")["subscription"]["plan"]

    def charge(self, external_id: str) -> dict[str, Any]:
        charges = self.plan_of(external_id)["charges"]
        return next(own for own in charges if own["lago_parent_id"] == self.gb["lago_id"])

    def codes(self, external_id: str) -> list[str]:
        return [own["code"] for own in self.plan_of(external_id)["charges"]]

    def put(self, path: str, root: str, cascade: bool = True, **values: Any) -> dict[str, Any]:
        return self.ok("PUT", path, {root: values | {"cascade_updates": cascade}})[root]

    def test_a_fee_reaches_who_pays_the_old_one(self) -> None:
        self.put("/plans/pro", "plan", amount_cents=9900, name="Pro 2", description="New")
        self.assertEqual(
            [self.plan_of(own)["amount_cents"] for own in ("sub-1", "fee", "gb")],
            [9900, 1500, 9900],
        )
        listed = self.ok("GET", "/subscriptions")["subscriptions"]
        self.assertEqual(
            {own["external_id"]: own["plan_amount_cents"] for own in listed},
            {"sub-1": 9900, "fee": 1500, "gb": 9900},
        )
        for own in ("fee", "gb"):
            plan = self.plan_of(own)
            self.assertEqual((plan["name"], plan["description"]), ("Pro 2", "New"))
            self.assertEqual(plan["parent_id"], self.plan_of("sub-1")["lago_id"])
        self.assert_book_is_right()

    def test_without_it_nothing_reaches_anybody(self) -> None:
        before = self.plan_of("fee"), self.plan_of("gb")
        self.put("/plans/pro", "plan", cascade=False, amount_cents=9900)
        self.put(self.path, "charge", cascade=False, properties=ranges("0.07"))
        self.assertEqual((self.plan_of("fee"), self.plan_of("gb")), before)

    def test_a_price_reaches_who_has_none_of_its_own(self) -> None:
        self.put(self.path, "charge", properties=ranges("0.07"), invoice_display_name="Traffic")
        self.assertEqual(self.charge("fee")["properties"], ranges("0.07"))
        self.assertEqual(self.charge("gb")["properties"], ranges("0.02", 100))
        names = [self.charge(own)["invoice_display_name"] for own in ("fee", "gb")]
        self.assertEqual(names, ["Traffic", "Traffic"])

    def test_another_model_comes_with_its_prices_or_not_at_all(self) -> None:
        self.put(self.path, "charge", charge_model="standard", properties={"amount": "0.01"})
        self.assertEqual(
            [self.charge(own)["charge_model"] for own in ("fee", "gb")], ["standard", "graduated"]
        )
        self.assertEqual(self.charge("gb")["properties"], ranges("0.02", 100))

    def test_a_fee_and_charges_sent_at_once_all_follow(self) -> None:
        charge = self.gb | {
            "id": self.gb["lago_id"],
            "billable_metric_id": self.gb["lago_billable_metric_id"],
            "properties": ranges("0.09"),
        }
        self.put("/plans/pro", "plan", amount_cents=2500, charges=[charge])
        fee, gb = self.plan_of("fee"), self.plan_of("gb")
        self.assertEqual((fee["amount_cents"], gb["amount_cents"]), (1500, 2500))
        self.assertEqual(self.charge("fee")["properties"], ranges("0.09"))
        self.assertEqual(self.charge("gb")["properties"], ranges("0.02", 100))
        # The charges that were not named are gone, in the copies too.
        self.assertEqual(self.codes("fee"), [self.gb["code"]])
        self.assertEqual(len(self.told("plan.updated")), 1)

    def test_a_charge_that_is_added_or_taken_away(self) -> None:
        more = {
            "billable_metric_id": self.gb["lago_billable_metric_id"],
            "charge_model": "standard",
            "code": "more",
            "properties": {"amount": "1"},
        }
        added = self.ok("POST", "/plans/pro/charges", {"charge": more | {"cascade_updates": True}})
        parents = {own["code"]: own["lago_parent_id"] for own in self.plan_of("fee")["charges"]}
        self.assertEqual(parents["more"], added["charge"]["lago_id"])
        self.ok("DELETE", "/plans/pro/charges/more?cascade_updates=true")
        self.ok("DELETE", self.path, {"charge": {"cascade_updates": True}})
        self.assertEqual(self.codes("fee"), self.other)
        # What was agreed is sold on.
        self.assertEqual(self.charge("gb")["properties"], ranges("0.02", 100))

    def test_a_charge_taken_away_without_it_stays_in_the_copies(self) -> None:
        self.ok("DELETE", self.path)
        left = self.ok("GET", "/plans/pro")["plan"]["charges"]
        self.assertEqual([own["code"] for own in left], self.other)
        self.assertEqual(self.charge("fee")["lago_parent_id"], self.gb["lago_id"])

    def test_filters_follow_one_by_one(self) -> None:
        self.put(self.path, "charge", charge_model="standard", properties={"amount": "0.05"})
        filters = f"{self.path}/filters"
        eu = {"values": {"region": ["eu"]}, "properties": {"amount": "0.04"}}
        uk = {"values": {"region": ["uk"]}, "properties": {"amount": "0.03"}}
        made = [
            self.ok("POST", filters, {"filter": own | {"cascade_updates": True}})["filter"]
            for own in (eu, uk)
        ]
        self.assertEqual(self.prices("fee"), {"eu": "0.04", "uk": "0.03"})
        own = self.charge("fee")
        agreed = {"id": own["lago_id"], "filters": [eu | {"properties": {"amount": "0.01"}}, uk]}
        self.ok(
            "PUT",
            "/subscriptions/fee",
            {"subscription": {"plan_overrides": {"charges": [agreed]}}},
        )
        for filter_, price in zip(made, ("0.5", "0.6"), strict=True):
            self.put(f"{filters}/{filter_['lago_id']}", "filter", properties={"amount": price})
        self.assertEqual(self.prices("fee"), {"eu": "0.01", "uk": "0.6"})
        for filter_ in made:
            self.ok("DELETE", f"{filters}/{filter_['lago_id']}?cascade_updates=true")
        self.assertEqual(self.prices("fee"), {"eu": "0.01"})

    def prices(self, external_id: str) -> dict[str, str]:
        return {
            own["values"]["region"][0]: own["properties"]["amount"]
            for own in self.charge(external_id)["filters"]
        }

    def test_the_name_on_invoices_is_shared_with_the_copies(self) -> None:
        self.ok("POST", "/plans", {"plan": TEAM | {"charges": []}})
        self.subscribe("own", plan_code="team", plan_overrides={"description": "Own"})
        answer = self.call("PUT", "/plans/team", {"plan": {"invoice_display_name": "Fee"}})
        self.assert_invalid(answer, invoice_display_name=["product_is_shared"])
        self.put("/plans/team", "plan", invoice_display_name="Fee")
        self.assertEqual(self.plan_of("own")["invoice_display_name"], "Fee")

    def test_a_copy_that_nobody_is_on_stays_as_it_was_billed(self) -> None:
        ended = self.env["sale.order"].search([("x_fc_external_id", "=", "gb")]).plan_id
        self.ok("DELETE", "/subscriptions/gb")
        self.put("/plans/pro", "plan", amount_cents=9900)
        self.assertEqual(self.env["fusion.billing.serialize"]._plan(ended)["amount_cents"], 2000)

    def test_another_services_plan_is_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        body = {"plan": {"amount_cents": 1, "cascade_updates": True}}
        self.assert_not_found(self.call("PUT", "/plans/pro", body, key=key), "plan_not_found")
        answer = self.call("DELETE", f"{self.path}?cascade_updates=true", key=key)
        self.assert_not_found(answer, "plan_not_found")
        self.assertEqual(self.plan_of("gb")["amount_cents"], 2000)
