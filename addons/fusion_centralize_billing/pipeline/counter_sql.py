"""The SQL of counters: replace where the sequence is newer, then add the day up again.

Three statements, in this order, at READ COMMITTED: the counters (in key order), the rollup rows
they belong to (locked in key order), the rollups' figures. Whoever waited for a rival's lock sees
the rival's counters in the last statement, so that no day misses one.
"""

# What the metric's prices tell apart, in the text of `engine.split_of`.
SPLIT = """CASE WHEN jsonb_typeof(m.split_keys) IS DISTINCT FROM 'array' THEN ''
                ELSE COALESCE((
                    SELECT '{' || string_agg(
                               to_json(k)::text || ':' || to_json(i.properties ->> k)::text,
                               ',' ORDER BY k COLLATE "C") || '}'
                    FROM (SELECT DISTINCT jsonb_array_elements_text(m.split_keys) AS k) AS keys
                    WHERE jsonb_typeof(i.properties -> k) IN ('string', 'number', 'boolean')), '')
           END"""

PUSHED = """
item AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(items)s::jsonb) AS i(
        n integer, external_subscription_id text, code text, bucket text, labels text,
        properties jsonb, first_day date, last_day date, starts_at timestamp,
        value numeric, sequence bigint, content_hash text, spans boolean)
)"""

PARKED = """
item AS MATERIALIZED (
    SELECT id AS n, external_subscription_id, code, bucket, labels, properties, first_day,
           last_day, starts_at, value, sequence, content_hash,
           id = ANY(%(spanning)s) AS spans
    FROM fusion_billing_usage_counter
    WHERE service_id = %(service)s
      AND state = 'parked'
      AND (%(external_ids)s::text[] IS NULL OR external_subscription_id = ANY(%(external_ids)s))
      AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s))
    ORDER BY id
    FOR UPDATE
)"""

# A bucket counts on its first day within the subscription's life: a month that it begins in the
# middle of counts on the day it begins. Of several subscriptions that had the id, the one alive
# on the bucket's days, the running one first. An hour named in UTC ("…Z") counts on the day it
# begins on where the subscription is; `starts_at` stays UTC, so that this can be asked again.
JUDGED = f"""
life AS MATERIALIZED (
    SELECT id, x_fc_external_id AS external_id, x_fc_terminated_at IS NULL AS running,
           COALESCE(x_fc_tz, %(tz)s) AS tz,
           COALESCE(start_date, ((COALESCE(x_fc_started_at, x_fc_subscription_at)
               AT TIME ZONE 'UTC') AT TIME ZONE COALESCE(x_fc_tz, %(tz)s))::date,
               '-infinity') AS born,
           LEAST(COALESCE(((x_fc_terminated_at AT TIME ZONE 'UTC')
               AT TIME ZONE COALESCE(x_fc_tz, %(tz)s))::date, 'infinity'),
               COALESCE(end_date, 'infinity')) AS dead
    FROM sale_order
    WHERE x_fc_service_id = %(service)s
      AND state != 'cancel'
      AND x_fc_external_id IN (SELECT external_subscription_id FROM item)
),
judged AS (
    SELECT DISTINCT ON (i.n)
           i.*, b.begins, b.ends, l.id AS subscription_id, m.id AS metric_id,
           GREATEST(b.begins, l.born) AS day,
           CASE WHEN l.id IS NULL THEN 'unknown_subscription'
                WHEN m.id IS NULL THEN 'unknown_metric'
                WHEN b.ends < l.born OR b.begins > l.dead THEN 'outside_subscription'
                WHEN m.aggregation IN ('unique', 'weighted') THEN 'metric_takes_events_only'
                WHEN m.aggregation = 'count'
                     AND (i.value != trunc(i.value) OR i.value < 0 OR i.value > 2147483647)
                    THEN 'invalid_value'
                WHEN i.spans THEN 'bucket_spans_periods'
           END AS park_reason,
           {SPLIT} AS split
    FROM item i
    LEFT JOIN life l ON l.external_id = i.external_subscription_id
    LEFT JOIN fusion_billing_metric m
           ON m.service_id = %(service)s AND m.code = i.code AND m.active
    CROSS JOIN LATERAL (
        SELECT CASE WHEN i.bucket LIKE '%%Z' THEN local.day ELSE i.first_day END AS begins,
               CASE WHEN i.bucket LIKE '%%Z' THEN local.day ELSE i.last_day END AS ends
        FROM (SELECT ((i.starts_at AT TIME ZONE 'UTC')
                      AT TIME ZONE COALESCE(l.tz, %(tz)s))::date AS day) AS local
    ) AS b
    ORDER BY i.n, (b.ends >= l.born AND b.begins <= l.dead) DESC NULLS LAST,
             l.running DESC NULLS LAST, l.id DESC
)"""

