--liquibase formatted sql

--changeset tenant:kind
-- The operator makes a company a provider; customers are tied to it by their grants only (ADR 031).
ALTER TABLE platform.tenant ADD COLUMN kind text NOT NULL DEFAULT 'company' CHECK (kind IN ('company', 'provider'));
