"""The feed with real rivals: writers that overtake each other or die, a consumer that reads on."""

import random
import threading

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from .rivals_case import RivalsCase

WRITERS, EACH = 4, 12


@tagged("post_install", "-at_install")
class TestWebhookRivals(RivalsCase):
    def emit(self, env, name: str) -> None:
        env["fusion.billing.outbox"]._emit(self.service(env), "a.b", "a", {"name": name})
        env.flush_all()

    def publish(self) -> None:
        with self.registry.cursor() as cr:
            try:
                api.Environment(cr, SUPERUSER_ID, {})["fusion.billing.outbox"]._publish()
                cr.commit()
            except SerializationFailure:  # a rival numbered first; the cron comes again
                cr.rollback()

    def read_on(self, consumed: list[tuple[int, str]]) -> None:
        """One turn of a consumer: read after its checkpoint, deal with it, move the checkpoint."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            feed, service = env["fusion.billing.webhook.feed"], self.service(env)
            after = feed._position(service, "test").sequence
            body = feed._read_after(service, after, 5)
            consumed += [(row["sequence"], row["id"]) for row in body["webhooks"]]
            feed._set_position(service, "test", body["meta"]["next_after"])

    def test_a_consumer_that_reads_on_misses_nothing_and_sees_nothing_twice(self):
        consumed: list[tuple[int, str]] = []
        writing = threading.Semaphore(0)

        def write(seed: int) -> None:
            if seed == WRITERS:  # the consumer, who publishes as well
                for _turn in range(WRITERS * EACH):
                    writing.acquire(timeout=30)
                    self.publish()
                    self.read_on(consumed)
                return
            chance = random.Random(seed)
            for number in range(EACH):
                with self.registry.cursor() as cr:
                    self.emit(api.Environment(cr, SUPERUSER_ID, {}), f"{seed}-{number}")
                    # Who wrote first commits last as often as not; some never do.
                    threading.Event().wait(chance.random() / 50)
                    if chance.random() < self.KILLED:
                        cr.rollback()
                writing.release()
                if chance.random() < 0.3:
                    self.publish()

        self.race(WRITERS + 1, write)
        self.publish()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            committed = set(self.service(env).webhook_ids.mapped("event_uuid"))
            total = len(committed)
        while len(consumed) < total:
            before = len(consumed)
            self.read_on(consumed)
            self.assertGreater(len(consumed), before, "something is missing from the feed")
        self.assertEqual([number for number, _id in consumed], list(range(1, total + 1)))
        self.assertEqual({uuid for _number, uuid in consumed}, committed)
        self.assertGreater(total, EACH)

    def test_a_message_written_first_and_committed_last_comes_after_what_was_read(self):
        consumed: list[tuple[int, str]] = []
        with self.registry.cursor() as slow:
            self.emit(api.Environment(slow, SUPERUSER_ID, {}), "slow")
            with self.registry.cursor() as fast:
                self.emit(api.Environment(fast, SUPERUSER_ID, {}), "fast")
            self.publish()
            self.read_on(consumed)
            read = len(consumed)
            self.assertGreater(read, 0)
        self.publish()
        self.read_on(consumed)
        self.assertEqual(len(consumed), read + 1)
        self.assertEqual(consumed[-1][0], consumed[-2][0] + 1)
