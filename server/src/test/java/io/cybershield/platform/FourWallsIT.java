package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

/**
 * One list of attacks by somebody who can run SQL of his own in tenant A's transaction, against all
 * walls at once and against each of the three in the database alone, the other two taken down. What
 * one wall cannot stop by its nature is said beside the attack, and the test shows that it does get
 * through there, so that no exemption is wider than it must be.
 *
 * <p>The fourth wall is the policy. It asks who may reach what and never sees SQL: it stands alone
 * in PolicyTest, against every role.
 */
class FourWallsIT {
    private static final TenantId A = new TenantId(UUID.randomUUID());
    private static final TenantId B = new TenantId(UUID.randomUUID());
    private static final Principal ANN = new Principal(Principal.Kind.USER, "ann", "Ann");
    private static final String SECRET = "only-for-b-4711";
    private static TestDatabase database;

    /** Walls within the database. */
    private enum Wall {
        SCHEMA,
        ROLE,
        ROWS
    }

    /** What stands while the attacks run. */
    private enum Stand {
        ALL(EnumSet.allOf(Wall.class)),
        /** A role that may everything and sees every row, but looks into its own schema. */
        SCHEMA_ALONE(EnumSet.of(Wall.SCHEMA)),
        /** Looks into the other's schema, no row-level security anywhere. */
        ROLE_ALONE(EnumSet.of(Wall.ROLE)),
        /** Looks into the other's schema, with every right on it. */
        ROWS_ALONE(EnumSet.of(Wall.ROWS));

        final Set<Wall> walls;

        Stand(Set<Wall> walls) {
            this.walls = walls;
        }
    }

    /**
     * @param through walls that, alone, do not stop it, by their nature
     * @param why they do not
     */
    private record Attack(String name, List<String> sql, Set<Stand> through, String why) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String QUALIFIED = "a schema is only where a bare name is looked for";
    private static final String SHARED =
            "shared tables are one for all tenants: they lie in no tenant's schema, and the roles"
                    + " of all tenants may read them; only their rows tell whose they are";
    private static final String COUNTERS = "samples are of the table, not of its rows";

    private static Attack stopped(String name, String... sql) {
        return new Attack(name, List.of(sql), Set.of(), "");
    }

    private static Attack beyond(String name, Set<Stand> through, String why, String... sql) {
        return new Attack(name, List.of(sql), through, why);
    }

    private static final Set<Stand> SCHEMA = Set.of(Stand.SCHEMA_ALONE);
    private static final Set<Stand> SCHEMA_AND_ROLE = Set.of(Stand.SCHEMA_ALONE, Stand.ROLE_ALONE);

