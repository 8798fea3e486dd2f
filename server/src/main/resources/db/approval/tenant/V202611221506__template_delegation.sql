--liquibase formatted sql

--changeset approval:template-delegation
-- Settings of approvals by name, and votes that are lent for a time (ADR 017).
CREATE TABLE approval_templates (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    settings jsonb NOT NULL,
    revision int NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CREATE TABLE approval_delegations (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    lender uuid NOT NULL,
    lender_name text NOT NULL,
    holder uuid NOT NULL,
    holder_name text NOT NULL,
    approval_id uuid,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL,
    ended_at timestamptz,
    CHECK (lender <> holder AND ends_at > begins_at)
);
CREATE INDEX approval_delegations_holder ON approval_delegations (holder) WHERE ended_at IS NULL;
