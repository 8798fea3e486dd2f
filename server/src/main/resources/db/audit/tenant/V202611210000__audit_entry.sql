--liquibase formatted sql

--changeset audit:entry
-- Who did what; each entry carries the hash of the one before, so that a change anywhere shows (ADR 006).
CREATE TABLE audit_entry (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    seq bigint PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    actor_name text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('permitted', 'denied', 'failed')),
    address text,
    detail jsonb NOT NULL DEFAULT '{}',
    previous bytea NOT NULL,
    hash bytea NOT NULL
);
CREATE INDEX audit_entry_at ON audit_entry (at);
COMMENT ON TABLE audit_entry IS 'append-only: no role may change or delete a row';