    /** {B} stands for the other's schema, {b} for the other's id, {role} for the other's role. */
    private static final List<Attack> ATTACKS =
            List.of(
                    stopped("reads by a bare name", "SELECT * FROM audit_entry"),
                    stopped(
                            "reads by a prepared statement that is used again",
                            "PREPARE spy AS SELECT * FROM audit_entry",
                            "EXECUTE spy",
                            "EXECUTE spy"),
                    stopped(
                            "reads through a cursor",
                            "DECLARE spy CURSOR FOR SELECT * FROM audit_entry",
                            "FETCH ALL FROM spy"),
                    stopped(
                            "copies by a bare name",
                            "CREATE TEMP TABLE loot AS SELECT * FROM audit_entry",
                            "SELECT * FROM loot"),
                    stopped(
                            "spies by a condition that tells what it sees",
                            "CREATE FUNCTION pg_temp.tell(t text) RETURNS boolean LANGUAGE plpgsql"
                                    + " COST 0.0000001 AS $$ BEGIN RAISE EXCEPTION '%', t; END $$",
                            "SELECT * FROM audit_entry WHERE pg_temp.tell(target)"),
                    stopped(
                            "divides by what it wants to know",
                            "SELECT 1 / (length(target) - length(target)) FROM audit_entry WHERE"
                                    + " target::int = 1"),
                    stopped("changes by a bare name", "UPDATE audit_head SET seq = 99"),
                    stopped("deletes by a bare name", "DELETE FROM audit_head"),
                    stopped("empties by a bare name", "TRUNCATE audit_head"),
                    stopped(
                            "locks by a bare name and reads",
                            "SELECT convert_from(hash, 'UTF8') FROM audit_head FOR UPDATE"),
                    beyond(
                            "counts what the plan's filter took out",
                            Set.of(Stand.SCHEMA_ALONE, Stand.ROWS_ALONE),
                            "a plan tells how many rows it read and did not show: their number,"
                                    + " never what is in them",
                            "CREATE TEMP TABLE plan (line text)",
                            "DO $$ DECLARE l text; BEGIN FOR l IN EXECUTE 'EXPLAIN (ANALYZE, COSTS"
                                + " OFF) SELECT * FROM {B}.audit_entry WHERE target = ''''' LOOP IF"
                                + " l LIKE '%Removed by Filter: 3%' THEN INSERT INTO plan VALUES ('"
                                    + SECRET
                                    + "'); END IF; END LOOP; END $$",
                            "SELECT * FROM plan"),
                    beyond(
                            "reads by the qualified name",
                            SCHEMA,
                            QUALIFIED,
                            "SELECT * FROM {B}.audit_entry"),
                    beyond(
                            "looks into the other's schema",
                            SCHEMA,
                            "whoever may change the search path can look elsewhere",
                            "SET LOCAL search_path = {B}",
                            "SELECT * FROM audit_entry"),
                    beyond(
                            "claims to be the other by the setting",
                            SCHEMA,
                            QUALIFIED,
                            "SELECT set_config('app.tenant', '{b}', true)",
                            "SELECT * FROM {B}.audit_entry"),
                    beyond(
                            "claims it for a statement prepared before",
                            SCHEMA,
                            QUALIFIED,
                            "PREPARE spy AS SELECT * FROM {B}.audit_entry",
                            "EXECUTE spy",
                            "SELECT set_config('app.tenant', '{b}', true)",
                            "EXECUTE spy"),
                    beyond(
                            "shadows the function that the rows are guarded by",
                            SCHEMA,
                            QUALIFIED,
                            "CREATE FUNCTION pg_temp.current_tenant() RETURNS uuid LANGUAGE sql"
                                    + " RETURN '{b}'::uuid",
                            "SET LOCAL search_path = pg_temp, platform, {B}",
                            "SELECT * FROM {B}.audit_entry"),
                    beyond(
                            "shadows a function of the catalogue",
                            SCHEMA,
                            QUALIFIED,
                            "CREATE FUNCTION pg_temp.current_setting(text) RETURNS text LANGUAGE"
                                    + " sql RETURN '{b}'",
                            "SET LOCAL search_path = pg_temp, pg_catalog, {B}",
                            "SELECT * FROM {B}.audit_entry"),
                    beyond(
                            "switches row security off",
                            SCHEMA,
                            QUALIFIED,
                            "SET LOCAL row_security = off",
                            "SELECT * FROM {B}.audit_entry"),
                    beyond(
                            "writes into the other's table, as the other",
                            SCHEMA,
                            QUALIFIED,
                            "INSERT INTO {B}.audit_head (tenant_id, seq, hash) VALUES ('{b}', 9,"
                                    + " '') ON CONFLICT (tenant_id) DO UPDATE SET seq = 9"),
                    beyond(
                            "moves the other's row to oneself",
                            SCHEMA,
                            QUALIFIED,
                            "UPDATE {B}.audit_head SET tenant_id = '{a}'"),
                    beyond(
                            "builds a view over it",
                            SCHEMA,
                            QUALIFIED,
                            "CREATE TEMP VIEW spy AS SELECT * FROM {B}.audit_entry",
                            "SELECT * FROM spy"),
                    beyond(
                            "reads rows of a shared table",
                            SCHEMA_AND_ROLE,
                            SHARED,
                            "SELECT * FROM platform.audit_checkpoint"),
                    beyond(
                            "reads rows of a shared table under the other's setting",
                            SCHEMA_AND_ROLE,
                            SHARED,
                            "SELECT set_config('app.tenant', '{b}', true)",
                            "SELECT * FROM platform.audit_checkpoint"),
                    beyond(
                            "puts a row into a shared table in the other's name",
                            SCHEMA_AND_ROLE,
                            SHARED,
                            "INSERT INTO platform.audit_checkpoint VALUES ('{b}', 77, '', now(),"
                                    + " 'x', '')"),
                    beyond(
                            "puts it there under the other's setting",
                            SCHEMA,
                            SHARED,
                            "SELECT set_config('app.tenant', '{b}', true)",
                            "INSERT INTO platform.audit_checkpoint (seq, hash, at, key_id,"
                                    + " signature) VALUES (78, '', now(), 'x', '')"),
                    beyond(
                            "reads the planner's samples of the other's rows",
                            SCHEMA,
                            COUNTERS,
                            "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats"
                                    + " WHERE schemaname = '{B}'"),
                    stopped(
                            "reads the samples where they lie",
                            "SELECT stavalues1::text FROM pg_statistic WHERE starelid ="
                                    + " '{B}.audit_entry'::regclass"),
                    stopped(
                            "reads files of the server",
                            "CREATE TEMP TABLE loot (line text)",
                            "COPY loot FROM PROGRAM 'echo " + SECRET + "'",
                            "SELECT * FROM loot"),
                    stopped(
                            "takes the keys of the trail",
                            "SELECT id || '" + SECRET + "' FROM platform.audit_key"),
                    stopped(
                            "makes itself the owner",
                            "ALTER TABLE {B}.audit_entry DISABLE ROW LEVEL SECURITY"),
                    stopped(
                            "drops the policy",
                            "DROP POLICY own_tenant ON {B}.audit_entry",
                            "DROP POLICY own_tenant ON platform.audit_checkpoint"),
                    stopped(
                            "puts a trigger on the other's table",
                            "CREATE FUNCTION pg_temp.spy() RETURNS trigger LANGUAGE plpgsql AS $$"
                                    + " BEGIN RETURN NULL; END $$",
                            "CREATE TRIGGER spy BEFORE INSERT ON {B}.audit_entry EXECUTE FUNCTION"
                                    + " pg_temp.spy()"),
                    stopped("gives itself a role", "GRANT {role} TO current_user"),
                    stopped(
                            "reads a large object of the other",
                            "SELECT convert_from(lo_get(4711), 'UTF8')"));

