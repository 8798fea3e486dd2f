--liquibase formatted sql

--changeset tenant:suspension
-- Why a company stands still, in the operator's words; its people read it (ADR 030).
ALTER TABLE platform.tenant
    ADD COLUMN suspended_reason text,
    ADD COLUMN suspended_at timestamptz;
UPDATE platform.tenant SET suspended_reason = 'Suspended by the operator', suspended_at = now() WHERE state = 'suspended';
ALTER TABLE platform.tenant ADD CONSTRAINT tenant_suspended CHECK ((state = 'suspended') = (suspended_reason IS NOT NULL)
    AND (state = 'suspended') = (suspended_at IS NOT NULL));
CREATE INDEX tenant_suspended_ids ON platform.tenant (id) WHERE state = 'suspended';
