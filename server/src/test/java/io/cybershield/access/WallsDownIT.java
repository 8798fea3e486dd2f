package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Database;
import io.cybershield.platform.DatabaseRoles;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The attacks of the isolation matrix by HTTP, against a running server whose walls are taken down
 * but for one; FourWallsIT does the same with SQL. What a wall alone does not stop, by its nature,
 * is listed here by kind of thing, and the test shows that just that gets through.
 *
 * <p>The walls are taken down as the owner of the database, for the stranger's company only and
 * without a change of the product: a function {@code set_config} of our own stands in the way of
 * PostgreSQL's, and leads whoever enters that company into another role or schema.
 *
 * <p>The stranger is an administrator: the policy permits them everything in their own company,
 * which is all that it is asked, so that it is down as well wherever it does not stand alone.
 */
class WallsDownIT extends IsolationMatrix {
    /** What stands while the attacks run. */
    private enum Stand {
        ALL,
        /** Looks into the other's schema, with every right there and on shared tables. */
        ROWS_ALONE,
        /** Looks into the other's schema, no row-level security anywhere. */
        ROLE_ALONE,
        /** A role that may everything and sees every row, but looks into its own schema. */
        SCHEMA_ALONE,
        /** Looks into the other's schema, by the role that may everything and sees every row. */
        POLICY_ALONE
    }

    /**
     * Kinds that lie in shared tables and are asked for by their id alone: these tables are in no
     * tenant's schema, and the roles of all tenants may use them. Only their rows tell whose they
     * are.
     */
    private static final Set<Kind> SHARED =
            EnumSet.of(
                    Kind.API_KEY,
                    Kind.BRAND_HOST,
                    Kind.DIRECTORY_GROUP,
                    Kind.EMAIL_DOMAIN,
                    Kind.INVOICE,
                    Kind.OAUTH_CLIENT,
                    Kind.PROVIDER_GRANT,
                    Kind.PROVIDER_REQUEST,
                    Kind.ROLE,
                    Kind.SERVICE_ACCOUNT,
                    Kind.SOURCE,
                    Kind.USER);

    /** Lists of what lies in shared tables. */
    private static final Set<String> SHARED_LISTS =
            Set.of(
                    "/api/v1/api-keys",
                    "/api/v1/billing/invoices",
                    "/api/v1/branding",
                    "/api/v1/identity-provider",
                    "/api/v1/oauth-clients",
                    "/api/v1/provider/people",
                    "/api/v1/providers",
                    "/api/v1/provisioning",
                    "/api/v1/roles",
                    "/api/v1/service-accounts",
                    "/api/v1/sources",
                    "/api/v1/users");

    private Client stranger;

    WallsDownIT() {
        super(TestApplication.boot(Map.of()));
    }

    /** Each stand has companies of its own, as an attack that gets through leaves little. */
    @Override
    @BeforeAll
    void twoCompaniesOwnOneOfEach() throws IOException {
        api = JSON.readTree(Files.readString(Path.of("..", "docs", "openapi.json")));
    }

    @AfterAll
    void close() {
        app.close();
    }

    // ---------------------------------------------------------------- attacks

    /**
     * @param handlers that answered otherwise than of what there is not, or told of the other's
     * @param tables with rows of the other's that are not as they were
     */
    private record Loot(Set<String> handlers, Set<String> tables) {}

