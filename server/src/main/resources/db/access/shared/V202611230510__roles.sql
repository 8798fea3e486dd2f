--liquibase formatted sql

--changeset access:roles
-- A role may be given for a time; clearance is what policies compare a thing's classification with.
ALTER TABLE platform.account
    ADD COLUMN role_until timestamptz,
    ADD COLUMN clearance smallint NOT NULL DEFAULT 0 CHECK (clearance BETWEEN 0 AND 3);
GRANT SELECT (role_until, clearance), UPDATE (role_until, clearance) ON platform.account TO ${role.tenants};
ALTER TABLE platform.invitation ADD COLUMN role_until timestamptz;
GRANT SELECT (role_until), UPDATE (role_until) ON platform.invitation TO ${role.tenants};

-- Counts each change of a company's roles and policies. It is read with the account, so that no node decides by older ones.
CREATE TABLE platform.policy_epoch (
    tenant_id uuid PRIMARY KEY REFERENCES platform.tenant (id),
    epoch bigint NOT NULL
);
CALL platform.guard('platform.policy_epoch'::regclass);
GRANT SELECT ON platform.policy_epoch TO ${role.platform};
GRANT SELECT, INSERT, UPDATE (epoch) ON platform.policy_epoch TO ${role.tenants};

CREATE TABLE platform.custom_role (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{1,39}$'),
    permissions text[] NOT NULL,
    conditions text NOT NULL DEFAULT '',
    revision integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CALL platform.guard('platform.custom_role'::regclass);
GRANT SELECT ON platform.custom_role TO ${role.platform};
GRANT SELECT, INSERT, DELETE, UPDATE (permissions, conditions, revision, changed_at) ON platform.custom_role TO ${role.tenants};

-- Every text that was ever in force; the one with the highest version is.
CREATE TABLE platform.policy_version (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    version integer NOT NULL,
    policies text NOT NULL,
    saved_by uuid NOT NULL,
    saved_name text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, version)
);
CALL platform.guard('platform.policy_version'::regclass);
GRANT SELECT ON platform.policy_version TO ${role.platform};
GRANT SELECT, INSERT ON platform.policy_version TO ${role.tenants};
