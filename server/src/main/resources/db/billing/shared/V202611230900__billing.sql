--liquibase formatted sql

--changeset billing:tables
-- What a tenant is subscribed to, a row for each time that one plan at one price held. The price is kept with it: a new
-- price list changes nothing for who is there. Without a row the operator's default holds (ADR 026).
CREATE TABLE platform.subscription (
    tenant_id uuid NOT NULL,
    seq integer NOT NULL CHECK (seq > 0),
    plan text NOT NULL,
    monthly_cents bigint NOT NULL CHECK (monthly_cents >= 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    from_at timestamptz NOT NULL,
    until_at timestamptz CHECK (until_at >= from_at),
    trial_until timestamptz,
    PRIMARY KEY (tenant_id, seq)
);
CREATE UNIQUE INDEX subscription_now ON platform.subscription (tenant_id) WHERE until_at IS NULL;

-- Counters by the day (UTC) that nothing else keeps. Events are in telemetry.event_minute, people in platform.account.
CREATE TABLE platform.usage_day (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    meter text NOT NULL CHECK (meter IN ('runs', 'runs-refused', 'events-refused')),
    amount bigint NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (tenant_id, day, meter)
) WITH (fillfactor = 50);

-- How many of a day's events the doors have been given. A node takes a block and hands it out from memory.
CREATE TABLE platform.event_allowance (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    granted bigint NOT NULL CHECK (granted >= 0),
    PRIMARY KEY (tenant_id, day)
) WITH (fillfactor = 50);

-- Who was told that a limit is near or reached: once for each limit, period and level.
CREATE TABLE platform.plan_notice (
    tenant_id uuid NOT NULL,
    meter text NOT NULL CHECK (meter IN ('users', 'events', 'runs', 'trial')),
    period date NOT NULL,
    level smallint NOT NULL CHECK (level IN (80, 100)),
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, meter, period, level)
);

CREATE TABLE platform.invoice (
    tenant_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    id uuid NOT NULL UNIQUE,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    issued_at timestamptz NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total_cents bigint NOT NULL CHECK (total_cents > 0),
    document jsonb NOT NULL,
    PRIMARY KEY (tenant_id, number),
    UNIQUE (tenant_id, month, currency)
);
COMMENT ON TABLE platform.invoice IS 'append-only: no role may change or delete a row';

CALL platform.guard('platform.subscription'::regclass);
CALL platform.guard('platform.usage_day'::regclass);
CALL platform.guard('platform.event_allowance'::regclass);
CALL platform.guard('platform.plan_notice'::regclass);
CALL platform.guard('platform.invoice'::regclass);
-- A tenant reads what it used and owes; only the platform writes it.
GRANT SELECT, INSERT, DELETE, UPDATE (until_at) ON platform.subscription TO ${role.platform};
GRANT SELECT, INSERT, UPDATE (amount) ON platform.usage_day TO ${role.platform};
GRANT SELECT, INSERT, UPDATE (granted) ON platform.event_allowance TO ${role.platform};
GRANT SELECT, INSERT ON platform.plan_notice, platform.invoice TO ${role.platform};
GRANT SELECT ON platform.subscription, platform.usage_day, platform.invoice TO ${role.tenants};
