--liquibase formatted sql

--changeset workflow:run-people
-- Who had a hand in a run and in the version it is pinned to, by account: names are not unique (ADR 017).
CREATE TABLE workflow_run_people (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    run_id uuid NOT NULL, -- of a run that its transaction may write later than this
    account uuid NOT NULL,
    PRIMARY KEY (run_id, account)
);
CREATE TABLE workflow_editors (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    account uuid NOT NULL,
    PRIMARY KEY (workflow_id, account)
);
CREATE TABLE workflow_version_people (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    version int NOT NULL,
    account uuid NOT NULL,
    part text NOT NULL CHECK (part IN ('author', 'publisher')),
    PRIMARY KEY (workflow_id, version, part, account)
);
COMMENT ON TABLE workflow_version_people IS 'append-only: who made a version does not change';
