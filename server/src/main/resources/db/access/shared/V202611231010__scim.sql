--liquibase formatted sql

--changeset access:scim
-- Nobody may define a role of the name that stands for none.
ALTER TABLE platform.custom_role ADD CONSTRAINT custom_role_not_none CHECK (name <> 'none');

-- People as their company's directory knows them. The id is that of the account, or of the invitation before it.
CREATE TABLE platform.scim_user (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    id uuid NOT NULL,
    user_name text NOT NULL,
    address text NOT NULL CHECK (address = lower(address)),
    external_id text,
    display_name text,
    given_name text,
    family_name text,
    ended boolean NOT NULL DEFAULT false,
    deleted boolean NOT NULL DEFAULT false,
    role_from_groups boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN platform.scim_user.ended IS 'the directory ended the access, so the directory may give it back';
CREATE INDEX scim_user_address ON platform.scim_user (tenant_id, address);
CREATE INDEX scim_user_name ON platform.scim_user (tenant_id, lower(user_name));
CALL platform.guard('platform.scim_user'::regclass);
GRANT SELECT, INSERT, UPDATE ON platform.scim_user TO ${role.tenants};

CREATE TABLE platform.scim_group (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    id uuid NOT NULL,
    display_name text NOT NULL,
    external_id text,
    role text,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN platform.scim_group.role IS 'what an administrator gives to its members; null for nothing';
CREATE UNIQUE INDEX scim_group_name ON platform.scim_group (tenant_id, lower(display_name));
CALL platform.guard('platform.scim_group'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.scim_group TO ${role.tenants};

CREATE TABLE platform.scim_member (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    group_id uuid NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, group_id, person_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES platform.scim_group (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX scim_member_person ON platform.scim_member (tenant_id, person_id);
CALL platform.guard('platform.scim_member'::regclass);
GRANT SELECT, INSERT, DELETE ON platform.scim_member TO ${role.tenants};
