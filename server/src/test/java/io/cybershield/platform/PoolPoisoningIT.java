package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A pool of one connection: whatever became of who had it, the next one sees nothing of him. */
class PoolPoisoningIT {
    private static final TenantId A = new TenantId(UUID.randomUUID());
    private static final TenantId B = new TenantId(UUID.randomUUID());
    private static final Principal ANN = new Principal(Principal.Kind.USER, "ann", "Ann");
    private static TestDatabase made;
    private static Database database;
    private static Transactions transactions;
    private static JdbcClient jdbc;

    /** How it ends. */
    private enum End {
        ABORT,
        CANCEL,
        TIMEOUT,
        TERMINATE
    }

    /** When in a transaction. */
    private enum Phase {
        BEFORE_SCOPE,
        AFTER_SCOPE,
        MID_STATEMENT,
        BEFORE_COMMIT,
        AFTER_COMMIT
    }

    @BeforeAll
    static void open() {
        made = TestDatabase.create();
        made.tenantSchemas().ensure(A);
        made.tenantSchemas().ensure(B);
        database = Database.open(DatabaseServer.at(made.ownerUrl(), null, null), 1);
        var manager = new ScopedTransactionManager(database.pool(), database.roles());
        transactions = new Transactions(manager, manager::enter);
        jdbc = JdbcClient.create(database.pool());
    }

    @AfterAll
    static void close() {
        database.close();
        made.close();
    }

    static List<Arguments> ends() {
        var all = new ArrayList<Arguments>();
        for (Phase phase : Phase.values()) {
            for (End end : End.values()) {
                all.add(Arguments.of(phase, end));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("ends")
    void theNextBorrowerSeesNothing(Phase phase, End end) throws SQLException {
        boolean cutOff = false;
        try {
            switch (phase) {
                case BEFORE_SCOPE -> {
                    // What a borrower does before the scope is set: begins, and is cut off.
                    try (Connection connection = database.pool().getConnection()) {
                        connection.setAutoCommit(false);
                        cutOff(
                                new JdbcTemplate(new SingleConnectionDataSource(connection, true)),
                                end);
                        connection.rollback();
                    }
                }
                case AFTER_SCOPE ->
                        transactions.runAs(
                                Scope.tenant(A, ANN),
                                () -> cutOff(new JdbcTemplate(database.pool()), end));
                case MID_STATEMENT ->
                        transactions.runAs(
                                Scope.tenant(A, ANN),
                                () -> {
                                    leaveThings();
                                    cutOff(new JdbcTemplate(database.pool()), end);
                                });
                case BEFORE_COMMIT ->
                        transactions.runAs(
                                Scope.tenant(A, ANN),
                                () -> {
                                    leaveThings();
                                    nested();
                                    cutOff(new JdbcTemplate(database.pool()), end);
                                });
                case AFTER_COMMIT -> {
                    transactions.runAs(Scope.tenant(A, ANN), PoolPoisoningIT::leaveThings);
                    // The connection lies in the pool, or is with somebody who has no scope.
                    cutOff(new JdbcTemplate(database.pool()), end);
                }
            }
        } catch (RuntimeException | SQLException e) {
            cutOff = true;
        }
        assertThat(cutOff).isTrue();
        assertThat(left()).as("%s in %s", end, phase).isEmpty();
        assertThat(
                        transactions.callAs(
                                Scope.tenant(B, ANN),
                                () ->
                                        jdbc.sql(
                                                        "SELECT current_user || ' ' ||"
                                                                + " current_setting('app.tenant')")
                                                .query(String.class)
                                                .single()))
                .isEqualTo(database.roles().tenant(B) + " " + B);
    }

    /** What our own code leaves in a transaction, and what it must never see again. */
    private static void leaveThings() {
        jdbc.sql("CREATE TEMP TABLE loot ON COMMIT DROP AS SELECT 1").update();
        jdbc.sql("SELECT pg_advisory_xact_lock(4711)").query(row -> {});
        jdbc.sql("SELECT set_config('idle_in_transaction_session_timeout', '60s', true)")
                .query(row -> {});
        jdbc.sql("DECLARE spy CURSOR FOR SELECT 1").update();
        jdbc.sql("SET LOCAL lock_timeout = '300ms'").update();
    }

    private static void nested() {
        transactions.runAs(
                Scope.tenant(B, ANN), () -> jdbc.sql("SELECT 1").query(Integer.class).single());
    }

    private static void cutOff(JdbcTemplate at, End end) {
        switch (end) {
            case ABORT -> at.execute("SELECT 1 / 0");
            case TIMEOUT -> {
                at.setQueryTimeout(1);
                at.execute("SELECT pg_sleep(30)");
            }
            case CANCEL -> whileItSleeps(at, "pg_cancel_backend");
            case TERMINATE -> whileItSleeps(at, "pg_terminate_backend");
        }
    }

    /** Ends the statement, or the whole connection, from outside. */
    private static void whileItSleeps(JdbcTemplate at, String how) {
        var ending =
                Thread.ofVirtual()
                        .start(() -> {
                            try (var owner = DriverManager.getConnection(made.ownerUrl());
                                    var sql = owner.createStatement()) {
                                boolean done = false;
                                while (!done) {
                                    try (var rows =
                                            sql.executeQuery(
                                                    "SELECT "
                                                            + how
                                                            + "(pid) FROM pg_stat_activity WHERE"
                                                            + " datname = current_database() AND"
                                                            + " query = 'SELECT pg_sleep(30)' AND"
                                                            + " state = 'active' AND wait_event ="
                                                            + " 'PgSleep'")) {
                                        done = rows.next();
                                    }
                                }
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        try {
            at.execute("SELECT pg_sleep(30)");
        } finally {
            try {
                ending.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What is on the connection that should not be, as its next borrower finds it. */
    private static List<String> left() throws SQLException {
        var left = new ArrayList<String>();
        try (Connection connection = database.pool().getConnection();
                var sql = connection.createStatement()) {
            for (String question :
                    List.of(
                            "SELECT 'role ' || current_user WHERE current_user <> '"
                                    + database.roles().app()
                                    + "'",
                            "SELECT 'tenant' WHERE coalesce(current_setting('app.tenant', true),"
                                    + " '') <> ''",
                            "SELECT 'setting ' || name FROM pg_settings WHERE name IN"
                                + " ('search_path', 'role', 'statement_timeout', 'lock_timeout',"
                                + " 'idle_in_transaction_session_timeout', 'synchronous_commit',"
                                + " 'row_security', 'enable_seqscan') AND setting <> reset_val",
                            "SELECT 'temp ' || relname FROM pg_class WHERE relnamespace ="
                                    + " pg_my_temp_schema()",
                            "SELECT 'lock ' || objid FROM pg_locks WHERE pid = pg_backend_pid() AND"
                                    + " locktype = 'advisory'",
                            "SELECT 'cursor ' || name FROM pg_cursors WHERE name = 'spy'",
                            "SELECT 'prepared ' || name FROM pg_prepared_statements WHERE from_sql",
                            "SELECT 'channel ' || c FROM pg_listening_channels() c")) {
                try (var rows = sql.executeQuery(question)) {
                    while (rows.next()) {
                        left.add(rows.getString(1));
                    }
                }
            }
            assertThat(connection.getAutoCommit()).isTrue();
        }
        return left;
    }
}
