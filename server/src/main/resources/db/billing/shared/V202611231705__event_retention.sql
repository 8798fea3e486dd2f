--liquibase formatted sql

--changeset billing:event-retention
-- How many days of events a company keeps, and a shorter time that it was told of. Without a row they are kept for ever: nobody
-- has been told of anything else (ADR 038).
CREATE TABLE platform.event_retention (
    tenant_id uuid PRIMARY KEY,
    kept_days integer CHECK (kept_days > 0),
    next_days integer CHECK (next_days > 0 AND (kept_days IS NULL OR next_days < kept_days)),
    next_on date,
    changed_at timestamptz NOT NULL,
    CHECK ((next_days IS NULL) = (next_on IS NULL)),
    CHECK (kept_days IS NOT NULL OR next_days IS NOT NULL)
);
CALL platform.guard('platform.event_retention'::regclass);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.event_retention TO ${role.platform};