    @BeforeAll
    static void open() throws SQLException {
        database = TestDatabase.create();
        for (TenantId tenant : List.of(A, B)) {
            database.tenantSchemas().ensure(tenant);
            database.transactions().runAs(Scope.tenant(tenant, ANN), () -> fill(tenant));
        }
        owner(
                "SELECT lo_from_bytea(4711, '" + SECRET + "')",
                "ANALYZE " + B.schema() + ".audit_entry");
    }

    @AfterAll
    static void close() {
        database.close();
    }

    private static void fill(TenantId tenant) {
        String target = tenant.equals(B) ? SECRET : "y";
        for (int seq = 1; seq <= 3; seq++) {
            database.jdbc()
                    .sql(
                            """
                            INSERT INTO audit_entry (seq, id, at, actor_kind, actor_id, actor_name, action, target, outcome, previous, hash)
                            VALUES (:seq, gen_random_uuid(), now(), 'USER', 'ann', 'Ann', 'x', :target, 'permitted', '', '')
                            """)
                    .param("seq", seq)
                    .param("target", target)
                    .update();
        }
        database.jdbc()
                .sql("INSERT INTO audit_head (seq, hash) VALUES (3, convert_to(:target, 'UTF8'))")
                .param("target", target)
                .update();
        database.jdbc()
                .sql(
                        "INSERT INTO platform.audit_checkpoint (seq, hash, at, key_id, signature)"
                                + " VALUES (3, '', now(), :target, '')")
                .param("target", target)
                .update();
    }

    @ParameterizedTest
    @EnumSource(Stand.class)
    void holdsAgainstTheWholeList(Stand stand) throws SQLException {
        takeDown(stand);
        List<String> wrong = new ArrayList<>();
        try {
            for (Attack attack : ATTACKS) {
                String before = state();
                String got = run(stand, attack);
                boolean through = got.contains(SECRET) || !state().equals(before);
                if (through != attack.through().contains(stand)) {
                    wrong.add(
                            attack.name()
                                    + (through ? " GOT THROUGH: " : " was stopped, not as listed: ")
                                    + got);
                }
            }
        } finally {
            putUp(stand);
        }
        assertThat(wrong).as("with %s", stand).isEmpty();
    }

    @Test
    void everyExemptionHasItsReasonAndNoneIsFromAllWalls() {
        assertThat(ATTACKS).hasSizeGreaterThan(30);
        for (Attack attack : ATTACKS) {
            assertThat(attack.through()).as(attack.name()).doesNotContain(Stand.ALL);
            assertThat(attack.through().isEmpty())
                    .as(attack.name())
                    .isEqualTo(attack.why().isEmpty());
        }
    }

