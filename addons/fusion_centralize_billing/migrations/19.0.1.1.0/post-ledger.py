"""The ledger becomes partitioned: rows move to their month, and every id gets its key."""

import json
from datetime import UTC
from decimal import Decimal

from odoo.addons.fusion_centralize_billing import engine
from odoo.addons.fusion_centralize_billing.models import ledger_table
from odoo.addons.fusion_centralize_billing.pipeline import ingest_rows, ingest_sql, ledger

FLAT = "fusion_billing_usage_event_flat"
BATCH = 5000
MOVED = (
    "id, service_id, subscription_id, metric_id, occurred_at, received_at, day, value, "
    "external_subscription_id, transaction_id, code, dimension, state, park_reason, properties"
)
MONTHS = f"""
SELECT date_trunc('month', occurred_at)::date AS month FROM {FLAT}
GROUP BY month HAVING count(*) >= %s ORDER BY month"""
NEXT = f"""
SELECT id, service_id, transaction_id, external_subscription_id, code, occurred_at,
       properties::text, content_hash
FROM {FLAT} WHERE id > %s ORDER BY id LIMIT %s"""
FOUND = MOVED.replace("dimension", "COALESCE(dimension, '')")
MOVE = f"""
INSERT INTO fusion_billing_usage_event ({MOVED})
SELECT {FOUND} FROM {FLAT} WHERE id = ANY(%s)"""
KEYS = f"""
WITH {ingest_sql.ITEM}
INSERT INTO fusion_billing_usage_key (event_id, occurred_at, service_id, key, content)
SELECT ids[n], occurred_at, services[n], key, content
FROM item, (SELECT %(ids)s::bigint[] AS ids, %(services)s::int[] AS services) AS known
ON CONFLICT (service_id, key) DO NOTHING"""
# What rollups hold since: the figures that were there stay as they are.
MOMENTS = """
UPDATE fusion_billing_usage u SET moment = c.moment
FROM (
    SELECT subscription_id, metric_id, day, dimension,
           sum(value * extract(epoch FROM occurred_at)) AS moment
    FROM fusion_billing_usage_event WHERE state = 'accepted'
    GROUP BY subscription_id, metric_id, day, dimension
) c
WHERE (u.subscription_id, u.metric_id, u.day, u.dimension)
    = (c.subscription_id, c.metric_id, c.day, c.dimension)"""


def migrate(cr, version: str | None) -> None:
    """Move every row and drop the flat table."""
    cr.execute("SELECT to_regclass(%s)", (FLAT,))
    if cr.fetchone()[0] is None:
        return
    cr.execute(MONTHS, (ledger.WORTH_A_PARTITION,))
    for (month,) in cr.fetchall():
        if month not in ledger_table.months(cr):
            ledger_table.add_month(cr, month)
    last = 0
    while last is not None:
        last = _move(cr, last)
    cr.execute(MOMENTS)
    cr.execute("DROP TABLE fusion_billing_usage_event_flat")


def _move(cr, after: int) -> int | None:
    """Move the rows that follow an id; return the last id moved, None when there was none."""
    cr.execute(NEXT, (after, BATCH))
    found = cr.fetchall()
    if not found:
        return None
    ids = [row[0] for row in found]
    batch = ingest_rows.batch([_item(*row[2:]) for row in found])
    cr.execute(
        KEYS,
        {
            **batch.parameters,
            "ids": [ids[n] for n in batch.firsts],
            "services": [found[n][1] for n in batch.firsts],
        },
    )
    cr.execute(MOVE, (ids,))
    return ids[-1]


def _item(transaction_id, external_id, code, occurred_at, properties, content_hash):
    """The row as it was pushed; its old hash knows whether the sender gave the instant."""
    content = json.loads(properties, parse_float=Decimal) if properties else None
    stamped, unstamped = (
        engine.IngestItem(
            transaction_id, external_id, code, occurred_at.replace(tzinfo=UTC), content, given
        )
        for given in (True, False)
    )
    return unstamped if unstamped.content_hash == content_hash else stamped
