--liquibase formatted sql

--changeset access:credentials
-- Which generation of credentials a session was opened with: it opens nothing once the account's is another.
ALTER TABLE platform.account
    ADD COLUMN credentials integer NOT NULL DEFAULT 0,
    ADD COLUMN password_at timestamptz NOT NULL DEFAULT now();
GRANT SELECT (credentials), UPDATE (credentials) ON platform.account TO ${role.tenants};

CREATE TABLE platform.password_reset (
    token_hash bytea PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES platform.account (id),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX password_reset_account ON platform.password_reset (account_id);
CALL platform.guard('platform.password_reset'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.password_reset TO ${role.platform};
