"""The SQL of ingestion: claim the ids, resolve, judge, append and fold, in one statement.

The pieces are common table expressions that build on each other. Three statements are put
together from them: a push (rows come from JSON), a re-examination (rows come from the parked
ledger) and a refold (see ``refold_sql``). Rows are sorted by key before each write, so that
parallel writers meet in the same order and wait for each other instead of deadlocking.
"""

# Lago's rule for numeric properties: no exponent, no plus sign, no bare dot.
NUMBER = r"^-?\d+(\.\d+)?$"
# What the engine's gate takes: fewer than 19 digits before the point, at most 30 after it.
MAX_LENGTH = 60
MAX_WHOLE = "1000000000000000000"
MAX_SCALE = 30
# A rollup's key must fit an index page: dimension and split together.
MAX_SPLIT = 1200
# Usage added by POST /usage names no property: this one carries its value.
VALUE = "$value"

# The hash of the content has an instant only where the sender gave one: without, a retry is the
# same event although it is received later. jsonb writes equal content as equal text.
ITEM = """
item AS MATERIALIZED (
    SELECT n, t AS transaction_id, s AS external_subscription_id, c AS code,
           a::timestamp AS occurred_at, p AS properties, m AS precise_total_amount_cents,
           substring(sha256(convert_to(length(s) || ':' || s || t, 'UTF8')) FOR 16) AS key,
           substring(sha256(convert_to(
               concat(c, chr(31), CASE WHEN g THEN a END, chr(31), m, chr(31),
                      COALESCE(p, '{}')::text), 'UTF8')) FOR 16) AS content
    FROM jsonb_to_recordset(%(items)s::jsonb) AS i(
        n integer, t text, s text, c text, a text, g boolean, p jsonb, m numeric)
)"""

# An id that is known needs no insert, and one that is not costs half of what it costs with ON
# CONFLICT: that is left to the second try, when a rival was faster (see `RACED`). The CASE keeps
# the planner from expecting one new row, and from joining a thousand of them by nested loops.
PUSHED = f"""{ITEM},
first AS MATERIALIZED (
    -- The first of several items with one id is the one that counts.
    SELECT DISTINCT ON (i.key) i.*, k.event_id AS known_id, k.content AS known_content,
           k.occurred_at AS known_at
    FROM item i
    LEFT JOIN LATERAL (
        -- One probe of the index an item, whatever the planner believes of the table's size.
        SELECT * FROM fusion_billing_usage_key
        WHERE service_id = %(service)s AND key = i.key LIMIT 1
    ) k ON TRUE
    ORDER BY i.key, i.n
),
claimed AS (
    INSERT INTO fusion_billing_usage_key (service_id, key, content, occurred_at)
    SELECT %(service)s, key, content, occurred_at
    FROM first
    WHERE CASE WHEN known_id IS NULL THEN TRUE ELSE FALSE END
    ORDER BY key
    RETURNING event_id, key
),
fresh AS MATERIALIZED (
    SELECT c.event_id, f.*
    FROM claimed c JOIN first f USING (key)
)"""

