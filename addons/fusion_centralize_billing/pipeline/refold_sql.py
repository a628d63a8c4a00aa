"""The SQL that builds rollups anew from the ledger, and says which of them changed."""

from .ingest_sql import FIGURES, JUDGED, LATE, ROLLUP_KEY

# The local day in which the ledger begins is not whole: it keeps its rollup.
DAYS = "day > %(begins)s AND day >= %(first)s"
# Whoever has a counted event has a rollup: through it the ledger is read by its index.
OWNERS = (
    "subscription_id IN (SELECT subscription_id FROM fusion_billing_usage "
    "WHERE metric_id = %(metric)s)"
)

# What each counted event says under the terms its metric has now.
REJUDGE = f"""
WITH resolved AS MATERIALIZED (
    SELECT e.id AS event_id, e.occurred_at, e.properties, e.subscription_id, e.metric_id,
           TRUE AS alive
    FROM fusion_billing_usage_event e
    WHERE e.service_id = %(service)s AND e.metric_id = %(metric)s AND e.state = 'accepted'
      AND {DAYS} AND e.occurred_at >= %(from)s AND e.{OWNERS}
),{JUDGED}
UPDATE fusion_billing_usage_event e
SET value = CASE WHEN j.park_reason IS NULL THEN j.value END,
    dimension = CASE WHEN j.park_reason IS NULL THEN j.dimension ELSE '' END,
    split = CASE WHEN j.park_reason IS NULL THEN j.split ELSE '' END,
    state = CASE WHEN j.park_reason IS NULL THEN 'accepted' ELSE 'parked' END,
    park_reason = j.park_reason
FROM judged j
WHERE e.id = j.event_id AND e.occurred_at = j.occurred_at
  AND (j.park_reason IS NOT NULL
       OR (e.value, e.dimension, e.split) IS DISTINCT FROM (j.value, j.dimension, j.split))"""

_FIGURES = ("total", "maximum", "last", "last_at", "count", "moment", "precise_amount")
_OLD = ", ".join(f"u.{name}" for name in _FIGURES)
_NEW = ", ".join(f"EXCLUDED.{name}" for name in _FIGURES)
_SET = ", ".join(f"{name} = EXCLUDED.{name}" for name in _FIGURES)

# Rows that are right are not touched; those of `gone` and `put` are never the same.
REBUILD = f"""
WITH counted AS MATERIALIZED (
    SELECT {ROLLUP_KEY},{FIGURES}
    FROM fusion_billing_usage_event e
    WHERE metric_id = %(metric)s AND state = 'accepted' AND {DAYS} AND occurred_at >= %(from)s
      AND e.{OWNERS}
    GROUP BY {ROLLUP_KEY}
),
gone AS (
    DELETE FROM fusion_billing_usage u
    WHERE metric_id = %(metric)s AND source = 'event' AND {DAYS}
      AND NOT EXISTS (
        SELECT FROM counted c
        WHERE (c.subscription_id, c.day, c.split, c.dimension)
            = (u.subscription_id, u.day, u.split, u.dimension))
    RETURNING u.subscription_id, u.day
),
put AS (
    INSERT INTO fusion_billing_usage AS u (
        service_id, source, watermark, {ROLLUP_KEY}, {", ".join(_FIGURES)})
    SELECT %(service)s, 'event', %(now)s, {ROLLUP_KEY}, {", ".join(_FIGURES)}
    FROM counted
    ORDER BY {ROLLUP_KEY}
    ON CONFLICT ({ROLLUP_KEY}, source) DO UPDATE
        SET {_SET}, watermark = EXCLUDED.watermark
        WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})
    RETURNING u.subscription_id, u.day
),
folded AS (
    SELECT * FROM gone UNION ALL SELECT * FROM put
),{LATE}
SELECT count(*) FROM folded"""
