--liquibase formatted sql

--changeset workflow:tables
-- The eight tables of the product description, and what durability needs besides (ADR 005).
CREATE TABLE workflows (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN ('draft', 'published', 'archived')),
    draft jsonb NOT NULL,
    revision int NOT NULL DEFAULT 1,
    published_version int,
    template text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL
);
CREATE TABLE workflow_versions (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    version int NOT NULL,
    hash text NOT NULL,
    definition text NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    PRIMARY KEY (workflow_id, version)
);
COMMENT ON TABLE workflow_versions IS 'append-only: runs pin a version, so none may change';
CREATE TABLE workflow_nodes (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    version int NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    name text NOT NULL,
    config jsonb NOT NULL,
    PRIMARY KEY (workflow_id, version, key)
);
CREATE TABLE workflow_edges (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    version int NOT NULL,
    from_node text NOT NULL,
    port text NOT NULL,
    to_node text NOT NULL,
    PRIMARY KEY (workflow_id, version, from_node, port, to_node)
);
CREATE TABLE workflow_triggers (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    node text NOT NULL,
    kind text NOT NULL,
    config jsonb NOT NULL,
    PRIMARY KEY (workflow_id, node)
);
CREATE INDEX workflow_triggers_kind ON workflow_triggers (kind);
CREATE TABLE workflow_instances (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE,
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    version int NOT NULL,
    workflow_name text NOT NULL,
    state text NOT NULL,
    subject text NOT NULL,
    incident_id uuid,
    started_by text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    result text,
    steps_done int NOT NULL DEFAULT 0,
    steps_total int NOT NULL,
    journal_length bigint NOT NULL DEFAULT 0,
    journal_head bytea NOT NULL DEFAULT ''
);
CREATE INDEX workflow_instances_recent ON workflow_instances (started_at DESC, id);
CREATE INDEX workflow_instances_workflow ON workflow_instances (workflow_id, started_at DESC);
CREATE INDEX workflow_instances_incident ON workflow_instances (incident_id) WHERE incident_id IS NOT NULL;
CREATE TABLE workflow_counters (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant(),
    last_run bigint NOT NULL DEFAULT 0
);
CREATE TABLE workflow_journal (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid NOT NULL REFERENCES workflow_instances (id),
    seq bigint NOT NULL,
    event text NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (run_id, seq)
);
COMMENT ON TABLE workflow_journal IS 'append-only: a run is what its journal says';
CREATE TABLE workflow_executions (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid NOT NULL REFERENCES workflow_instances (id),
    step text NOT NULL,
    state text NOT NULL,
    epoch bigint NOT NULL,
    attempts int NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    port text,
    input jsonb,
    output jsonb,
    error text,
    PRIMARY KEY (run_id, step)
);
CREATE TABLE workflow_approvals (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES workflow_instances (id),
    step text NOT NULL,
    epoch bigint NOT NULL,
    workflow_name text NOT NULL,
    title text NOT NULL,
    action text NOT NULL,
    target text,
    role text NOT NULL,
    bound jsonb NOT NULL,
    action_hash text NOT NULL,
    incident_id uuid,
    requested_at timestamptz NOT NULL,
    due_at timestamptz,
    state text NOT NULL CHECK (state IN ('waiting', 'approved', 'declined', 'timed-out', 'void')),
    decided_by text,
    decided_at timestamptz,
    reason text,
    UNIQUE (run_id, step, epoch)
);
CREATE INDEX workflow_approvals_waiting ON workflow_approvals (requested_at) WHERE state = 'waiting';
CREATE TABLE workflow_notifications (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid NOT NULL REFERENCES workflow_instances (id),
    dedupe_key text NOT NULL,
    step text NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    queued_at timestamptz NOT NULL,
    PRIMARY KEY (run_id, dedupe_key)
);
