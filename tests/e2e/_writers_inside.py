"""Run in an Odoo shell by `test_writers.py`: writers, killers and a biller; then the figures."""

import contextlib
import json
import os
import random
import threading
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg2
from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.addons.fusion_centralize_billing import engine
from odoo.addons.fusion_centralize_billing.models import ledger_table
from odoo.addons.fusion_centralize_billing.pipeline import ledger
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import Registry

options = json.loads(os.environ["WRITERS"])
WRITERS, EVENTS, BATCH = 8, 480, 40
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
AGAIN = (SerializationFailure, DeadlockDetected, ConcurrencyError)
ENDED = (psycopg2.OperationalError, psycopg2.InterfaceError)
TOLD = (
    "batches committed",
    "tried again",
    "connections killed",
    "runs",
    "runs tried again",
    "months tried again",
)
registry = Registry(env.cr.dbname)  # noqa: F821  the shell gives it


class Book:
    """A live service with two subscriptions, whose usage costs 0.05 a unit from the first on."""

    def __init__(self, env) -> None:
        self.env, currency = env, env.company.currency_id
        self.fee, usage = (
            env["product.product"].create(
                {
                    "name": name,
                    "type": "service",
                    "invoice_policy": "order",
                    "recurring_invoice": name == "Fee",
                    "taxes_id": [Command.clear()],
                }
            )
            for name in ("Fee", "Usage")
        )
        self.service = env["fusion.billing.service"].create(
            {
                "name": "Writers",
                "code": "writers",
                "mode": "live",
                "test_clock": datetime(2026, 7, 1, 12),
                "product_id": self.fee.id,
                "usage_product_id": usage.id,
            }
        )
        metric = env["fusion.billing.metric"].create(
            {"service_id": self.service.id, "code": "gb", "name": "GB", "field_name": "gb"}
        )
        self.make_plan(currency)
        self.make_charge(metric, currency)
        self.orders = [self.subscribe(f"sub-{n}") for n in range(2)]

    def make_plan(self, currency) -> None:
        """Monthly, in advance."""
        env = self.env
        self.pricelist = env["product.pricelist"].create(
            {"name": "Writers", "currency_id": currency.id}
        )
        self.plan = env["sale.subscription.plan"].create(
            {
                "name": "Writers",
                "x_fc_service_id": self.service.id,
                "x_fc_code": "pro",
                "x_fc_product_id": self.fee.id,
                "billing_period_value": 1,
                "billing_period_unit": "month",
            }
        )

    def make_charge(self, metric, currency) -> None:
        """0.05 a unit."""
        self.env["fusion.billing.charge"].create(
            {
                "service_id": self.service.id,
                "plan_code": "pro",
                "plan_id": self.plan.id,
                "metric_id": metric.id,
                "code": "bandwidth",
                "name": "Bandwidth",
                "model": "standard",
                "unit_price": 0.05,
                "currency_id": currency.id,
            }
        )

    def subscribe(self, external_id: str):
        """A subscription from 1 March 2026."""
        env = self.env
        partner = env["res.partner"].create(
            {
                "name": external_id,
                "country_id": env.ref("base.ca").id,
                "state_id": env.ref("base.state_ca_on").id,
            }
        )
        link = env["fusion.billing.account.link"].create(
            {
                "service_id": self.service.id,
                "external_id": external_id,
                "partner_id": partner.id,
                "match_method": "created",
                "confidence": 1.0,
            }
        )
        order = env["sale.order"].create(
            {
                "partner_id": partner.id,
                "plan_id": self.plan.id,
                "pricelist_id": self.pricelist.id,
                "start_date": date(2026, 3, 1),
                "require_payment": False,
                "require_signature": False,
                "x_fc_service_id": self.service.id,
                "x_fc_link_id": link.id,
                "x_fc_external_id": external_id,
                "x_fc_tz": "America/Toronto",
                "x_fc_billing_time": "anniversary",
                "order_line": [Command.create({"product_id": self.fee.id})],
            }
        )
        order.with_context(billing_date=date(2026, 3, 1)).action_confirm()
        return order


def items(seed: int) -> list:
    """All events, three months of them, in an order of the writer's own."""
    found = [
        engine.IngestItem(
            f"t{n}",
            f"sub-{n % 2}",
            "gb",
            FIRST + timedelta(hours=4 * n),
            {"gb": Decimal(n) / 8},
        )
        for n in range(EVENTS)
    ]
    random.Random(seed).shuffle(found)
    return found


