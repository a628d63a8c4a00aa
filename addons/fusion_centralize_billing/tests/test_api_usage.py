"""GET /customers/:id/current_usage: the invoice of the running period, before it exists."""

from urllib.parse import quote

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiUsage(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()

    def usage(self, query: str = "", customer: str = "acme"):
        path = f"/customers/{quote(customer)}/current_usage"
        return self.call("GET", f"{path}?external_subscription_id=sub-1{query}")

    def shown(self, query: str = "") -> dict:
        status, body = self.usage(query)
        self.assertEqual(status, 200, body)
        return body["customer_usage"]

    def test_every_charge_is_listed_at_zero_before_anything_was_used(self) -> None:
        self.subscribe()
        usage = self.shown()
        self.assertEqual(usage["from_datetime"], "2026-03-10T04:00:00Z")
        self.assertEqual(usage["to_datetime"], "2026-04-10T03:59:59Z")
        self.assertEqual(usage["issuing_date"], "2026-04-10")
        self.assertEqual((usage["amount_cents"], usage["total_amount_cents"]), (0, 0))
        self.assertIsNone(usage["lago_invoice_id"])
        self.assertEqual(
            [charge["billable_metric"]["code"] for charge in usage["charges_usage"]],
            ["bandwidth", "calls"],
        )
        self.assertEqual(usage["charges_usage"][0]["units"], "0.0")

    def test_usage_is_priced_and_taxed_as_the_invoice_will_be(self) -> None:
        self.subscribe()
        self.push("t-1", properties={"gb": "1250.5"})
        for number in range(3):
            self.push(f"c-{number}", code="calls")
        usage = self.shown()
        bandwidth, calls = usage["charges_usage"]
        # 250.5 GB × 0.05 = 12.525 → 12.53; third call: 1.00 flat + 0.50 = 1.50
        self.assertEqual((bandwidth["units"], bandwidth["amount_cents"]), ("1250.5", 1253))
        self.assertEqual((calls["events_count"], calls["amount_cents"]), (3, 150))
        self.assertEqual(calls["billable_metric"]["aggregation_type"], "count_agg")
        self.assertEqual(bandwidth["charge"]["charge_model"], "graduated")
        self.assertEqual(usage["amount_cents"], 1403)
        # 13 % HST: 1.6289 + 0.195 = 1.8239
        self.assertEqual(usage["taxes_amount_cents"], 182)
        self.assertEqual(usage["total_amount_cents"], 1585)

    def test_taxes_can_be_left_out(self) -> None:
        self.subscribe()
        self.push("t-1", properties={"gb": 1200})
        for spelling in ("false", "False", "0"):
            usage = self.shown(f"&apply_taxes={spelling}")
            self.assertEqual((usage["taxes_amount_cents"], usage["total_amount_cents"]), (0, 1000))

    def test_the_customers_province_decides_the_tax(self) -> None:
        self.customer(city="Calgary", state="AB", zipcode="T2P 1J9")
        self.subscribe()
        self.push("t-1", properties={"gb": 1200})
        self.assertEqual(self.shown()["taxes_amount_cents"], 50)  # 5 % GST of 10.00

    def test_charges_can_be_picked(self) -> None:
        self.subscribe()
        self.push("t-1", properties={"gb": 1200})
        self.push("c-1", code="calls")
        for query in ("billable_metric_code=bandwidth", "charge_code=bandwidth-over",
                      "filter_by_charge_code=bandwidth-over"):  # fmt: skip
            usage = self.shown(f"&{query}")
            self.assertEqual(len(usage["charges_usage"]), 1)
            self.assertEqual(usage["amount_cents"], 1000)

    def test_a_shadow_service_sees_what_it_would_be_billed(self) -> None:
        self.service.mode = "shadow"
        self.service.charge_ids.plan_id = False
        self.subscribe()
        self.push("t-1", properties={"gb": 1200})
        self.assertEqual(self.shown()["amount_cents"], 1000)

    def test_an_unknown_customer_is_404_and_no_active_subscription_405(self) -> None:
        self.assert_not_found(self.usage(customer="nobody"), "customer_not_found")
        nothing = (
            405,
            {"status": 405, "error": "Method Not Allowed", "code": "no_active_subscription"},
        )
        self.assertEqual(self.usage(), nothing)
        self.assertEqual(self.call("GET", "/customers/acme/current_usage"), nothing)
        self.customer("rival", email=None)
        self.subscribe(external_customer_id="rival")
        self.assertEqual(self.usage(), nothing)

    def test_ids_with_dots_at_signs_and_spaces_are_found(self) -> None:
        self.customer("a b.c@d+e", email=None)
        self.subscribe(external_customer_id="a b.c@d+e")
        self.assertEqual(self.usage(customer="a b.c@d+e")[0], 200)
