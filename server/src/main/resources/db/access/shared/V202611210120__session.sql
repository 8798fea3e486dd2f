--liquibase formatted sql

--changeset access:session
-- The tables that spring-session-jdbc asks for; only the platform's role reaches them.
CREATE TABLE platform.spring_session (
    primary_id char(36) NOT NULL PRIMARY KEY,
    session_id char(36) NOT NULL,
    creation_time bigint NOT NULL,
    last_access_time bigint NOT NULL,
    max_inactive_interval int NOT NULL,
    expiry_time bigint NOT NULL,
    principal_name varchar(100)
);
CREATE UNIQUE INDEX spring_session_id ON platform.spring_session (session_id);
CREATE INDEX spring_session_expiry ON platform.spring_session (expiry_time);
CREATE INDEX spring_session_principal ON platform.spring_session (principal_name);
CREATE TABLE platform.spring_session_attributes (
    session_primary_id char(36) NOT NULL REFERENCES platform.spring_session (primary_id) ON DELETE CASCADE,
    attribute_name varchar(200) NOT NULL,
    attribute_bytes bytea NOT NULL,
    PRIMARY KEY (session_primary_id, attribute_name)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.spring_session, platform.spring_session_attributes TO ${role.platform};
