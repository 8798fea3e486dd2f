--liquibase formatted sql

--changeset custody:brand-choice
-- Whose label a company wears goes with the company.
GRANT DELETE ON platform.brand_choice TO ${role.platform};
--rollback not supported: forward only
