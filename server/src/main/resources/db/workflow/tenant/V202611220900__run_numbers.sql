--liquibase formatted sql

--changeset workflow:run-numbers
-- A counter's row made every start of a company wait for the start before it. A sequence does not; a start that is
-- rolled back leaves a gap.
CREATE SEQUENCE workflow_run_numbers;
-- The owner is behind the wall, too, unless it says otherwise for this one look.
ALTER TABLE workflow_instances NO FORCE ROW LEVEL SECURITY;
SELECT setval('workflow_run_numbers', coalesce((SELECT max(number) FROM workflow_instances), 0) + 1, false);
ALTER TABLE workflow_instances FORCE ROW LEVEL SECURITY;
DROP TABLE workflow_counters;
