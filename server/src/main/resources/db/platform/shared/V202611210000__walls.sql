--liquibase formatted sql

--changeset platform:walls splitStatements:false
-- The pool's login owns nothing; each transaction enters one of the other roles (ADR 003).
GRANT USAGE ON SCHEMA platform TO ${role.platform}, ${role.tenants};
CREATE TABLE platform.tenant_schema (
    tenant_id uuid PRIMARY KEY,
    changelog text NOT NULL,
    migrated_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON platform.tenant_schema TO ${role.platform};

-- Without a tenant this raises instead of hiding every row.
CREATE FUNCTION platform.current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN current_setting('app.tenant')::uuid;

-- Puts the walls round a shared table that has a tenant_id: the platform's role sees all rows, a tenant's role its own.
CREATE PROCEDURE platform.guard(target regclass) LANGUAGE plpgsql AS $guard$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY platform_all ON %s TO ${role.platform} USING (true) WITH CHECK (true)', target);
    EXECUTE format('CREATE POLICY own_tenant ON %s TO ${role.tenants} USING (tenant_id = platform.current_tenant())'
        || ' WITH CHECK (tenant_id = platform.current_tenant())', target);
END
$guard$;
--rollback not supported: forward only
