--liquibase formatted sql

--changeset tenant:directory
-- Tenants, and the sign-ups that may become one. A sign-up makes nothing until its mailed link is used.
CREATE TABLE platform.tenant (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
    created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON platform.tenant TO ${role.platform};

CREATE TABLE platform.registration (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    email text NOT NULL,
    company text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'provisioning', 'done')),
    tenant_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX registration_expires ON platform.registration (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.registration TO ${role.platform};