SET = f"""
WITH {PUSHED},{JUDGED},
before AS (
    SELECT i.n, c.id, c.sequence, c.content_hash, c.value, c.park_reason,
           c.state, c.subscription_id, c.metric_id, c.day, c.split
    FROM item i
    JOIN fusion_billing_usage_counter c
      ON c.service_id = %(service)s
     AND (c.external_subscription_id, c.code, c.bucket, c.labels)
         = (i.external_subscription_id, i.code, i.bucket, i.labels)
),
written AS (
    INSERT INTO fusion_billing_usage_counter AS c (
        service_id, external_subscription_id, code, bucket, labels, properties, first_day,
        last_day, starts_at, value, sequence, content_hash, subscription_id, metric_id, day, split,
        state, park_reason, received_at)
    SELECT %(service)s, external_subscription_id, code, bucket, labels, properties, begins,
           ends, starts_at, value, sequence, content_hash, subscription_id, metric_id, day,
           split, CASE WHEN park_reason IS NULL THEN 'accepted' ELSE 'parked' END, park_reason,
           %(now)s
    FROM judged
    ORDER BY external_subscription_id, code, bucket, labels
    ON CONFLICT (service_id, external_subscription_id, code, bucket, labels) DO UPDATE SET
        value = EXCLUDED.value, previous = c.value, sequence = EXCLUDED.sequence,
        content_hash = EXCLUDED.content_hash, subscription_id = EXCLUDED.subscription_id,
        metric_id = EXCLUDED.metric_id, first_day = EXCLUDED.first_day,
        last_day = EXCLUDED.last_day, day = EXCLUDED.day, split = EXCLUDED.split,
        state = EXCLUDED.state, park_reason = EXCLUDED.park_reason,
        received_at = EXCLUDED.received_at
        WHERE EXCLUDED.sequence > c.sequence
    RETURNING c.id, c.external_subscription_id, c.code, c.bucket, c.labels, c.state,
              c.park_reason, c.subscription_id, c.metric_id, c.day, c.split, c.value, c.previous,
              c.sequence
),
kept AS (
    INSERT INTO fusion_billing_usage_counter_push (counter_id, sequence, value, received_at)
    SELECT id, sequence, value, %(now)s FROM written ORDER BY id
)
SELECT i.n, w.id, w.park_reason, w.previous::text,
       w.subscription_id, w.metric_id, w.day, w.split,
       b.subscription_id, b.metric_id, b.day, b.split
FROM item i
LEFT JOIN written w USING (external_subscription_id, code, bucket, labels)
LEFT JOIN before b ON b.n = i.n AND b.state = 'accepted'
ORDER BY i.n"""

# What stands there for a push that changed nothing: a statement of its own, so that a rival's
# counter that was waited for is seen. `same` is NULL where that sequence never came before.
HELD = f"""
WITH {PUSHED}
SELECT i.n, c.id, c.sequence, c.park_reason, p.value = i.value AS same
FROM item i
JOIN fusion_billing_usage_counter c
  ON c.service_id = %(service)s
 AND (c.external_subscription_id, c.code, c.bucket, c.labels)
     = (i.external_subscription_id, i.code, i.bucket, i.labels)
LEFT JOIN fusion_billing_usage_counter_push p
       ON p.counter_id = c.id AND p.sequence = i.sequence
WHERE i.n = ANY(%(wanted)s)"""

