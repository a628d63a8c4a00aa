-- a copy of a live database must not call an app nor accept a key that is in use
DELETE FROM fusion_billing_webhook_endpoint;
UPDATE fusion_billing_webhook SET routed = TRUE;
UPDATE fusion_billing_service SET webhook_private_key = NULL;
UPDATE fusion_billing_api_key SET revoked_at = now() AT TIME ZONE 'UTC' WHERE revoked_at IS NULL;
-- nor read the live database of an app
DELETE FROM ir_config_parameter WHERE key IN (
    'fusion_billing.nexacloud_dsn', 'fusion_billing.lago_url', 'fusion_billing.lago_api_key'
);
