package io.cybershield.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.platform.TenantId;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each table and column of the database has a decision: what leaves with a company, what goes. */
class TablesIT {
    private final TestApplication app = TestApplication.shared();
    private static final Map<String, Tables.Table> DECIDED =
            Tables.ALL.stream().collect(Collectors.toMap(Tables.Table::name, Function.identity()));

    private List<List<String>> query(String sql) {
        try (var owner = DriverManager.getConnection(app.database().ownerUrl());
                var statement = owner.createStatement();
                var rows = statement.executeQuery(sql)) {
            var all = new ArrayList<List<String>>();
            while (rows.next()) {
                var row = new ArrayList<String>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(rows.getString(i));
                }
                all.add(row);
            }
            return all;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String newSchema() {
        var tenant = new TenantId(UUID.randomUUID());
        app.database().tenantSchemas().ensure(tenant);
        return tenant.schema();
    }

    /** Columns by table; a company's own tables without their schema. */
    private Map<String, TreeSet<String>> inDatabase() {
        var found = new TreeMap<String, TreeSet<String>>();
        query(
                        """
                        SELECT CASE WHEN n.nspname = '%s' THEN c.relname ELSE n.nspname || '.' || c.relname END, a.attname
                        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE 'databasechangelog%%'
                          AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'
                          AND (n.nspname = '%1$s' OR n.nspname NOT LIKE 't\\_%%')
                        """
                                .formatted(newSchema()))
                .forEach(row ->
                        found.computeIfAbsent(row.get(0), _ -> new TreeSet<>()).add(row.get(1)));
        return found;
    }

    @Test
    void everyTableIsDecidedOnce() {
        assertThat(DECIDED.keySet())
                .as("decide in custody.Tables what becomes of each table")
                .containsExactlyInAnyOrderElementsOf(inDatabase().keySet());
    }

    @Test
    void everyColumnOfWhatLeavesIsDecidedOnce() {
        inDatabase()
                .forEach((name, columns) -> {
                    var table = DECIDED.get(name);
                    if (!table.exported()) {
                        return;
                    }
                    var decided = new ArrayList<>(table.columns());
                    decided.addAll(table.secrets());
                    decided.addAll(table.left().keySet());
                    decided.add("tenant_id");
                    assertThat(decided)
                            .as("decide in custody.Tables what becomes of each column of " + name)
                            .containsExactlyInAnyOrderElementsOf(columns);
                });
    }

    /** Whatever its name, a column that is sealed or a hash of a secret does not leave openly. */
    @Test
    void nothingLeavesOpenlyThatOpensSomething() {
        for (Tables.Table table : Tables.exported()) {
            assertThat(table.columns())
                    .as(table.name())
                    .noneMatch(column ->
                            column.matches(
                                    "sealed|secret|password_hash|totp_(secret|pending)|client_secret"
                                        + "|(key|token|code|secret)_hash|wrapped"));
        }
    }

    /** The one who takes rows away sees those of one company, in every shared table. */
    @Test
    void whatHasATenantIsBehindTheWallOfCustody() {
        var shared =
                query(
                                """
                                SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
                                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('platform', 'telemetry')
                                """)
                        .stream()
                        .map(row -> row.get(0))
                        .toList();
        assertThat(shared).hasSizeGreaterThan(40);
        for (String name : shared) {
            var table = DECIDED.get(name);
            if (table.place() == Tables.Place.TIED) {
                continue; // found by Ties, and looked for by the scan of CompanyDeletionIT
            }
            assertThat(table.place()).as(name).isEqualTo(Tables.Place.SHARED);
            assertThat(
                            query(
                                    """
                                    SELECT 1 FROM pg_policy WHERE polrelid = '%s'::regclass AND polname = 'custody'
                                    """
                                            .formatted(name)))
                    .as(name + " has no policy for custody: CALL platform.guard")
                    .hasSize(1);
        }
    }

    @Test
    void whatComesInFollowsWhatItRefersTo() {
        var place = new TreeMap<String, Integer>();
        var order = Tables.exported();
        for (int i = 0; i < order.size(); i++) {
            place.put(order.get(i).name(), i);
        }
        String schema = newSchema();
        query(
                        """
                        SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint c
                        JOIN pg_namespace n ON n.oid = c.connamespace
                        WHERE contype = 'f' AND (n.nspname = '%s' OR n.nspname IN ('platform', 'telemetry'))
                        """
                                .formatted(schema))
                .forEach(row -> {
                    Integer from = place.get(row.get(0).replace(schema + ".", ""));
                    Integer to = place.get(row.get(1).replace(schema + ".", ""));
                    if (from != null && to != null) {
                        assertThat(from).as(row.toString()).isGreaterThanOrEqualTo(to);
                    }
                });
    }
}
