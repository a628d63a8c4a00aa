"""Counters with real rivals: whoever comes first, the greatest sequence of each bucket counts."""

import random
from decimal import Decimal

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from ..engine.bucket import Bucket
from ..engine.counter_item import CounterItem
from .rivals_case import RivalsCase

WRITERS = 6
HOURS = 24
SEQUENCES = 5
BATCH = 20


@tagged("post_install", "-at_install", "fc_ingest")
class TestCounterRivals(RivalsCase):
    TABLES = (
        "DELETE FROM fusion_billing_usage_counter_push WHERE counter_id IN "
        "(SELECT id FROM fusion_billing_usage_counter WHERE service_id = ANY(%s))",
        "DELETE FROM fusion_billing_usage_counter WHERE service_id = ANY(%s)",
        "DELETE FROM fusion_billing_usage WHERE service_id = ANY(%s)",
    )

    def _push(self, env: api.Environment, batch: list[CounterItem]) -> list | None:
        """A batch that was overtaken is refused as a whole: then each counter on its own."""
        answers = env["fusion.billing.counter"]._set(self.service(env), batch)
        said = {answer.status for answer in answers}
        self.assertLessEqual(said, {"accepted", "duplicate", "stale"})
        return [[item] for item in batch] if "stale" in said and len(batch) > 1 else None

    def _items(self, seed: int) -> list[list[CounterItem]]:
        items = [
            CounterItem(
                "sub-1",
                "gb",
                Bucket.parse(f"2026-03-1{hour % 2}T{hour:02}"),
                Decimal(hour * 100 + sequence) / 8,
                sequence,
            )
            for hour in range(HOURS)
            for sequence in range(1, SEQUENCES + 1)
        ]
        random.Random(seed).shuffle(items)
        return [items[i : i + BATCH] for i in range(0, len(items), BATCH)]

    def _check(self, read_committed: bool) -> None:
        self.race(
            WRITERS,
            lambda seed: self.write_all(self._items(seed), seed, read_committed, self._push),
        )
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT sum(total)::text, sum(count)::int FROM fusion_billing_usage "
                "WHERE service_id = ANY(%s)",
                (self.made["fusion.billing.service"],),
            )
            total, count = cr.fetchone()
            env = api.Environment(cr, SUPERUSER_ID, {})
            violations = env["fusion.billing.invariants"]._check(self.service(env))
        expected = sum(Decimal(hour * 100 + SEQUENCES) / 8 for hour in range(HOURS))
        self.assertEqual((Decimal(total), count), (expected, HOURS))
        self.assertEqual(violations, [])

    def test_shuffled_repeated_and_killed_pushes_leave_the_newest_of_each_bucket(self) -> None:
        self._check(read_committed=True)

    def test_the_same_holds_at_repeatable_read(self) -> None:
        self._check(read_committed=False)
