--liquibase formatted sql

--changeset access:oauth
-- Keys that sign access tokens, each sealed under the root key: who can only write this table cannot put a key of his own here.
CREATE TABLE platform.oauth_key (
    id text PRIMARY KEY,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
CREATE UNIQUE INDEX oauth_key_in_use ON platform.oauth_key ((true)) WHERE retired_at IS NULL;
GRANT SELECT, INSERT, UPDATE (retired_at), DELETE ON platform.oauth_key TO ${role.platform};

-- Programs that a company registered: with a secret and a service account, or public, for people's own devices.
-- The generation counts up with each new secret, so that what rests on an old one opens nothing.
CREATE TABLE platform.oauth_client (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    name text NOT NULL,
    service_account_id uuid REFERENCES platform.service_account (id),
    secret_hash bytea,
    hint text,
    generation integer NOT NULL DEFAULT 1,
    redirect_uris text[] NOT NULL,
    scopes text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CHECK ((service_account_id IS NULL) = (secret_hash IS NULL)),
    CHECK ((service_account_id IS NULL) = (cardinality(redirect_uris) > 0))
);
CREATE INDEX oauth_client_tenant ON platform.oauth_client (tenant_id, id);
CALL platform.guard('platform.oauth_client'::regclass);
GRANT SELECT, UPDATE (last_used_at) ON platform.oauth_client TO ${role.platform};
GRANT SELECT (id, tenant_id, name, service_account_id, hint, generation, redirect_uris, scopes, created_by, created_at,
              revoked_at, last_used_at),
      INSERT, UPDATE (secret_hash, hint, generation, revoked_at) ON platform.oauth_client TO ${role.tenants};

-- What a person let a public client do: the code that begins it, and the family of refresh tokens that comes of the code.
CREATE TABLE platform.oauth_grant (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    client_id uuid NOT NULL REFERENCES platform.oauth_client (id),
    account_id uuid NOT NULL REFERENCES platform.account (id),
    credentials integer NOT NULL,
    scopes text[] NOT NULL,
    code_hash bytea NOT NULL UNIQUE,
    code_challenge text NOT NULL,
    redirect_uri text NOT NULL,
    code_expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    redeemed_at timestamptz,
    last_used_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX oauth_grant_account ON platform.oauth_grant (account_id, id);
CREATE INDEX oauth_grant_client ON platform.oauth_grant (client_id);
CALL platform.guard('platform.oauth_grant'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.oauth_grant TO ${role.platform};

-- Used ones stay while the family lives: who shows one again has a copy.
CREATE TABLE platform.oauth_refresh (
    hash bytea PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    grant_id uuid NOT NULL REFERENCES platform.oauth_grant (id),
    created_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX oauth_refresh_grant ON platform.oauth_refresh (grant_id);
CALL platform.guard('platform.oauth_refresh'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.oauth_refresh TO ${role.platform};
