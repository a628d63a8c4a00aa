"""The links of the chain that PostgreSQL compares by itself. Figures leave it as text."""

from .ingest_sql import FIGURES, LEDGER_BEGINS, ROLLUP_KEY

# Counters have no events. Of months that retention dropped, the rollups are all there is; the
# local day in which the ledger begins is not whole.
LEDGER_IS_ROLLUP = f"""
WITH ledger AS (
    SELECT COALESCE(max(value)::date, '-infinity') AS begins
    FROM ir_config_parameter WHERE key = '{LEDGER_BEGINS}'
),
counted AS (
    SELECT {ROLLUP_KEY},{FIGURES}
    FROM fusion_billing_usage_event
    WHERE state = 'accepted' AND service_id = ANY(%(services)s)
      AND day > (SELECT begins FROM ledger)
    GROUP BY {ROLLUP_KEY}
),
folded AS (
    SELECT * FROM fusion_billing_usage
    WHERE service_id = ANY(%(services)s) AND source = 'event'
      AND day > (SELECT begins FROM ledger)
)
SELECT subscription_id,
       concat_ws(' ', day, m.code, NULLIF(split, ''), NULLIF(dimension, '')),
       concat_ws(' / ', c.total, c.maximum, c.last, c.count),
       concat_ws(' / ', f.total, f.maximum, f.last, f.count)
FROM counted c
FULL JOIN folded f USING ({ROLLUP_KEY})
JOIN fusion_billing_metric m ON m.id = metric_id
WHERE (c.total, c.maximum, c.last, c.last_at, c.count, c.moment, c.precise_amount)
      IS DISTINCT FROM
      (f.total, f.maximum, f.last, f.last_at, f.count::bigint, f.moment, f.precise_amount)
ORDER BY subscription_id, day"""

# Credit notes a person makes for an invoice give money back, they do not unbill the period.
BILLED_IS_INVOICED = """
WITH billed AS (
    SELECT p.subscription_id, p.start, entry.key, (entry.value ->> 'amount')::numeric AS amount
    FROM fusion_billing_period p
    CROSS JOIN LATERAL jsonb_each(
        CASE WHEN jsonb_typeof(p.billed) = 'object' THEN p.billed ELSE '{}' END) AS entry
    WHERE p.service_id = ANY(%(services)s) AND p.state = 'billed'
),
invoiced AS (
    SELECT l.subscription_id, l.x_fc_period_start AS start, l.x_fc_line_key AS key,
           sum(CASE WHEN m.move_type = 'out_refund' THEN -l.price_subtotal
                    ELSE l.price_subtotal END) AS amount
    FROM account_move_line l
    JOIN account_move m ON m.id = l.move_id
    WHERE m.x_fc_service_id = ANY(%(services)s)
      AND m.state != 'cancel' AND (m.reversed_entry_id IS NULL OR m.x_fc_correction)
      AND l.x_fc_line_key IS NOT NULL
    GROUP BY l.subscription_id, l.x_fc_period_start, l.x_fc_line_key
)
SELECT subscription_id, concat_ws(' ', start, key), b.amount::text, i.amount::text
FROM billed b
FULL JOIN invoiced i USING (subscription_id, start, key)
WHERE COALESCE(b.amount, 0) != COALESCE(i.amount, 0)
ORDER BY subscription_id, start, key"""

LINES_ARE_TOTAL = """
SELECT NULL, m.name, concat_ws(' + ', l.untaxed, m.amount_tax), m.amount_total::text
FROM account_move m
JOIN LATERAL (
    SELECT COALESCE(sum(price_subtotal) FILTER (WHERE display_type = 'product'), 0) AS untaxed,
           COALESCE(sum(amount_currency) FILTER (WHERE display_type = 'payment_term'), 0)
               AS receivable
    FROM account_move_line WHERE move_id = m.id
) l ON TRUE
WHERE m.x_fc_service_id = ANY(%(services)s) AND m.state = 'posted'
  AND (l.untaxed != m.amount_untaxed OR m.amount_untaxed + m.amount_tax != m.amount_total)
ORDER BY m.id"""

TOTAL_IS_RECEIVABLE = """
SELECT NULL, m.name, m.amount_total::text, abs(sum(l.amount_currency))::text
FROM account_move m
LEFT JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'payment_term'
WHERE m.x_fc_service_id = ANY(%(services)s) AND m.state = 'posted'
GROUP BY m.id
HAVING abs(COALESCE(sum(l.amount_currency), 0)) != m.amount_total
ORDER BY m.id"""

TRACED_LINES = """
SELECT l.subscription_id, concat_ws(' ', m.name, l.x_fc_line_key), l.price_subtotal::text,
       m.move_type = 'out_refund', l.x_fc_trace
FROM account_move_line l
JOIN account_move m ON m.id = l.move_id
WHERE m.x_fc_service_id = ANY(%(services)s) AND m.state != 'cancel'
  AND (m.reversed_entry_id IS NULL OR m.x_fc_correction) AND l.x_fc_line_key IS NOT NULL
ORDER BY l.id"""
