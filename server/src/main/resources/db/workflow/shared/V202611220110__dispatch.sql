--liquibase formatted sql

--changeset workflow:dispatch
-- Pointers to work that is due, over all tenants; written with the journal entry that asks for it. What they say is only
-- that somebody should look: the journal decides.
CREATE TABLE platform.workflow_dispatch (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    step text NOT NULL,
    epoch bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('attempt', 'probe')),
    idempotency_key text NOT NULL,
    due_at timestamptz NOT NULL,
    claim uuid,
    lease_until timestamptz,
    takes int NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, run_id, step, epoch, kind)
);
CREATE INDEX workflow_dispatch_due ON platform.workflow_dispatch (due_at);
CREATE TABLE platform.workflow_timer (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    timer text NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, run_id, timer)
);
CREATE INDEX workflow_timer_due ON platform.workflow_timer (due_at);
CALL platform.guard('platform.workflow_dispatch');
CALL platform.guard('platform.workflow_timer');
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.workflow_dispatch, platform.workflow_timer TO ${role.platform}, ${role.tenants};
