-- The role the billing system reads with: four tables, SELECT only, nothing else.
-- Run in the nexacloud database, as its owner, as often as you like:
--   psql nexacloud -v password='a long random string' -f pilot/nexacloud/roles.sql
-- Usage is not readable by this role, since the agent pushes it; roles_usage.sql lets Odoo pull it.

-- length() so that no client prints the password back.
SELECT length(set_config('nexacloud.reader_password', :'password', false)) > 0 AS password_given;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'odoo_billing_ro') THEN
        BEGIN
            CREATE ROLE odoo_billing_ro;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- somebody made it between the two statements
        END;
    END IF;
    EXECUTE format(
        'ALTER ROLE odoo_billing_ro LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT '
        'NOREPLICATION CONNECTION LIMIT 5 PASSWORD %L',
        current_setting('nexacloud.reader_password'));
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO odoo_billing_ro', current_database());
END
$$;

SELECT set_config('nexacloud.reader_password', '', false) = '' AS password_forgotten;

-- Belt and braces: even a future GRANT by mistake stays read-only and short.
ALTER ROLE odoo_billing_ro SET default_transaction_read_only = on;
ALTER ROLE odoo_billing_ro SET statement_timeout = '60s';
ALTER ROLE odoo_billing_ro SET idle_in_transaction_session_timeout = '60s';

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM odoo_billing_ro;
GRANT USAGE ON SCHEMA public TO odoo_billing_ro;
GRANT SELECT ON users, plans, subscriptions, deployments TO odoo_billing_ro;
