--liquibase formatted sql

--changeset workflow:moves
-- That a run was moved to another version, for those who look at it: its journal names versions by hash, which two may share (ADR 021).
CREATE TABLE workflow_moves (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid NOT NULL REFERENCES workflow_instances (id) ON DELETE CASCADE,
    from_version int NOT NULL,
    to_version int NOT NULL CHECK (to_version > from_version),
    at timestamptz NOT NULL,
    moved_by text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (run_id, to_version)
);
COMMENT ON TABLE workflow_moves IS 'append-only: that a run was moved does not change';
