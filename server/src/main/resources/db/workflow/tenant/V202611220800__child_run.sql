--liquibase formatted sql

--changeset workflow:child-run
-- A run that another run started tells its end to that run's step; the depth keeps workflows from starting each other for ever (ADR 013).
ALTER TABLE workflow_instances ADD COLUMN parent_run uuid;
ALTER TABLE workflow_instances ADD COLUMN parent_step text;
ALTER TABLE workflow_instances ADD COLUMN parent_epoch bigint;
ALTER TABLE workflow_instances ADD COLUMN depth int NOT NULL DEFAULT 0;
