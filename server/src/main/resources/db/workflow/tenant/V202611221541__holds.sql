--liquibase formatted sql

--changeset workflow:holds
-- Why a step that is due does not go yet. Only for people to read, and for its place in the line of a rate limit: when it
-- goes, its pointer says (ADR 018).
CREATE TABLE workflow_holds (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid NOT NULL,
    step text NOT NULL,
    epoch bigint NOT NULL,
    connector text NOT NULL,
    target text NOT NULL,
    until timestamptz NOT NULL,
    has_slot boolean NOT NULL,
    why text NOT NULL,
    PRIMARY KEY (run_id, step)
);
CREATE INDEX workflow_holds_connection ON workflow_holds (connector, target);
-- A mail that was sent for one run is not sent again for the next within a quarter of an hour.
CREATE INDEX workflow_notifications_key ON workflow_notifications (dedupe_key);

--changeset workflow:continued
-- A failed run that goes on in a newer version is another run there, and is not taken up besides (ADR 018).
ALTER TABLE workflow_instances ADD COLUMN continued_as uuid;
