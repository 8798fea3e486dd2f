--liquibase formatted sql

--changeset workflow:secrets
-- What workflows send to others to be let in (ADR 014); sealed with the installation's root key for its tenant and name.
CREATE TABLE workflow_secrets (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    name text NOT NULL,
    sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
