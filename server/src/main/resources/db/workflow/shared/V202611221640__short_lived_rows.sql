--liquibase formatted sql

--changeset workflow:short-lived-rows
-- Pointers and timers come and go by the thousand; whoever looks for the next one walks past what is left of the old ones.
ALTER TABLE platform.workflow_dispatch SET (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
ALTER TABLE platform.workflow_timer SET (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
