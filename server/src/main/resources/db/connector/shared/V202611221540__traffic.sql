--liquibase formatted sql

--changeset connector:connections
-- What is known about connections to outside products, where there is something to know: failing, told to wait, or limited
-- (ADR 018). One row a tenant, connector and target; a connection that simply works has none and costs nothing.
CREATE TABLE platform.connection (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    connector text NOT NULL,
    target text NOT NULL,
    state text NOT NULL DEFAULT 'closed' CHECK (state IN ('closed', 'open')),
    reason text,
    opened_at timestamptz,
    until timestamptz,
    times int NOT NULL DEFAULT 0,
    opened bigint NOT NULL DEFAULT 0,
    trying_until timestamptz,
    per_minute int CHECK (per_minute BETWEEN 1 AND 60000),
    burst int CHECK (burst BETWEEN 1 AND 1000),
    next_slot timestamptz,
    PRIMARY KEY (tenant_id, connector, target)
);
CALL platform.guard('platform.connection');
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.connection TO ${role.platform}, ${role.tenants};
