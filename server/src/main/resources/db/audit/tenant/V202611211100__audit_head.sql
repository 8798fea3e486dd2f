--liquibase formatted sql

--changeset audit:head
-- Where the chain ends: without it, cutting entries off the end would leave a shorter chain that is whole.
CREATE TABLE audit_head (
    tenant_id uuid PRIMARY KEY DEFAULT platform.current_tenant(),
    seq bigint NOT NULL,
    hash bytea NOT NULL
);
