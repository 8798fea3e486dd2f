--liquibase formatted sql

--changeset platform:bound-tenant splitStatements:false
-- A tenant's role counts for that tenant only: with another's id in app.tenant it is nobody. Before, the setting alone
-- decided whose rows of the shared tables were seen, and every role can change a setting. Roles that are of no tenant
-- (the platform's, owners) go by the setting, as before.
CREATE OR REPLACE FUNCTION platform.current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN right(current_user::text, 32) = replace(current_setting('app.tenant'), '-', '')
                  OR current_user::text !~ '_t_[0-9a-f]{32}$'
                THEN current_setting('app.tenant')::uuid END;
--rollback not supported: forward only
