"""The SQL of ingestion: resolve, judge, append to the ledger and fold, in one statement.

The pieces are common table expressions that build on each other. Two statements are put together
from them: a push (rows come from JSON) and a re-examination (rows come from the parked ledger).
Rows are sorted by key before each write, so that parallel writers meet in the same order and
wait for each other instead of deadlocking.
"""

# Lago's rule for numeric properties: no exponent, no plus sign, no bare dot.
NUMBER = r"^-?\d+(\.\d+)?$"
# What the engine's gate takes: fewer than 19 digits before the point, at most 30 after it.
MAX_LENGTH = 60
MAX_WHOLE = "1000000000000000000"
MAX_SCALE = 30

PUSHED = """
item AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(items)s::jsonb) AS i(
        n integer, transaction_id text, external_subscription_id text, code text,
        occurred_at timestamp, properties jsonb, content_hash text)
),
fresh AS (
    -- The first of several items with one id is the one that counts.
    SELECT DISTINCT ON (external_subscription_id, transaction_id) *
    FROM item
    ORDER BY external_subscription_id, transaction_id, n
)"""

PARKED = """
fresh AS MATERIALIZED (
    SELECT id AS n, transaction_id, external_subscription_id, code, occurred_at, properties
    FROM fusion_billing_usage_event
    WHERE service_id = %(service)s
      AND state = 'parked'
      AND (%(external_ids)s::text[] IS NULL OR external_subscription_id = ANY(%(external_ids)s))
      AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s))
    ORDER BY id
    FOR UPDATE
)"""

# A subscription lives from the local midnight of its start day to the end of the second it was
# terminated in: an app that stamps whole seconds must not lose the usage of its first moment.
JUDGED = """
life AS MATERIALIZED (
    SELECT id, external_id, tz, terminated_at IS NULL AS running,
           COALESCE((start_date::timestamp AT TIME ZONE tz) AT TIME ZONE 'UTC',
                    started_at, '-infinity') AS born,
           COALESCE(date_trunc('second', terminated_at) + interval '1 second',
                    ((end_date + 1)::timestamp AT TIME ZONE tz) AT TIME ZONE 'UTC',
                    'infinity') AS dead
    FROM (
        SELECT id, x_fc_external_id AS external_id, x_fc_terminated_at AS terminated_at,
               COALESCE(x_fc_tz, %(tz)s) AS tz, start_date, end_date,
               date_trunc('second', COALESCE(x_fc_started_at, x_fc_subscription_at)) AS started_at
        FROM sale_order
        WHERE x_fc_service_id = %(service)s
          AND state != 'cancel'
          AND x_fc_external_id IN (SELECT external_subscription_id FROM fresh)
    ) o
),
resolved AS (
    SELECT DISTINCT ON (f.n)
           f.*, l.id AS subscription_id, m.id AS metric_id, m.aggregation,
           f.properties ->> m.field_name AS raw,
           f.occurred_at >= l.born AND f.occurred_at < l.dead AS alive,
           ((f.occurred_at AT TIME ZONE 'UTC') AT TIME ZONE l.tz)::date AS day
    FROM fresh f
    LEFT JOIN life l ON l.external_id = f.external_subscription_id
    LEFT JOIN fusion_billing_metric m
           ON m.service_id = %(service)s AND m.code = f.code AND m.active
    ORDER BY f.n, (f.occurred_at >= l.born AND f.occurred_at < l.dead) DESC NULLS LAST,
             l.running DESC NULLS LAST, l.id DESC
),
checked AS (
    SELECT r.*,
           CASE WHEN aggregation = 'count' THEN 1
                WHEN aggregation = 'unique' AND raw IS NOT NULL THEN 1
                WHEN raw ~ %(number)s AND length(raw) <= %(max_length)s THEN raw::numeric
           END AS value,
           CASE WHEN aggregation = 'unique' THEN raw ELSE '' END AS dimension
    FROM resolved r
),
judged AS (
    SELECT c.*,
           CASE WHEN subscription_id IS NULL THEN 'unknown_subscription'
                WHEN metric_id IS NULL THEN 'unknown_metric'
                WHEN NOT alive THEN 'outside_subscription'
                WHEN aggregation != 'count' AND COALESCE(raw, '') = '' THEN 'missing_value'
                WHEN value IS NULL OR abs(value) >= %(max_whole)s::numeric
                  OR scale(value) > %(max_scale)s OR length(dimension) > 255 THEN 'invalid_value'
           END AS park_reason
    FROM checked c
)"""

