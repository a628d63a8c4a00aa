"""Invariant 1 with real rivals: threads on real connections, real commits, some killed."""

import random
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import tagged
from odoo.tools import SQL

from ..engine import IngestItem
from ..models import ledger_table
from .rivals_case import RivalsCase

WRITERS = 6
EVENTS = 240
BATCH = 40
FIRST = datetime(2026, 3, 10, tzinfo=UTC)


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestRivals(RivalsCase):
    TABLES = tuple(
        f"DELETE FROM fusion_billing_{table} WHERE service_id = ANY(%s)"
        for table in ("usage", "usage_event", "usage_key")
    )

    def _items(self, seed: int) -> list[IngestItem]:
        """All events, in an order of the writer's own, each value known by its number."""
        items = [
            IngestItem(
                f"t{n}",
                "sub-1",
                "gb",
                FIRST + timedelta(hours=n % 72),
                {"gb": Decimal(n) / 1000},
            )
            for n in range(EVENTS)
        ]
        random.Random(seed).shuffle(items)
        return items

    def _push(self, env: api.Environment, batch: list[IngestItem]) -> None:
        found = env["fusion.billing.ingest"]._ingest(self.service(env), batch)
        statuses = {disposition.status for disposition in found}
        self.assertLessEqual(statuses, {"accepted", "duplicate"})

    def _write(self, seed: int) -> None:
        items = self._items(seed)
        batches = [items[i : i + BATCH] for i in range(0, EVENTS, BATCH)]
        self.write_all(batches, seed, seed % 2 == 0, self._push)

    def test_overlapping_batches_of_many_writers_count_every_event_once(self) -> None:
        self.race(WRITERS, self._write)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            service = env["fusion.billing.service"].browse(self.made["fusion.billing.service"])
            cr.execute(
                "SELECT count(*), sum(count)::int, sum(total)::text FROM fusion_billing_usage "
                "WHERE service_id = %s",
                (service.id,),
            )
            days, events, total = cr.fetchone()
            self.assertEqual((days, events), (4, EVENTS))
            self.assertEqual(Decimal(total), Decimal(EVENTS * (EVENTS - 1) // 2) / 1000)
            self.assertEqual(env["fusion.billing.invariants"]._check(service), [])

    def test_a_push_into_a_month_that_gets_its_partition_comes_again_and_lands_there(self) -> None:
        self.patch(Registry, "_lock", DummyRLock())
        month, found = date(2031, 1, 1), []
        at = datetime(2031, 1, 5, tzinfo=UTC)
        item = IngestItem("moved", "sub-1", "gb", at, {"gb": 1})

        def writer() -> None:
            while not found or found[-1] == "again":
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    service = env["fusion.billing.service"].browse(
                        self.made["fusion.billing.service"]
                    )
                    try:
                        found.append(
                            env["fusion.billing.ingest"]._ingest(service, [item])[0].status
                        )
                    except ConcurrencyError:
                        cr.rollback()
                        found.append("again")

        thread = threading.Thread(target=writer)
        self.addCleanup(self._drop, ledger_table.partition(month))
        with self.registry.cursor() as cr:
            ledger_table.add_month(cr, month)
            thread.start()
            self._wait_for(ledger_table.REST)
        thread.join(timeout=30)
        self.assertEqual(found, ["again", "accepted"])
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT tableoid::regclass::text FROM fusion_billing_usage_event "
                "WHERE transaction_id = 'moved'"
            )
            self.assertEqual(cr.fetchone()[0], ledger_table.partition(month))

    def _wait_for(self, table: str) -> None:
        """Until somebody waits for a lock on this table."""
        deadline = time.monotonic() + 20
        with self.registry.cursor() as cr:
            while time.monotonic() < deadline:
                cr.execute(
                    "SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass", (table,)
                )
                if cr.rowcount:
                    return
        self.fail(f"nobody waits for {table}")

    def _drop(self, table: str) -> None:
        with self.registry.cursor() as cr:
            self.forget_usage(cr)
            cr.execute(SQL("DROP TABLE %s", SQL.identifier(table)))
