--liquibase formatted sql

--changeset tenant:registration-plan
-- The plan that was chosen in the form; none where the server has no plans.
ALTER TABLE platform.registration ADD COLUMN plan text;