RELEASE = f"""
WITH {PARKED},{JUDGED}
UPDATE fusion_billing_usage_counter c
SET subscription_id = j.subscription_id, metric_id = j.metric_id, day = j.day, split = j.split,
    first_day = j.begins, last_day = j.ends,
    state = CASE WHEN j.park_reason IS NULL THEN 'accepted' ELSE 'parked' END,
    park_reason = j.park_reason
FROM judged j
WHERE c.id = j.n
  AND (j.park_reason, j.subscription_id, j.metric_id)
      IS DISTINCT FROM (c.park_reason, c.subscription_id, c.metric_id)
RETURNING c.state, c.subscription_id, c.metric_id, c.day, c.split"""

RESPLIT = f"""
WITH known AS (
    SELECT i.id, i.split AS before, {SPLIT} AS split
    FROM fusion_billing_usage_counter i
    JOIN fusion_billing_metric m ON m.id = i.metric_id
    WHERE i.metric_id = %(metric)s AND i.state = 'accepted'
    ORDER BY i.id
    FOR UPDATE OF i
)
UPDATE fusion_billing_usage_counter c
SET split = k.split
FROM known k
WHERE c.id = k.id
RETURNING c.subscription_id, c.metric_id, c.day, c.split, k.before"""

_DAYS = """
day_ AS MATERIALIZED (
    SELECT DISTINCT subscription_id, metric_id, day, split
    FROM unnest(%(subscriptions)s::int[], %(metrics)s::int[], %(days)s::date[], %(splits)s::text[])
         AS d(subscription_id, metric_id, day, split)
)"""

LOCK = f"""
WITH {_DAYS}
INSERT INTO fusion_billing_usage AS u (
    service_id, subscription_id, metric_id, day, split, dimension, source,
    total, maximum, last, count, moment, precise_amount, watermark)
SELECT %(service)s, subscription_id, metric_id, day, split, '', 'counter', 0, 0, 0, 0, 0, 0,
       %(now)s
FROM day_
ORDER BY subscription_id, metric_id, day, split
ON CONFLICT (subscription_id, metric_id, day, split, dimension, source)
DO UPDATE SET watermark = EXCLUDED.watermark"""

# A day whose counters have all moved elsewhere stays as a row of zeros: count 0 is no usage.
ADD_UP = f"""
WITH {_DAYS},
figures AS (
    SELECT d.subscription_id, d.metric_id, d.day, d.split,
           COALESCE(sum(c.value), 0) AS total, COALESCE(max(c.value), 0) AS maximum,
           COALESCE((array_agg(c.value ORDER BY at.utc DESC))[1], 0) AS last,
           COALESCE(max(at.utc), 'epoch') AS last_at,
           CASE WHEN m.aggregation = 'count' THEN COALESCE(sum(c.value), 0)::int
                ELSE count(c.id) END AS count
    FROM day_ d
    JOIN sale_order o ON o.id = d.subscription_id
    JOIN fusion_billing_metric m ON m.id = d.metric_id
    LEFT JOIN fusion_billing_usage_counter c
           ON c.subscription_id = d.subscription_id AND c.metric_id = d.metric_id
          AND c.day = d.day AND c.split = d.split AND c.state = 'accepted'
    CROSS JOIN LATERAL (
        SELECT CASE WHEN c.bucket LIKE '%%Z' THEN c.starts_at
                    ELSE (c.starts_at AT TIME ZONE COALESCE(o.x_fc_tz, %(tz)s)) AT TIME ZONE 'UTC'
               END AS utc
    ) AS at
    GROUP BY d.subscription_id, d.metric_id, d.day, d.split, m.aggregation
),
folded AS (
    UPDATE fusion_billing_usage u
    SET total = f.total, maximum = f.maximum, last = f.last, last_at = f.last_at, count = f.count
    FROM figures f
    WHERE (u.subscription_id, u.metric_id, u.day, u.split)
          = (f.subscription_id, f.metric_id, f.day, f.split)
      AND u.source = 'counter' AND u.dimension = ''
    RETURNING u.subscription_id, u.day
)
UPDATE fusion_billing_period p
SET dirty = TRUE
FROM (SELECT DISTINCT subscription_id, day FROM folded) f
WHERE p.subscription_id = f.subscription_id
  AND f.day >= p.start AND f.day < p."end"
  AND p.state = 'billed' AND p.dirty IS NOT TRUE"""
