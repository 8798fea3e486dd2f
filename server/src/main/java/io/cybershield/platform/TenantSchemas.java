package io.cybershield.platform;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and migrates the schemas of tenants and puts up three of the four walls around each: its
 * own schema, its own database role, forced row-level security on every table. A new one is made
 * from a script of all that the changelog says, in one transaction: it is whole or it is not there.
 */
public final class TenantSchemas {
    private static final Logger log = LoggerFactory.getLogger(TenantSchemas.class);
    private static final String STAND_IN = "t_stand_in";

    /**
     * Row-level security for each table, and no more rights than it needs: a comment that starts
     * with 'append-only' means what it says.
     */
    private static final String GUARD =
            """
            DO $guard$
            DECLARE t record;
            BEGIN
                FOR t IN SELECT c.oid::regclass::text AS name, coalesce(obj_description(c.oid, 'pg_class'), '') LIKE 'append-only%' AS append_only
                         FROM pg_class c
                         WHERE c.relnamespace = 'SCHEMA_NAME'::regnamespace AND c.relkind IN ('r', 'p')
                           AND c.relname NOT LIKE 'databasechangelog%'
                LOOP
                    EXECUTE 'ALTER TABLE ' || t.name || ' ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY';
                    EXECUTE 'DROP POLICY IF EXISTS own_tenant ON ' || t.name;
                    EXECUTE 'CREATE POLICY own_tenant ON ' || t.name
                         || ' USING (tenant_id = platform.current_tenant()) WITH CHECK (tenant_id = platform.current_tenant())';
                    EXECUTE 'REVOKE ALL ON ' || t.name || ' FROM ROLE_NAME';
                    EXECUTE 'GRANT SELECT, INSERT' || CASE WHEN t.append_only THEN '' ELSE ', UPDATE, DELETE' END
                         || ' ON ' || t.name || ' TO ROLE_NAME';
                END LOOP;
            END
            $guard$
            """;

    private static final String FORGET_RUN =
            """
            DO $forget$
            DECLARE t record;
            BEGIN
                FOR t IN SELECT a.attrelid::regclass::text AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                         WHERE c.relnamespace = 'SCHEMA_NAME'::regnamespace AND c.relkind = 'r' AND a.attname = 'run_id'
                LOOP
                    EXECUTE format('DELETE FROM %s WHERE run_id = %L', t.name, 'RUN_ID');
                END LOOP;
                DELETE FROM workflow_instances WHERE id = 'RUN_ID';
            END
            $forget$
            """;

    private final DatabaseServer server;
    private final DatabaseRoles roles;
    private final AtomicReference<@Nullable String> script = new AtomicReference<>();

    TenantSchemas(DatabaseServer server, DatabaseRoles roles) {
        this.server = server;
        this.roles = roles;
    }

