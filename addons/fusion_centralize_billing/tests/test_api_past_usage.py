"""GET /customers/{id}/past_usage: what was billed, as it was billed."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_common import ApiCase

QUERY = "past_usage?external_subscription_id=sub-1"


@tagged("post_install", "-at_install")
class TestApiPastUsage(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()
        self.push("t-1", properties={"gb": "1500"}, timestamp=1773160000)
        for number in range(3):
            self.push(f"c-{number}", code="calls", timestamp=1773160000)
        self.env["fusion.billing.invoice"]._run(self.service, date(2026, 4, 10))
        self.service.test_clock = datetime(2026, 5, 11)

    def periods(self, query: str = "") -> list[dict]:
        status, body = self.call("GET", f"/customers/acme/{QUERY}{query}")
        self.assertEqual(status, 200, body)
        self.assertEqual(body["meta"]["total_count"], len(body["usage_periods"]))
        return body["usage_periods"]

    def test_a_billed_period_is_told_with_its_invoice(self) -> None:
        [period] = self.periods()
        self.assertEqual(period["from_datetime"], "2026-03-10T04:00:00Z")
        self.assertEqual(period["to_datetime"], "2026-04-10T03:59:59Z")
        _status, body = self.call("GET", "/invoices")
        invoice = {i["lago_id"]: i for i in body["invoices"]}[period["lago_invoice_id"]]
        self.assertEqual(period["issuing_date"], "2026-04-10")
        self.assertEqual(invoice["issuing_date"], "2026-04-10")
        self.assertEqual(period["amount_cents"], invoice["fees_amount_cents"])
        self.assertEqual(period["total_amount_cents"], invoice["total_amount_cents"])
        used = {u["billable_metric"]["code"]: u for u in period["charges_usage"]}
        self.assertEqual(used["bandwidth"]["units"], "1500.0")
        self.assertEqual(used["bandwidth"]["amount_cents"], 2500)
        self.assertEqual((used["calls"]["amount_cents"], used["calls"]["events_count"]), (150, 3))

    def test_a_price_changed_since_leaves_the_past_as_it_was(self) -> None:
        charge = self.plan.x_fc_charge_ids.filtered(lambda c: c.metric_id == self.bandwidth)
        charge.unit_price = 9.0
        [period] = self.periods("&billable_metric_code=bandwidth")
        [usage] = period["charges_usage"]
        self.assertEqual(usage["amount_cents"], 2500)

    def test_the_latest_period_comes_first_and_the_count_limits(self) -> None:
        self.env["fusion.billing.invoice"]._run(self.service, date(2026, 5, 10))
        starts = [period["from_datetime"][:10] for period in self.periods()]
        self.assertEqual(starts, ["2026-04-10", "2026-03-10"])
        self.assertEqual(len(self.periods("&periods_count=1")), 1)

    def test_what_is_missing_or_unknown_is_said(self) -> None:
        answer = self.call("GET", "/customers/acme/past_usage")
        self.assert_invalid(answer, external_subscription_id=["value_is_mandatory"])
        answer = self.call("GET", "/customers/acme/past_usage?external_subscription_id=x")
        self.assert_not_found(answer, "subscription_not_found")
        _other, key = self.make_service("other")
        for name in ("acme", "nope"):
            answer = self.call("GET", f"/customers/{name}/{QUERY}", key=key)
            self.assert_not_found(answer, "customer_not_found")
