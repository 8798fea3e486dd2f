--liquibase formatted sql

--changeset trigger:tables
-- What a trigger keeps over the versions of its workflow.
CREATE TABLE trigger_state (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    node text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    fired_at timestamptz,
    hook text,
    secret bytea,
    secret_at timestamptz,
    PRIMARY KEY (workflow_id, node)
);
CREATE TABLE trigger_count (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    node text NOT NULL,
    what text NOT NULL,
    count bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (workflow_id, node, what)
);
-- By what a run was started. A tick of a schedule starts one run, whatever else goes wrong.
CREATE TABLE trigger_run (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid PRIMARY KEY,
    workflow_id uuid NOT NULL,
    node text NOT NULL,
    depth int NOT NULL,
    tick timestamptz
);
CREATE UNIQUE INDEX trigger_run_tick ON trigger_run (workflow_id, node, tick) WHERE tick IS NOT NULL;
-- What was taken before, so that the same again is known.
CREATE TABLE trigger_delivery (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL,
    node text NOT NULL,
    key bytea NOT NULL,
    request bytea NOT NULL,
    run_id uuid,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (workflow_id, node, key)
);
CREATE INDEX trigger_delivery_expires ON trigger_delivery (expires_at);
CREATE TABLE trigger_group (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL,
    node text NOT NULL,
    key text NOT NULL,
    opened_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    folded bigint NOT NULL,
    subject text NOT NULL,
    depth int NOT NULL,
    run_id uuid,
    PRIMARY KEY (workflow_id, node, key)
);
CREATE TABLE trigger_group_event (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL,
    node text NOT NULL,
    key text NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    event text NOT NULL,
    PRIMARY KEY (workflow_id, node, key, seq)
);

--changeset trigger:limits
CREATE TABLE run_limit (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid PRIMARY KEY REFERENCES workflows (id),
    most int CHECK (most > 0),
    key_expression text,
    most_per_key int CHECK (most_per_key > 0),
    when_full text NOT NULL CHECK (when_full IN ('queue', 'reject', 'cancel-oldest'))
);
CREATE TABLE run_limit_all (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant(),
    most int NOT NULL CHECK (most > 0)
);
-- Runs that are queued, and live ones that are counted by key or trigger. Whether a run is live is for workflow_instances to say.
CREATE TABLE run_place (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid PRIMARY KEY,
    workflow_id uuid NOT NULL,
    node text NOT NULL,
    key text NOT NULL,
    alone boolean NOT NULL,
    line text NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    queued boolean NOT NULL,
    queued_at timestamptz NOT NULL,
    input text
);
CREATE INDEX run_place_line ON run_place (line, seq) WHERE queued;
CREATE INDEX run_place_key ON run_place (workflow_id, key) WHERE NOT queued;
