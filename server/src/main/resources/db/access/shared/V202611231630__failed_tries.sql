--liquibase formatted sql

--changeset access:failed-tries
-- Failures in a row at one door, for one account from one address: what all nodes delay by. Only a hash of the three is kept.
-- Unlogged: what is lost with the database's crash is that somebody guessed lately.
CREATE UNLOGGED TABLE platform.failed_try (
    key_hash bytea PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX failed_try_last ON platform.failed_try (last_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.failed_try TO ${role.platform};
