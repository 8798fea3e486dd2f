--liquibase formatted sql

--changeset billing:payment
-- How a tenant stands with the provider of payments. What is to be so follows from its subscription; this says how far the
-- provider knows (ADR 026).
CREATE TABLE platform.payment (
    tenant_id uuid PRIMARY KEY,
    customer text,
    contract text UNIQUE,
    item text,
    seq integer NOT NULL DEFAULT 0,
    state text,
    state_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL
);
CALL platform.guard('platform.payment'::regclass);
GRANT SELECT, INSERT, UPDATE ON platform.payment TO ${role.platform};
GRANT SELECT (tenant_id, state) ON platform.payment TO ${role.tenants};

-- Events that were taken, so that one that is sent again changes nothing.
CREATE TABLE platform.payment_event (
    id text PRIMARY KEY,
    at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON platform.payment_event TO ${role.platform};
