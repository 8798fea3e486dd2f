--liquibase formatted sql

--changeset access:sight
-- Of a machine whose mark a person may not see (platform.hidden_hosts) nothing is read, whatever the statement.
CREATE POLICY sight ON asset AS RESTRICTIVE FOR SELECT
    USING (name_key NOT IN (SELECT platform.hidden_hosts('event')));
CREATE POLICY sight ON finding AS RESTRICTIVE FOR SELECT
    USING (host IS NULL OR lower(host) NOT IN (SELECT platform.hidden_hosts('finding')));
CREATE POLICY sight ON incident AS RESTRICTIVE FOR SELECT
    USING (host_key NOT IN (SELECT platform.hidden_hosts('incident')));
