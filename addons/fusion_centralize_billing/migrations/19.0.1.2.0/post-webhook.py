"""A service's one address becomes its main endpoint; what was sent there, deliveries to it."""

# Only while the old column is there: once moved, nothing is moved again.
COLUMN = """
SELECT FROM information_schema.columns
WHERE table_name = 'fusion_billing_service' AND column_name = 'webhook_url'
  AND table_schema = current_schema"""
ENDPOINTS = """
INSERT INTO fusion_billing_webhook_endpoint
       (service_id, url, signature_algo, all_events, main, active, create_date, write_date)
SELECT id, webhook_url, 'hmac', TRUE, TRUE, TRUE,
       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
FROM fusion_billing_service WHERE COALESCE(webhook_url, '') != ''
ON CONFLICT DO NOTHING"""
# Delivered or failed: told already, wherever to. A numbered one that waits goes on waiting.
DELIVERIES = """
INSERT INTO fusion_billing_webhook_delivery
       (webhook_id, endpoint_id, service_id, sequence, state, url, attempts, next_attempt_at,
        delivered_at, last_status, last_error, create_date, write_date)
SELECT webhook.id, endpoint.id, webhook.service_id, webhook.sequence, webhook.state, webhook.url,
       webhook.attempts, webhook.next_attempt_at, webhook.delivered_at, webhook.last_status,
       webhook.last_error, webhook.create_date, webhook.write_date
FROM fusion_billing_webhook AS webhook
JOIN fusion_billing_webhook_endpoint AS endpoint
  ON endpoint.service_id = webhook.service_id AND endpoint.main
WHERE webhook.sequence > 0
ON CONFLICT DO NOTHING"""
ROUTED = """
UPDATE fusion_billing_webhook AS webhook SET routed = TRUE
WHERE webhook.state != 'pending' OR EXISTS (
    SELECT FROM fusion_billing_webhook_delivery AS delivery
    WHERE delivery.webhook_id = webhook.id
)"""
DROP = """
ALTER TABLE fusion_billing_service DROP COLUMN webhook_url;
ALTER TABLE fusion_billing_webhook
    DROP COLUMN state, DROP COLUMN url, DROP COLUMN attempts, DROP COLUMN next_attempt_at,
    DROP COLUMN delivered_at, DROP COLUMN last_status, DROP COLUMN last_error"""


def migrate(cr, version: str | None) -> None:
    """Move addresses and deliveries, then drop the columns they came from."""
    cr.execute(COLUMN)
    if not cr.rowcount:
        return
    for statement in (ENDPOINTS, DELIVERIES, ROUTED, DROP):
        cr.execute(statement)
