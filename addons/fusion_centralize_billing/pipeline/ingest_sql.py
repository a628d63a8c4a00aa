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

# The terms of `JUDGED`, by the names it has for them.
TERMS = {
    "number": NUMBER,
    "max_length": MAX_LENGTH,
    "max_whole": MAX_WHOLE,
    "max_scale": MAX_SCALE,
    "max_split": MAX_SPLIT,
}

# Columns of the batch arrive as texts, cut apart here: cheaper than JSON, to write and to read. The
# hashes are made where the texts are (`ingest_rows`); items have ids of their own within the batch.
ITEM = """
item AS MATERIALIZED (
    SELECT nextval('fusion_billing_usage_event_id_seq') AS event_id, n::integer AS n,
           COALESCE(t, '') AS transaction_id,
           COALESCE(s, '') AS external_subscription_id, COALESCE(c, '') AS code,
           a::timestamp AS occurred_at, p::jsonb AS properties,
           m::numeric AS precise_total_amount_cents,
           substring(%(hashes)s::bytea FROM n::integer * 32 - 31 FOR 16) AS key,
           substring(%(hashes)s::bytea FROM n::integer * 32 - 15 FOR 16) AS content
    FROM ROWS FROM (
        string_to_table(%(transactions)s, %(cut)s), string_to_table(%(externals)s, %(cut)s),
        string_to_table(%(codes)s, %(cut)s), string_to_table(%(instants)s, %(cut)s),
        string_to_table(%(properties)s, %(cut)s, ''), string_to_table(%(cents)s, %(cut)s, '')
    ) WITH ORDINALITY AS i(t, s, c, a, p, m, n)
)"""

# New ids alone, as mostly: the insert costs half of what it costs with ON CONFLICT, nothing is
# looked up, nothing is joined. The count makes the keys come first: they may refuse the batch.
CLAIMED = f"""{ITEM},
claimed AS (
    INSERT INTO fusion_billing_usage_key (event_id, service_id, key, content, occurred_at)
    SELECT event_id, %(service)s, key, content, occurred_at
    FROM item
    ORDER BY key
    RETURNING event_id
),
fresh AS NOT MATERIALIZED (
    SELECT * FROM item WHERE (SELECT count(*) FROM claimed) > 0
)"""

# One scan of the index for all of them.
KNOWN = """
known AS MATERIALIZED (
    SELECT key, content, event_id, occurred_at
    FROM fusion_billing_usage_key
    WHERE service_id = %(service)s AND key = ANY(ARRAY(SELECT key FROM item))
)"""

# Some ids are known: those are found, and the index decides on the others row by row.
CONTESTED = f"""{ITEM},{KNOWN},
claimed AS (
    INSERT INTO fusion_billing_usage_key (event_id, service_id, key, content, occurred_at)
    SELECT event_id, %(service)s, key, content, occurred_at
    FROM item
    WHERE key NOT IN (SELECT key FROM known)
    ORDER BY key
    ON CONFLICT (service_id, key) DO NOTHING
    RETURNING event_id
),
fresh AS MATERIALIZED (
    SELECT i.* FROM item i JOIN claimed USING (event_id)
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

# One row of arrays for what is new…
ANSWER = """
SELECT new.numbers, new.ids, waiting.ids, waiting.reasons
FROM (SELECT array_agg(n ORDER BY n) AS numbers, array_agg(event_id ORDER BY n) AS ids
      FROM fresh) new,
     (SELECT array_agg(id) AS ids, array_agg(park_reason) AS reasons
      FROM written WHERE state = 'parked') waiting"""
# …and a row for each id that was known.
ANSWERS = f"""
SELECT a.*, NULL::bytea, NULL::bytea, NULL::bigint, NULL::timestamp FROM ({ANSWER}) a
UNION ALL
SELECT NULL, NULL, NULL, NULL, key, content, event_id, occurred_at FROM known"""

PUSH = f"WITH {CLAIMED},{RESOLVED},{JUDGED},{APPENDED},{FOLDED}{ANSWER}"
CONTEST = f"WITH {CONTESTED},{RESOLVED},{JUDGED},{APPENDED},{FOLDED}{ANSWERS}"
KEY_INDEX = "fusion_billing_usage_key_uniq"
REEXAMINE = f"WITH {PARKED},{RESOLVED},{JUDGED},{RELEASED},{FOLDED}\nSELECT id, state FROM written"

# Under READ COMMITTED a rival's row decides the conflict but is not in the statement's snapshot.
RIVALS = f"WITH {ITEM},{KNOWN}\nSELECT * FROM known"

# Why earlier events wait. The instants let PostgreSQL look into their months alone.
REASONS = """
SELECT id, park_reason
FROM fusion_billing_usage_event
WHERE state = 'parked' AND id = ANY(%(ids)s)
  AND occurred_at BETWEEN %(first)s AND %(last)s"""
