--liquibase formatted sql

--changeset trigger:shared
-- Addresses of webhooks over all tenants: a request names nothing else.
CREATE TABLE platform.hook (
    id text PRIMARY KEY,
    tenant_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    node text NOT NULL
);
CREATE INDEX hook_of ON platform.hook (tenant_id, workflow_id, node);
-- What is to fire later, over all tenants. Whoever holds the row's lock fires it and moves or deletes it in one transaction (ADR 015).
CREATE TABLE platform.trigger_due (
    tenant_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    node text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('schedule', 'group', 'run-ended')),
    key text NOT NULL,
    tick timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, workflow_id, node, kind, key)
);
CREATE INDEX trigger_due_at ON platform.trigger_due (due_at);
-- Tenants with queued runs, in the order in which they get their turns.
CREATE TABLE platform.run_queue (
    tenant_id uuid PRIMARY KEY,
    served_at timestamptz NOT NULL,
    weight int NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 100),
    look_at timestamptz NOT NULL
);
CREATE INDEX run_queue_order ON platform.run_queue (served_at, tenant_id);
CALL platform.guard('platform.hook');
CALL platform.guard('platform.trigger_due');
CALL platform.guard('platform.run_queue');
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.hook, platform.trigger_due, platform.run_queue TO ${role.platform}, ${role.tenants};
