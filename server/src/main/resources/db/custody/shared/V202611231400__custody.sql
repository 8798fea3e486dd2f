--liquibase formatted sql

--changeset custody:role splitStatements:false
-- A role that sees one tenant's rows of every shared table, whole, and may take them away: for export, import and deletion
-- (ADR 032). It is behind the same wall as the tenants' roles: rows of the tenant in app.tenant only.
CREATE OR REPLACE PROCEDURE platform.guard(target regclass) LANGUAGE plpgsql AS $guard$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY platform_all ON %s TO ${role.platform} USING (true) WITH CHECK (true)', target);
    EXECUTE format('CREATE POLICY own_tenant ON %s TO ${role.tenants} USING (tenant_id = platform.current_tenant())'
        || ' WITH CHECK (tenant_id = platform.current_tenant())', target);
    EXECUTE format('CREATE POLICY custody ON %s TO ${role.custody} USING (tenant_id = platform.current_tenant())'
        || ' WITH CHECK (tenant_id = platform.current_tenant())', target);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO ${role.custody}', target);
END
$guard$;
GRANT USAGE ON SCHEMA platform, telemetry TO ${role.custody};
DO $all$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname IN ('platform', 'telemetry') AND c.relkind IN ('r', 'p') AND c.relrowsecurity
    LOOP
        EXECUTE format('CREATE POLICY custody ON %s TO ${role.custody} USING (tenant_id = platform.current_tenant())'
            || ' WITH CHECK (tenant_id = platform.current_tenant())', t.name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO ${role.custody}', t.name);
    END LOOP;
END
$all$;
-- What is kept of a company beyond its own rows, when it goes.
GRANT SELECT, DELETE ON platform.tenant TO ${role.custody};
GRANT DELETE ON eventlog.record, eventlog.dead_letter, platform.delegation, platform.delegation_use TO ${role.platform};
GRANT UPDATE (withdrawn_at, sent_to) ON platform.delegation_request TO ${role.platform};
--rollback not supported: forward only

--changeset custody:life
-- Which run of the platform's own workflows set a company up, so that it can go with the company; and when it will go.
ALTER TABLE platform.tenant
    ADD COLUMN set_up_run uuid,
    ADD COLUMN deletion_at timestamptz,
    ADD CONSTRAINT tenant_deletion CHECK (deletion_at IS NULL OR state = 'suspended');
UPDATE platform.tenant t SET set_up_run = r.run_id FROM platform.registration r WHERE r.tenant_id = t.id AND r.run_id IS NOT NULL;

-- While one of these stands that was not lifted, a company is not deleted.
CREATE TABLE platform.legal_hold (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    reason text NOT NULL,
    by_operator boolean NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    lifted_by text,
    lifted_at timestamptz,
    lifted_reason text,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lifted_reason IS NULL))
);
CREATE INDEX legal_hold_tenant ON platform.legal_hold (tenant_id, id);
CALL platform.guard('platform.legal_hold'::regclass);
GRANT SELECT, INSERT, UPDATE (lifted_by, lifted_at, lifted_reason) ON platform.legal_hold TO ${role.platform};

-- Exports of everything: who asked, and what came of it. The file itself is not kept.
CREATE TABLE platform.company_export (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES platform.tenant (id),
    asked_by text NOT NULL,
    account_id uuid,
    asked_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('asked', 'under-way', 'done', 'failed')),
    touched_at timestamptz NOT NULL,
    row_count bigint NOT NULL DEFAULT 0,
    sha256 text,
    failure text
);
CREATE INDEX company_export_tenant ON platform.company_export (tenant_id, id);
CALL platform.guard('platform.company_export'::regclass);
GRANT SELECT, INSERT, UPDATE (state, touched_at, row_count, sha256, failure) ON platform.company_export TO ${role.platform};

-- Deletions of companies, planned, under way and done; the platform's own, as it outlives the company.
CREATE TABLE platform.company_deletion (
    id uuid PRIMARY KEY,
    company_id uuid NOT NULL,
    company_name text NOT NULL,
    asked_by text NOT NULL,
    asked_kind text NOT NULL,
    reason text NOT NULL,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    token_hash bytea UNIQUE,
    suspended_before text,
    state text NOT NULL CHECK (state IN ('planned', 'taken-back', 'under-way', 'done')),
    step text,
    trouble text,
    lease_until timestamptz,
    before jsonb,
    ended_at timestamptz,
    ended_by text,
    certificate text,
    CHECK ((state = 'done') = (certificate IS NOT NULL))
);
COMMENT ON COLUMN platform.company_deletion.before IS 'what there was before: rows by table, versions of keys, where the trail ended, holds';
COMMENT ON COLUMN platform.company_deletion.suspended_before IS 'why it was suspended already; goes back to that when the deletion is taken back';
CREATE UNIQUE INDEX company_deletion_open ON platform.company_deletion (company_id) WHERE state IN ('planned', 'under-way');
CREATE INDEX company_deletion_due ON platform.company_deletion (due_at) WHERE state IN ('planned', 'under-way');
GRANT SELECT, INSERT, UPDATE ON platform.company_deletion TO ${role.platform};