    /**
     * Makes the tenant's role and schema and brings it to this release's shape; repeating it
     * changes nothing.
     */
    public void ensure(TenantId tenant) {
        String hash = Migrations.hash(Migrations.TENANT);
        try (Connection owner = server.owner()) {
            lock(owner);
            ensure(owner, tenant, hash);
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "Could not make the schema of tenant " + tenant + ": " + e.getMessage(), e);
        }
    }

    /**
     * Takes the tenant's role and schema away with all that is in it; repeating it changes nothing.
     */
    public void drop(TenantId tenant) {
        String role = roles.tenant(tenant);
        try (Connection owner = server.owner()) {
            lock(owner);
            execute(owner, "DROP SCHEMA IF EXISTS " + tenant.schema() + " CASCADE");
            execute(owner, "DROP ROLE IF EXISTS " + role);
            try (var sql =
                    owner.prepareStatement(
                            "DELETE FROM platform.tenant_schema WHERE tenant_id = ?::uuid")) {
                sql.setString(1, tenant.toString());
                sql.executeUpdate();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "Could not take away the schema of tenant " + tenant + ": " + e.getMessage(),
                    e);
        }
    }

    /** Whether anything is left of the tenant's schema or role. */
    public boolean areThere(TenantId tenant) {
        try (Connection owner = server.owner();
                var sql =
                        owner.prepareStatement(
                                """
                                SELECT to_regnamespace(?) IS NOT NULL OR EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ?)
                                    OR EXISTS (SELECT 1 FROM platform.tenant_schema WHERE tenant_id = ?::uuid)
                                """)) {
            sql.setString(1, tenant.schema());
            sql.setString(2, roles.tenant(tenant));
            sql.setString(3, tenant.toString());
            try (var rows = sql.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Lets the numbers of a tenant's schema go on after what was brought in.
     *
     * @param next by sequence
     */
    public void goOnFrom(TenantId tenant, Map<String, Long> next) {
        try (Connection owner = server.owner();
                var sql = owner.prepareStatement("SELECT setval(?::regclass, ?, false)")) {
            for (var sequence : next.entrySet()) {
                sql.setString(1, tenant.schema() + "." + sequence.getKey());
                sql.setLong(2, sequence.getValue());
                sql.execute();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Could not set numbers of tenant " + tenant, e);
        }
    }

    /**
     * Takes one run of the platform's own workflows away with all that tells of it, but for the
     * trail: no role but the owner's may, as journals are append-only. Repeating it changes
     * nothing.
     */
    public void forgetRun(UUID run) {
        String schema = TenantId.HOUSE.schema();
        try (Connection owner = server.owner()) {
            if (!exists(owner, schema)) {
                return;
            }
            owner.setAutoCommit(false);
            execute(owner, "SELECT set_config('app.tenant', '" + TenantId.HOUSE + "', true)");
            execute(owner, "SET LOCAL search_path TO " + schema);
            execute(
                    owner,
                    FORGET_RUN.replace("SCHEMA_NAME", schema).replace("RUN_ID", run.toString()));
            owner.commit();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not forget run " + run, e);
        }
    }

    /**
     * Brings every tenant's schema to this release's shape; called at start. One that is in the way
     * keeps no other back.
     *
     * @throws IllegalStateException with all that could not be brought there: nobody is served in a
     *     shape that this release does not know
     */
    void migrateAll(Connection owner) throws SQLException {
        String hash = Migrations.hash(Migrations.TENANT);
        var behind = new ArrayList<TenantId>();
        try (var sql =
                owner.prepareStatement(
                        "SELECT tenant_id FROM platform.tenant_schema WHERE changelog <> ?")) {
            sql.setString(1, hash);
            try (var rows = sql.executeQuery()) {
                while (rows.next()) {
                    behind.add(TenantId.parse(rows.getString(1)));
                }
            }
        }
        var failed = new ArrayList<String>();
        for (TenantId tenant : behind) {
            try {
                ensure(owner, tenant, hash);
                log.info("tenant schema migrated tenant={}", tenant);
            } catch (SQLException e) {
                if (!owner.isValid(5)) {
                    throw e;
                }
                log.error(
                        "tenant schema not migrated tenant={} cause=\"{}\"",
                        tenant,
                        e.getMessage());
                failed.add(tenant + ": " + e.getMessage());
            }
        }
        if (!failed.isEmpty()) {
            throw new IllegalStateException(
                    ("The data of %d of %d companies could not be brought to this release's shape."
                                    + " Each of them is as it was before the change that failed;"
                                    + " the others are ready. Take what is in the way out of these"
                                    + " schemas and start again, or go back to the backup and the"
                                    + " release before:%n%s")
                            .formatted(failed.size(), behind.size(), String.join("\n", failed)));
        }
    }

    private void ensure(Connection owner, TenantId tenant, String hash) throws SQLException {
        String role = roles.tenant(tenant);
        String schema = tenant.schema();
        Installation.role(owner, role, "NOLOGIN IN ROLE " + roles.tenants());
        execute(owner, "GRANT " + role + " TO " + roles.app());
        if (exists(owner, schema)) {
            Migrations.update(owner, Migrations.TENANT, schema, Map.of());
            finish(owner, tenant, role, hash);
        } else {
            String statements = script(owner).replace(STAND_IN, schema);
            owner.setAutoCommit(false);
            try {
                execute(owner, "CREATE SCHEMA " + schema);
                execute(owner, "SET LOCAL search_path TO " + schema);
                execute(owner, statements);
                finish(owner, tenant, role, hash);
                owner.commit();
            } catch (SQLException e) {
                owner.rollback();
                throw e;
            } finally {
                owner.setAutoCommit(true);
            }
        }
        // PostgreSQL's backends remember which roles a login is in. One that was putting that
        // together while the GRANT above came in keeps the list without this role, and refuses it
        // for good. Touching the role once more, long after, makes all of them look again.
        execute(owner, "ALTER ROLE " + role + " NOLOGIN");
    }

    private static boolean exists(Connection owner, String schema) throws SQLException {
        try (var sql = owner.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            sql.setString(1, schema);
            try (var rows = sql.executeQuery()) {
                return rows.next();
            }
        }
    }

    /** What makes an empty schema into one of this release; asked of Liquibase once. */
    private String script(Connection owner) throws SQLException {
        String known = script.get();
        if (known != null) {
            return known;
        }
        execute(owner, "DROP SCHEMA IF EXISTS " + STAND_IN + " CASCADE");
        execute(owner, "CREATE SCHEMA " + STAND_IN);
        try {
            String made = Migrations.script(owner, Migrations.TENANT, STAND_IN);
            script.set(made);
            return made;
        } finally {
            execute(owner, "DROP SCHEMA " + STAND_IN + " CASCADE");
        }
    }

    private static void finish(Connection owner, TenantId tenant, String role, String hash)
            throws SQLException {
        String schema = tenant.schema();
        requireTenantColumn(owner, schema);
        execute(owner, "GRANT USAGE ON SCHEMA " + schema + " TO " + role);
        execute(owner, GUARD.replace("SCHEMA_NAME", schema).replace("ROLE_NAME", role));
        execute(owner, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA " + schema + " TO " + role);
        try (var done =
                owner.prepareStatement(
                        """
                        INSERT INTO platform.tenant_schema (tenant_id, changelog) VALUES (?::uuid, ?)
                        ON CONFLICT (tenant_id) DO UPDATE SET changelog = excluded.changelog, migrated_at = now()
                        """)) {
            done.setString(1, tenant.toString());
            done.setString(2, hash);
            done.executeUpdate();
        }
    }

    /** A table without the column could have no wall. */
    private static void requireTenantColumn(Connection owner, String schema) throws SQLException {
        try (var sql =
                owner.prepareStatement(
                        """
                        SELECT c.relname FROM pg_class c
                        WHERE c.relnamespace = ?::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE 'databasechangelog%'
                          AND NOT EXISTS (SELECT 1 FROM pg_attribute a
                                          WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull)
                        """)) {
            sql.setString(1, schema);
            try (var rows = sql.executeQuery()) {
                if (rows.next()) {
                    throw new SQLException(
                            "Table "
                                    + rows.getString(1)
                                    + " has no tenant_id; add 'tenant_id uuid NOT NULL DEFAULT"
                                    + " platform.current_tenant()'");
                }
            }
        }
    }

    static void lock(Connection owner) throws SQLException {
        execute(owner, "SELECT pg_advisory_lock(" + Installation.MIGRATION_LOCK + ")");
    }

    private static void execute(Connection owner, String statement) throws SQLException {
        try (var sql = owner.createStatement()) {
            sql.execute(statement);
        }
    }
}
