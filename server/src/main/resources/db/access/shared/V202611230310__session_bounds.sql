--liquibase formatted sql

--changeset access:session-bounds
-- How long a tenant lets its people's sessions live; without a row the platform's bounds hold.
CREATE TABLE platform.session_bounds (
    tenant_id uuid PRIMARY KEY REFERENCES platform.tenant (id),
    idle_minutes integer NOT NULL CHECK (idle_minutes > 0),
    absolute_minutes integer NOT NULL CHECK (absolute_minutes >= idle_minutes)
);
CALL platform.guard('platform.session_bounds'::regclass);
GRANT SELECT ON platform.session_bounds TO ${role.platform};
GRANT SELECT, INSERT, UPDATE ON platform.session_bounds TO ${role.tenants};
