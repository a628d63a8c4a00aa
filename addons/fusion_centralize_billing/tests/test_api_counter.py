"""/usage over HTTP: counters set and added to, refused by name, all or nothing."""

from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiCounter(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.customer()
        self.subscribe()

    def counter(self, **values):
        return {
            "external_subscription_id": "sub-1",
            "code": "bandwidth",
            "bucket": "2026-03-10",
            "value": "12.50",
            "sequence": 1,
        } | values

    def put(self, **values):
        return self.call("PUT", "/usage", {"usage": self.counter(**values)})

    def added(self, **values):
        return {
            "transaction_id": "t-1",
            "external_subscription_id": "sub-1",
            "code": "bandwidth",
            "value": 3,
        } | values

    def post(self, **values):
        return self.call("POST", "/usage", {"usage": self.added(**values)})

    def used(self) -> str:
        url = "/customers/acme/current_usage?external_subscription_id=sub-1"
        status, body = self.call("GET", url)
        self.assertEqual(status, 200, body)
        [found] = [
            charge
            for charge in body["customer_usage"]["charges_usage"]
            if charge["billable_metric"]["code"] == "bandwidth"
        ]
        return found["units"]

    def test_a_counter_comes_back_with_what_it_replaced(self) -> None:
        status, body = self.put()
        self.assertEqual(status, 200, body)
        self.assertEqual(
            body["usage"],
            {
                "external_subscription_id": "sub-1",
                "lago_subscription_id": body["usage"]["lago_subscription_id"],
                "code": "bandwidth",
                "bucket": "2026-03-10",
                "value": "12.5",
                "previous_value": None,
                "sequence": 1,
                "properties": {},
                "received_at": "2026-03-10T15:30:00Z",
                "disposition": {"status": "accepted", "reason": None},
            },
        )
        status, body = self.put(value=20, sequence="2")
        self.assertEqual((status, body["usage"]["previous_value"]), (200, "12.5"))
        self.assertEqual(self.used(), "20.0")

    def test_a_repeat_is_answered_and_an_older_push_refused_by_name(self) -> None:
        self.put(sequence=5)
        self.assertEqual(self.put(sequence=5)[1]["usage"]["disposition"]["status"], "duplicate")
        self.assert_invalid(self.put(sequence=4), sequence=["value_is_out_of_order"])
        self.assert_invalid(self.put(sequence=5, value=1), sequence=["value_already_exist"])
        self.assertEqual(self.used(), "12.5")

    def test_every_wrong_field_is_named(self) -> None:
        self.assert_invalid(
            self.put(bucket="2026-13", value="much", sequence=-1, code=None),
            bucket=["invalid_bucket"],
            value=["value_is_invalid"],
            sequence=["value_is_out_of_range"],
            code=["value_is_mandatory"],
        )

    def test_a_batch_of_counters_is_all_or_none(self) -> None:
        self.put(sequence=5)
        batch = [self.counter(bucket="2026-03-11"), self.counter(sequence=4)]
        answer = self.call("PUT", "/usage/batch", {"usages": batch})
        self.assert_invalid(answer, **{"1": {"sequence": ["value_is_out_of_order"]}})
        self.assertEqual(self.used(), "12.5")
        batch[1]["sequence"] = 6
        status, body = self.call("PUT", "/usage/batch", {"usages": batch})
        self.assertEqual(status, 200)
        self.assertEqual(
            [usage["bucket"] for usage in body["usages"]], ["2026-03-11", "2026-03-10"]
        )

    def test_usage_is_added_without_knowing_the_metrics_property(self) -> None:
        status, body = self.post(properties={"region": "eu"})
        self.assertEqual(status, 200, body)
        usage = body["usage"]
        self.assertEqual((usage["value"], usage["properties"]), ("3", {"region": "eu"}))
        self.assertEqual(usage["disposition"], {"status": "accepted", "reason": None})
        self.assertEqual(
            self.post(properties={"region": "eu"})[1]["usage"]["disposition"]["status"], "duplicate"
        )
        self.assert_invalid(self.post(value=4), transaction_id=["value_already_exist"])
        self.assertEqual(self.used(), "3.0")

    def test_a_value_for_a_metric_that_counts_events_is_refused(self) -> None:
        self.assert_invalid(self.post(code="calls", value=5), value=["metric_counts_events"])
        self.assertEqual(self.post(code="calls", value=1)[0], 200)

    def test_a_batch_of_added_usage_is_all_or_none(self) -> None:
        self.post()
        batch = [self.added(transaction_id="t-2"), self.added(value=9)]
        answer = self.call("POST", "/usage/batch", {"usages": batch})
        self.assert_invalid(answer, **{"1": {"transaction_id": ["value_already_exist"]}})
        self.assertEqual(self.used(), "3.0")

    def test_an_empty_batch_and_a_missing_one_are_refused(self) -> None:
        answer = self.call("PUT", "/usage/batch", {"usages": []})
        self.assert_invalid(answer, usages=["value_is_mandatory"])
        self.assertEqual(self.call("PUT", "/usage/batch", {})[0], 400)

    def test_the_app_seals_a_period_and_reads_what_was_counted(self) -> None:
        self.put()
        seal = {
            "external_subscription_id": "sub-1",
            "code": "bandwidth",
            "start": "2026-03-10",
            "end": "2026-03-11",
            "count": 1,
            "sum": "13",
        }
        status, body = self.call("PUT", "/usage/seals", {"seal": seal})
        self.assertEqual(status, 200, body)
        self.assertEqual(
            (body["seal"]["state"], body["seal"]["counted"]),
            ("mismatched", {"count": 1, "sum": "12.5"}),
        )
        status, body = self.call("PUT", "/usage/seals", {"seal": seal | {"sum": "12.5"}})
        self.assertEqual(body["seal"]["state"], "matched")
        wrong = self.call("PUT", "/usage/seals", {"seal": seal | {"start": "yesterday"}})
        self.assert_invalid(wrong, start=["invalid_date"])
        self.assertEqual(self.call("PUT", "/usage/seals", {"seal": seal | {"code": "x"}})[0], 404)

    def test_a_key_of_another_service_reaches_neither_counter_nor_seal(self) -> None:
        self.put()
        _service, key = self.make_service("other")
        status, body = self.call("PUT", "/usage", {"usage": self.counter(sequence=9)}, key=key)
        self.assertEqual(body["usage"]["disposition"]["reason"], "unknown_subscription")
        self.assertEqual(self.used(), "12.5")
