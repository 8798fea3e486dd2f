--liquibase formatted sql

--changeset workflow:one-table-of-editors
-- Who edited a draft was kept twice: for reviews and for the separation of duties. workflow_edits is the one that nothing
-- is taken out of, so it stays, and gets whoever only the other one knows.
ALTER TABLE workflow_editors NO FORCE ROW LEVEL SECURITY;
ALTER TABLE workflow_edits NO FORCE ROW LEVEL SECURITY;
ALTER TABLE workflows NO FORCE ROW LEVEL SECURITY;
INSERT INTO workflow_edits (tenant_id, workflow_id, revision, editor, name, at)
    SELECT o.tenant_id, o.workflow_id, w.revision, 'USER:' || o.account,
           coalesce((SELECT max(e.name) FROM workflow_edits e WHERE e.editor = 'USER:' || o.account), w.updated_by), w.updated_at
    FROM workflow_editors o JOIN workflows w ON w.id = o.workflow_id
    WHERE NOT EXISTS (SELECT 1 FROM workflow_edits e
                      WHERE e.workflow_id = o.workflow_id AND e.editor = 'USER:' || o.account
                        AND e.revision > coalesce(w.published_revision, 0));
ALTER TABLE workflows FORCE ROW LEVEL SECURITY;
ALTER TABLE workflow_edits FORCE ROW LEVEL SECURITY;
DROP TABLE workflow_editors;
