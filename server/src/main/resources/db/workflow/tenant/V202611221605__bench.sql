--liquibase formatted sql

--changeset workflow:bench
-- What a workflow is tried with, beside its versions: pinned outputs of steps and its tests. No run reads it.
CREATE TABLE workflow_bench (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid PRIMARY KEY REFERENCES workflows (id),
    pins jsonb NOT NULL DEFAULT '{}',
    tests text NOT NULL DEFAULT '',
    gate boolean NOT NULL DEFAULT false,
    revision int NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL
);
