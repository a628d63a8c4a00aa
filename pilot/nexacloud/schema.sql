-- NexaCloud, application schema. PostgreSQL 13 or newer.
-- Every statement may run again on a database that already has it.

CREATE TABLE IF NOT EXISTS users (
    id                 uuid PRIMARY KEY,
    email              text NOT NULL CHECK (position('@' IN email) > 1),
    full_name          text,
    company_name       text,
    phone              text,
    address_line1      text,
    address_line2      text,
    city               text,
    province           char(2) CHECK (province IN ('AB', 'BC', 'MB', 'NB', 'NL', 'NS', 'NT', 'NU',
                                                   'ON', 'PE', 'QC', 'SK', 'YT')),
    postal_code        text,
    country            char(2) DEFAULT 'CA',
    tax_number         text,
    timezone           text,
    locale             text,
    stripe_customer_id text UNIQUE,
    is_active          boolean NOT NULL DEFAULT true,
    created_at         timestamptz NOT NULL
);
-- Sign-up never lower-cased the address, so this index is deliberately not unique.
CREATE INDEX IF NOT EXISTS users_email_lower_idx ON users (lower(email));
COMMENT ON COLUMN users.province IS 'Billing province. NULL: sign-up never asked; not billable.';
COMMENT ON COLUMN users.tax_number IS 'GST/HST registration of the customer, e.g. 123456782RT0001.';
COMMENT ON COLUMN users.timezone IS 'IANA name. NULL means America/Toronto, where the company is.';

CREATE TABLE IF NOT EXISTS plans (
    id                      serial PRIMARY KEY,
    code                    text NOT NULL UNIQUE,
    name                    text NOT NULL,
    description             text,
    interval                text NOT NULL CHECK (interval IN ('month', 'year')),
    price_cents             integer NOT NULL CHECK (price_cents >= 0),
    currency                char(3) NOT NULL DEFAULT 'CAD',
    pay_in_advance          boolean NOT NULL DEFAULT true,
    included_bandwidth_gb   numeric,
    overage_bandwidth_price numeric(12, 6) CHECK (overage_bandwidth_price >= 0),
    included_build_minutes  numeric,
    overage_build_price     numeric(12, 6) CHECK (overage_build_price >= 0),
    storage_tiers           jsonb CHECK (jsonb_typeof(storage_tiers) = 'array'),
    is_public               boolean NOT NULL DEFAULT true,
    created_at              timestamptz NOT NULL
);
COMMENT ON COLUMN plans.price_cents IS 'Base fee per interval in the minor unit of currency.';
COMMENT ON COLUMN plans.overage_bandwidth_price IS
    'Price of one GB above the quota, in currency. NULL: never charged.';
COMMENT ON COLUMN plans.overage_build_price IS
    'Price of one build minute above the quota, in currency. NULL: never charged.';
COMMENT ON COLUMN plans.storage_tiers IS
    'Graduated price of the period''s peak storage: [{"up_to": 50, "unit_price": "0", '
    '"flat_price": "0"}, {"up_to": null, ...}]. up_to null: no bound. NULL: never charged.';

CREATE TABLE IF NOT EXISTS subscriptions (
    id                     uuid PRIMARY KEY,
    user_id                uuid NOT NULL REFERENCES users (id),
    plan_id                integer NOT NULL REFERENCES plans (id),
    status                 text NOT NULL
        CHECK (status IN ('active', 'trialing', 'past_due', 'cancelled')),
    started_at             timestamptz NOT NULL,
    trial_ends_at          timestamptz,
    current_period_start   date NOT NULL,
    current_period_end     date NOT NULL,
    cancelled_at           timestamptz,
    stripe_subscription_id text UNIQUE,
    created_at             timestamptz NOT NULL,
    CHECK (current_period_end > current_period_start),
    CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CHECK (status <> 'trialing' OR trial_ends_at IS NOT NULL)
);
-- Later than the table: an older database gets them here. At most one of the two is set.
ALTER TABLE subscriptions
    ADD COLUMN IF NOT EXISTS coupon_code text,
    ADD COLUMN IF NOT EXISTS coupon_percent_off numeric(5, 2)
        CHECK (coupon_percent_off BETWEEN 0 AND 100),
    ADD COLUMN IF NOT EXISTS coupon_amount_off_cents integer CHECK (coupon_amount_off_cents >= 0),
    ADD COLUMN IF NOT EXISTS coupon_ends_at date;
