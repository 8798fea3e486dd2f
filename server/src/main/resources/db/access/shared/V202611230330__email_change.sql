--liquibase formatted sql

--changeset access:email-change
-- A new address of an account, until whoever reads its mail confirms it.
CREATE TABLE platform.email_change (
    token_hash bytea PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES platform.account (id),
    email text NOT NULL CHECK (email = lower(email)),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX email_change_account ON platform.email_change (account_id);
CALL platform.guard('platform.email_change'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.email_change TO ${role.platform};
