--liquibase formatted sql

--changeset ingest:telemetry splitStatements:false
-- Events of all tenants in one table by day, tenant first in every index: 1,000 tenants with daily tables of their own
-- would be hundreds of thousands of relations (ADR 008).
CREATE SCHEMA telemetry;
GRANT USAGE ON SCHEMA telemetry TO ${role.platform}, ${role.tenants};
CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

CREATE TABLE telemetry.source (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('json', 'syslog', 'windows', 'linux', 'upload')),
    token_hash bytea,
    token_hint text,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX source_name ON telemetry.source (tenant_id, name) WHERE state = 'active';
CREATE INDEX source_list ON telemetry.source (tenant_id, id);

-- Counters of a source, apart from it, because the stream updates them with every batch.
CREATE TABLE telemetry.source_activity (
    tenant_id uuid NOT NULL,
    source_id uuid NOT NULL,
    received bigint NOT NULL DEFAULT 0,
    unparsed bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    last_received_at timestamptz,
    PRIMARY KEY (tenant_id, source_id)
) WITH (fillfactor = 50);

-- Rollup for charts: by the minute of receipt.
CREATE TABLE telemetry.event_minute (
    tenant_id uuid NOT NULL,
    minute timestamptz NOT NULL,
    events bigint NOT NULL DEFAULT 0,
    unparsed bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, minute)
) WITH (fillfactor = 70);

CREATE TABLE telemetry.event (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    source_id uuid NOT NULL,
    source_name text NOT NULL,
    class_uid integer NOT NULL,
    class_name text NOT NULL,
    activity text NOT NULL,
    severity_id smallint NOT NULL,
    host text,
    user_name text,
    message text NOT NULL,
    parsed boolean NOT NULL,
    ocsf jsonb NOT NULL,
    raw text NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (tenant_id, occurred_at, id)
) PARTITION BY RANGE (occurred_at);
DO $lz4$ BEGIN
    ALTER TABLE telemetry.event ALTER COLUMN ocsf SET COMPRESSION lz4, ALTER COLUMN raw SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL; -- a server built without lz4 keeps its default
END $lz4$;
CREATE INDEX event_id ON telemetry.event (tenant_id, id);
CREATE INDEX event_host ON telemetry.event (tenant_id, lower(host), occurred_at);
CREATE INDEX event_words ON telemetry.event USING gin (tenant_id, words);
CREATE TABLE telemetry.event_other PARTITION OF telemetry.event DEFAULT;

CALL platform.guard('telemetry.source');
CALL platform.guard('telemetry.source_activity');
CALL platform.guard('telemetry.event_minute');
CALL platform.guard('telemetry.event');
GRANT SELECT, INSERT, UPDATE ON telemetry.source, telemetry.source_activity, telemetry.event_minute TO ${role.platform};
GRANT SELECT, INSERT ON telemetry.event TO ${role.platform};
GRANT SELECT, INSERT, UPDATE ON telemetry.source TO ${role.tenants};
GRANT SELECT ON telemetry.source_activity, telemetry.event_minute, telemetry.event TO ${role.tenants};

-- Makes the tables of days that lack one. A day whose events already lie in event_other stays there. Runs as the owner:
-- no role of the server may make tables.
CREATE FUNCTION telemetry.prepare_days(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $prepare$
DECLARE
    day date;
    made integer := 0;
    child text;
BEGIN
    IF last_day - first_day > 400 THEN
        RAISE EXCEPTION 'more than 400 days at once';
    END IF;
    PERFORM pg_advisory_xact_lock(7241103);
    FOR day IN SELECT d::date FROM generate_series(first_day, last_day, interval '1 day') d LOOP
        child := 'event_' || to_char(day, 'YYYYMMDD');
        IF to_regclass('telemetry.' || child) IS NULL
            AND NOT EXISTS (SELECT 1 FROM telemetry.event_other
                            WHERE occurred_at >= day::timestamp AT TIME ZONE 'UTC'
                              AND occurred_at < (day + 1)::timestamp AT TIME ZONE 'UTC') THEN
            EXECUTE format('CREATE TABLE telemetry.%I PARTITION OF telemetry.event FOR VALUES FROM (%L) TO (%L)', child,
                day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$prepare$;
REVOKE ALL ON FUNCTION telemetry.prepare_days FROM PUBLIC;
GRANT EXECUTE ON FUNCTION telemetry.prepare_days TO ${role.platform};
