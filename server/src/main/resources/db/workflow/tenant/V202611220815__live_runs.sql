--liquibase formatted sql

--changeset workflow:live-runs
-- Limits count what is live; the history must not make that slow (ADR 015).
CREATE INDEX workflow_instances_live ON workflow_instances (workflow_id, id) WHERE ended_at IS NULL;
