--liquibase formatted sql

--changeset access:host-mark
-- What people say of machines. name_key is the name in small letters as the server makes them, host_key as the database does.
CREATE TABLE platform.host_mark (
    tenant_id uuid NOT NULL DEFAULT platform.current_tenant() REFERENCES platform.tenant (id),
    name_key text NOT NULL,
    host_key text NOT NULL GENERATED ALWAYS AS (lower(name_key)) STORED,
    classification smallint NOT NULL CHECK (classification BETWEEN 0 AND 3),
    criticality smallint CHECK (criticality BETWEEN 1 AND 5),
    mark smallint NOT NULL GENERATED ALWAYS AS (classification * 10 + coalesce(criticality, 0)) STORED,
    marked_by text NOT NULL,
    marked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name_key)
);
CREATE INDEX host_mark_mark ON platform.host_mark (tenant_id, mark);
CALL platform.guard('platform.host_mark');
GRANT SELECT ON platform.host_mark TO ${role.platform};
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.host_mark TO ${role.tenants};

--changeset access:hidden-hosts splitStatements:false
-- Machines of which the transaction reads no event, finding or incident. app.hidden says which marks those are, such as
-- 'event=20,21;incident=20;'; '*' is every mark, and empty none. Not set at all means that no server of ours asks.
CREATE FUNCTION platform.hidden_hosts(what text) RETURNS SETOF text LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 AS $hidden$
DECLARE
    said text := coalesce(current_setting('app.hidden', true), '');
    marks smallint[];
BEGIN
    IF said = '' THEN
        RETURN;
    END IF;
    marks := string_to_array(substring(said FROM '(?:^|;)' || what || '=([0-9,]+)'), ',')::smallint[];
    RETURN QUERY SELECT unnest(ARRAY[h.name_key, h.host_key]) FROM platform.host_mark h
        WHERE h.tenant_id = platform.current_tenant() AND (said = '*' OR h.mark = ANY (marks));
END
$hidden$;

CREATE POLICY sight ON telemetry.event AS RESTRICTIVE FOR SELECT TO ${role.tenants}
    USING (host_key IS NULL OR host_key NOT IN (SELECT platform.hidden_hosts('event')));

--changeset access:search-by-sight splitStatements:false
-- Both search as the platform's role, so that they leave out by themselves what the row policy would.
CREATE OR REPLACE FUNCTION telemetry.find_events(asked tsquery, since timestamptz, until timestamptz, of_class int, of_host text,
    of_user text, of_source uuid, before_at timestamptz, before_id uuid, most int)
RETURNS TABLE (occurred_at timestamptz, id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan AS $find$
#variable_conflict use_column
DECLARE
    own uuid := platform.current_tenant();
    hidden text[] := ARRAY(SELECT platform.hidden_hosts('event'));
BEGIN
    RETURN QUERY SELECT e.occurred_at, e.id FROM telemetry.event e
        WHERE e.tenant_id = own AND e.words @@ asked
          AND (since IS NULL OR e.occurred_at >= since) AND (until IS NULL OR e.occurred_at < until)
          AND (of_class IS NULL OR e.class_uid = of_class) AND (of_host IS NULL OR e.host_key = of_host)
          AND (of_user IS NULL OR lower(e.user_name) = of_user) AND (of_source IS NULL OR e.source_id = of_source)
          AND (before_at IS NULL OR (e.occurred_at, e.id) < (before_at, before_id))
          AND (e.host_key IS NULL OR e.host_key <> ALL (hidden))
        ORDER BY e.occurred_at DESC, e.id DESC LIMIT most;
END
$find$;

CREATE OR REPLACE FUNCTION telemetry.count_events(asked tsquery, since timestamptz, until timestamptz, of_class int, of_host text,
    of_user text, of_source uuid, step interval)
RETURNS TABLE (at timestamptz, events bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan AS $count$
#variable_conflict use_column
DECLARE
    own uuid := platform.current_tenant();
    hidden text[] := ARRAY(SELECT platform.hidden_hosts('event'));
BEGIN
    RETURN QUERY SELECT date_bin(step, e.occurred_at, 'epoch'), count(*) FROM telemetry.event e
        WHERE e.tenant_id = own AND e.words @@ asked AND e.occurred_at >= since AND e.occurred_at < until
          AND (of_class IS NULL OR e.class_uid = of_class) AND (of_host IS NULL OR e.host_key = of_host)
          AND (of_user IS NULL OR lower(e.user_name) = of_user) AND (of_source IS NULL OR e.source_id = of_source)
          AND (e.host_key IS NULL OR e.host_key <> ALL (hidden))
        GROUP BY 1 ORDER BY 1;
END
$count$;

--changeset access:founders-clearance
-- Until now administrators saw everything, and their clearance said nothing.
UPDATE platform.account SET clearance = 3 WHERE role = 'tenant-admin';
