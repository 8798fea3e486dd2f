--liquibase formatted sql

--changeset detection:rule
-- Every rule file is here, the refused ones too: a rule that never loaded must be seen (ADR 009).
CREATE TABLE rule (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    file text NOT NULL,
    rule_id text NOT NULL,
    title text NOT NULL,
    level text NOT NULL CHECK (level IN ('info', 'low', 'medium', 'high', 'critical')),
    log_source text NOT NULL,
    tags text[] NOT NULL,
    origin text NOT NULL CHECK (origin IN ('shipped', 'imported')),
    enabled boolean NOT NULL DEFAULT true,
    problem text,
    problem_line integer,
    mend text,
    text text NOT NULL,
    text_hash bytea NOT NULL,
    description text,
    author text,
    rule_references text[] NOT NULL DEFAULT '{}',
    hits bigint NOT NULL DEFAULT 0,
    last_hit_at timestamptz,
    updated_at timestamptz NOT NULL
);
-- One live rule per id; a refused file is known by its path.
CREATE UNIQUE INDEX rule_key ON rule (rule_id) WHERE problem IS NULL;
CREATE UNIQUE INDEX rule_refused ON rule (file) WHERE problem IS NOT NULL;
CREATE INDEX rule_list ON rule (lower(title), id);

CREATE TABLE rule_import (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    file_name text NOT NULL,
    files integer NOT NULL,
    loaded integer NOT NULL,
    refused integer NOT NULL,
    unchanged integer NOT NULL,
    refusals jsonb NOT NULL,
    at timestamptz NOT NULL,
    imported_by text NOT NULL
);

-- Rises with each change of rules; compiled sets are kept by it on every node.
CREATE TABLE rule_set (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    revision bigint NOT NULL,
    shipped text NOT NULL
);

--changeset detection:finding
CREATE TABLE finding (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    event_id uuid NOT NULL,
    rule_id text NOT NULL,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    title text NOT NULL,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
    host text,
    user_name text,
    tags text[] NOT NULL,
    why jsonb NOT NULL,
    incident_id uuid,
    UNIQUE (event_id, rule_id)
);
CREATE INDEX finding_incident ON finding (incident_id, id);
CREATE INDEX finding_created ON finding (created_at);