APPENDED = """
written AS (
    INSERT INTO fusion_billing_usage_event (
        service_id, subscription_id, metric_id, external_subscription_id, transaction_id, code,
        occurred_at, day, value, dimension, properties, content_hash, state, park_reason,
        received_at)
    SELECT %(service)s, subscription_id, metric_id, external_subscription_id, transaction_id,
           code, occurred_at, day,
           CASE WHEN park_reason IS NULL THEN value END,
           CASE WHEN park_reason IS NULL THEN dimension ELSE '' END,
           properties, content_hash,
           CASE WHEN park_reason IS NULL THEN 'accepted' ELSE 'parked' END, park_reason,
           %(now)s
    FROM judged
    ORDER BY external_subscription_id, transaction_id
    ON CONFLICT (service_id, external_subscription_id, transaction_id) DO NOTHING
    RETURNING id, external_subscription_id, transaction_id, content_hash, state, park_reason,
              subscription_id, metric_id, day, dimension, value, occurred_at
)"""

RELEASED = """
written AS (
    UPDATE fusion_billing_usage_event e
    SET subscription_id = j.subscription_id, metric_id = j.metric_id, day = j.day,
        value = CASE WHEN j.park_reason IS NULL THEN j.value END,
        dimension = CASE WHEN j.park_reason IS NULL THEN j.dimension ELSE '' END,
        state = CASE WHEN j.park_reason IS NULL THEN 'accepted' ELSE 'parked' END,
        park_reason = j.park_reason
    FROM judged j
    WHERE e.id = j.n
      AND (j.park_reason, j.subscription_id, j.metric_id)
          IS DISTINCT FROM (e.park_reason, e.subscription_id, e.metric_id)
    RETURNING e.id, e.state, e.subscription_id, e.metric_id, e.day, e.dimension, e.value,
              e.occurred_at
)"""

# Sum, maximum, latest and count are kept together: whatever the metric's aggregation becomes,
# its rollup is there. Of two events of one instant the greater value is the latest, so that the
# order of arrival never matters.
FOLDED = """
folded AS (
    INSERT INTO fusion_billing_usage AS u (
        service_id, subscription_id, metric_id, day, dimension,
        total, maximum, last, last_at, count, watermark)
    SELECT %(service)s, subscription_id, metric_id, day, dimension, sum(value), max(value),
           (array_agg(value ORDER BY occurred_at DESC, value DESC))[1], max(occurred_at),
           count(*), %(now)s
    FROM written
    WHERE state = 'accepted'
    GROUP BY subscription_id, metric_id, day, dimension
    ORDER BY subscription_id, metric_id, day, dimension
    ON CONFLICT (subscription_id, metric_id, day, dimension) DO UPDATE SET
        total = u.total + EXCLUDED.total,
        maximum = GREATEST(u.maximum, EXCLUDED.maximum),
        last = CASE WHEN (EXCLUDED.last_at, EXCLUDED.last) > (u.last_at, u.last)
                    THEN EXCLUDED.last ELSE u.last END,
        last_at = GREATEST(u.last_at, EXCLUDED.last_at),
        count = u.count + EXCLUDED.count,
        watermark = GREATEST(u.watermark, EXCLUDED.watermark)
    RETURNING u.subscription_id, u.day
),
late AS (
    UPDATE fusion_billing_period p
    SET dirty = TRUE
    FROM (SELECT DISTINCT subscription_id, day FROM folded) f
    WHERE p.subscription_id = f.subscription_id
      AND f.day >= p.start AND f.day < p."end"
      AND p.state = 'billed' AND p.dirty IS NOT TRUE
)"""

ANSWER = """
SELECT i.n, w.id, w.state, w.park_reason,
       COALESCE(w.content_hash, e.content_hash) = i.content_hash AS same,
       e.id, e.park_reason
FROM item i
LEFT JOIN written w USING (external_subscription_id, transaction_id)
LEFT JOIN fusion_billing_usage_event e
       ON e.service_id = %(service)s
      AND e.external_subscription_id = i.external_subscription_id
      AND e.transaction_id = i.transaction_id
ORDER BY i.n"""

PUSH = f"WITH {PUSHED},{JUDGED},{APPENDED},{FOLDED}{ANSWER}"
REEXAMINE = f"WITH {PARKED},{JUDGED},{RELEASED},{FOLDED}\nSELECT id, state FROM written"

# Under READ COMMITTED a rival's row decides the conflict but is not in the statement's snapshot.
RIVALS = """
SELECT external_subscription_id, transaction_id, id, content_hash, park_reason
FROM fusion_billing_usage_event
WHERE service_id = %(service)s
  AND (external_subscription_id, transaction_id) IN %(keys)s"""
