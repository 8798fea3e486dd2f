--liquibase formatted sql

--changeset platform:tenant-key
-- Which versions of a company's key there are (ADR 030). The highest is in use; older ones open what is not sealed anew yet.
CREATE TABLE platform.tenant_key (
    tenant_id uuid NOT NULL,
    version int NOT NULL CHECK (version > 0),
    wrapped bytea,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    resealed bigint NOT NULL DEFAULT 0,
    done_at timestamptz,
    PRIMARY KEY (tenant_id, version)
);
COMMENT ON COLUMN platform.tenant_key.wrapped IS 'the key, sealed under the root key; null where it lies in the folder of keys';
COMMENT ON COLUMN platform.tenant_key.done_at IS 'when nothing was left under an older version';
CREATE INDEX tenant_key_open ON platform.tenant_key (tenant_id) WHERE done_at IS NULL;
CALL platform.guard('platform.tenant_key'::regclass);
GRANT SELECT, INSERT, UPDATE (wrapped, resealed, done_at), DELETE ON platform.tenant_key TO ${role.platform};
GRANT SELECT (tenant_id, version, created_at, created_by, resealed, done_at) ON platform.tenant_key TO ${role.tenants};
