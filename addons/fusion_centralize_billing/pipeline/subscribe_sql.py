"""Usage that changes hands with its subscription."""

from .ingest_sql import COUNTED, FOLDED

# Folded anew from the ledger, as ingestion folds: the sum of the events stays the rollup, and a
# period of the new owner that was billed already gets its late usage.
MOVE_USAGE = f"""
WITH gone AS (
    DELETE FROM fusion_billing_usage
    WHERE subscription_id = %(source)s AND day >= %(day)s AND source = 'event'
),
written AS (
    UPDATE fusion_billing_usage_event
    SET subscription_id = %(target)s
    WHERE subscription_id = %(source)s AND day >= %(day)s AND state = 'accepted'
    RETURNING {COUNTED}
),{FOLDED}
SELECT count(*) FROM written"""

# Their days are added up anew afterwards, by the counter stage.
MOVE_COUNTERS = """
WITH gone AS (
    DELETE FROM fusion_billing_usage
    WHERE subscription_id = %(source)s AND day >= %(day)s AND source = 'counter'
),
written AS (
    UPDATE fusion_billing_usage_counter
    SET subscription_id = %(target)s
    WHERE subscription_id = %(source)s AND day >= %(day)s AND state = 'accepted'
    RETURNING subscription_id, metric_id, day, split
)
SELECT DISTINCT subscription_id, metric_id, day, split FROM written"""

# What the app sealed of these days, unless it sealed them anew.
MOVE_SEALS = """
UPDATE fusion_billing_usage_seal s
SET subscription_id = %(target)s
WHERE subscription_id = %(source)s AND start >= %(day)s
  AND NOT EXISTS (SELECT FROM fusion_billing_usage_seal t
                  WHERE t.subscription_id = %(target)s
                    AND (t.metric_id, t.start) = (s.metric_id, s.start))"""

# A push that was under way while the renewal was confirmed counted for the old order.
STRAYED = """
SELECT p.id, c.id, c.start_date
FROM sale_order c
JOIN sale_order p ON p.id = c.subscription_id AND p.x_fc_service_id = c.x_fc_service_id
WHERE c.x_fc_service_id = %(service)s
  AND c.state = 'sale' AND c.is_subscription AND p.x_fc_terminated_at IS NOT NULL
  AND EXISTS (SELECT FROM fusion_billing_usage u
              WHERE u.subscription_id = p.id AND u.day >= c.start_date AND u.count != 0)
ORDER BY c.id"""