COMMENT ON COLUMN subscriptions.coupon_ends_at IS 'First day without it. NULL: for ever.';
CREATE INDEX IF NOT EXISTS subscriptions_user_idx ON subscriptions (user_id);
CREATE INDEX IF NOT EXISTS subscriptions_due_idx ON subscriptions (current_period_end)
    WHERE status <> 'cancelled';
COMMENT ON COLUMN subscriptions.current_period_end IS
    'Exclusive, in the user''s own time zone: the first day of the next period, and the due date.';

CREATE TABLE IF NOT EXISTS deployments (
    id              uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id),
    name            text NOT NULL,
    region          text NOT NULL,
    size            text NOT NULL,
    status          text NOT NULL CHECK (status IN ('running', 'paused', 'failed', 'deleted')),
    created_at      timestamptz NOT NULL,
    deleted_at      timestamptz,
    CHECK ((status = 'deleted') = (deleted_at IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS deployments_subscription_idx ON deployments (subscription_id);

CREATE TABLE IF NOT EXISTS usage_counters (
    id              bigserial PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions (id),
    deployment_id   uuid NOT NULL REFERENCES deployments (id),
    metric          text NOT NULL
        CHECK (metric IN ('bandwidth_gb', 'build_minutes', 'storage_gb')),
    hour            timestamptz NOT NULL CHECK (date_trunc('hour', hour, 'UTC') = hour),
    quantity        numeric(18, 6) NOT NULL CHECK (quantity >= 0),
    pushed_at       timestamptz,
    UNIQUE (deployment_id, metric, hour)
);
CREATE INDEX IF NOT EXISTS usage_counters_unpushed_idx ON usage_counters (subscription_id, id)
    WHERE pushed_at IS NULL;
CREATE INDEX IF NOT EXISTS usage_counters_rating_idx
    ON usage_counters (subscription_id, metric, hour);
COMMENT ON TABLE usage_counters IS
    'One row per deployment, metric and hour with traffic. bandwidth_gb and build_minutes are '
    'amounts of that hour; storage_gb is the peak seen in it.';
COMMENT ON COLUMN usage_counters.pushed_at IS 'When the billing system confirmed the row.';

CREATE TABLE IF NOT EXISTS invoices (
    id              bigserial PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES users (id),
    subscription_id uuid NOT NULL REFERENCES subscriptions (id),
    invoice_date    date NOT NULL,
    province        char(2) NOT NULL,
    currency        char(3) NOT NULL,
    untaxed         numeric(12, 2) NOT NULL,
    tax             numeric(12, 2) NOT NULL,
    total           numeric(12, 2) NOT NULL CHECK (total = untaxed + tax),
    taxes           jsonb NOT NULL,
    UNIQUE (subscription_id, invoice_date)
);
COMMENT ON TABLE invoices IS 'What the app''s own billing (billing.py --store) has computed.';

CREATE TABLE IF NOT EXISTS billing_handovers (
    subscription_id uuid PRIMARY KEY REFERENCES subscriptions (id),
    billed_from     date,
    number          bigint NOT NULL
);
COMMENT ON TABLE billing_handovers IS
    'Who bills: what the billing system said last, by the webhooks subscription.cut_over and '
    'subscription.cut_over_rolled_back. No row: the app, as ever.';
COMMENT ON COLUMN billing_handovers.billed_from IS
    'Day in the user''s own time zone. Whatever falls due on it or later is billed elsewhere. '
    'NULL: it was given back, the app bills.';
COMMENT ON COLUMN billing_handovers.number IS 'Of the handover; a smaller one comes too late.';

CREATE TABLE IF NOT EXISTS invoice_lines (
    id           bigserial PRIMARY KEY,
    invoice_id   bigint NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    kind         text NOT NULL
        CHECK (kind IN ('base', 'bandwidth_gb', 'build_minutes', 'storage_gb')),
    period_start date NOT NULL,
    period_end   date NOT NULL CHECK (period_end > period_start),
    quantity     numeric(18, 6) NOT NULL,
    amount       numeric(12, 2) NOT NULL,
    UNIQUE (invoice_id, kind)
);
