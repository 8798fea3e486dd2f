--liquibase formatted sql

--changeset access:passkey
-- Passkeys (WebAuthn). Only the platform's role reaches them; what a person sees of their own goes through it.
-- The handle is what an authenticator keeps instead of the account's id: random, so that it says nothing.
ALTER TABLE platform.account ADD COLUMN user_handle bytea UNIQUE;

CREATE TABLE platform.passkey (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    account_id uuid NOT NULL REFERENCES platform.account (id),
    credential_id bytea NOT NULL UNIQUE,
    name text NOT NULL,
    public_key bytea NOT NULL,
    aaguid uuid NOT NULL,
    sign_count bigint NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,
    transports text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX passkey_account ON platform.passkey (account_id);
CALL platform.guard('platform.passkey'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.passkey TO ${role.platform};

-- What a browser was asked to sign: one for each session and purpose, taken once. Nobody's before sign-in.
CREATE TABLE platform.passkey_challenge (
    session_hash bytea NOT NULL,
    purpose text NOT NULL,
    account_id uuid,
    challenge bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (session_hash, purpose)
);
CREATE INDEX passkey_challenge_expiry ON platform.passkey_challenge (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.passkey_challenge TO ${role.platform};

-- In which sessions a person has shown a second factor anew.
CREATE TABLE platform.step_up (
    session_hash bytea PRIMARY KEY,
    account_id uuid NOT NULL,
    factor text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX step_up_at ON platform.step_up (at);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.step_up TO ${role.platform};