PARKED = """
fresh AS MATERIALIZED (
    SELECT id AS event_id, transaction_id, external_subscription_id, code, occurred_at,
           properties, precise_total_amount_cents
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
RESOLVED = """
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
    SELECT DISTINCT ON (f.event_id)
           f.*, l.id AS subscription_id, m.id AS metric_id,
           f.occurred_at >= l.born AND f.occurred_at < l.dead AS alive,
           ((f.occurred_at AT TIME ZONE 'UTC') AT TIME ZONE l.tz)::date AS day
    FROM fresh f
    LEFT JOIN life l ON l.external_id = f.external_subscription_id
    LEFT JOIN fusion_billing_metric m
           ON m.service_id = %(service)s AND m.code = f.code AND m.active
    ORDER BY f.event_id, (f.occurred_at >= l.born AND f.occurred_at < l.dead) DESC NULLS LAST,
             l.running DESC NULLS LAST, l.id DESC
)"""

# What an event says under its metric's terms; also what a refold asks again. `split` names what
# the metric's prices tell apart, in the text of `engine.split_of`.
JUDGED = """
checked AS (
    SELECT r.*, m.aggregation,
           COALESCE(r.properties ->> '$value', r.properties ->> m.field_name) AS raw,
           COALESCE(r.properties -> '$value', r.properties -> m.field_name) AS sent,
           CASE WHEN jsonb_typeof(m.split_keys) IS DISTINCT FROM 'array' THEN ''
                ELSE COALESCE((
                    SELECT '{' || string_agg(
                               to_json(k)::text || ':' || to_json(r.properties ->> k)::text,
                               ',' ORDER BY k COLLATE "C") || '}'
                    FROM (SELECT DISTINCT jsonb_array_elements_text(m.split_keys) AS k) AS keys
                    WHERE jsonb_typeof(r.properties -> k) IN ('string', 'number', 'boolean')), '')
           END AS split
    FROM resolved r
    LEFT JOIN fusion_billing_metric m ON m.id = r.metric_id
    OFFSET 0
),
valued AS (
    SELECT c.*,
           CASE WHEN aggregation = 'count' THEN 1
                WHEN aggregation = 'unique' AND raw IS NOT NULL THEN
                    CASE WHEN properties ->> 'operation_type' = 'remove' THEN -1 ELSE 1 END
                WHEN jsonb_typeof(sent) = 'number' THEN sent::numeric
                WHEN raw ~ %(number)s AND length(raw) <= %(max_length)s THEN raw::numeric
           END AS value,
           CASE WHEN aggregation = 'unique' THEN raw ELSE '' END AS dimension
    FROM checked c
    OFFSET 0
),
judged AS (
    SELECT v.*,
           CASE WHEN subscription_id IS NULL THEN 'unknown_subscription'
                WHEN metric_id IS NULL THEN 'unknown_metric'
                WHEN NOT alive THEN 'outside_subscription'
                WHEN aggregation != 'count' AND COALESCE(raw, '') = '' THEN 'missing_value'
                WHEN value IS NULL OR abs(value) >= %(max_whole)s::numeric
                  OR scale(value) > %(max_scale)s OR length(dimension) > 255
                  OR octet_length(split) > %(max_split)s THEN 'invalid_value'
           END AS park_reason
    FROM valued v
    OFFSET 0
)"""

# What a statement that writes the ledger returns for `FOLDED`.
COUNTED = (
    "id, state, park_reason, subscription_id, metric_id, day, split, dimension, value, "
    "occurred_at, precise_total_amount_cents"
)

APPENDED = f"""
written AS (
    INSERT INTO fusion_billing_usage_event (
        id, service_id, subscription_id, metric_id, external_subscription_id, transaction_id,
        code, occurred_at, day, value, dimension, split, precise_total_amount_cents, properties,
        state, park_reason, received_at)
    SELECT event_id, %(service)s, subscription_id, metric_id, external_subscription_id,
           transaction_id, code, occurred_at, day,
           CASE WHEN park_reason IS NULL THEN value END,
           CASE WHEN park_reason IS NULL THEN dimension ELSE '' END,
           CASE WHEN park_reason IS NULL THEN split ELSE '' END,
           precise_total_amount_cents, properties,
           CASE WHEN park_reason IS NULL THEN 'accepted' ELSE 'parked' END, park_reason,
           %(now)s
    FROM judged
    RETURNING {COUNTED}
)"""

RELEASED = f"""
written AS (
    UPDATE fusion_billing_usage_event e
    SET subscription_id = j.subscription_id, metric_id = j.metric_id, day = j.day,
        value = CASE WHEN j.park_reason IS NULL THEN j.value END,
        dimension = CASE WHEN j.park_reason IS NULL THEN j.dimension ELSE '' END,
        split = CASE WHEN j.park_reason IS NULL THEN j.split ELSE '' END,
        state = CASE WHEN j.park_reason IS NULL THEN 'accepted' ELSE 'parked' END,
        park_reason = j.park_reason
    FROM judged j
    WHERE e.id = j.event_id AND e.occurred_at = j.occurred_at
      AND (j.park_reason, j.subscription_id, j.metric_id)
          IS DISTINCT FROM (e.park_reason, e.subscription_id, e.metric_id)
    RETURNING {", ".join(f"e.{name}" for name in COUNTED.split(", "))}
)"""

# Of two events of one instant the greater value is the latest, so that the order of arrival never
# matters. `moment` is Σ value × instant: with it a weighted sum needs no event.
FIGURES = """
           sum(value) AS total, max(value) AS maximum,
           (array_agg(value ORDER BY occurred_at DESC, value DESC))[1] AS last,
           max(occurred_at) AS last_at, count(*) AS count,
           sum(value * extract(epoch FROM occurred_at)) AS moment,
           COALESCE(sum(precise_total_amount_cents), 0) * 0.01 AS precise_amount"""

# System parameter: the first instant (UTC midnight) from which the ledger is whole.
LEDGER_BEGINS = "fusion_centralize_billing.ledger_begins"

ROLLUP_KEY = "subscription_id, metric_id, day, split, dimension"

# All figures are kept together: whatever the metric's aggregation becomes, its rollup is there.
FOLDED = f"""
folded AS (
    INSERT INTO fusion_billing_usage AS u (
        service_id, source, watermark, {ROLLUP_KEY},
        total, maximum, last, last_at, count, moment, precise_amount)
    SELECT %(service)s, 'event', %(now)s, {ROLLUP_KEY},{FIGURES}
    FROM written
    WHERE state = 'accepted'
    GROUP BY {ROLLUP_KEY}
    ORDER BY {ROLLUP_KEY}
    ON CONFLICT ({ROLLUP_KEY}, source) DO UPDATE SET
        total = u.total + EXCLUDED.total,
        maximum = GREATEST(u.maximum, EXCLUDED.maximum),
        last = CASE WHEN (EXCLUDED.last_at, EXCLUDED.last) > (u.last_at, u.last)
                    THEN EXCLUDED.last ELSE u.last END,
        last_at = GREATEST(u.last_at, EXCLUDED.last_at),
        count = u.count + EXCLUDED.count,
        moment = u.moment + EXCLUDED.moment,
        precise_amount = u.precise_amount + EXCLUDED.precise_amount,
        watermark = GREATEST(u.watermark, EXCLUDED.watermark)
    RETURNING u.subscription_id, u.day
)"""

LATE = """
overtaken AS MATERIALIZED (
    SELECT p.id
    FROM fusion_billing_period p
    WHERE p.subscription_id = ANY(ARRAY(SELECT DISTINCT subscription_id FROM folded))
      AND p.state = 'billed' AND p.dirty IS NOT TRUE
      AND EXISTS (SELECT FROM folded f WHERE f.subscription_id = p.subscription_id
                  AND f.day >= p.start AND f.day < p."end")
    ORDER BY p.id
    FOR NO KEY UPDATE
),
late AS (
    UPDATE fusion_billing_period p SET dirty = TRUE FROM overtaken o WHERE p.id = o.id
)"""
FOLDED = f"{FOLDED},{LATE}"

ANSWER = """
SELECT i.n, w.id, w.state, w.park_reason,
       CASE WHEN w.id IS NULL THEN f.known_content ELSE f.content END = i.content AS same,
       f.known_id, f.known_at
