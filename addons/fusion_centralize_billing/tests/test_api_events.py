"""/events over HTTP: counted once, parked visibly, refused by name, all or nothing."""

from odoo.tests import tagged

from .api_common import ApiCase

MARCH_10 = 1773154800  # 2026-03-10T15:00:00Z
TAKEN = {"transaction_id": ["value_already_exist"]}


@tagged("post_install", "-at_install")
class TestApiEvents(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()

    def send(self, **values):
        values = {
            "transaction_id": "t-1",
            "external_subscription_id": "sub-1",
            "code": "bandwidth",
            "timestamp": MARCH_10,
            "properties": {"gb": "1.5"},
        } | values
        return self.call("POST", "/events", {"event": values})

    def batch(self, *events):
        return self.call("POST", "/events/batch", {"events": list(events)})

    def one(self, transaction_id: str, **values):
        return {
            "transaction_id": transaction_id,
            "external_subscription_id": "sub-1",
            "code": "bandwidth",
            "timestamp": MARCH_10,
            "properties": {"gb": 2},
        } | values

    @property
    def ledger(self):
        return self.env["fusion.billing.usage.event"].search([("service_id", "=", self.service.id)])

    def total(self) -> float:
        return sum(self.env["fusion.billing.usage"].search([]).mapped("total"))

    def test_an_event_comes_back_as_stored_with_its_disposition(self) -> None:
        status, body = self.send(timestamp="1773154800.123", precise_total_amount_cents="12.5")
        self.assertEqual(status, 200)
        event = body["event"]
        self.assertEqual(
            event,
            {
                "lago_id": event["lago_id"],
                "transaction_id": "t-1",
                "lago_customer_id": None,
                "code": "bandwidth",
                "timestamp": "2026-03-10T15:00:00.123Z",
                "precise_total_amount_cents": "12.5",
                "properties": {"gb": "1.5"},
                "lago_subscription_id": event["lago_subscription_id"],
                "external_subscription_id": "sub-1",
                "created_at": "2026-03-10T15:30:00Z",
                "disposition": {"status": "accepted", "reason": None},
            },
        )
        self.assertEqual(self.total(), 1.5)

    def test_the_same_event_again_is_a_replay_and_counts_once(self) -> None:
        first = self.send()[1]["event"]
        status, body = self.send(properties={"gb": "1.5"}, timestamp=str(MARCH_10))
        self.assertEqual(status, 200)
        self.assertEqual(body["event"]["disposition"]["status"], "duplicate")
        self.assertEqual(body["event"]["lago_id"], first["lago_id"])
        self.assertEqual(self.total(), 1.5)

    def test_the_same_id_with_other_content_is_a_conflict(self) -> None:
        self.send()
        self.assert_invalid(self.send(properties={"gb": 9}), **TAKEN)
        self.assertEqual(self.total(), 1.5)

    def test_an_unknown_metric_is_accepted_and_parked_with_its_reason(self) -> None:
        status, body = self.send(code="typo")
        self.assertEqual(status, 200)
        self.assertEqual(
            body["event"]["disposition"], {"status": "parked", "reason": "unknown_metric"}
        )
        self.assertEqual(self.ledger.park_reason, "unknown_metric")
        self.assertFalse(self.env["fusion.billing.usage"].search([]))
        self.assertIn("events.errors", self.service.webhook_ids.mapped("webhook_type"))

    def test_no_timestamp_and_no_properties_mean_now_and_nothing(self) -> None:
        status, body = self.send(code="calls", timestamp=None, properties=None)
        self.assertEqual(status, 200)
        self.assertEqual(body["event"]["timestamp"], "2026-03-10T15:30:00.000Z")
        self.assertEqual(body["event"]["properties"], {})
        self.assertEqual(body["event"]["disposition"]["status"], "accepted")

    def test_a_timestamp_is_seconds_or_it_is_refused(self) -> None:
        for good in (MARCH_10, str(MARCH_10), "1773154800.5", 1773154800.25):
            self.assertEqual(self.send(transaction_id=f"g-{good!r}", timestamp=good)[0], 200)
        before = len(self.ledger)
        for bad in ("2026-03-10T15:00:00Z", "now", True, [1], {"a": 1}, "1e9"):
            self.assert_invalid(self.send(timestamp=bad), timestamp=["invalid_format"])
        for absurd in (MARCH_10 * 1000, -1, "9999999999999999999"):
            self.assert_invalid(self.send(timestamp=absurd), timestamp=["value_is_out_of_range"])
        self.assertEqual(len(self.ledger), before)

    def test_every_wrong_field_is_named_and_nothing_is_kept(self) -> None:
        answer = self.call(
            "POST", "/events", {"event": {"code": " ", "timestamp": "x", "properties": [1]}}
        )
        self.assert_invalid(
            answer,
            transaction_id=["value_is_mandatory"],
            external_subscription_id=["value_is_mandatory"],
            code=["value_is_mandatory"],
            timestamp=["invalid_format"],
            properties=["value_is_invalid"],
        )
        self.assertFalse(self.ledger)

    def test_a_batch_keeps_its_order_and_tells_each_event_its_fate(self) -> None:
        self.send(transaction_id="t-2", properties={"gb": 2})
        status, body = self.batch(self.one("t-1"), self.one("t-2"), self.one("t-3", code="typo"))
        self.assertEqual(status, 200)
        self.assertEqual([event["transaction_id"] for event in body["events"]],
                         ["t-1", "t-2", "t-3"])  # fmt: skip
        self.assertEqual(
            [event["disposition"]["status"] for event in body["events"]],
            ["accepted", "duplicate", "parked"],
        )
        self.assertEqual(self.total(), 4.0)

    def test_a_batch_is_all_or_nothing_with_errors_by_index(self) -> None:
        answer = self.batch(self.one("t-1"), {"code": "bandwidth"}, "text", self.one("t-4"))
        self.assert_invalid(
            answer,
            **{
                "1": {
                    "transaction_id": ["value_is_mandatory"],
                    "external_subscription_id": ["value_is_mandatory"],
                },
                "2": {"base": ["value_is_invalid"]},
            },
        )
        self.assertFalse(self.ledger)

    def test_one_conflict_refuses_the_whole_batch(self) -> None:
        self.send()
        answer = self.batch(self.one("t-9"), self.one("t-1", properties={"gb": 9}))
        self.assert_invalid(answer, **{"1": TAKEN})
        self.assertEqual(self.ledger.mapped("transaction_id"), ["t-1"])

    def test_a_batch_has_at_least_one_event_and_at_most_the_services_limit(self) -> None:
        self.assert_invalid(self.batch(), events=["no_events"])
        self.assert_invalid(
            self.call("POST", "/events/batch", {"events": {"0": 1}}), events=["value_is_invalid"]
        )
        self.service.batch_limit = 2
        three = [self.one(f"t-{n}") for n in range(3)]
        self.assert_invalid(self.batch(*three), events=["too_many_events"])
        self.assertEqual(self.batch(*three[:2])[0], 200)

    def test_numbers_keep_every_digit_from_the_wire_to_the_rollup(self) -> None:
        raw = (
            b'{"event":{"transaction_id":"t-1","external_subscription_id":"sub-1",'
            b'"code":"bandwidth","timestamp":1773154800,'
            b'"properties":{"gb":0.1234567890123456789}}}'
        )
        self.assertEqual(self.call("POST", "/events", raw=raw)[0], 200)
        self.env.cr.execute("SELECT total::text FROM fusion_billing_usage")
        self.assertIn("0.1234567890123456789", self.env.cr.fetchone()[0])

    def test_the_same_id_on_another_subscription_is_another_event(self) -> None:
        self.subscribe("sub-2")
        self.send()
        status, body = self.send(external_subscription_id="sub-2")
        self.assertEqual((status, body["event"]["disposition"]["status"]), (200, "accepted"))
        self.assertEqual(self.total(), 3.0)
