--liquibase formatted sql

--changeset workflow:room-for-updates
-- Rows of runs and steps change a few times, soon after they were written: with room on their page no index need follow.
ALTER TABLE workflow_instances SET (fillfactor = 70);
ALTER TABLE workflow_executions SET (fillfactor = 70);
-- Only a turn writes to a journal, and it holds the run or makes it: a check of each entry, with a lock on the run, says nothing new.
ALTER TABLE workflow_journal DROP CONSTRAINT workflow_journal_run_id_fkey;
