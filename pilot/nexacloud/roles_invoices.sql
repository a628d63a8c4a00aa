-- For the dual run: the billing system may also read what the app billed by itself.
-- Run after roles.sql (which takes it back again), in the nexacloud database, as its owner:
--   psql nexacloud -f pilot/nexacloud/roles_invoices.sql
GRANT SELECT ON invoices, invoice_lines TO odoo_billing_ro;
