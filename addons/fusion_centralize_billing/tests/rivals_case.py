"""Rivals: a service with one subscription, committed, for threads on connections of their own."""

import random
import secrets
import threading
from collections.abc import Callable
from datetime import date

from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests.common import BaseCase, get_db_name


class RivalsCase(BaseCase):
    """Commits to the test database and removes what it made.

    ``TABLES``: statements that delete what the writers fill by SQL, children first.
    """

    TABLES: tuple[str, ...] = ()
    KILLED = 0.3

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
            cls.forget_usage(cr)
            for model, ids in cls.made.items():
                env[model].browse(ids).unlink()
            user = env["res.users"].with_context(active_test=False).browse(cls.user_id)
            partner = user.partner_id
            user.unlink()
            partner.unlink()

    @classmethod
    def forget_usage(cls, cr) -> None:
        for statement in cls.TABLES:
            cr.execute(statement, (cls.made["fusion.billing.service"],))

    def service(self, env: api.Environment):
        return env["fusion.billing.service"].browse(self.made["fusion.billing.service"])

    def write_all(
        self, batches: list, seed: int, read_committed: bool, push: Callable[..., list | None]
    ) -> None:
        """Push each batch in a transaction; kill a share of them before they commit, and repeat.

        ``push(env, batch)`` may return smaller batches that are to be pushed in its place.
        """
        chance = random.Random(seed)
        batches = list(batches)
        while batches:
            with self.registry.cursor() as cr:
                if read_committed:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                try:
                    instead = push(api.Environment(cr, SUPERUSER_ID, {}), batches[0])
                except (SerializationFailure, DeadlockDetected):
                    cr.rollback()
                    self.refused += 1
                    continue
                if chance.random() < self.KILLED:
                    cr.rollback()
                    continue
            batches[:1] = instead or []

    def race(self, writers: int, write: Callable[[int], None]) -> None:
        """Run ``write(seed)`` in as many threads; the first error of any is the test's."""
        # The test server holds this lock, and an environment of another thread asks for it.
        self.patch(Registry, "_lock", DummyRLock())
        self.refused = 0
        errors: list[BaseException] = []

        def writer(seed: int) -> None:
            try:
                write(seed)
            except BaseException as error:  # noqa: BLE001  told by the test's own thread
                errors.append(error)

        threads = [threading.Thread(target=writer, args=(seed,)) for seed in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertFalse(any(thread.is_alive() for thread in threads), "a writer hangs")
        if errors:
            raise errors[0]
