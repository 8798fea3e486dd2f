--liquibase formatted sql

--changeset workflow:approval-depth
-- An approval is counted from its votes by the plan that it was asked with (ADR 017). What was asked before has the plan of
-- its role: one person of it.
ALTER TABLE workflow_approvals ADD COLUMN plan jsonb NOT NULL DEFAULT '{}';
ALTER TABLE workflow_approvals ADD COLUMN stage int NOT NULL DEFAULT 0;
ALTER TABLE workflow_approvals ADD COLUMN stages int NOT NULL DEFAULT 1;
ALTER TABLE workflow_approvals ADD COLUMN have int NOT NULL DEFAULT 0;
ALTER TABLE workflow_approvals ADD COLUMN need int NOT NULL DEFAULT 1;
ALTER TABLE workflow_approvals ADD COLUMN step_up boolean NOT NULL DEFAULT false;
ALTER TABLE workflow_approvals ADD COLUMN note text;
-- When what is asked now was first asked: a changed action begins again.
ALTER TABLE workflow_approvals ADD COLUMN opened_at timestamptz;
ALTER TABLE workflow_approvals ADD COLUMN alarmed_at timestamptz;
CREATE TABLE workflow_approval_votes (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    approval_id uuid NOT NULL REFERENCES workflow_approvals (id),
    seq int NOT NULL,
    stage int NOT NULL,
    account uuid NOT NULL,
    account_name text NOT NULL,
    in_place_of uuid NOT NULL,
    in_place_of_name text NOT NULL,
    approve boolean NOT NULL,
    reason text,
    action_hash text NOT NULL,
    stepped_up boolean NOT NULL,
    cast_at timestamptz NOT NULL,
    PRIMARY KEY (approval_id, seq),
    -- One person, one vote in a stage on one action; and nobody's vote is cast twice.
    UNIQUE (approval_id, action_hash, stage, account),
    UNIQUE (approval_id, action_hash, stage, in_place_of)
);
COMMENT ON TABLE workflow_approval_votes IS 'append-only: a vote is never unsaid; on another action it is void';
