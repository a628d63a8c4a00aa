"""Receivers of every bad kind: each message arrives, with one id and one set of bytes."""

import contextlib
import threading
from collections import defaultdict
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..pipeline import outbound
from ..pipeline.deliver import CLAIM
from .test_deliver import NOW, DeliverCase
from .webhook_receiver import Receiver


class ReceiversCase(DeliverCase):
    """Six messages, and what became of them after as many tries as it takes."""

    COUNT = 6

    def setUp(self) -> None:
        super().setUp()
        self.seen = defaultdict(set)

    def run_for_three_days(self) -> None:
        """The cron, whenever something is due."""
        moment = NOW
        for _turn in range(60):
            with freeze_time(moment):
                self.deliver._deliver()
            waiting = self.service.endpoint_ids.delivery_ids.filtered_domain(
                [("state", "=", "pending")]
            )
            if not waiting:
                return
            moment = max(moment, min(waiting.mapped("next_attempt_at")))
        self.fail("it never ends")

    def assert_all_arrived(self, webhooks, *receivers: Receiver) -> None:
        """Each at least once at each receiver, always with the same bytes, all in the feed."""
        for receiver in receivers:
            arrived = defaultdict(set)
            for request in receiver.received:
                arrived[request.headers["webhook-id"]].add(request.body)
            expected = {hook.event_uuid: {hook.payload.encode()} for hook in webhooks}
            self.assertEqual(arrived, expected)
        feed = self.env["fusion.billing.webhook.feed"]._read_after(self.service, 0, 1000)
        told = [(row["sequence"], row["id"], row["payload"]) for row in feed["webhooks"]]
        wanted = [(n, hook.event_uuid, hook.payload) for n, hook in enumerate(webhooks, 1)]
        self.assertEqual(told, wanted)

    def emit_all(self):
        made = [self.emit(number=number) for number in range(self.COUNT)]
        return self.env["fusion.billing.webhook"].concat(*made)


@tagged("post_install", "-at_install")
class TestWebhookReceivers(ReceiversCase):
    def test_a_redirecting_and_lying_receiver_gets_everything_once_it_confirms(self):
        healthy = self.listen(self.make_service("spare"))
        self.endpoint(healthy.url)
        # 203 and 302 claim success without confirming it; a 200 in the body is no status.
        self.receiver.answer(203, 302, 404, 500, 203, 200, Location=healthy.url, body=b"200 OK")
        webhooks = self.emit_all()
        self.run_for_three_days()
        self.assertEqual(set(webhooks.mapped("state")), {"delivered"})
        self.assert_all_arrived(webhooks, self.receiver, healthy)
        self.assertEqual(len(healthy.received), self.COUNT)

    def test_a_dead_receiver_gets_everything_once_it_is_back(self):
        webhooks = self.emit_all()
        url = self.receiver.url
        self.service.webhook_url = "http://127.0.0.1:9"
        self.deliver._deliver()
        self.service.endpoint_ids.delivery_ids.filtered("url").write({"url": url})
        self.service.webhook_url = url
        self.run_for_three_days()
        self.assert_all_arrived(webhooks, self.receiver)

    def test_a_slow_receiver_gets_everything_and_delays_no_other(self):
        healthy = self.listen(self.make_service("spare"))
        self.endpoint(healthy.url)
        release = threading.Event()
        self.addCleanup(release.set)
        slow = self.receiver.received = _Slow(release)
        webhooks = self.emit_all()
        with patch.object(outbound, "TIMEOUT", 0.3):
            self.deliver._deliver()
        self.assertEqual(len(healthy.received), self.COUNT)
        self.assertEqual(len(slow), 1, "one timeout, then it is left alone")
        release.set()
        self.run_for_three_days()
        self.assert_all_arrived(webhooks, self.receiver, healthy)

    def test_a_receiver_killed_between_its_answer_and_our_commit_gets_it_again(self):
        webhooks = self.emit_all()
        killed = patch.object(type(self.deliver), "_record", side_effect=KeyboardInterrupt)
        self.env["fusion.billing.outbox"]._publish()
        # assertRaises would roll back what the run had committed: its claims.
        with killed, contextlib.suppress(KeyboardInterrupt):
            self.deliver._deliver()
        self.assertEqual(set(webhooks.mapped("state")), {"pending"})
        self.assertEqual(self.deliver._deliver(), 0, "claimed until the claim is over")
        with freeze_time(NOW + CLAIM + timedelta(seconds=1)):
            self.assertEqual(self.deliver._deliver(), self.COUNT)
        self.assertEqual(len(self.receiver.received), 2 * self.COUNT)
        self.assert_all_arrived(webhooks, self.receiver)


class _Slow(list):
    """Received requests that are not answered before they are released."""

    def __init__(self, release: threading.Event) -> None:
        super().__init__()
        self.release = release

    def append(self, request) -> None:
        super().append(request)
        self.release.wait(10)
