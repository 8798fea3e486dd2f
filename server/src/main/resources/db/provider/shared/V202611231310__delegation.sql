--liquibase formatted sql

--changeset provider:delegation
-- Which of a provider's people act in customers, and as what.
CREATE TABLE platform.provider_member (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    account_id uuid PRIMARY KEY REFERENCES platform.account (id),
    role text NOT NULL CHECK (role IN ('provider-admin', 'provider-responder', 'provider-analyst')),
    given_at timestamptz NOT NULL
);
CREATE INDEX provider_member_tenant ON platform.provider_member (tenant_id);
CALL platform.guard('platform.provider_member'::regclass);
GRANT SELECT ON platform.provider_member TO ${role.platform};
GRANT SELECT, INSERT, DELETE, UPDATE (role, given_at) ON platform.provider_member TO ${role.tenants};

-- The provider's half of a grant: what it asks for. No people means everybody with a provider role.
CREATE TABLE platform.delegation_request (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    code_hash bytea NOT NULL UNIQUE,
    code_expires_at timestamptz NOT NULL,
    roles text[] NOT NULL,
    people uuid[],
    until timestamptz NOT NULL,
    note text NOT NULL,
    sent_to text,
    created_name text NOT NULL,
    created_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    used_at timestamptz,
    customer_id uuid REFERENCES platform.tenant (id)
);
CREATE INDEX delegation_request_tenant ON platform.delegation_request (tenant_id, id);
CALL platform.guard('platform.delegation_request'::regclass);
GRANT SELECT, UPDATE (used_at, customer_id) ON platform.delegation_request TO ${role.platform};
GRANT SELECT (id, tenant_id, code_expires_at, roles, people, until, note, sent_to, created_name, created_at, withdrawn_at,
              used_at, customer_id),
      INSERT (id, tenant_id, code_hash, code_expires_at, roles, people, until, note, sent_to, created_name, created_at),
      UPDATE (withdrawn_at) ON platform.delegation_request TO ${role.tenants};

-- The customer's half, by the same id: what it agreed to. A grant holds while both halves do.
CREATE TABLE platform.delegation (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    provider_id uuid NOT NULL REFERENCES platform.tenant (id),
    provider_name text NOT NULL,
    roles text[] NOT NULL,
    people uuid[],
    until timestamptz NOT NULL,
    note text NOT NULL,
    agreed_name text NOT NULL,
    agreed_at timestamptz NOT NULL,
    revoked_name text,
    revoked_at timestamptz
);
CREATE INDEX delegation_tenant ON platform.delegation (tenant_id, id);
CREATE INDEX delegation_provider ON platform.delegation (provider_id, tenant_id) WHERE revoked_at IS NULL;
CALL platform.guard('platform.delegation'::regclass);
GRANT SELECT ON platform.delegation TO ${role.platform};
GRANT SELECT, INSERT, UPDATE (roles, people, until, revoked_name, revoked_at) ON platform.delegation TO ${role.tenants};

-- Who of the provider used it; the customer's trail says for what.
CREATE TABLE platform.delegation_use (
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    grant_id uuid NOT NULL REFERENCES platform.delegation (id),
    account_id uuid NOT NULL,
    name text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (grant_id, account_id)
);
CREATE INDEX delegation_use_tenant ON platform.delegation_use (tenant_id);
CALL platform.guard('platform.delegation_use'::regclass);
GRANT SELECT, INSERT, UPDATE (name, last_at) ON platform.delegation_use TO ${role.platform};
GRANT SELECT ON platform.delegation_use TO ${role.tenants};
