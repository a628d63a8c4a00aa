"""GET /plans: the catalogue in Lago's shape."""

from odoo.tests import tagged

from .api_common import ApiCase

ZERO_TO_1000 = {
    "from_value": 0,
    "to_value": 1000,
    "per_unit_amount": "0",
    "flat_amount": "0",
}


@tagged("post_install", "-at_install")
class TestApiPlans(ApiCase):
    def show(self, code: str = "pro") -> dict:
        status, body = self.call("GET", f"/plans/{code}")
        self.assertEqual(status, 200)
        return body["plan"]

    def test_a_plan_shows_its_price_interval_and_every_key_of_lago(self) -> None:
        plan = self.show()
        self.assertEqual(plan["code"], "pro")
        self.assertEqual(plan["interval"], "monthly")
        self.assertEqual((plan["amount_cents"], plan["amount_currency"]), (2000, "CAD"))
        self.assertIs(plan["pay_in_advance"], True)
        self.assertEqual(plan["fixed_charges"], [])
        self.assertIsNone(plan["bill_charges_monthly"])
        self.assertRegex(plan["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_an_included_quota_is_two_adjacent_ranges(self) -> None:
        charge = self.show()["charges"][0]
        self.assertEqual(charge["charge_model"], "graduated")
        self.assertEqual(charge["billable_metric_code"], "bandwidth")
        self.assertEqual(
            charge["properties"],
            {
                "graduated_ranges": [
                    ZERO_TO_1000,
                    {
                        "from_value": 1000,
                        "to_value": None,
                        "per_unit_amount": "0.05",
                        "flat_amount": "0",
                    },
                ]
            },
        )

    def test_graduated_tiers_keep_their_flat_prices(self) -> None:
        ranges = self.show()["charges"][1]["properties"]["graduated_ranges"]
        self.assertEqual([r["to_value"] for r in ranges], [2, None])
        self.assertEqual(ranges[1]["per_unit_amount"], "0.5")
        self.assertEqual(ranges[1]["flat_amount"], "1")

    def test_a_standard_price_is_an_amount(self) -> None:
        seats = self.make_metric(self.service, "seats", aggregation="max", field_name="n")
        plan = self.make_plan(self.service, "team", 0.0, bill_end_period=True)
        self.make_charge(plan, seats, model="standard", unit_price=0.0025)
        team = self.show("team")
        self.assertIs(team["pay_in_advance"], False)
        self.assertEqual(team["charges"][0]["properties"], {"amount": "0.0025"})

    def test_a_plan_priced_in_another_currency_only_says_so(self) -> None:
        dollars = self.env["product.pricelist"].create(
            {"name": "US", "currency_id": self.env.ref("base.USD").id}
        )
        product = self.make_product("US plan")
        plan = self.make_plan(self.service, "us", 5.0, product=product)
        plan.env["product.pricelist.item"].search([("plan_id", "=", plan.id)]).unlink()
        self.make_price(plan, 15.0, pricelist=dollars)
        shown = self.show("us")
        self.assertEqual((shown["amount_cents"], shown["amount_currency"]), (1500, "USD"))

    def test_the_list_has_meta_and_leaves_out_fixed_charges(self) -> None:
        status, body = self.call("GET", "/plans")
        self.assertEqual(status, 200)
        self.assertEqual([plan["code"] for plan in body["plans"]], ["pro"])
        self.assertNotIn("fixed_charges", body["plans"][0])
        self.assertEqual(body["meta"]["total_count"], 1)

    def test_an_unknown_plan_and_another_services_plan_are_the_same_404(self) -> None:
        other, _key = self.make_service("other")
        self.make_plan(other, "secret", 1.0)
        self.assert_not_found(self.call("GET", "/plans/nope"), "plan_not_found")
        self.assert_not_found(self.call("GET", "/plans/secret"), "plan_not_found")

    def test_codes_with_spaces_dots_and_at_signs_are_found(self) -> None:
        self.make_plan(self.service, "a b.c@d+e", 1.0)
        self.assertEqual(self.show("a%20b.c@d+e")["code"], "a b.c@d+e")
