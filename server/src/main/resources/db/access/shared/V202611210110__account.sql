--liquibase formatted sql

--changeset access:account
-- One account belongs to one tenant and one address. A tenant's role sees its own people, never a hash or a secret.
CREATE TABLE platform.account (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    name text NOT NULL,
    role text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    password_hash text NOT NULL,
    totp_secret bytea,
    totp_pending bytea,
    totp_step bigint NOT NULL DEFAULT 0,
    mfa_at timestamptz,
    last_sign_in_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_tenant ON platform.account (tenant_id, id);
CALL platform.guard('platform.account'::regclass);
GRANT SELECT, INSERT, UPDATE ON platform.account TO ${role.platform};
GRANT SELECT (id, tenant_id, email, name, role, state, mfa_at, last_sign_in_at, created_at),
      UPDATE (role, state) ON platform.account TO ${role.tenants};

CREATE TABLE platform.recovery_code (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES platform.account (id),
    code_hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (account_id, code_hash)
);
CALL platform.guard('platform.recovery_code'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.recovery_code TO ${role.platform};

CREATE TABLE platform.invitation (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    email text NOT NULL CHECK (email = lower(email)),
    role text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz
);
CREATE UNIQUE INDEX invitation_open ON platform.invitation (tenant_id, email) WHERE accepted_at IS NULL;
CALL platform.guard('platform.invitation'::regclass);
GRANT SELECT, UPDATE ON platform.invitation TO ${role.platform};
GRANT SELECT (id, tenant_id, email, role, created_at, expires_at, accepted_at), INSERT, DELETE,
      UPDATE (role) ON platform.invitation TO ${role.tenants};

CREATE TABLE platform.sign_in_link (
    token_hash bytea PRIMARY KEY,
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES platform.account (id),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CALL platform.guard('platform.sign_in_link'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.sign_in_link TO ${role.platform};
