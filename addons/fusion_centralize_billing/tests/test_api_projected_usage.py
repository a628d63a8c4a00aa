"""GET /customers/:id/projected_usage and the groups of current_usage, over HTTP."""

from datetime import datetime

from odoo import Command
from odoo.tests import tagged

from .api_common import ApiCase

MARCH_19 = datetime(2026, 3, 19, 15, 0)
"""The tenth of 31 days."""


@tagged("post_install", "-at_install")
class TestApiProjectedUsage(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()
        self.service.test_clock = MARCH_19

    def asked(self, usage: str, query: str = "", customer: str = "acme"):
        path = f"/customers/{customer}/{usage}?external_subscription_id=sub-1{query}"
        return self.call("GET", path)

    def shown(self, usage: str = "projected_usage", query: str = "") -> dict:
        status, body = self.asked(usage, query)
        self.assertEqual(status, 200, body)
        [root] = body
        self.assertEqual(root, f"customer_{usage}".replace("current_", ""))
        return body[root]

    def storage(self, **values):
        """A grouped charge with a filter, at 1.00 a GB; Europe at 2.00."""
        metric = self.make_metric(self.service, "storage", field_name="gb")
        europe = {"name": "Europe", "values": {"zone": ["eu"]}, "unit_price": 2}
        return self.make_charge(
            self.plan,
            metric,
            model="standard",
            unit_price=1,
            filter_ids=[Command.create(europe)],
            **values,
        )

    def test_usage_goes_on_as_it_began_and_free_units_are_for_the_whole_period(self) -> None:
        self.push("t-1", properties={"gb": "400"})
        for number in range(2):
            self.push(f"c-{number}", code="calls")
        usage = self.shown()
        bandwidth, calls = usage["charges_usage"]
        # 400 × 31 / 10 = 1,240: 240 × 0.05
        self.assertEqual((bandwidth["units"], bandwidth["projected_units"]), ("400.0", "1240.0"))
        self.assertEqual(
            (bandwidth["amount_cents"], bandwidth["projected_amount_cents"]), (0, 1200)
        )
        # 2 × 31 / 10 = 6.2: six calls, 1.00 + 4 × 0.50
        self.assertEqual((calls["projected_units"], calls["projected_amount_cents"]), ("6.0", 300))
        self.assertEqual((usage["amount_cents"], usage["projected_amount_cents"]), (0, 1500))
        self.assertEqual(usage["to_datetime"], "2026-04-10T03:59:59Z")
        self.assertNotIn("total_aggregated_units", bandwidth)

    def test_it_comes_to_what_the_period_is_billed_where_usage_was_even(self) -> None:
        for day in range(10, 20):
            at = int(datetime(2026, 3, day, 12).timestamp())
            self.push(f"t-{day}", timestamp=at, properties={"gb": 50})
        projected = self.shown()["projected_amount_cents"]
        for day in range(20, 32):
            at = int(datetime(2026, 3, day, 12).timestamp())
            self.push(f"t-{day}", timestamp=at, properties={"gb": 50})
        for day in range(1, 10):
            at = int(datetime(2026, 4, day, 12).timestamp())
            self.push(f"a-{day}", timestamp=at, properties={"gb": 50})
        self.assertEqual(self.shown("current_usage")["amount_cents"], projected)
        self.assertEqual(projected, 2750)  # 31 × 50 − 1,000 = 550 GB

    def test_todays_tax_can_be_left_out(self) -> None:
        self.push("t-1", properties={"gb": "1200"})
        usage = self.shown()
        self.assertEqual((usage["taxes_amount_cents"], usage["total_amount_cents"]), (130, 1130))
        usage = self.shown(query="&apply_taxes=false")
        self.assertEqual((usage["taxes_amount_cents"], usage["total_amount_cents"]), (0, 1000))

    def test_filters_and_groups_are_projected_each(self) -> None:
        self.storage(pricing_group_keys="region")
        self.push("s-1", code="storage", properties={"gb": 10, "zone": "eu", "region": "a"})
        self.push("s-2", code="storage", properties={"gb": 20, "region": "b"})
        storage = self.shown()["charges_usage"][2]
        self.assertEqual(storage["filters"], [])
        figures = {
            group["grouped_by"]["region"]: (
                group["projected_units"],
                group["projected_amount_cents"],
            )
            for group in storage["grouped_usage"]
        }
        self.assertEqual(figures, {"a": ("31.0", 6200), "b": ("62.0", 6200)})
        values = [
            entry["values"] for group in storage["grouped_usage"] for entry in group["filters"]
        ]
        self.assertIn({"zone": ["eu"]}, values)
        self.assertIn({}, values)
        self.assertNotIn(None, values)

    def test_current_usage_shows_the_groups_that_are_asked_for(self) -> None:
        self.storage(pricing_group_keys="region")
        self.push("s-1", code="storage", properties={"gb": 10, "zone": "eu", "region": "a"})
        self.push("s-2", code="storage", properties={"gb": 20, "region": "b"})
        for query in ("&group[region]=b", '&filter_by_group={"region": "b"}'):
            usage = self.shown("current_usage", query)
            [charge] = usage["charges_usage"]
            self.assertEqual((charge["units"], usage["amount_cents"]), ("20.0", 2000))
            self.assertEqual(
                [group["grouped_by"] for group in charge["grouped_usage"]], [{"region": "b"}]
            )
        self.assertEqual(self.shown("current_usage", "&group[planet]=b")["charges_usage"], [])
        self.assertEqual(self.shown("current_usage", "&group[region]=c")["amount_cents"], 0)

    def test_groups_can_be_left_out(self) -> None:
        self.storage(pricing_group_keys="region")
        self.push("s-1", code="storage", properties={"gb": 10, "zone": "eu", "region": "a"})
        storage = self.shown("current_usage", "&skip_grouping=true")["charges_usage"][2]
        self.assertEqual(storage["grouped_usage"], [])
        self.assertEqual(
            [(entry["values"], entry["units"]) for entry in storage["filters"]],
            [(None, "0.0"), ({"zone": ["eu"]}, "10.0")],
        )

    def test_an_unknown_customer_is_404_and_no_active_subscription_405(self) -> None:
        self.assert_not_found(self.asked("projected_usage", customer="x"), "customer_not_found")
        _other, key = self.make_service("other")
        theirs = self.call(
            "GET", "/customers/acme/projected_usage?external_subscription_id=sub-1", key=key
        )
        self.assert_not_found(theirs, "customer_not_found")
        status, body = self.call("GET", "/customers/acme/projected_usage")
        self.assertEqual((status, body["code"]), (405, "no_active_subscription"))
