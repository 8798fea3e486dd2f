--liquibase formatted sql

--changeset lookout:sign-ins
-- How people and programs come in, learnt for each and forgotten after 90 days (ADR 034).
CREATE TABLE platform.sign_in_habit (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    subject uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('device', 'country')),
    value text NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (subject, kind, value)
);
CALL platform.guard('platform.sign_in_habit'::regclass);

CREATE TABLE platform.sign_in_visit (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    subject uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    address text NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    accuracy_km double precision NOT NULL
);
CALL platform.guard('platform.sign_in_visit'::regclass);

-- Failures of the last hour, one row for an account and a network however many there are.
CREATE TABLE platform.sign_in_failure (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    account_id uuid NOT NULL REFERENCES platform.account (id),
    network text NOT NULL,
    failures integer NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, network)
) WITH (fillfactor = 70);
CREATE INDEX sign_in_failure_network ON platform.sign_in_failure (tenant_id, network);
CREATE INDEX sign_in_failure_old ON platform.sign_in_failure (tenant_id, last_at);
CALL platform.guard('platform.sign_in_failure'::regclass);

-- What stood out. Equal things of one day fold into one row.
CREATE TABLE platform.sign_in_notice (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    id uuid PRIMARY KEY,
    account_id uuid REFERENCES platform.account (id),
    fold text NOT NULL,
    kinds text[] NOT NULL,
    at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times integer NOT NULL,
    address text NOT NULL,
    country text,
    device text NOT NULL,
    device_key text,
    words text NOT NULL,
    finding_id uuid,
    mailed boolean NOT NULL,
    answer text CHECK (answer IN ('mine', 'not-mine')),
    answered_at timestamptz
);
CREATE INDEX sign_in_notice_account ON platform.sign_in_notice (account_id, at);
CREATE INDEX sign_in_notice_fold ON platform.sign_in_notice (tenant_id, fold, at);
CREATE INDEX sign_in_notice_at ON platform.sign_in_notice (tenant_id, at);
CALL platform.guard('platform.sign_in_notice'::regclass);

GRANT SELECT, INSERT, UPDATE, DELETE ON platform.sign_in_habit, platform.sign_in_visit, platform.sign_in_failure,
    platform.sign_in_notice TO ${role.tenants};
