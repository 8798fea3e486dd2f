--liquibase formatted sql

--changeset workflow:review
-- Who edited a draft may not be who publishes it, where the company says so (ADR 019). So every saving is kept with its
-- person's id: a name may change, and two people may share one.
CREATE TABLE workflow_edits (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    revision int NOT NULL,
    editor text NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (workflow_id, revision, editor, name)
);
COMMENT ON TABLE workflow_edits IS 'append-only: whoever touched a draft cannot be left out afterwards';
-- Up to which revision somebody has published; null while nobody has since edits are kept.
ALTER TABLE workflows ADD COLUMN published_revision int;
-- The owner is behind the wall, too, unless it says otherwise for this one look. Of drafts from before only the last
-- editor's name is known.
ALTER TABLE workflows NO FORCE ROW LEVEL SECURITY;
INSERT INTO workflow_edits (tenant_id, workflow_id, revision, editor, name, at)
    SELECT tenant_id, id, revision, '', updated_by, updated_at FROM workflows;
ALTER TABLE workflows FORCE ROW LEVEL SECURITY;

CREATE TABLE workflow_reviews (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid PRIMARY KEY,
    workflow_id uuid NOT NULL REFERENCES workflows (id),
    revision int NOT NULL,
    hash text NOT NULL,
    base_version int,
    state text NOT NULL CHECK (state IN ('open', 'published', 'refused', 'withdrawn', 'outdated')),
    asked_by text NOT NULL,
    asked_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    note text NOT NULL,
    decided_by text,
    decided_name text,
    decided_at timestamptz,
    comment text,
    version int
);
CREATE UNIQUE INDEX workflow_reviews_open ON workflow_reviews (workflow_id) WHERE state = 'open';
CREATE INDEX workflow_reviews_workflow ON workflow_reviews (workflow_id, id DESC);

-- One row a company. Switching four eyes off takes a second person or a day, so that nobody does it for one publishing.
CREATE TABLE workflow_rules (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant(),
    four_eyes boolean NOT NULL,
    off_at timestamptz,
    off_by text,
    off_name text,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);