class Writer(threading.Thread):
    """Pushes everything, a batch a transaction; connections die before the commit, or after."""

    def __init__(self, seed: int, service_id: int, told: dict) -> None:
        super().__init__()
        self.chance, self.todo = random.Random(seed), items(seed)
        self.service_id, self.told = service_id, told
        self.read_committed, self.error = seed % 2 == 0, None
        self.killer = None

    def run(self) -> None:
        try:
            while self.todo:
                if self.push(self.todo[:BATCH]):
                    del self.todo[:BATCH]
        except Exception as error:  # noqa: BLE001  a thread's failure is the test's
            self.error = repr(error)

    def push(self, batch: list) -> bool:
        """One transaction; return whether this writer knows that it was committed."""
        try:
            with registry.cursor() as cr:
                if self.read_committed:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                env = api.Environment(cr, SUPERUSER_ID, {})
                service = env["fusion.billing.service"].browse(self.service_id)
                if self.chance.random() < 0.15:
                    self.kill(cr, self.chance.random() / 50)
                dispositions = env["fusion.billing.ingest"]._ingest(service, batch)
                assert {d.status for d in dispositions} <= {"accepted", "duplicate"}
                if self.chance.random() < 0.15:
                    self.kill(cr)
        except AGAIN:
            self.told["tried again"] += 1
            return False
        except ENDED:
            self.told["connections killed"] += 1
            return False
        finally:
            if self.killer:
                self.killer.join()
        self.told["batches committed"] += 1
        return True

    def kill(self, cr, delay: float = 0) -> None:
        """End this connection: at once, or from aside while the statement runs."""
        cr.execute("SELECT pg_backend_pid()")
        (pid,) = cr.fetchone()
        self.killer = threading.Thread(target=terminate, args=(pid, delay))
        self.killer.start()
        if not delay:
            self.killer.join()


def terminate(pid: int, delay: float) -> None:
    """End a connection of ours from another one; by then it may be the biller's, or this one."""
    time.sleep(delay)
    with contextlib.suppress(*ENDED), registry.cursor() as cr:
        cr.execute("SELECT pg_terminate_backend(%s)", (pid,))


def bill(service_id: int, as_of: date, told: dict) -> None:
    """Run the billing, as often as rivals make it fail."""
    while True:
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                service = env["fusion.billing.service"].browse(service_id)
                env["fusion.billing.invoice"]._run(service, as_of)
            told["runs"] += 1
            return
        except (*AGAIN, *ENDED):
            told["runs tried again"] += 1


def keep(month: date, told: dict) -> None:
    """Give a month its partition while others write into it; a busy one waits for the next turn."""
    try:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["fusion.billing.ledger"]._add_months(month)
    except (*AGAIN, *ENDED):
        told["months tried again"] += 1


def look(env, service) -> dict:
    """What the tables say."""
    found = {
        "months": [str(month) for month in ledger_table.months(env.cr)],
        "violations": [str(v) for v in env["fusion.billing.invariants"]._check(service)],
        "late": env["fusion.billing.period"].search_count([("dirty", "=", True)]),
    }
    for name, query in {
        "ledger": "SELECT count(*), count(DISTINCT transaction_id), sum(value)::text "
        "FROM fusion_billing_usage_event",
        "rest": "SELECT count(*) FROM fusion_billing_usage_event_rest",
        "keys": "SELECT count(*) FROM fusion_billing_usage_key",
        "rollup": "SELECT sum(count)::int, sum(total)::text FROM fusion_billing_usage",
        "invoiced": "SELECT sum(CASE WHEN m.move_type = 'out_refund' THEN -l.price_subtotal "
        "ELSE l.price_subtotal END)::text FROM account_move_line l "
        "JOIN account_move m ON m.id = l.move_id WHERE l.x_fc_line_key LIKE 'gb/%'",
    }.items():
        env.cr.execute(query)
        found[name] = env.cr.fetchone()
    return found


def main(env) -> None:
    """Let them loose, bill the rest, and write what came of it."""
    book = Book(env)
    env.cr.commit()
    service_id = book.service.id
    told = dict.fromkeys(TOLD, 0)
    began = time.monotonic()
    writers = [Writer(options["seed"] * 100 + n, service_id, told) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    ledger.AHEAD, ledger.WORTH_A_PARTITION = 0, 1
    for month in (3, 4, 5):
        keep(date(2026, month, 1), told)
        bill(service_id, date(2026, month + 1, 1), told)
    for writer in writers:
        writer.join()
    for month in (3, 4, 5):
        keep(date(2026, month, 1), told)
    for last in (6, 7, 7):
        bill(service_id, date(2026, last, 1), told)
    env.cr.rollback()
    env.invalidate_all()
    found = {
        "seconds": round(time.monotonic() - began, 1),
        "told": told,
        "errors": [writer.error for writer in writers if writer.error],
        **look(env, book.service),
    }
    with open(options["result"], "w") as file:
        json.dump(found, file)


main(env)  # noqa: F821
