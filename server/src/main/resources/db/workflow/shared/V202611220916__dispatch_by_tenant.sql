--liquibase formatted sql

--changeset workflow:dispatch-by-tenant
-- Tenants take turns at due steps, so the oldest of each must be found without reading past another's (ADR 015).
CREATE INDEX workflow_dispatch_tenant ON platform.workflow_dispatch (tenant_id, due_at);
