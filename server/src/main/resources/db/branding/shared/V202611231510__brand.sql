--liquibase formatted sql

--changeset branding:brand
-- How the product looks to a company's people, and to its customers' if it offers that.
CREATE TABLE platform.brand (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    accent_light text CHECK (accent_light ~ '^#[0-9a-f]{6}$'),
    accent_dark text CHECK (accent_dark ~ '^#[0-9a-f]{6}$'),
    sender_name text,
    sender_address text,
    footer text,
    for_customers boolean NOT NULL DEFAULT false,
    revision integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL,
    CHECK ((accent_light IS NULL) = (accent_dark IS NULL))
);
CALL platform.guard('platform.brand'::regclass);
GRANT SELECT ON platform.brand TO ${role.platform};
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.brand TO ${role.tenants};

-- The picture, made anew by us. Its name is public and cannot be guessed: a hash of the picture and of 256 random bits.
CREATE TABLE platform.brand_logo (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    file text NOT NULL UNIQUE CHECK (file ~ '^[0-9a-f]{64}\.(svg|png)$'),
    content bytea NOT NULL CHECK (length(content) <= 1048576),
    made_at timestamptz NOT NULL
);
CALL platform.guard('platform.brand_logo'::regclass);
GRANT SELECT ON platform.brand_logo TO ${role.platform};
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.brand_logo TO ${role.tenants};

-- A customer's yes to its provider's label; of no effect without a live grant.
CREATE TABLE platform.brand_choice (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    provider_id uuid NOT NULL REFERENCES platform.tenant (id),
    chosen_at timestamptz NOT NULL
);
CREATE INDEX brand_choice_provider ON platform.brand_choice (provider_id, tenant_id);
CALL platform.guard('platform.brand_choice'::regclass);
GRANT SELECT ON platform.brand_choice TO ${role.platform};
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.brand_choice TO ${role.tenants};

-- Names under which a company's label is shown before anybody signs in. A proved one belongs to one company.
CREATE TABLE platform.brand_host (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    host text NOT NULL CHECK (host = lower(host)),
    challenge text NOT NULL,
    created_at timestamptz NOT NULL,
    proved_at timestamptz,
    PRIMARY KEY (tenant_id, host)
);
CREATE UNIQUE INDEX brand_host_proved ON platform.brand_host (host) WHERE proved_at IS NOT NULL;
CALL platform.guard('platform.brand_host'::regclass);
GRANT SELECT, UPDATE (proved_at) ON platform.brand_host TO ${role.platform};
GRANT SELECT, INSERT (tenant_id, host, challenge, created_at), DELETE ON platform.brand_host TO ${role.tenants};
