package io.cybershield.platform;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and migrates the schemas of tenants and puts up three of the four walls around each: its
 * own schema, its own database role, forced row-level security on every table.
 */
public final class TenantSchemas {
    private static final Logger log = LoggerFactory.getLogger(TenantSchemas.class);
    private final DatabaseServer server;
    private final DatabaseRoles roles;

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

    /** Brings every tenant's schema to this release's shape; called at start. */
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
        for (TenantId tenant : behind) {
            ensure(owner, tenant, hash);
            log.info("tenant schema migrated tenant={}", tenant);
        }
    }

    private void ensure(Connection owner, TenantId tenant, String hash) throws SQLException {
        String role = roles.tenant(tenant);
        String schema = tenant.schema();
        Installation.role(owner, role, "NOLOGIN IN ROLE " + roles.tenants());
        execute(owner, "GRANT " + role + " TO " + roles.app());
        execute(owner, "CREATE SCHEMA IF NOT EXISTS " + schema);
        execute(owner, "GRANT USAGE ON SCHEMA " + schema + " TO " + role);
        Migrations.update(owner, Migrations.TENANT, schema, Map.of());
        for (String table : tables(owner, schema)) {
            guard(owner, schema, table, role);
        }
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
        // PostgreSQL's backends remember which roles a login is in. One that was putting that
        // together while the GRANT above came in keeps the list without this role, and refuses it
        // for good. Touching the role once more, long after, makes all of them look again.
        execute(owner, "ALTER ROLE " + role + " NOLOGIN");
    }

    /**
     * Row-level security for one table, and no more rights than it needs: a comment that starts
     * with 'append-only' means what it says.
     */
    private static void guard(Connection owner, String schema, String table, String role)
            throws SQLException {
        String name = schema + "." + table;
        execute(owner, "ALTER TABLE " + name + " ENABLE ROW LEVEL SECURITY");
        execute(owner, "ALTER TABLE " + name + " FORCE ROW LEVEL SECURITY");
        execute(owner, "DROP POLICY IF EXISTS own_tenant ON " + name);
        execute(
                owner,
                "CREATE POLICY own_tenant ON "
                        + name
                        + " USING (tenant_id = platform.current_tenant()) WITH CHECK (tenant_id ="
                        + " platform.current_tenant())");
        boolean appendOnly;
        try (var sql =
                owner.prepareStatement(
                        "SELECT coalesce(obj_description(?::regclass), '') LIKE 'append-only%'")) {
            sql.setString(1, name);
            try (var rows = sql.executeQuery()) {
                rows.next();
                appendOnly = rows.getBoolean(1);
            }
        }
        execute(owner, "REVOKE ALL ON " + name + " FROM " + role);
        execute(
                owner,
                "GRANT SELECT, INSERT"
                        + (appendOnly ? "" : ", UPDATE, DELETE")
                        + " ON "
                        + name
                        + " TO "
                        + role);
    }

    /** The schema's own tables, Liquibase's two left out. */
    private static List<String> tables(Connection owner, String schema) throws SQLException {
        var names = new ArrayList<String>();
        try (var sql =
                owner.prepareStatement(
                        """
                        SELECT c.relname,
                               EXISTS (SELECT 1 FROM pg_attribute a
                                       WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull)
                        FROM pg_class c WHERE c.relnamespace = ?::regnamespace AND c.relkind IN ('r', 'p')
                          AND c.relname NOT LIKE 'databasechangelog%'
                        """)) {
            sql.setString(1, schema);
            try (var rows = sql.executeQuery()) {
                while (rows.next()) {
                    if (!rows.getBoolean(2)) {
                        throw new SQLException(
                                "Table "
                                        + rows.getString(1)
                                        + " has no tenant_id; add 'tenant_id uuid NOT NULL DEFAULT"
                                        + " platform.current_tenant()'");
                    }
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
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
