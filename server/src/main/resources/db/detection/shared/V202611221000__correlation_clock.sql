--liquibase formatted sql

--changeset detection:correlation-clock
-- Tenants whose correlations wait for time to pass; says only that somebody should look (ADR 012).
CREATE TABLE platform.correlation_clock (
    tenant_id uuid PRIMARY KEY,
    due_at timestamptz NOT NULL
);
CREATE INDEX correlation_clock_due ON platform.correlation_clock (due_at);
CALL platform.guard('platform.correlation_clock');
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.correlation_clock TO ${role.platform}, ${role.tenants};
