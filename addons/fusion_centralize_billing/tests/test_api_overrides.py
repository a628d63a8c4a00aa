"""``plan_overrides``: one customer's own prices on a plan, billed as such."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_billed_case import BilledCase


@tagged("post_install", "-at_install", "fc_overrides")
class TestApiOverrides(BilledCase):
    """``pro`` is 20.00 a month, 0.05 a GB beyond 1,000. It is 10 April."""

    def setUp(self) -> None:
        super().setUp()
        self.pro = self.ok("GET", "/plans/pro")["plan"]
        (self.gb,) = (own for own in self.pro["charges"] if own["code"] == "bandwidth-over")
        ranges = [
            {"from_value": 0, "to_value": 100, "per_unit_amount": "0", "flat_amount": "0"},
            {"from_value": 100, "to_value": None, "per_unit_amount": "0.02", "flat_amount": "0"},
        ]
        self.cheaper = {
            "amount_cents": 1500,
            "charges": [{"id": self.gb["lago_id"], "properties": {"graduated_ranges": ranges}}],
        }

    def order(self, external_id: str = "own"):
        return self.service.subscription_ids.filtered(
            lambda order: order.x_fc_external_id == external_id
        )

    def send(self, **values):
        own = {"external_customer_id": "acme", "external_id": "own", "plan_code": "pro"}
        return self.call("POST", "/subscriptions", {"subscription": own | values})

    def test_the_customer_pays_the_own_price_and_to_the_app_it_is_the_plan(self) -> None:
        own = self.subscribe("own", plan_overrides=self.cheaper)
        self.assertEqual((own["plan_code"], own["plan_amount_cents"]), ("pro", 1500))
        self.assertEqual(
            (own["plan"]["code"], own["plan"]["amount_cents"], own["plan"]["parent_id"]),
            ("pro", 1500, self.pro["lago_id"]),
        )
        self.assertEqual(
            {charge["lago_parent_id"] for charge in own["plan"]["charges"]},
            {charge["lago_id"] for charge in self.pro["charges"]},
        )
        self.bill(date(2026, 4, 10))
        self.push("own-1", external_subscription_id="own", properties={"gb": "600"})
        self.service.test_clock = datetime(2026, 5, 10, 15)
        self.bill(date(2026, 5, 10))
        lines = self.env["account.move.line"].search(
            [("subscription_id", "=", self.order().id), ("display_type", "=", "product")]
        )
        # 15.00 a month in advance, twice, and (600 − 100) × 0.02.
        self.assertEqual(sorted(lines.mapped("price_subtotal")), [10.0, 15.0, 15.0])
        usage = lines.filtered("x_fc_line_key")
        fee_id = self.env["fusion.billing.serialize"]._id("fee", usage)
        self.assertEqual(self.ok("GET", f"/fees/{fee_id}")["fee"]["item"]["code"], "bandwidth")
        self.assert_book_is_right()

    def test_the_plan_itself_and_its_list_stay_as_they_were(self) -> None:
        self.subscribe("own", plan_overrides=self.cheaper)
        self.assertEqual(self.ok("GET", "/plans/pro")["plan"], self.pro)
        self.assertEqual(self.ok("GET", "/plans")["meta"]["total_count"], 1)
        listed = self.ok("GET", "/subscriptions?plan_code=pro")["subscriptions"]
        self.assertEqual({own["external_id"] for own in listed}, {"own", "sub-1"})
        hidden = self.order().plan_id.x_fc_code.replace("#", "%23")
        self.assert_not_found(self.call("GET", f"/plans/{hidden}"), "plan_not_found")

    def test_the_same_again_is_the_same_subscription_at_the_first_price(self) -> None:
        first = self.subscribe("own", plan_overrides=self.cheaper)
        again = self.subscribe("own", plan_overrides={"amount_cents": 1})
        plain = self.subscribe("own")
        for other in (again, plain):
            self.assertEqual(other["lago_id"], first["lago_id"])
            self.assertEqual(other["plan_amount_cents"], 1500)

    def test_a_new_price_of_the_plan_leaves_the_agreed_one(self) -> None:
        self.subscribe("own", plan_overrides=self.cheaper)
        self.ok("PUT", "/plans/pro", {"plan": {"amount_cents": 9900}})
        amounts = {
            own["external_id"]: own["plan_amount_cents"]
            for own in self.ok("GET", "/subscriptions")["subscriptions"]
        }
        self.assertEqual(amounts, {"own": 1500, "sub-1": 9900})

    def test_a_plan_that_is_taken_away_ends_its_overrides_too(self) -> None:
        self.subscribe("own", plan_overrides=self.cheaper)
        self.ok("DELETE", "/plans/pro")
        self.assertTrue(self.order().x_fc_terminated_at)
        self.assertEqual(len(self.told("plan.deleted")), 1)
        self.assertEqual(self.ok("GET", "/plans")["plans"], [])

    def test_what_does_not_fit_is_refused_and_nothing_is_left_behind(self) -> None:
        plans = self.env["sale.subscription.plan"].with_context(active_test=False)
        before = plans.search_count([])
        calls = {"id": "1321c55a-da3a-8006-8000-0000ffffffff", "properties": {"amount": "1"}}
        self.assert_not_found(self.send(plan_overrides={"charges": [calls]}), "charge_not_found")
        self.assert_invalid(
            self.send(plan_overrides={"amount_currency": "JPY"}),
            amount_currency=["currencies_does_not_match"],
        )
        wrong = {"id": self.gb["lago_id"], "properties": {"graduated_ranges": []}}
        status, _body = self.send(plan_overrides={"charges": [wrong]})
        self.assertEqual(status, 422)
        self.assert_invalid(
            self.send(plan_overrides={"amount_cents": -1}),
            plan_overrides={"amount_cents": ["value_is_out_of_range"]},
        )
        self.assertEqual((plans.search_count([]), len(self.order())), (before, 0))
