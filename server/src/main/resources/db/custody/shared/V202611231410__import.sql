--liquibase formatted sql

--changeset custody:import
-- Companies that are being brought in: what is left of one that was cut off is found by this.
CREATE TABLE platform.company_import (
    company_id uuid PRIMARY KEY,
    touched_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.company_import TO ${role.platform};
