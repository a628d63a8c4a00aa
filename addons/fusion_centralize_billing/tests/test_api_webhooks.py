"""/webhooks: the feed, checkpoints and replays over the API."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..engine import encode
from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiWebhooks(ApiCase):
    def setUp(self) -> None:
        super().setUp()
        self.webhooks = self.emit("a.b", "a.b", "c.d")

    def emit(self, *types: str, service=None):
        outbox = self.env["fusion.billing.outbox"]
        service = service or self.service
        made = [outbox._emit(service, kind, kind[0], {"name": "Zoé <&>"}) for kind in types]
        outbox._publish()
        return self.env["fusion.billing.webhook"].concat(*made)

    def read(self, query: str = "") -> tuple[list[int], dict]:
        status, body = self.call("GET", f"/webhooks{query}")
        self.assertEqual(status, 200, body)
        return [webhook["sequence"] for webhook in body["webhooks"]], body["meta"]

    def test_the_feed_holds_each_message_with_its_exact_text(self):
        status, body = self.call("GET", "/webhooks?after=2")
        webhook = self.webhooks[2]
        self.assertEqual(status, 200)
        created = body["webhooks"][0].pop("created_at")
        self.assertRegex(created, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(
            body,
            {
                "webhooks": [
                    {
                        "lago_id": encode("webhook", webhook.id),
                        "id": webhook.event_uuid,
                        "sequence": 3,
                        "webhook_type": "c.d",
                        "object_type": "c",
                        "payload": webhook.payload,
                    }
                ],
                "meta": {"next_after": 3, "last_sequence": 3, "count": 1},
            },
        )

    def test_a_consumer_reads_on_from_what_it_was_told_to_ask_with(self):
        self.assertEqual(self.read("?limit=2")[0], [1, 2])
        self.assertEqual(self.read("?after=2&limit=2")[0], [3])
        numbers, meta = self.read("?after=3")
        self.assertEqual((numbers, meta["next_after"]), ([], 3))
        self.assertEqual(self.read("?after=99")[1]["next_after"], 99)
        for query, field in (("after=-1", "after"), ("after=x", "after"), ("limit=1e9", "limit")):
            answer = self.call("GET", f"/webhooks?{query}")
            self.assert_invalid(answer, **{field: ["value_is_invalid"]})

    def test_a_message_that_is_not_numbered_yet_is_not_in_the_feed(self):
        outbox = self.env["fusion.billing.outbox"]
        outbox._emit(self.service, "a.b", "a", {})
        self.assertEqual(self.read()[0], [1, 2, 3])
        outbox._publish()
        self.assertEqual(self.read()[0], [1, 2, 3, 4])

    def test_an_app_that_was_away_goes_on_from_its_checkpoint(self):
        status, body = self.call("GET", "/webhooks/checkpoint")
        expected = {"name": "default", "sequence": 0, "last_sequence": 3, "behind": 3}
        self.assertEqual((status, body["checkpoint"]), (200, expected | {"updated_at": None}))
        put = {"checkpoint": {"sequence": 2}}
        status, body = self.call("PUT", "/webhooks/checkpoint", put)
        self.assertEqual((status, body["checkpoint"]["behind"]), (200, 1))
        self.assertEqual(self.read("?checkpoint=default")[0], [3])
        self.assertEqual(self.read("?checkpoint=reports")[0], [1, 2, 3])
        self.call("PUT", "/webhooks/checkpoint", {"checkpoint": {"sequence": 3, "name": "reports"}})
        self.assertEqual(self.read("?checkpoint=default")[0], [3])
        self.assertEqual(self.read("?checkpoint=reports")[0], [])
        self.call("PUT", "/webhooks/checkpoint", {"checkpoint": {"sequence": 1}})
        self.assertEqual(self.read("?checkpoint=default")[0], [2, 3])

    def test_a_checkpoint_beyond_the_newest_message_would_skip_it_and_is_refused(self):
        for sent, code in ((4, "value_is_out_of_range"), (-1, "value_is_out_of_range"),
                           ("x", "value_is_invalid"), (None, "value_is_mandatory")):  # fmt: skip
            answer = self.call("PUT", "/webhooks/checkpoint", {"checkpoint": {"sequence": sent}})
            if sent is None:
                self.assertEqual(answer[0], 422)
            else:
                self.assert_invalid(answer, sequence=[code])

    def test_one_message_is_shown_with_its_deliveries(self):
        self.service.webhook_url = "https://app.example.com/hook"
        [webhook] = self.emit("a.b")
        for identifier in (webhook.event_uuid, encode("webhook", webhook.id)):
            status, body = self.call("GET", f"/webhooks/{identifier}")
            shown = body["webhook"]
            self.assertEqual((status, shown["id"]), (200, webhook.event_uuid))
            self.assertEqual((shown["state"], shown["sequence"]), ("pending", 4))
            [delivery] = shown["deliveries"]
            endpoint = encode("webhook_endpoint", self.service.endpoint_ids.id)
            self.assertEqual(delivery["webhook_endpoint_id"], endpoint)
        self.assert_not_found(self.call("GET", "/webhooks/nothing"), "webhook_not_found")

    def test_another_services_messages_are_nothing(self):
        _other, key = self.make_service("other")
        status, body = self.call("GET", "/webhooks", key=key)
        self.assertEqual((status, body["webhooks"]), (200, []))
        for identifier in (self.webhooks[0].event_uuid, encode("webhook", self.webhooks[0].id)):
            answer = self.call("GET", f"/webhooks/{identifier}", key=key)
            self.assert_not_found(answer, "webhook_not_found")
        self.service.webhook_url = "https://app.example.com/hook"
        endpoint_id = encode("webhook_endpoint", self.service.endpoint_ids.id)
        replay = {"replay": {"from_sequence": 1, "webhook_endpoint_id": endpoint_id}}
        answer = self.call("POST", "/webhooks/replay", replay, key=key)
        self.assert_not_found(answer, "webhook_endpoint_not_found")

    def replay(self, **asked):
        return self.call("POST", "/webhooks/replay", {"replay": asked})

    def test_a_message_a_range_a_span_and_all_that_failed_are_sent_again(self):
        self.service.webhook_url = "https://app.example.com/hook"
        self.env["fusion.billing.outbox"]._publish()
        deliveries = self.webhooks.delivery_ids
        now = fields.Datetime.now()
        hour = {"from_datetime": (now - timedelta(hours=1)).isoformat(),
                "to_datetime": (now + timedelta(hours=1)).isoformat()}  # fmt: skip
        for asked, count in (
            ({"id": self.webhooks[0].event_uuid}, 1),
            ({"from_sequence": 2, "to_sequence": 3}, 2),
            ({"from_sequence": 2}, 2),
            (hour, 3),
            ({"failed": True}, 3),
        ):
            deliveries.write({"state": "failed", "attempts": 12})
            answer = self.replay(**asked)
            self.assertEqual(answer, (200, {"replay": {"deliveries": count}}))
            begun = deliveries.filtered(lambda d: d.state == "pending" and not d.attempts)
            self.assertEqual(len(begun), count)
        self.assertEqual(self.replay(from_sequence=1)[1], {"replay": {"deliveries": 0}})
        for asked in ({"x": 1}, {"failed": False}, {"failed": True, "from_sequence": 1}):
            self.assert_invalid(self.replay(**asked), base=["value_is_invalid"])

    def test_an_endpoint_made_later_can_ask_for_what_was_before_it(self):
        self.service.webhook_url = "https://app.example.com/hook"
        self.env["fusion.billing.outbox"]._publish()
        made = {"webhook_endpoint": {"webhook_url": "https://new.example.com"}}
        _status, body = self.call("POST", "/webhook_endpoints", made)
        lago_id = body["webhook_endpoint"]["lago_id"]
        answer = self.replay(from_sequence=1, webhook_endpoint_id=lago_id)
        self.assertEqual(answer, (200, {"replay": {"deliveries": 3}}))
        new = self.service.endpoint_ids.filtered(lambda endpoint: not endpoint.main)
        self.assertEqual(sorted(new.delivery_ids.mapped("sequence")), [1, 2, 3])
