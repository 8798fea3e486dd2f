--liquibase formatted sql

--changeset connector:simulator
-- A stand-in for an endpoint manager; the ledger shows whether an order came twice.
CREATE TABLE simulator_endpoint (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    host text NOT NULL,
    isolated_at timestamptz,
    isolated_by text,
    PRIMARY KEY (tenant_id, host)
);
CREATE TABLE simulator_order (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    idempotency_key text NOT NULL,
    host text NOT NULL,
    action text NOT NULL,
    at timestamptz NOT NULL,
    repeats int NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, idempotency_key)
);
