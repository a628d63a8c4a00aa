"""What the app sees of a renewal: one subscription, by its id, all the time."""

from datetime import date, datetime

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install", "fc_renewal")
class TestRenewalApi(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.first = self.subscribe()
        self.bill(2026, 3, 10)
        self.order = self.service.subscription_ids
        action = self.order.with_context(billing_date="2026-03-10").prepare_renewal_order()
        self.renewal = self.env["sale.order"].browse(action["res_id"])

    def bill(self, *day: int) -> None:
        self.env["fusion.billing.invoice"]._run(self.service, date(*day))

    def show(self, query: str = "") -> dict:
        status, body = self.call("GET", f"/subscriptions/sub-1{query}")
        self.assertEqual(status, 200, body)
        return body["subscription"]

    def listed(self, query: str = "") -> list[str]:
        _status, body = self.call("GET", f"/subscriptions{query}")
        return [subscription["lago_id"] for subscription in body["subscriptions"]]

    def test_a_quotation_is_not_shown_to_the_app(self) -> None:
        everything = "?status[]=active&status[]=pending&status[]=terminated&status[]=canceled"
        self.assertEqual(self.listed(everything), [self.first["lago_id"]])

    def test_the_id_answers_with_the_parent_before_and_the_renewal_after(self) -> None:
        self.renewal.action_confirm()
        self.assertEqual(self.show()["lago_id"], self.first["lago_id"])
        pending = self.show("?status=pending")
        self.assertEqual(
            [pending[key] for key in ("status", "subscription_at", "name", "started_at")],
            ["pending", "2026-04-10T04:00:00Z", self.first["name"], None],
        )
        self.service.test_clock = datetime(2026, 4, 10, 4)
        shown = self.show()
        self.assertEqual((shown["lago_id"], shown["status"]), (pending["lago_id"], "active"))
        self.assertEqual(self.listed(), [pending["lago_id"]])
        self.assertEqual(
            [shown[key] for key in ("current_billing_period_started_at", "previous_plan_code")],
            ["2026-04-10T04:00:00Z", None],
        )
        gone = self.show("?status=terminated")
        self.assertEqual(
            (gone["lago_id"], gone["terminated_at"]),
            (self.first["lago_id"], "2026-04-10T04:00:00Z"),
        )

    def test_current_usage_and_invoices_name_the_renewal(self) -> None:
        self.renewal.action_confirm()
        self.service.test_clock = datetime(2026, 4, 20, 15)
        self.push("t-1", properties={"gb": 1400}, timestamp=1776600000)  # 19 April
        path = "/customers/acme/current_usage?external_subscription_id=sub-1"
        _status, body = self.call("GET", path)
        self.assertEqual(body["customer_usage"]["from_datetime"], "2026-04-10T04:00:00Z")
        self.assertEqual(body["customer_usage"]["amount_cents"], 2000)
        self.bill(2026, 5, 10)
        _status, body = self.call("GET", "/invoices?per_page=1")
        _status, body = self.call("GET", f"/invoices/{body['invoices'][0]['lago_id']}")
        (subscription,) = body["invoice"]["subscriptions"]
        self.assertEqual(subscription["lago_id"], self.show()["lago_id"])
        fees = {fee["item"]["type"]: fee["amount_cents"] for fee in body["invoice"]["fees"]}
        self.assertEqual(fees, {"subscription": 2000, "charge": 2000})

    def test_ending_it_before_the_renewal_begins_ends_both(self) -> None:
        self.renewal.action_confirm()
        status, body = self.call("DELETE", "/subscriptions/sub-1")
        self.assertEqual((status, body["subscription"]["status"]), (200, "terminated"))
        self.assertEqual(self.renewal.state, "cancel")
        self.assert_not_found(self.call("GET", "/subscriptions/sub-1"), "subscription_not_found")
        self.assertEqual(self.subscribe()["status"], "active")

    def test_the_renewal_itself_is_ended_by_the_same_id(self) -> None:
        self.renewal.action_confirm()
        self.service.test_clock = datetime(2026, 4, 20, 15)
        self.bill(2026, 4, 10)
        shown = self.show()
        status, body = self.call("DELETE", "/subscriptions/sub-1")
        self.assertEqual((status, body["subscription"]["lago_id"]), (200, shown["lago_id"]))
        self.assertEqual(self.renewal.subscription_state, "6_churn")
