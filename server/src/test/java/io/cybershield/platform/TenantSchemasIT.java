package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A new tenant's schema is made by one script, and is what the changelog would have made. */
class TenantSchemasIT {
    private static final Map<String, String> CATALOGUES =
            Map.of(
                    "columns",
                    """
                    SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                           pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
                    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
                    WHERE c.relnamespace = '%s'::regnamespace ORDER BY 1, 2
                    """,
                    "tables",
                    """
                    SELECT c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relpersistence, c.reloptions,
                           obj_description(c.oid, 'pg_class'), pg_get_partkeydef(c.oid)
                    FROM pg_class c WHERE c.relnamespace = '%s'::regnamespace ORDER BY 1
                    """,
                    "rights",
                    """
                    SELECT c.relname, a.privilege_type, a.grantee = c.relowner AS owner FROM pg_class c, aclexplode(c.relacl) a
                    WHERE c.relnamespace = '%s'::regnamespace ORDER BY 1, 2, 3
                    """,
                    "constraints",
                    """
                    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
                    WHERE connamespace = '%s'::regnamespace ORDER BY 1, 2
                    """,
                    "indexes",
                    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = '%s' ORDER BY 1",
                    "policies",
                    "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies WHERE"
                            + " schemaname = '%s' ORDER BY 1, 2",
                    "triggers",
                    """
                    SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                    WHERE c.relnamespace = '%s'::regnamespace AND NOT t.tgisinternal ORDER BY 1, 2
                    """,
                    "functions",
                    "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace ="
                            + " '%s'::regnamespace AND prokind IN ('f', 'p') ORDER BY 1",
                    "changes",
                    "SELECT orderexecuted, id, author, filename, md5sum, exectype FROM"
                            + " %s.databasechangelog ORDER BY 1");

    @Test
    void theScriptMakesWhatTheChangelogMakes() throws SQLException {
        try (var made = TestDatabase.create();
                var owner = made.database().server().owner()) {
            var scripted = new TenantId(UUID.randomUUID());
            var replayed = new TenantId(UUID.randomUUID());
            made.tenantSchemas().ensure(scripted);
            try (var sql = owner.createStatement()) {
                sql.execute("CREATE SCHEMA " + replayed.schema());
            }
            made.tenantSchemas().ensure(replayed);
            for (var catalogue : CATALOGUES.entrySet()) {
                var one = read(owner, catalogue.getValue(), scripted);
                assertThat(one)
                        .as(catalogue.getKey())
                        .isEqualTo(read(owner, catalogue.getValue(), replayed));
            }
            assertThat(read(owner, CATALOGUES.get("tables"), scripted)).hasSizeGreaterThan(100);
            assertThat(read(owner, CATALOGUES.get("changes"), scripted)).hasSizeGreaterThan(20);
        }
    }

    @Test
    void whatIsCutOffLeavesNothingAndIsMadeNext() throws SQLException {
        try (var made = TestDatabase.create();
                var owner = made.database().server().owner()) {
            var tenant = new TenantId(UUID.randomUUID());
            made.asOwner(
                    "ALTER TABLE platform.tenant_schema ADD CONSTRAINT stop CHECK (false) NOT"
                            + " VALID");
            assertThat(failure(() -> made.tenantSchemas().ensure(tenant))).contains("stop");
            assertThat(read(owner, "SELECT 1 FROM pg_namespace WHERE nspname = '%s'", tenant))
                    .isEmpty();
            made.asOwner("ALTER TABLE platform.tenant_schema DROP CONSTRAINT stop");
            made.tenantSchemas().ensure(tenant);
            made.tenantSchemas().drop(tenant);
            made.tenantSchemas().drop(tenant);
            assertThat(read(owner, "SELECT 1 FROM pg_namespace WHERE nspname = '%s'", tenant))
                    .isEmpty();
            assertThat(read(owner, "SELECT 1 FROM pg_roles WHERE rolname LIKE '%%%s'", tenant))
                    .isEmpty();
            assertThat(read(owner, "SELECT 1 FROM platform.tenant_schema WHERE '%s' <> ''", tenant))
                    .isEmpty();
        }
    }

    private static String failure(Runnable work) {
        try {
            work.run();
            return "";
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Each row as text, the schema's name left out. */
    private static List<String> read(Connection owner, String query, TenantId tenant)
            throws SQLException {
        var found = new ArrayList<String>();
        try (var sql = owner.createStatement();
                var rows = sql.executeQuery(query.formatted(tenant.schema()))) {
            while (rows.next()) {
                var line = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    line.append(rows.getString(i)).append('|');
                }
                found.add(line.toString().replace(tenant.schema(), "SCHEMA"));
            }
        }
        return found;
    }
}