    @Test
    void rowsAloneHoldAgainstTheWholeMatrix() throws SQLException {
        holds(Stand.ROWS_ALONE);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(names = "ROWS_ALONE", mode = EnumSource.Mode.EXCLUDE)
    void holdsAgainstTheWholeMatrix(Stand stand) throws SQLException {
        holds(stand);
    }

    private void holds(Stand stand) throws SQLException {
        owned.clear();
        withoutGrant.clear();
        ownsOneOfEach("victim" + stand.ordinal());
        stranger = app.newTenant("Stranger " + UUID.randomUUID());
        provides(stranger);
        app.confirmed(stranger);
        var rows = new ArrayList<>(rows());
        rows.removeIf(row -> OWN_NAMES.contains(row.toString()));
        rows.sort(Comparator.comparing(WallsDownIT::harm).thenComparing(Row::toString));
        var before = steady();
        Loot loot;
        takeDown(stand);
        try {
            loot = attack(stand, rows);
        } finally {
            putUp(stand);
        }
        loot.tables().addAll(changed(before, belongingRows()));
        System.out.printf(
                Locale.ROOT,
                "walls down: %s, %d handlers told or did something, tables %s%n  %s%n",
                stand,
                loot.handlers().size(),
                loot.tables(),
                String.join("\n  ", loot.handlers()));
        judge(stand, loot);
    }

    private void judge(Stand stand, Loot loot) {
        switch (stand) {
            case ALL, ROWS_ALONE -> {
                assertThat(loot.handlers()).isEmpty();
                assertThat(loot.tables()).isEmpty();
            }
            case ROLE_ALONE, SCHEMA_ALONE -> {
                assertThat(loot.handlers()).allSatisfy(this::isOfSharedTables);
                assertThat(loot.tables()).noneMatch(table -> table.startsWith("t_"));
                assertThat(
                                loot.handlers().stream()
                                        .flatMap(handler -> kinds(path(handler)))
                                        .filter(SHARED::contains)
                                        .collect(Collectors.toSet()))
                        .as("no exemption is wider than it must be")
                        .isEqualTo(SHARED);
            }
            case POLICY_ALONE ->
                    assertThat(loot.handlers())
                            .as("the policy is asked for a company, not for a thing in it")
                            .anyMatch(handler -> handler.contains("/incidents/{id}"))
                            .anyMatch(handler -> handler.contains("/runs/{"))
                            .anyMatch(handler -> handler.contains("/users/{id}"));
        }
    }

    private void isOfSharedTables(String handler) {
        String path = path(handler);
        assertThat(
                        path.contains("{")
                                ? kinds(path).anyMatch(SHARED::contains)
                                : SHARED_LISTS.contains(path))
                .as(handler)
                .isTrue();
    }

    private static Stream<Kind> kinds(String path) {
        return variables(path).stream().map(Variable::kind).filter(Objects::nonNull);
    }

    private static String path(String handler) {
        return handler.substring(handler.indexOf(' ') + 1).replaceAll(":.*", "");
    }

    /** What reads, what changes, what takes away. */
    private static int harm(Row row) {
        return switch (row.method()) {
            case "GET" -> 0;
            case "DELETE" -> 2;
            default -> 1;
        };
    }

    private Loot attack(Stand stand, List<Row> rows) {
        var loot = new Loot(new TreeSet<>(), new TreeSet<>());
        var marks = marks();
        int asked = 0;
        for (String path : lists()) {
            Response answer = stranger.get(path);
            asked++;
            marks.stream()
                    .filter(answer.body()::contains)
                    .findFirst()
                    .ifPresent(mark -> loot.handlers().add("GET " + path + ": tells " + mark));
        }
        var statuses = new TreeMap<Integer, Integer>();
        for (Row row : rows) {
            if (!row.method().equals("GET")) {
                app.confirmed(stranger);
            }
            var none = madeUp(owned);
            Response real = ask(stranger, row, owned);
            Response made = ask(stranger, row, none);
            asked += 2;
            statuses.merge(real.status(), 1, Integer::sum);
            String got = untraced(plain(real, row, owned));
            if (!got.equals(untraced(plain(made, row, none)))) {
                loot.handlers().add(row + ": " + got.substring(0, 60));
            }
        }
        if (stand == Stand.ALL || stand == Stand.ROWS_ALONE) {
            assertThat(statuses).as("nothing fails for another reason").containsOnlyKeys(404);
        }
        System.out.printf(
                Locale.ROOT, "walls down: %s, %,d requests, answers %s%n", stand, asked, statuses);
        return loot;
    }

    /** Each failure has a number of its own. */
    private static String untraced(String answer) {
        return answer.replaceAll("trace [^\"]*\"", "trace\"");
    }

    /** What would give the other's things away. */
    private Set<String> marks() {
        return Stream.concat(
                        ids().stream(),
                        Stream.of(
                                owner.tenant().toString(),
                                owner.account().toString(),
                                owner.email(),
                                owned.get(Kind.SECRET),
                                owned.get(Kind.ROLE),
                                owned.get(Kind.TEMPLATE),
                                owned.get(Kind.EMAIL_DOMAIN)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What can be read without naming anything. */
    private List<String> lists() {
        var lists = new ArrayList<String>();
        for (var path : api.get("paths").properties()) {
            if (path.getValue().has("get")
                    && !path.getKey().contains("{")
                    && path.getKey().startsWith("/api/")
                    && !operators(path.getKey())
                    // the mailbox of developers is everybody's
                    && !path.getKey().startsWith("/api/v1/developer")) {
                lists.add(path.getKey());
            }
        }
        assertThat(lists).hasSizeGreaterThan(40);
        return lists;
    }

    /** Alone, the policy keeps out who has no grant, and who has no permission. */
    @Test
    void thePolicyAloneStopsWhoNamesACompanyAndWhoHasNoRole() throws SQLException {
        owned.clear();
        withoutGrant.clear();
        ownsOneOfEach("customer");
        stranger = app.newTenant("Stranger " + UUID.randomUUID());
        Client nobody = app.newColleague(stranger, "none");
        var wrong = new TreeSet<String>();
        int asked = 0;
        takeDown(Stand.POLICY_ALONE);
        try {
            for (Row row : rows()) {
                for (var asker : withoutGrant.entrySet()) {
                    Response real = ask(asker.getValue(), row, owned, owner.tenant().toString());
                    asked++;
                    if (real.status() != 404) {
                        wrong.add(asker.getKey() + ", " + row + ": " + real.status());
                    }
                }
                Response real = ask(nobody, row, owned);
                Response made = ask(nobody, row, madeUp(owned));
                asked += 2;
                if (real.status() < 400 && made.status() >= 400) {
                    wrong.add("no role, " + row + ": " + real.status());
                }
            }
        } finally {
            putUp(Stand.POLICY_ALONE);
        }
        System.out.printf(Locale.ROOT, "walls down: the policy alone, %,d requests%n", asked);
        assertThat(wrong).isEmpty();
    }

    // ---------------------------------------------------------------- walls

    private DatabaseRoles roles() {
        return app.database().database().roles();
    }

    private String mighty() {
        return roles().prefix() + "_mighty";
    }

    private void takeDown(Stand stand) throws SQLException {
        String own = new TenantId(stranger.tenant()).schema();
        String other = new TenantId(owner.tenant()).schema();
        String role = roles().tenant(new TenantId(stranger.tenant()));
        if (stand == Stand.ALL) {
            return;
        }
        String path = stand == Stand.SCHEMA_ALONE ? own : "walls_trail, " + other;
        boolean everything = stand == Stand.SCHEMA_ALONE || stand == Stand.POLICY_ALONE;
        if (stand == Stand.ROWS_ALONE) {
            may(role, other, "platform", "telemetry");
        }
        if (stand == Stand.ROLE_ALONE) {
            rowSecurity("DISABLE");
        }
        if (everything) {
            sql("CREATE ROLE " + mighty() + " NOLOGIN BYPASSRLS IN ROLE " + role);
            may(mighty(), own, other, "platform", "telemetry");
            sql("GRANT " + mighty() + " TO " + roles().app());
        }
        sql("CREATE SCHEMA walls");
        sql("GRANT USAGE ON SCHEMA walls TO PUBLIC");
        // The trail stays one's own: its numbers would be taken at the other's, and what writes
        // into it would fail for that reason and for no other.
        sql("CREATE SCHEMA walls_trail");
        sql("GRANT USAGE ON SCHEMA walls_trail TO PUBLIC");
        for (String table : List.of("audit_entry", "audit_head")) {
            sql(
                    "CREATE VIEW walls_trail."
                            + table
                            + " WITH (security_invoker = true) AS SELECT * FROM "
                            + own
                            + "."
                            + table);
            sql("GRANT SELECT, INSERT, UPDATE ON walls_trail." + table + " TO PUBLIC");
        }
        sql(
                """
                CREATE FUNCTION walls.set_config(setting text, value text, local boolean) RETURNS text LANGUAGE plpgsql AS $f$
                BEGIN
                    RETURN pg_catalog.set_config(setting, CASE
                        WHEN setting = 'role' AND value = '%s' THEN '%s'
                        WHEN setting = 'search_path' AND value = '%s, pg_temp' THEN 'walls, pg_catalog, %s, pg_temp'
                        WHEN setting = 'search_path' THEN 'walls, pg_catalog, ' || value
                        ELSE value END, local);
                END $f$
                """
                        .formatted(role, everything ? mighty() : role, own, path));
        sql("ALTER ROLE " + roles().app() + " SET search_path = walls, pg_catalog, public");
        freshConnections();
        assertThat(standsNow())
                .isEqualTo(
                        (everything ? mighty() : role)
                                + " walls, pg_catalog, "
                                + path
                                + ", pg_temp");
    }

    private void may(String role, String... schemas) throws SQLException {
        for (String schema : schemas) {
            sql("GRANT USAGE ON SCHEMA " + schema + " TO " + role);
            sql(
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "
                            + schema
                            + " TO "
                            + role);
            sql("GRANT USAGE ON ALL SEQUENCES IN SCHEMA " + schema + " TO " + role);
        }
    }

    private void putUp(Stand stand) throws SQLException {
        if (stand == Stand.ALL) {
            return;
        }
        sql("ALTER ROLE " + roles().app() + " RESET search_path");
        freshConnections();
        sql("DROP SCHEMA walls CASCADE");
        sql("DROP SCHEMA walls_trail CASCADE");
        if (stand == Stand.ROLE_ALONE) {
            rowSecurity("ENABLE");
        }
        if (stand == Stand.ROWS_ALONE) {
            String role = roles().tenant(new TenantId(stranger.tenant()));
            for (String schema :
                    List.of(new TenantId(owner.tenant()).schema(), "platform", "telemetry")) {
                sql("REVOKE ALL ON ALL TABLES IN SCHEMA " + schema + " FROM " + role);
                sql("REVOKE ALL ON ALL SEQUENCES IN SCHEMA " + schema + " FROM " + role);
                sql("REVOKE USAGE ON SCHEMA " + schema + " FROM " + role);
            }
        }
        if (stand == Stand.SCHEMA_ALONE || stand == Stand.POLICY_ALONE) {
            sql("DROP OWNED BY " + mighty());
            sql("DROP ROLE " + mighty());
        }
    }

    /** Connections that are open keep what they began with. */
    private void freshConnections() throws SQLException {
        String open =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
                        + " application_name = 'cybershield' AND backend_start < '"
                        + one("SELECT now()")
                        + "'";
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    for (var pool : List.of(app.bean(Database.class), app.database().database())) {
                        pool.pool().getHikariPoolMXBean().softEvictConnections();
                    }
                    return one(open).equals("0");
                });
    }

    /** Asked by the running application's own way into the stranger's company. */
    private String standsNow() {
        return app.bean(Transactions.class)
                .callAs(
                        Scope.tenant(new TenantId(stranger.tenant()), Principal.system("test")),
                        () ->
                                app.bean(JdbcClient.class)
                                        .sql(
                                                "SELECT current_user || ' ' ||"
                                                        + " current_setting('search_path')")
                                        .query(String.class)
                                        .single());
    }

    private void rowSecurity(String on) throws SQLException {
        String tables =
                one(
                        """
                        SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE c.relforcerowsecurity AND c.relkind IN ('r', 'p') AND n.nspname IN ('platform', 'telemetry', '%s')
                        """
                                .formatted(new TenantId(owner.tenant()).schema()));
        for (String table : tables.split(" ")) {
            sql("ALTER TABLE " + table + " " + on + " ROW LEVEL SECURITY");
        }
    }

    // ---------------------------------------------------------------- rows

    /**
     * Tables that change while nobody does anything: mails are sent, events relayed, and a worker
     * notes of a new key that nothing is left under older ones. No tenant's role may write the
     * last.
     */
    private static final Set<String> RESTLESS =
            Set.of("platform.mail", "platform.outbox", "platform.tenant_key");

    private Map<String, String> steady() {
        return await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .until(this::belongingRows, rows -> rows.equals(belongingRows()));
    }

    private static Set<String> changed(Map<String, String> before, Map<String, String> after) {
        return before.keySet().stream()
                .filter(table -> !before.get(table).equals(after.get(table)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A hash of all the owner's rows, by table. */
    private Map<String, String> belongingRows() {
        var hashes = new TreeMap<String, String>();
        try {
            String tables =
                    one(
                            """
                            SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
                            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('platform', 'telemetry', '%s')
                            """
                                    .formatted(new TenantId(owner.tenant()).schema()));
            for (String table : tables.split(" ")) {
                if (!RESTLESS.contains(table)) {
                    hashes.put(
                            table,
                            one(
                                    "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY"
                                            + " t::text)), '') FROM "
                                            + table
                                            + " t WHERE tenant_id = '"
                                            + owner.tenant()
                                            + "'"));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        assertThat(hashes).hasSizeGreaterThan(60);
        return hashes;
    }

    private void sql(String statement) throws SQLException {
        try (var connection = DriverManager.getConnection(app.database().ownerUrl());
                var sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    private String one(String query) throws SQLException {
        try (var connection = DriverManager.getConnection(app.database().ownerUrl());
                var sql = connection.createStatement();
                var rows = sql.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
