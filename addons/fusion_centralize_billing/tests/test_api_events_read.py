"""GET /events: what was sent, and where it was billed."""

from datetime import date

from odoo.tests import tagged

from .api_common import ApiCase

AT = 1773100000  # 2026-03-09T23:46:40Z


@tagged("post_install", "-at_install")
class TestApiEventsRead(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe(subscription_at="2026-03-01T12:00:00Z")
        self.push("t-1", properties={"gb": "1500"}, timestamp=AT)
        self.push("t-2", code="calls", timestamp=AT + 100)
        self.push("t-3", code="nothing", timestamp=AT + 200)

    def ids(self, query: str = "", key: str = "") -> list[str]:
        status, body = self.call("GET", f"/events{query}", key=key)
        self.assertEqual(status, 200)
        return [event["transaction_id"] for event in body["events"]]

    def test_the_list_has_the_latest_first_and_filters(self) -> None:
        self.assertEqual(self.ids(), ["t-3", "t-2", "t-1"])
        self.assertEqual(self.ids("?code=bandwidth"), ["t-1"])
        self.assertEqual(self.ids("?external_subscription_id=sub-9"), [])
        self.assertEqual(self.ids("?timestamp_from=2026-03-09T23:48:20Z"), ["t-3", "t-2"])
        self.assertEqual(self.ids(f"?timestamp_to={AT}"), ["t-1"])
        self.assertEqual(self.ids("?timestamp_from=yesterday"), ["t-3", "t-2", "t-1"])
        query = "?external_subscription_id=sub-1&timestamp_from_started_at=true"
        self.assertEqual(self.ids(query), ["t-3", "t-2", "t-1"])
        self.assertEqual(self.ids("?per_page=1&page=2"), ["t-2"])

    def test_an_event_says_where_it_was_billed(self) -> None:
        status, body = self.call("GET", "/events/t-1")
        self.assertEqual(status, 200)
        event = body["event"]
        self.assertEqual(event["timestamp"], "2026-03-09T23:46:40.000Z")
        self.assertEqual(event["properties"], {"gb": "1500"})
        self.assertEqual(
            event["disposition"],
            {"status": "counted", "reason": None, "lago_invoice_id": None, "invoice_number": None},
        )
        self.env["fusion.billing.invoice"]._run(self.service, date(2026, 4, 1))
        _status, body = self.call("GET", "/events/t-1")
        disposition = body["event"]["disposition"]
        self.assertEqual(disposition["status"], "billed")
        _status, invoices = self.call("GET", "/invoices")
        billed = {(i["lago_id"], i["number"]) for i in invoices["invoices"]}
        self.assertIn((disposition["lago_invoice_id"], disposition["invoice_number"]), billed)

    def test_a_parked_event_says_why(self) -> None:
        _status, body = self.call("GET", "/events/t-3?external_subscription_id=sub-1")
        disposition = body["event"]["disposition"]
        self.assertEqual((disposition["status"], disposition["reason"]),
                         ("parked", "unknown_metric"))  # fmt: skip

    def test_another_services_event_is_404_like_nothing(self) -> None:
        _other, key = self.make_service("other")
        mine = self.call("GET", "/events/t-1", key=key)
        self.assert_not_found(mine, "event_not_found")
        self.assertEqual(mine, self.call("GET", "/events/nothing", key=key))
        self.assertEqual(self.ids(key=key), [])
