--liquibase formatted sql

--changeset asset:asset
-- A machine that events name. name_key is the name in small letters; last_seen_at is when it last said something, by its
-- own clock, and is brought up to date every few minutes only.
CREATE TABLE asset (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    name text NOT NULL,
    name_key text NOT NULL UNIQUE,
    source_name text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL
);
CREATE INDEX asset_seen ON asset (last_seen_at);
