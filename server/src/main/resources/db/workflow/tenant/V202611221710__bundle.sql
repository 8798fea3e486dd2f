--liquibase formatted sql

--changeset workflow:bundle
-- Keys whose signatures count, the company's own with its secret part sealed; and where imported workflows came from, so
-- that nobody is led back to an older version unawares (ADR 021).
CREATE TABLE workflow_bundle_keys (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id text PRIMARY KEY,
    public_key text NOT NULL,
    name text NOT NULL,
    sealed bytea,
    added_at timestamptz NOT NULL,
    added_by text NOT NULL
);
CREATE TABLE workflow_origins (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    key_id text NOT NULL,
    source text NOT NULL,
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    version int NOT NULL,
    made_at timestamptz NOT NULL,
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, source)
);
