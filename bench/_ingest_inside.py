"""Run in an Odoo shell by `ingest.py`: rounds of each way, interleaved; writes their speeds."""

import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from odoo import Command, models
from odoo.addons.fusion_centralize_billing import engine
from odoo.addons.fusion_centralize_billing.models import ledger_table

BATCH, ROUNDS, THERE, SINGLE = (
    int(os.environ[f"BENCH_{name}"]) for name in ("BATCH", "ROUNDS", "THERE", "SINGLE")
)
SUBSCRIPTIONS = 50
MONTH = datetime(2026, 3, 1, 12, tzinfo=UTC)
COLUMNS = ", ".join(("id", *ledger_table.COLUMNS))
# The bare statements write the rows of a batch that our ingestion wrote before and that were taken
# out again: the ledger, and the keys whose unique index is its deduplication, in the order our
# ingestion writes them. They look nothing up, judge nothing, fold no rollup and answer nobody;
# subscription, metric, day, value and id are ready made in the table they read.
KEYS = """
keys AS (
    INSERT INTO fusion_billing_usage_key (event_id, occurred_at, service_id, key, content)
    SELECT id, occurred_at, service_id, key, content FROM {source} ORDER BY key
)"""
INTO = f"\nINSERT INTO fusion_billing_usage_event ({COLUMNS}) SELECT {COLUMNS} FROM {{source}}"
# From events as they come, instant and properties being text: to make columns of them, and of ids
# and content the two hashes that the unique index and the conflict rule need, is the INSERT's.
BARE = f"""
WITH made AS MATERIALIZED (
    SELECT {
    COLUMNS.replace("occurred_at", "instant::timestamp AS occurred_at").replace(
        "properties", "sent::jsonb AS properties"
    )
},
           substring(sha256(convert_to(
               length(external_subscription_id) || ':' || external_subscription_id
               || transaction_id, 'UTF8')) FOR 16) AS key,
           substring(sha256(convert_to(
               concat(code, chr(31), instant, chr(31), precise_total_amount_cents, chr(31),
                      sent::jsonb::text), 'UTF8')) FOR 16) AS content
    FROM staged
),{KEYS.format(source="made")}{INTO.format(source="made")}"""
# From a table where even that was done before: no more than to write the rows.
READY = f"WITH {KEYS.format(source='staged')}{INTO.format(source='staged')}"
# The same events in one table as Odoo makes it: foreign keys, their indexes, and one unique index
# on the texts. What the ledger was before it had months and keys.
FLAT = """
CREATE TABLE flat (
    id serial PRIMARY KEY,
    service_id int NOT NULL REFERENCES fusion_billing_service ON DELETE RESTRICT,
    subscription_id int REFERENCES sale_order ON DELETE RESTRICT,
    metric_id int REFERENCES fusion_billing_metric ON DELETE RESTRICT,
    external_subscription_id varchar NOT NULL, transaction_id varchar NOT NULL,
    code varchar NOT NULL, occurred_at timestamp NOT NULL, day date, value numeric,
    dimension varchar, properties jsonb, content_hash varchar NOT NULL, state varchar NOT NULL,
    park_reason varchar, received_at timestamp NOT NULL);
CREATE UNIQUE INDEX ON flat (service_id, external_subscription_id, transaction_id);
CREATE INDEX ON flat (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX ON flat (metric_id) WHERE metric_id IS NOT NULL;
CREATE INDEX ON flat (service_id, external_subscription_id) WHERE state = 'parked'"""
INTO_FLAT = """
INSERT INTO flat (service_id, subscription_id, metric_id, external_subscription_id, transaction_id,
                  code, occurred_at, day, value, dimension, properties, content_hash, state,
                  received_at)
SELECT service_id, subscription_id, metric_id, external_subscription_id, transaction_id, code,
       occurred_at, day, value, dimension, properties, repeat(encode(content, 'hex'), 2), state,
       received_at
FROM {source}"""
STAGE = """
INSERT INTO staged
SELECT e.*, k.key, k.content, to_char(e.occurred_at, 'YYYY-MM-DD"T"HH24:MI:SS.US'),
       e.properties::text
FROM fusion_billing_usage_event e
JOIN fusion_billing_usage_key k ON k.event_id = e.id AND k.occurred_at = e.occurred_at
WHERE e.id = ANY(%s)"""


