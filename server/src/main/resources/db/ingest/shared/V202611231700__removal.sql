--liquibase formatted sql

--changeset ingest:removal splitStatements:false
-- How far the removal of a company's old events is (ADR 038), and what the trail was last told of it. The row is what nodes
-- take turns by.
CREATE TABLE telemetry.removal (
    tenant_id uuid PRIMARY KEY,
    before date NOT NULL,
    ended boolean NOT NULL DEFAULT false,
    after_at timestamptz,
    after_id uuid,
    untold bigint NOT NULL DEFAULT 0 CHECK (untold >= 0),
    removed bigint NOT NULL DEFAULT 0 CHECK (removed >= untold),
    told_on date,
    told_events bigint,
    told_before date,
    CHECK ((after_at IS NULL) = (after_id IS NULL)),
    CHECK ((told_on IS NULL) = (told_events IS NULL) AND (told_on IS NULL) = (told_before IS NULL))
);
CALL platform.guard('telemetry.removal'::regclass);
GRANT SELECT, INSERT, UPDATE ON telemetry.removal TO ${role.platform};

-- Drops the oldest day's table in which nothing is, if it is older than the days that prepare_days makes. Runs as the owner:
-- no role of the server may drop tables. Writers of that one day wait while it is looked at; then the whole table is locked for
-- a moment, and whoever is in the way for longer than that comes first: it is tried again another time.
CREATE FUNCTION telemetry.drop_empty_day(before date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '300ms' AS $drop$
DECLARE
    newest text := 'event_' || to_char(least(before, (now() AT TIME ZONE 'UTC')::date - 8), 'YYYYMMDD');
    child name;
    used boolean;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7241103) THEN
        RETURN NULL;
    END IF;
    FOR child IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'telemetry.event'::regclass AND c.relname ~ '^event_[0-9]{8}$' AND c.relname < newest
                 ORDER BY c.relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM telemetry.%I)', child) INTO used;
        CONTINUE WHEN used;
        BEGIN
            EXECUTE format('LOCK TABLE telemetry.%I IN SHARE MODE', child);
            EXECUTE format('SELECT EXISTS (SELECT FROM telemetry.%I)', child) INTO used;
            CONTINUE WHEN used;
            EXECUTE format('DROP TABLE telemetry.%I', child);
            RETURN child;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            RETURN NULL;
        END;
    END LOOP;
    RETURN NULL;
END
$drop$;
REVOKE ALL ON FUNCTION telemetry.drop_empty_day FROM PUBLIC;
GRANT EXECUTE ON FUNCTION telemetry.drop_empty_day TO ${role.platform};
