--liquibase formatted sql

--changeset platform:event-log splitStatements:false
-- The event log (ADR 004). Only the platform's role reaches it: records of all tenants lie side by side.
CREATE SCHEMA IF NOT EXISTS eventlog;
GRANT USAGE ON SCHEMA eventlog TO ${role.platform};

CREATE TABLE eventlog.topic (
    name text PRIMARY KEY,
    partitions int NOT NULL CHECK (partitions BETWEEN 1 AND 1024),
    created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON eventlog.topic TO ${role.platform};

-- One row per topic and partition. Its lock, held from taking offsets to commit, is what makes offsets gap-free and visible in order.
CREATE TABLE eventlog.shard (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL REFERENCES eventlog.topic,
    partition int NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    UNIQUE (topic, partition)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
GRANT SELECT, INSERT, UPDATE ON eventlog.shard TO ${role.platform};

-- A ring of segments by time of append: an old one is truncated whole, so there is nothing to delete, vacuum or create while running.
CREATE TABLE eventlog.record (
    shard int NOT NULL,
    at_offset bigint NOT NULL,
    segment smallint NOT NULL,
    appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    key text NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (shard, at_offset, segment)
) PARTITION BY LIST (segment);
GRANT SELECT, INSERT ON eventlog.record TO ${role.platform};
DO $segments$
BEGIN
    FOR n IN 0..15 LOOP
        EXECUTE format('CREATE TABLE eventlog.record_%s PARTITION OF eventlog.record FOR VALUES IN (%s)', n, n);
        EXECUTE format('GRANT SELECT, INSERT, TRUNCATE ON eventlog.record_%s TO ${role.platform}', n);
    END LOOP;
END
$segments$;

-- Where a group stands in a partition, and which member may move it: epoch rises with every change of owner.
CREATE TABLE eventlog.consumer (
    group_name text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    owner uuid,
    epoch bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    PRIMARY KEY (group_name, topic, partition)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
GRANT SELECT, INSERT, UPDATE, DELETE ON eventlog.consumer TO ${role.platform};

CREATE TABLE eventlog.member (
    group_name text NOT NULL,
    topic text NOT NULL,
    member uuid NOT NULL,
    alive_until timestamptz NOT NULL,
    PRIMARY KEY (group_name, topic, member)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);
GRANT SELECT, INSERT, UPDATE, DELETE ON eventlog.member TO ${role.platform};

-- Records that a group could not take, with the reason; kept until replayed.
CREATE TABLE eventlog.dead_letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_name text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    at_offset bigint NOT NULL,
    key text NOT NULL,
    value bytea NOT NULL,
    appended_at timestamptz NOT NULL,
    died_at timestamptz NOT NULL DEFAULT now(),
    attempts int NOT NULL,
    error_type text NOT NULL,
    error text NOT NULL,
    state text NOT NULL DEFAULT 'dead' CHECK (state IN ('dead', 'replay', 'replayed')),
    UNIQUE (group_name, topic, partition, at_offset)
);
CREATE INDEX dead_letter_replay ON eventlog.dead_letter (group_name, topic, id) WHERE state = 'replay';
GRANT SELECT, INSERT, UPDATE, DELETE ON eventlog.dead_letter TO ${role.platform};

-- Writers' Avro schemas; the id travels in front of each value (Confluent wire format).
CREATE TABLE eventlog.schema (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    fingerprint bytea NOT NULL UNIQUE,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON eventlog.schema TO ${role.platform};
--rollback not supported: forward only

--changeset platform:outbox splitStatements:false
-- Domain events leave in the transaction that made them; the relay takes them on and deletes them.
CREATE TABLE platform.outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
    id uuid NOT NULL,
    aggregate text NOT NULL,
    type text NOT NULL,
    payload text NOT NULL,
    at timestamptz NOT NULL
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
CALL platform.guard('platform.outbox');
GRANT INSERT ON platform.outbox TO ${role.tenants};
GRANT SELECT, DELETE ON platform.outbox TO ${role.platform};

-- What each group has already taken: a repeat of the same event changes nothing.
CREATE TABLE platform.inbox (
    group_name text NOT NULL,
    event_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_name, event_id)
);
CREATE INDEX inbox_at ON platform.inbox (at);
GRANT SELECT, INSERT, DELETE ON platform.inbox TO ${role.platform};
--rollback not supported: forward only
