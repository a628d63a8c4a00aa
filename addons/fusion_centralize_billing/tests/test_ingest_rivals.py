"""Invariant 1 with real rivals: threads on real connections, real commits, some killed."""

import random
import secrets
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import SQL

from ..engine import IngestItem
from ..models import ledger_table

WRITERS = 6
EVENTS = 240
BATCH = 40
FIRST = datetime(2026, 3, 10, tzinfo=UTC)


@tagged("post_install", "-at_install", "fc_ingest")
class TestIngestRivals(BaseCase):
    """Commits to the test database and removes what it made."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partner = env["res.partner"].create({"name": "Rivals Inc."})
            service = env["fusion.billing.service"].create(
                {"name": "Rivals", "code": f"rivals-{secrets.token_hex(4)}"}
            )
            product = env["product.product"].create({"name": "Fee", "type": "service"})
            metric = env["fusion.billing.metric"].create(
                {"service_id": service.id, "code": "gb", "name": "GB", "field_name": "gb"}
            )
            order = env["sale.order"].create(
                {
                    "partner_id": partner.id,
                    "start_date": date(2026, 3, 1),
                    "x_fc_service_id": service.id,
                    "x_fc_external_id": "sub-1",
                    "x_fc_tz": "America/Toronto",
                    "order_line": [Command.create({"product_id": product.id})],
                }
            )
            cls.made = {
                record._name: record.ids for record in (order, metric, service, product, partner)
            }
            cls.user_id = service.user_id.id
        cls.addClassCleanup(cls._remove)

    @classmethod
    def _remove(cls) -> None:
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cls._forget_usage(cr)
            for model, ids in cls.made.items():
                env[model].browse(ids).unlink()
            user = env["res.users"].with_context(active_test=False).browse(cls.user_id)
            partner = user.partner_id
            user.unlink()
            partner.unlink()

    @classmethod
    def _forget_usage(cls, cr) -> None:
        for table in ("usage", "usage_event", "usage_key"):
            cr.execute(
                f"DELETE FROM fusion_billing_{table} WHERE service_id = ANY(%s)",
                (cls.made["fusion.billing.service"],),
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

    def _write(self, seed: int, read_committed: bool) -> None:
        """Push everything, a batch a transaction; kill every third one before its commit."""
        chance = random.Random(seed)
        items = self._items(seed)
        batches = [items[i : i + BATCH] for i in range(0, EVENTS, BATCH)]
        while batches:
            with self.registry.cursor() as cr:
                if read_committed:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                env = api.Environment(cr, SUPERUSER_ID, {})
                service = env["fusion.billing.service"].browse(self.made["fusion.billing.service"])
                try:
                    found = env["fusion.billing.ingest"]._ingest(service, batches[0])
                except (SerializationFailure, DeadlockDetected):
                    cr.rollback()
                    self.refused += 1
                    continue
                statuses = {disposition.status for disposition in found}
                self.assertLessEqual(statuses, {"accepted", "duplicate"})
                if chance.random() < 0.3:
                    cr.rollback()
                    continue
            batches.pop(0)

    def test_overlapping_batches_of_many_writers_count_every_event_once(self) -> None:
        # The test server holds this lock, and an environment of another thread asks for it.
        self.patch(Registry, "_lock", DummyRLock())
        self.refused = 0
        errors = []

        def writer(seed: int) -> None:
            try:
                self._write(seed, read_committed=seed % 2 == 0)
            except Exception as error:  # noqa: BLE001  a thread's failure is the test's
                errors.append(error)

        threads = [threading.Thread(target=writer, args=(seed,)) for seed in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        self.assertEqual(errors, [])
        self.assertFalse(any(thread.is_alive() for thread in threads))
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
            self._forget_usage(cr)
            cr.execute(SQL("DROP TABLE %s", SQL.identifier(table)))
