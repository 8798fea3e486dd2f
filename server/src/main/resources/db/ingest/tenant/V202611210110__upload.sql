--liquibase formatted sql

--changeset ingest:upload
-- A file that somebody gave us, and how far its reading has come.
CREATE TABLE upload (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    file_name text NOT NULL,
    bytes bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('reading', 'done', 'failed')),
    records bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    problems jsonb NOT NULL DEFAULT '[]',
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    touched_at timestamptz NOT NULL,
    started_by text NOT NULL
);
