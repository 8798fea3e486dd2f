--liquibase formatted sql

--changeset access:api-key
-- Programs of a tenant that act in their own name. A key belongs to one of them or to a person; only its hash is kept.
CREATE TABLE platform.service_account (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    name text NOT NULL,
    description text NOT NULL,
    role text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (tenant_id, name)
);
CALL platform.guard('platform.service_account'::regclass);
GRANT SELECT ON platform.service_account TO ${role.platform};
GRANT SELECT, INSERT, UPDATE (description, role, state) ON platform.service_account TO ${role.tenants};

CREATE TABLE platform.api_key (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    account_id uuid REFERENCES platform.account (id),
    service_account_id uuid REFERENCES platform.service_account (id),
    name text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    hint text NOT NULL,
    scopes text[] NOT NULL,
    networks text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz,
    last_used_from text,
    last_refused_at timestamptz,
    reminded_at timestamptz,
    CHECK (num_nonnulls(account_id, service_account_id) = 1)
);
CREATE INDEX api_key_tenant ON platform.api_key (tenant_id, id);
CREATE INDEX api_key_account ON platform.api_key (account_id);
CREATE INDEX api_key_expiry ON platform.api_key (expires_at) WHERE revoked_at IS NULL AND reminded_at IS NULL;
CALL platform.guard('platform.api_key'::regclass);
GRANT SELECT, UPDATE (last_used_at, last_used_from, last_refused_at, reminded_at) ON platform.api_key TO ${role.platform};
GRANT SELECT (id, tenant_id, account_id, service_account_id, name, hint, scopes, networks, created_by, created_at,
              expires_at, revoked_at, last_used_at, last_used_from),
      INSERT, UPDATE (revoked_at) ON platform.api_key TO ${role.tenants};