FROM item i
JOIN first f USING (key)
LEFT JOIN claimed c USING (key)
LEFT JOIN written w ON w.id = c.event_id
ORDER BY i.n"""

PUSH = f"WITH {PUSHED},{RESOLVED},{JUDGED},{APPENDED},{FOLDED}{ANSWER}"
# A rival committed an id after this statement looked for it: now the index decides, row by row.
RACED = PUSH.replace(
    "    RETURNING event_id, key\n",
    "    ON CONFLICT (service_id, key) DO NOTHING\n    RETURNING event_id, key\n",
)
KEY_INDEX = "fusion_billing_usage_key_uniq"
REEXAMINE = f"WITH {PARKED},{RESOLVED},{JUDGED},{RELEASED},{FOLDED}\nSELECT id, state FROM written"

# Under READ COMMITTED a rival's row decides the conflict but is not in the statement's snapshot.
RIVALS = f"""
WITH {ITEM}
SELECT i.n, k.content = i.content, k.event_id, k.occurred_at
FROM item i
JOIN fusion_billing_usage_key k ON k.service_id = %(service)s AND k.key = i.key"""

# Why earlier events wait. The instants let PostgreSQL look into their months alone.
REASONS = """
SELECT id, park_reason
FROM fusion_billing_usage_event
WHERE state = 'parked' AND id = ANY(%(ids)s)
  AND occurred_at BETWEEN %(first)s AND %(last)s"""
