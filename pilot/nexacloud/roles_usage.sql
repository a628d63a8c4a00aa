-- For Odoo's pull of usage: the billing system may also read the counters.
-- Run after roles.sql (which takes it back again) and usage_revision.sql, in the nexacloud
-- database, as its owner:
--   psql nexacloud -f pilot/nexacloud/roles_usage.sql
GRANT SELECT ON usage_counters TO odoo_billing_ro;
