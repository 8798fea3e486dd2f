--liquibase formatted sql

--changeset access:factor-reset
-- A new second factor for who lost all of theirs: two administrators, or the operator, and then the person (ADR 035).
-- Only the platform's role writes it, so that no tenant's role can confirm one.
CREATE TABLE platform.factor_reset (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    account_id uuid NOT NULL REFERENCES platform.account (id),
    asked_by uuid REFERENCES platform.account (id),
    asked_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    confirmed_by uuid REFERENCES platform.account (id),
    confirmed_name text,
    confirmed_at timestamptz,
    token_hash bytea UNIQUE,
    usable_at timestamptz,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    used_at timestamptz,
    CHECK (asked_by IS NULL OR (asked_by <> account_id AND asked_by IS DISTINCT FROM confirmed_by)),
    CHECK (confirmed_by IS NULL OR confirmed_by <> account_id),
    CHECK ((confirmed_at IS NULL) = (token_hash IS NULL))
);
-- One at a time.
CREATE UNIQUE INDEX factor_reset_open ON platform.factor_reset (account_id) WHERE ended_at IS NULL AND used_at IS NULL;
CREATE INDEX factor_reset_tenant ON platform.factor_reset (tenant_id);
CALL platform.guard('platform.factor_reset'::regclass);
GRANT SELECT, INSERT, UPDATE ON platform.factor_reset TO ${role.platform};

-- Hours between the second yes and the time from which the link works, where a company wants some.
CREATE TABLE platform.factor_reset_delay (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    hours integer NOT NULL CHECK (hours IN (0, 24))
);
CALL platform.guard('platform.factor_reset_delay'::regclass);
GRANT SELECT ON platform.factor_reset_delay TO ${role.platform};
GRANT SELECT, INSERT, UPDATE ON platform.factor_reset_delay TO ${role.tenants};
