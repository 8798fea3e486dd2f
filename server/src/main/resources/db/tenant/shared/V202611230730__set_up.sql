--liquibase formatted sql

--changeset tenant:set-up
-- A registration whose link was used is carried through by a run of the platform's own workflow, and ends as a company or as nothing.
ALTER TABLE platform.registration
    ADD COLUMN run_id uuid,
    ADD COLUMN told boolean NOT NULL DEFAULT false,
    ADD COLUMN objection text,
    DROP CONSTRAINT registration_state_check,
    ADD CONSTRAINT registration_state_check CHECK (state IN ('pending', 'provisioning', 'done', 'refused'));
UPDATE platform.registration SET told = true WHERE state = 'done';
COMMENT ON COLUMN platform.registration.told IS 'somebody used the link and was told that the company is there';
