--liquibase formatted sql

--changeset workflow:signals
-- Signals by name and key, for whichever run waits; kept for a while when none does yet (ADR 018).
CREATE TABLE workflow_signals (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id text PRIMARY KEY,
    signal text NOT NULL,
    payload text NOT NULL,
    sent_by text NOT NULL,
    received_at timestamptz NOT NULL,
    kept_until timestamptz NOT NULL,
    told int NOT NULL DEFAULT 0
);
CREATE INDEX workflow_signals_kept ON workflow_signals (signal, received_at) WHERE told = 0;
CREATE INDEX workflow_signals_old ON workflow_signals (kept_until);
-- Which steps wait for a signal. Only a hint where to deliver: the run's journal decides whether it still waits.
CREATE TABLE workflow_signal_waits (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid NOT NULL,
    step text NOT NULL,
    epoch bigint NOT NULL,
    signal text NOT NULL,
    PRIMARY KEY (run_id, step)
);
CREATE INDEX workflow_signal_waits_signal ON workflow_signal_waits (signal);

--changeset workflow:dead-letters
-- Runs that failed and that nobody has dealt with yet; one a run, open again each time it fails (ADR 018).
CREATE TABLE workflow_dead_letters (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid PRIMARY KEY,
    number bigint NOT NULL,
    workflow_id uuid NOT NULL,
    workflow_name text NOT NULL,
    version int NOT NULL,
    subject text NOT NULL,
    step text,
    node_type text,
    reason text NOT NULL,
    attempts int NOT NULL,
    may_have_happened boolean NOT NULL,
    resumable boolean NOT NULL,
    failed_at timestamptz NOT NULL,
    times int NOT NULL DEFAULT 1,
    state text NOT NULL CHECK (state IN ('open', 'replaying', 'replayed', 'discarded')),
    decided_by text,
    decided_at timestamptz,
    note text
);
CREATE INDEX workflow_dead_letters_open ON workflow_dead_letters (state, failed_at DESC, run_id);

--changeset workflow:error-runs
-- A run that deals with another's failure starts no further one: two that fail would start each other for ever (ADR 018).
CREATE TABLE workflow_error_runs (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid PRIMARY KEY,
    deals_with uuid NOT NULL
);
