--liquibase formatted sql

--changeset workflow:task
-- Work that a run waits for: a form that a person fills in (ADR 017).
CREATE TABLE workflow_tasks (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES workflow_instances (id),
    step text NOT NULL,
    epoch bigint NOT NULL,
    workflow_name text NOT NULL,
    title text NOT NULL,
    instructions text NOT NULL,
    form text NOT NULL,
    asked text[] NOT NULL,
    escalate text[] NOT NULL,
    incident_id uuid,
    assignee uuid,
    assignee_name text,
    requested_at timestamptz NOT NULL,
    sla_at timestamptz,
    overdue_told boolean NOT NULL DEFAULT false,
    due_at timestamptz,
    state text NOT NULL CHECK (state IN ('open', 'done', 'refused', 'timed-out', 'void')),
    done_by text,
    done_at timestamptz,
    reason text,
    fields jsonb,
    UNIQUE (run_id, step, epoch)
);
CREATE INDEX workflow_tasks_open ON workflow_tasks (requested_at) WHERE state = 'open';
