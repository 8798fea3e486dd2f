--liquibase formatted sql

--changeset billing:endpoint-notices
ALTER TABLE platform.plan_notice DROP CONSTRAINT plan_notice_meter_check;
ALTER TABLE platform.plan_notice ADD CONSTRAINT plan_notice_meter_check
    CHECK (meter IN ('users', 'endpoints', 'events', 'runs', 'trial'));
