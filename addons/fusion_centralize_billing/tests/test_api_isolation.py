"""A key reaches its own service and no other: B's things are to A what nothing is."""

from datetime import date

from odoo.tests import tagged

from .api_common import BASE, ApiCase


@tagged("post_install", "-at_install")
class TestApiIsolation(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.other, self.other_key = self.make_service("other")
        self.customer()
        self.subscribe()
        self.push("t-1", properties={"gb": 1})
        self.env["fusion.billing.invoice"]._run(self.service, date(2026, 3, 10))
        _status, body = self.call("GET", "/invoices")
        self.invoice_id = body["invoices"][0]["lago_id"]

    def both(self, method: str, mine: str, nothing: str, body=None) -> None:
        """The other service's key gets the very same answer for ours and for what is not there."""
        theirs = self.call(method, mine, body, key=self.other_key)
        self.assertEqual(theirs, self.call(method, nothing, body, key=self.other_key))
        self.assertEqual(theirs[0], 404)

    def test_every_object_of_another_service_is_404_like_nothing(self) -> None:
        nothing = "1321c55a-da3a-8007-8000-0000ffffffff"
        self.both("GET", f"/invoices/{self.invoice_id}", f"/invoices/{nothing}")
        self.both("GET", "/plans/pro", "/plans/nothing")
        self.both("GET", "/subscriptions/sub-1", "/subscriptions/nothing")
        self.both("DELETE", "/subscriptions/sub-1", "/subscriptions/nothing")
        query = "current_usage?external_subscription_id=sub-1"
        self.both("GET", f"/customers/acme/{query}", f"/customers/nothing/{query}")
        new = {"external_customer_id": "c", "external_id": "s"}
        theirs = self.call(
            "POST", "/subscriptions", {"subscription": new | {"plan_code": "pro"}},
            key=self.other_key,
        )  # fmt: skip
        self.assert_not_found(theirs, "plan_not_found")
        self.assertFalse(self.service.subscription_ids.x_fc_terminated_at)

    def test_lists_hold_nothing_of_another_service(self) -> None:
        for resource in ("invoices", "plans", "subscriptions"):
            status, body = self.call("GET", f"/{resource}", key=self.other_key)
            self.assertEqual((status, body[resource]), (200, []))
            self.assertEqual(body["meta"]["total_count"], 0)

    def test_the_same_ids_in_two_services_are_two_customers(self) -> None:
        customer = {"external_id": "acme", "name": "Another Acme"}
        status, body = self.call("POST", "/customers", {"customer": customer}, key=self.other_key)
        self.assertEqual(status, 200)
        self.assertNotEqual(self.other.link_ids, self.service.link_ids)
        self.assertEqual(self.service.link_ids.data["name"], "Acme Inc.")
        self.assertIsNone(body["customer"]["email"])

    def test_an_event_for_another_services_subscription_is_parked(self) -> None:
        event = {
            "transaction_id": "t-1",
            "external_subscription_id": "sub-1",
            "code": "bandwidth",
            "properties": {"gb": 1000},
        }
        status, body = self.call("POST", "/events", {"event": event}, key=self.other_key)
        self.assertEqual(status, 200)
        self.assertEqual(body["event"]["disposition"]["reason"], "unknown_subscription")
        self.assertIsNone(body["event"]["lago_subscription_id"])
        usage = self.env["fusion.billing.usage"].search([])
        self.assertRecordValues(usage, [{"service_id": self.service.id, "total": 1.0}])

    def test_a_key_of_an_archived_service_opens_nothing(self) -> None:
        self.service.active = False
        self.assertEqual(self.call("GET", "/plans")[0], 401)

    def test_no_route_is_reached_by_a_logged_in_person_without_a_key(self) -> None:
        self.authenticate("admin", "admin")
        answer = self.url_open(f"{BASE}/invoices")
        self.assertEqual(answer.status_code, 401)