    /**
     * Known, and said in docs/access.md: the pool's login can become any tenant's role, as it must.
     * Who can run SQL that leaves A's role is stopped by none of the walls in the database, which
     * is why there is no SQL from people.
     */
    @Test
    void whoCanLeaveTheRoleIsBeyondTheWalls() throws SQLException {
        var leaving =
                stopped(
                        "leaves the role and takes the other's",
                        "RESET ROLE",
                        "SELECT set_config('role', '{role}', true), set_config('app.tenant', '{b}',"
                                + " true)",
                        "SELECT * FROM {B}.audit_entry");
        assertThat(run(Stand.ALL, leaving)).contains(SECRET);
        // Leaving it alone gives nothing: the login has no right of its own.
        var half = stopped("leaves the role", "RESET ROLE", "SELECT * FROM {B}.audit_entry");
        assertThat(run(Stand.ALL, half)).doesNotContain(SECRET).contains("permission denied");
    }

    /**
     * Known too: PostgreSQL has no rights on channels. Whoever can run SQL hears what every tenant
     * is notified of, so what we send there is hints without a word of a tenant's data.
     */
    @Test
    void channelsAreHeardByAll() throws SQLException {
        try (Connection hearing = database.database().listener();
                var sql = hearing.createStatement()) {
            sql.execute("SET ROLE " + role(A));
            sql.execute("LISTEN spy");
            database.transactions()
                    .runAs(
                            Scope.tenant(B, ANN),
                            () ->
                                    database.jdbc()
                                            .sql("SELECT pg_notify('spy', :what)")
                                            .param("what", SECRET)
                                            .query(row -> {}));
            var heard = hearing.unwrap(PGConnection.class).getNotifications(5_000);
            assertThat(heard).hasSize(1);
            assertThat(heard[0].getParameter()).isEqualTo(SECRET);
        }
    }

    @Test
    void keysOfAnotherAreNoOracle() throws SQLException {
        // The same key as the other's row: neither an error nor a hint.
        var taken =
                stopped(
                        "asks by a key",
                        "INSERT INTO platform.audit_checkpoint VALUES ('{a}', 55, '', now(), 'x',"
                                + " '')");
        owner("INSERT INTO platform.audit_checkpoint VALUES ('" + B + "', 55, '', now(), 'x', '')");
        assertThat(run(Stand.ALL, taken)).doesNotContain("duplicate").isEqualTo("");
        // With the other's own id the answer is the same whether the row is there or not.
        var there =
                stopped(
                        "asks by the other's key",
                        "INSERT INTO platform.audit_checkpoint VALUES ('{b}', 55, '', now(), 'x',"
                                + " '')");
        var notThere =
                stopped(
                        "asks by a key that is not there",
                        "INSERT INTO platform.audit_checkpoint VALUES ('{b}', 56, '', now(), 'x',"
                                + " '')");
        assertThat(run(Stand.ALL, there))
                .isEqualTo(run(Stand.ALL, notThere))
                .contains("row-level security");
    }

    /** Runs it in A's transaction as the product begins it, and gives back all that it saw. */
    private static String run(Stand stand, Attack attack) throws SQLException {
        var seen = new StringBuilder();
        try (Connection connection = database.database().listener()) {
            connection.setAutoCommit(false);
            var manager =
                    new ScopedTransactionManager(
                            database.database().pool(), database.database().roles());
            manager.enter(connection, Scope.tenant(A, ANN));
            try (Statement sql = connection.createStatement()) {
                if (stand == Stand.SCHEMA_ALONE) {
                    sql.execute("SET LOCAL ROLE " + mighty());
                } else if (stand != Stand.ALL) {
                    sql.execute("SET LOCAL search_path = " + B.schema() + ", pg_temp");
                }
                for (String one : attack.sql()) {
                    step(connection, sql, named(one), seen);
                }
            }
            connection.commit();
        }
        return seen.toString();
    }