class Ways:
    """One service with subscriptions, and each way to take a batch of its events."""

    def __init__(self, env) -> None:
        self.env, self.number = env, 0
        fee = env["product.product"].create({"name": "Fee", "type": "service"})
        partner = env["res.partner"].create({"name": "Bench"})
        self.service = env["fusion.billing.service"].create({"name": "Bench", "code": "bench"})
        self.metric = env["fusion.billing.metric"].create(
            {"service_id": self.service.id, "code": "gb", "name": "GB", "field_name": "gb"}
        )
        orders = env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "start_date": date(2026, 1, 1),
                    "x_fc_service_id": self.service.id,
                    "x_fc_external_id": f"sub-{n}",
                    "x_fc_tz": "America/Toronto",
                    "order_line": [Command.create({"product_id": fee.id})],
                }
                for n in range(SUBSCRIPTIONS)
            ]
        )
        self.orders = {order.x_fc_external_id: order for order in orders}
        env["fusion.billing.ledger"]._add_months(MONTH.date())
        env.cr.execute(
            "CREATE UNLOGGED TABLE staged AS SELECT e.*, k.key, k.content, ''::text AS instant, "
            "''::text AS sent FROM fusion_billing_usage_event e, fusion_billing_usage_key k LIMIT 0"
        )
        env.cr.commit()

    def items(self, count: int) -> list[engine.IngestItem]:
        """Events nobody pushed yet, of all subscriptions and of one month."""
        first, self.number = self.number, self.number + count
        return [
            engine.IngestItem(
                f"5f0c7d3e-0000-4000-8000-{n:012d}",
                f"sub-{n % SUBSCRIPTIONS}",
                "gb",
                MONTH + timedelta(minutes=n % 40_000),
                {"gb": Decimal(n % 100) / 4, "region": "ca-central"},
            )
            for n in range(first, first + count)
        ]

    def ours(self, items: list, expected: str = "accepted") -> list[int]:
        """The stage, as the API calls it; every disposition is looked at."""
        found = self.env["fusion.billing.ingest"]._ingest(self.service, items)
        assert {d.status for d in found} == {expected}, {d.status for d in found}
        return [d.event_id for d in found]

    def stage(self, items: list) -> None:
        """Let our ingestion make the rows of a batch, keep them aside, and undo it."""
        cr = self.env.cr
        ids = self.ours(items)
        cr.execute("TRUNCATE staged")
        cr.execute(STAGE, (ids,))
        self.take_out()
        cr.commit()
        cr.execute("ANALYZE staged")
        cr.commit()

    def take_out(self) -> None:
        """Delete what is staged from the ledger and from its keys."""
        for table, name in (("event", "id"), ("key", "event_id")):
            self.env.cr.execute(
                f"DELETE FROM fusion_billing_usage_{table} WHERE {name} = ANY(ARRAY(SELECT id "
                "FROM staged))"
            )

    def bare(self, _items: list) -> None:
        self.env.cr.execute(BARE)
        assert self.env.cr.rowcount == BATCH

    def ready(self, _items: list) -> None:
        self.env.cr.execute(READY)
        assert self.env.cr.rowcount == BATCH

    def flat(self, _items: list) -> None:
        self.env.cr.execute(INTO_FLAT.format(source="staged"))
        assert self.env.cr.rowcount == BATCH

    def values(self, item: engine.IngestItem) -> dict:
        """What the ORM is given: all that can be known is looked up before."""
        at = item.occurred_at.replace(tzinfo=None)
        return {
            "service_id": self.service.id,
            "subscription_id": self.orders[item.external_subscription_id].id,
            "metric_id": self.metric.id,
            "external_subscription_id": item.external_subscription_id,
            "transaction_id": item.transaction_id,
            "code": item.code,
            "occurred_at": at,
            "day": at.date(),
            "value": float(item.properties["gb"]),
            "properties": {name: str(value) for name, value in item.properties.items()},
            "state": "accepted",
            "received_at": at,
        }

    def create(self, values: list[dict]) -> None:
        """The ORM's own way into the same ledger, which our model refuses."""
        models.BaseModel.create(self.env["fusion.billing.usage.event"], values)
        self.env.flush_all()

    def one_by_one(self, items: list) -> None:
        events = self.env["fusion.billing.usage.event"]
        for item in items:
            known = events.search_count(
                [
                    ("service_id", "=", self.service.id),
                    ("external_subscription_id", "=", item.external_subscription_id),
                    ("transaction_id", "=", item.transaction_id),
                ]
            )
            if not known:
                self.create([self.values(item)])

    def orm_batch(self, items: list) -> None:
        events = self.env["fusion.billing.usage.event"]
        names = [item.transaction_id for item in items]
        found = events.search_fetch(
            [("service_id", "=", self.service.id), ("transaction_id", "in", names)],
            ["external_subscription_id", "transaction_id"],
        )
        known = {(event.external_subscription_id, event.transaction_id) for event in found}
        self.create(
            [
                self.values(item)
                for item in items
                if (item.external_subscription_id, item.transaction_id) not in known
            ]
        )


def timed(env, way, items: list, *more) -> float:
    """Events per second of a way, its commit included."""
    start = time.perf_counter()
    way(items, *more)
    env.cr.commit()
    return len(items) / (time.perf_counter() - start)


def one_round(env, ways: Ways) -> dict:
    """Each way once, one right after the other."""
    ways.stage(ways.items(BATCH))
    ready = timed(env, ways.ready, range(BATCH))
    ways.stage(ways.items(BATCH))
    new, others = ways.items(BATCH), (ways.items(SINGLE), ways.items(BATCH))
    return {
        "ready": ready,
        "bare": timed(env, ways.bare, new),
        "flat": timed(env, ways.flat, new),
        "ours": timed(env, ways.ours, new),
        "replayed": timed(env, ways.ours, new, "duplicate"),
        "one by one": timed(env, ways.one_by_one, others[0]),
        "orm batch": timed(env, ways.orm_batch, others[1]),
    }


def main(env) -> None:
    """Fill the ledger, warm up, and write ``{way: [events per second, one a round]}``."""
    ways = Ways(env)
    for _n in range(0, THERE, 10_000):
        ways.ours(ways.items(min(THERE, 10_000)))
        env.cr.commit()
    env.cr.execute(FLAT)
    events = "fusion_billing_usage_event e JOIN fusion_billing_usage_key k ON k.event_id = e.id"
    env.cr.execute(INTO_FLAT.format(source=f"(SELECT e.*, k.content FROM {events}) AS e"))
    env.cr.execute("ANALYZE")
    env.cr.commit()
    one_round(env, ways)
    rounds = [one_round(env, ways) for _n in range(ROUNDS)]
    found = {way: [round(speeds[way]) for speeds in rounds] for way in rounds[0]}
    with open(os.environ["BENCH_RESULT"], "w") as file:
        json.dump(found, file, indent=1)


main(env)  # noqa: F821
