--liquibase formatted sql

--changeset incident:incident
CREATE TABLE incident (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE,
    title text NOT NULL,
    summary text NOT NULL,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
    state text NOT NULL CHECK (state IN ('new', 'investigating', 'containing', 'resolved', 'closed')),
    host text,
    host_key text NOT NULL,
    owner_id text,
    owner_name text,
    risk smallint NOT NULL,
    findings bigint NOT NULL DEFAULT 0,
    tags text[] NOT NULL DEFAULT '{}',
    opened_at timestamptz NOT NULL,
    first_finding_at timestamptz NOT NULL,
    last_finding_at timestamptz NOT NULL,
    last_added_at timestamptz NOT NULL,
    responded_at timestamptz,
    approvals_waiting integer NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1
);
CREATE INDEX incident_open_host ON incident (host_key, last_added_at) WHERE state NOT IN ('resolved', 'closed');
CREATE INDEX incident_state ON incident (state, severity);
CREATE INDEX incident_opened ON incident (opened_at);

CREATE TABLE incident_number (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    last bigint NOT NULL
);

-- Which rule contributed how often: title and risk come from here without reading all findings.
CREATE TABLE incident_rule (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    incident_id uuid NOT NULL REFERENCES incident (id),
    rule_id text NOT NULL,
    title text NOT NULL,
    severity smallint NOT NULL,
    findings bigint NOT NULL,
    PRIMARY KEY (incident_id, rule_id)
);

CREATE TABLE incident_entry (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    incident_id uuid NOT NULL REFERENCES incident (id),
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('finding', 'comment', 'state', 'owner', 'severity', 'run', 'approval', 'action', 'task')),
    actor text NOT NULL,
    text text NOT NULL,
    severity smallint,
    ref_kind text,
    ref_id text
);
CREATE INDEX incident_entry_list ON incident_entry (incident_id, at, id);

CREATE TABLE incident_task (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    incident_id uuid NOT NULL REFERENCES incident (id),
    title text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'done')),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
CREATE INDEX incident_task_list ON incident_task (incident_id, id);
