-- A revision for each counter, so that what changed is found without trusting any clock.
-- For the agent (pilot/agent) and for Odoo's pull. Run in the nexacloud database, as its owner, as
-- often as you like:
--   psql nexacloud -f pilot/nexacloud/usage_revision.sql
CREATE SEQUENCE IF NOT EXISTS usage_counters_revision_seq;
ALTER TABLE usage_counters
    ADD COLUMN IF NOT EXISTS revision bigint NOT NULL DEFAULT nextval('usage_counters_revision_seq');
-- The trigger gives it from now on.
ALTER TABLE usage_counters ALTER COLUMN revision DROP DEFAULT;
CREATE UNIQUE INDEX IF NOT EXISTS usage_counters_revision_idx ON usage_counters (revision);

-- The transaction takes its number before its revision: a reader that has waited for all numbers
-- given out so far knows that no smaller revision is still to come.
CREATE OR REPLACE FUNCTION usage_counters_revise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_current_xact_id();
    NEW.revision := nextval('usage_counters_revision_seq');
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER usage_counters_revise
    BEFORE INSERT OR UPDATE OF quantity, metric, hour, subscription_id, deployment_id
    ON usage_counters FOR EACH ROW EXECUTE FUNCTION usage_counters_revise();
