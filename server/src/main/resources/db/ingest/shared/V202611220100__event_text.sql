--liquibase formatted sql

--changeset ingest:event-ocsf-json
-- Read and written whole, never searched by path: what jsonb does to it on the way in is work for nothing.
ALTER TABLE telemetry.event ALTER COLUMN ocsf TYPE json USING ocsf::json;
