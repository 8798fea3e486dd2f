--liquibase formatted sql

--changeset federation:provider
-- A company's own OpenID Connect provider. The id is in its redirect address and says nothing else.
CREATE TABLE platform.identity_provider (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    id uuid NOT NULL UNIQUE,
    name text NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    client_secret bytea NOT NULL,
    mode text NOT NULL DEFAULT 'off' CHECK (mode IN ('off', 'offered', 'required')),
    new_people boolean NOT NULL DEFAULT false,
    trusts_factors boolean NOT NULL DEFAULT false,
    acr_values text[] NOT NULL DEFAULT '{}',
    emergency_account uuid,
    revision integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL,
    CHECK (mode <> 'required' OR emergency_account IS NOT NULL)
);
COMMENT ON COLUMN platform.identity_provider.client_secret IS 'sealed under the root key, for this provider and issuer';
COMMENT ON COLUMN platform.identity_provider.emergency_account IS 'whose password always works';
CALL platform.guard('platform.identity_provider'::regclass);
GRANT SELECT ON platform.identity_provider TO ${role.platform};
GRANT SELECT (tenant_id, id, name, issuer, client_id, mode, new_people, trusts_factors, acr_values, emergency_account, revision,
              changed_at), INSERT, UPDATE, DELETE ON platform.identity_provider TO ${role.tenants};

-- Domains of a company's addresses. A proved one belongs to one company.
CREATE TABLE platform.email_domain (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    domain text NOT NULL CHECK (domain = lower(domain)),
    challenge text NOT NULL,
    created_at timestamptz NOT NULL,
    proved_at timestamptz,
    PRIMARY KEY (tenant_id, domain)
);
CREATE UNIQUE INDEX email_domain_proved ON platform.email_domain (domain) WHERE proved_at IS NOT NULL;
CALL platform.guard('platform.email_domain'::regclass);
GRANT SELECT, UPDATE (proved_at) ON platform.email_domain TO ${role.platform};
GRANT SELECT, INSERT (tenant_id, domain, challenge, created_at), DELETE ON platform.email_domain TO ${role.tenants};

-- Whom an issuer's subject is here. An account has one at an issuer.
CREATE TABLE platform.federated_identity (
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    issuer text NOT NULL,
    subject text NOT NULL,
    account_id uuid NOT NULL REFERENCES platform.account (id),
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, issuer, subject),
    UNIQUE (account_id, issuer)
);
CALL platform.guard('platform.federated_identity'::regclass);
GRANT SELECT, INSERT, DELETE ON platform.federated_identity TO ${role.platform};
GRANT SELECT ON platform.federated_identity TO ${role.tenants};

-- Sign-ins under way, by the hash of their state; each is good once, in the browser that began it.
CREATE TABLE platform.federation_attempt (
    state_hash bytea PRIMARY KEY,
    browser_hash bytea NOT NULL,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    provider_id uuid NOT NULL,
    issuer text NOT NULL,
    client_id text NOT NULL,
    next text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX federation_attempt_expiry ON platform.federation_attempt (expires_at);
CALL platform.guard('platform.federation_attempt'::regclass);
GRANT SELECT, INSERT, DELETE ON platform.federation_attempt TO ${role.platform};

-- People whom the provider vouched for in this browser, and who have yet to show that the account here is theirs.
CREATE TABLE platform.federation_link (
    browser_hash bytea PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    issuer text NOT NULL,
    subject text NOT NULL,
    email text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX federation_link_expiry ON platform.federation_link (expires_at);
CALL platform.guard('platform.federation_link'::regclass);
GRANT SELECT, INSERT, DELETE ON platform.federation_link TO ${role.platform};

-- Whom the directory knows may take their invitation by signing in at the provider, unless the directory has ended them.
GRANT SELECT (tenant_id, id, address, ended, deleted) ON platform.scim_user TO ${role.platform};
