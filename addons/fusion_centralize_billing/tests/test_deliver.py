import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..engine import signature
from ..engine.retry import MAX_ATTEMPTS
from ..pipeline.deliver import ALLOW_PRIVATE
from .common import BillingCase
from .webhook_receiver import Receiver

NOW = datetime(2026, 4, 1, 12)
STAMP = int(NOW.replace(tzinfo=UTC).timestamp())


class DeliverCase(BillingCase):
    """A service whose app listens on a real port of this machine."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.env["fusion.billing.webhook"].search([("state", "=", "pending")]).unlink()
        cls.deliver = cls.env["fusion.billing.deliver"]
        cls.allow_private("1")

    @classmethod
    def allow_private(cls, value: str) -> None:
        cls.env["ir.config_parameter"].set_param(ALLOW_PRIVATE, value)

    def setUp(self) -> None:
        super().setUp()
        self.receiver = self.listen(self.service)
        frozen = freeze_time(NOW)
        frozen.start()
        self.addCleanup(frozen.stop)

    def listen(self, service) -> Receiver:
        receiver = Receiver()
        self.addCleanup(receiver.stop)
        service.webhook_url = receiver.url
        return receiver

    def emit(self, service=None, **payload):
        outbox = self.env["fusion.billing.outbox"]
        return outbox._emit(service or self.service, "invoice.created", "invoice", payload)

    def endpoint(self, url: str, service=None, **values):
        """Another endpoint beside the main one."""
        return self.env["fusion.billing.webhook.endpoint"].create(
            {"service_id": (service or self.service).id, "url": url, **values}
        )


@tagged("post_install", "-at_install")
class TestDeliver(DeliverCase):
    """One webhook, from the outbox to the app's own verification."""

    def test_the_exact_bytes_arrive_once_with_every_header(self):
        webhook = self.emit(name="Zoé <&>")
        self.assertEqual(self.deliver._deliver(), 1)
        [request] = self.receiver.received
        self.assertEqual(request.body, webhook.payload.encode())
        expected = {
            "content-type": "application/json",
            "x-lago-signature-algorithm": "hmac",
            "x-lago-unique-key": webhook.event_uuid,
            "webhook-id": webhook.event_uuid,
            "webhook-timestamp": str(STAMP),
            "x-fusion-sequence": "1",
        }
        self.assertEqual({name: request.headers.get(name) for name in expected}, expected)
        self.assertRecordValues(
            webhook.delivery_ids,
            [
                {
                    "state": "delivered",
                    "attempts": 1,
                    "last_status": 200,
                    "last_error": False,
                    "delivered_at": NOW,
                    "url": self.receiver.url,
                }
            ],
        )
        self.assertEqual(self.deliver._deliver(), 0)

    def test_the_app_verifies_both_signatures_with_its_own_arithmetic(self):
        self.emit()
        self.deliver._deliver()
        [request] = self.receiver.received
        secret = self.service.webhook_secret
        lago = hmac.new(secret.encode(), request.body, hashlib.sha256).digest()
        self.assertEqual(request.headers["x-lago-signature"], base64.b64encode(lago).decode())
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{request.headers['webhook-id']}.{STAMP}.".encode() + request.body
        standard = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        self.assertEqual(request.headers["webhook-signature"], f"v1,{standard}")

    def test_the_engines_verifiers_accept_the_delivery_and_refuse_a_changed_byte(self):
        self.emit()
        self.deliver._deliver()
        [request] = self.receiver.received
        secret, headers = self.service.webhook_secret, request.headers
        self.assertTrue(signature.verify_lago(secret, request.body, headers["x-lago-signature"]))
        for body, valid in ((request.body, True), (request.body + b" ", False)):
            verified = signature.verify_standard(
                [secret],
                headers["webhook-id"],
                headers["webhook-timestamp"],
                body,
                headers["webhook-signature"],
                STAMP,
            )
            self.assertEqual(verified, valid)

    def test_a_server_error_is_tried_again_later_with_the_same_id_and_bytes(self):
        self.receiver.answer(500, 200, body=b"down\nfor\x00 repair" + b"!" * 1000)
        webhook = self.emit(total=1)
        self.deliver._deliver()
        delivery = webhook.delivery_ids
        self.assertEqual(
            (delivery.state, delivery.attempts, delivery.last_status), ("pending", 1, 500)
        )
        self.assertEqual(delivery.last_error[:26], "HTTP 500: down for repair!")
        self.assertLessEqual(len(delivery.last_error), 210)
        self.assertGreater(delivery.next_attempt_at, NOW)
        self.assertEqual(self.deliver._deliver(), 0, "not due yet")
        with freeze_time(NOW + timedelta(minutes=1)):
            self.assertEqual(self.deliver._deliver(), 1)
        first, second = self.receiver.received
        self.assertEqual(first.body, second.body)
        self.assertEqual(first.headers["webhook-id"], second.headers["webhook-id"])
        self.assertNotEqual(first.headers["webhook-timestamp"], second.headers["webhook-timestamp"])
        self.assertEqual(webhook.state, "delivered")

    def test_the_app_may_ask_for_more_time(self):
        self.receiver.answer(503, Retry_After="1800")
        webhook = self.emit()
        self.deliver._deliver()
        self.assertEqual(webhook.delivery_ids.next_attempt_at, NOW + timedelta(seconds=1800))

    def test_after_the_last_try_it_fails_and_stays_failed(self):
        self.receiver.answer(500)
        webhook = self.emit()
        moment, tries = NOW, 0
        while webhook.state == "pending":
            with freeze_time(moment):
                tries += self.deliver._deliver()
            moment = webhook.delivery_ids.next_attempt_at or moment
        self.assertEqual((webhook.state, tries), ("failed", MAX_ATTEMPTS))
        self.assertGreaterEqual(moment - NOW, timedelta(hours=72))
        self.assertEqual(len(self.receiver.received), MAX_ATTEMPTS)

    def test_a_replay_sends_the_same_bytes_with_the_same_id_to_the_new_address(self):
        webhook = self.emit(total=1)
        self.deliver._deliver()
        moved = self.listen(self.service)
        webhook.action_replay()
        self.assertEqual((webhook.state, webhook.delivery_ids.url), ("pending", False))
        self.deliver._deliver()
        [first], [second] = self.receiver.received, moved.received
        self.assertEqual(first.body, second.body)
        self.assertEqual(first.headers["webhook-id"], second.headers["webhook-id"])
        self.assertEqual(first.headers["x-fusion-sequence"], second.headers["x-fusion-sequence"])

    def test_a_retry_goes_to_the_address_of_the_first_try(self):
        self.receiver.answer(500, 200)
        self.emit()
        self.deliver._deliver()
        moved = self.listen(self.service)
        with freeze_time(NOW + timedelta(hours=1)):
            self.deliver._deliver()
        self.assertEqual((len(self.receiver.received), len(moved.received)), (2, 0))

    def test_deliver_now_does_not_wait_for_the_next_time(self):
        self.receiver.answer(500, 204)
        webhook = self.emit()
        webhook.action_deliver()
        self.assertEqual(webhook.state, "pending")
        webhook.action_deliver()
        self.assertEqual((webhook.state, webhook.delivery_ids.attempts), ("delivered", 2))
        webhook.action_deliver()
        self.assertEqual(len(self.receiver.received), 2)
