--liquibase formatted sql

--changeset ingest:event-ocsf-json
-- Read and written whole, never searched by path: what jsonb does to it on the way in is work for nothing.
ALTER TABLE telemetry.event ALTER COLUMN ocsf TYPE json USING ocsf::json;

--changeset ingest:event-host-key
-- Under row-level security only conditions whose functions cannot leak may use an index: = on a column can, lower(host) cannot.
-- With the id in it the index gives a host's newest events in the order of the list: as many rows are read as are shown.
DROP INDEX telemetry.event_host;
ALTER TABLE telemetry.event ADD COLUMN host_key text GENERATED ALWAYS AS (lower(host)) STORED;
CREATE INDEX event_host ON telemetry.event (tenant_id, host_key, occurred_at, id);

--changeset ingest:event-search splitStatements:false
-- For the same reason a tenant's own query could never use the index of words. These two look on its behalf: they name the
-- tenant themselves, and give only places and counts; the events are then read through row-level security as ever.
CREATE FUNCTION telemetry.find_events(asked tsquery, since timestamptz, until timestamptz, of_class int, of_host text,
    of_user text, of_source uuid, before_at timestamptz, before_id uuid, most int)
RETURNS TABLE (occurred_at timestamptz, id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan AS $find$
#variable_conflict use_column
DECLARE
    own uuid := platform.current_tenant();
BEGIN
    RETURN QUERY SELECT e.occurred_at, e.id FROM telemetry.event e
        WHERE e.tenant_id = own AND e.words @@ asked
          AND (since IS NULL OR e.occurred_at >= since) AND (until IS NULL OR e.occurred_at < until)
          AND (of_class IS NULL OR e.class_uid = of_class) AND (of_host IS NULL OR e.host_key = of_host)
          AND (of_user IS NULL OR lower(e.user_name) = of_user) AND (of_source IS NULL OR e.source_id = of_source)
          AND (before_at IS NULL OR (e.occurred_at, e.id) < (before_at, before_id))
        ORDER BY e.occurred_at DESC, e.id DESC LIMIT most;
END
$find$;

CREATE FUNCTION telemetry.count_events(asked tsquery, since timestamptz, until timestamptz, of_class int, of_host text,
    of_user text, of_source uuid, step interval)
RETURNS TABLE (at timestamptz, events bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_custom_plan AS $count$
#variable_conflict use_column
DECLARE
    own uuid := platform.current_tenant();
BEGIN
    RETURN QUERY SELECT date_bin(step, e.occurred_at, 'epoch'), count(*) FROM telemetry.event e
        WHERE e.tenant_id = own AND e.words @@ asked AND e.occurred_at >= since AND e.occurred_at < until
          AND (of_class IS NULL OR e.class_uid = of_class) AND (of_host IS NULL OR e.host_key = of_host)
          AND (of_user IS NULL OR lower(e.user_name) = of_user) AND (of_source IS NULL OR e.source_id = of_source)
        GROUP BY 1 ORDER BY 1;
END
$count$;

DO $own$
BEGIN
    -- The platform's role sees all tenants' events, so no condition of row-level security stands before theirs.
    EXECUTE 'GRANT ${role.platform} TO CURRENT_USER';
    EXECUTE 'GRANT CREATE ON SCHEMA telemetry TO ${role.platform}';
    EXECUTE 'ALTER FUNCTION telemetry.find_events OWNER TO ${role.platform}';
    EXECUTE 'ALTER FUNCTION telemetry.count_events OWNER TO ${role.platform}';
    EXECUTE 'REVOKE CREATE ON SCHEMA telemetry FROM ${role.platform}';
END
$own$;
REVOKE ALL ON FUNCTION telemetry.find_events, telemetry.count_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION telemetry.find_events, telemetry.count_events TO ${role.tenants};
