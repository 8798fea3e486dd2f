--liquibase formatted sql

--changeset notification:mail
-- Mail leaves through this table: written with what it tells of, sent once by whoever holds its lease.
CREATE TABLE platform.mail (
    id uuid PRIMARY KEY,
    tenant_id uuid,
    dedupe_key text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'kept', 'dead')),
    attempts int NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    UNIQUE NULLS NOT DISTINCT (tenant_id, dedupe_key)
);
CREATE INDEX mail_waiting ON platform.mail (next_at) WHERE state = 'waiting';
CALL platform.guard('platform.mail'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.mail TO ${role.platform};
-- A tenant may send, but not read what was sent: links in it are as good as passwords.
GRANT INSERT ON platform.mail TO ${role.tenants};