    private static void step(Connection connection, Statement sql, String text, StringBuilder seen)
            throws SQLException {
        var before = connection.setSavepoint();
        try {
            if (sql.execute(text)) {
                try (var rows = sql.getResultSet()) {
                    while (rows.next()) {
                        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                            byte[] bytes = rows.getBytes(i);
                            seen.append(bytes == null ? "" : rows.getString(i)).append(' ');
                        }
                    }
                }
            }
        } catch (SQLException e) {
            seen.append("error: ").append(e.getMessage()).append(' ');
            connection.rollback(before);
        }
    }

    private static String named(String sql) {
        return sql.replace("{B}", B.schema())
                .replace("{b}", B.toString())
                .replace("{a}", A.toString())
                .replace("{role}", role(B));
    }

    private static String role(TenantId tenant) {
        return database.database().roles().tenant(tenant);
    }

    /** Sees every row and has every right on the tables, but owns none. */
    private static String mighty() {
        return database.database().roles().prefix() + "_mighty";
    }

    private static final String TABLES = "audit_entry, %1$s.audit_head";

    private static void takeDown(Stand stand) throws SQLException {
        String b = B.schema();
        String tables = b + "." + TABLES.formatted(b);
        switch (stand) {
            case ALL -> {}
            case SCHEMA_ALONE ->
                    owner(
                            "CREATE ROLE " + mighty() + " NOLOGIN BYPASSRLS",
                            "GRANT USAGE ON SCHEMA platform, "
                                    + b
                                    + ", "
                                    + A.schema()
                                    + " TO "
                                    + mighty(),
                            "GRANT SELECT, INSERT, UPDATE, DELETE ON " + tables + " TO " + mighty(),
                            "GRANT SELECT, INSERT, UPDATE, DELETE ON "
                                    + A.schema()
                                    + "."
                                    + TABLES.formatted(A.schema())
                                    + " TO "
                                    + mighty(),
                            "GRANT SELECT, INSERT ON platform.audit_checkpoint TO " + mighty(),
                            "GRANT " + mighty() + " TO " + database.database().roles().app());
            case ROLE_ALONE -> rowSecurity("DISABLE", "NO FORCE");
            case ROWS_ALONE ->
                    owner(
                            "GRANT USAGE ON SCHEMA " + b + " TO " + role(A),
                            "GRANT SELECT, INSERT, UPDATE, DELETE ON " + tables + " TO " + role(A));
        }
    }

    private static void rowSecurity(String on, String force) throws SQLException {
        for (String table :
                List.of(
                        B.schema() + ".audit_entry",
                        B.schema() + ".audit_head",
                        "platform.audit_checkpoint")) {
            owner("ALTER TABLE " + table + " " + on + " ROW LEVEL SECURITY");
            owner("ALTER TABLE " + table + " " + force + " ROW LEVEL SECURITY");
        }
    }

    private static void putUp(Stand stand) throws SQLException {
        owner(
                "DELETE FROM platform.audit_checkpoint WHERE seq IN (77, 78)",
                "TRUNCATE " + B.schema() + ".audit_head",
                "INSERT INTO " + B.schema() + ".audit_head VALUES ('" + B + "', 3, '')");
        switch (stand) {
            case ALL -> {}
            case SCHEMA_ALONE -> owner("DROP OWNED BY " + mighty(), "DROP ROLE " + mighty());
            case ROLE_ALONE -> rowSecurity("ENABLE", "FORCE");
            case ROWS_ALONE ->
                    owner(
                            "REVOKE ALL ON ALL TABLES IN SCHEMA " + B.schema() + " FROM " + role(A),
                            "REVOKE USAGE ON SCHEMA " + B.schema() + " FROM " + role(A));
        }
    }

    /** All of B's rows that the attacks go for. */
    private static String state() throws SQLException {
        try (var owner = DriverManager.getConnection(database.ownerUrl());
                var sql = owner.createStatement();
                var rows =
                        sql.executeQuery(
                                named(
                                        "SELECT (SELECT string_agg(e::text, '|' ORDER BY seq) FROM"
                                            + " {B}.audit_entry e) || (SELECT"
                                            + " coalesce(string_agg(h::text, '|'), '') FROM"
                                            + " {B}.audit_head h) || (SELECT"
                                            + " coalesce(string_agg(c::text, '|' ORDER BY seq), '')"
                                            + " FROM platform.audit_checkpoint c WHERE tenant_id ="
                                            + " '{b}')"))) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    private static void owner(String... statements) throws SQLException {
        try (var owner = DriverManager.getConnection(database.ownerUrl());
                var sql = owner.createStatement()) {
            for (String statement : statements) {
                sql.execute(statement);
            }
        }
    }
}
