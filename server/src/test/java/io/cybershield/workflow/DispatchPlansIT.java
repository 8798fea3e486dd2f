package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TestDatabase;
import io.cybershield.workflow.DispatchStore.Changes;
import io.cybershield.workflow.DispatchStore.Due;
import io.cybershield.workflow.DispatchStore.DueTimer;
import io.cybershield.workflow.DispatchStore.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * How rows are found once there are many. The database keeps the plan that it made while there were
 * few, and learns only later how many there are.
 */
class DispatchPlansIT {
    private static final TenantId TENANT = new TenantId(new UUID(5, 5));
    private static final Scope PLATFORM = Scope.platform("test");
    private static final UUID WORKER = new UUID(6, 6);
    private static final Duration LEASE = Duration.ofSeconds(30);

    @Test
    void whatWasPlannedForFewRowsDoesNotReadManyForEachOfThem() {
        try (var database = TestDatabase.create()) {
            var store = new SqlDispatchStore(database.jdbc(), Weights.same());
            for (int i = 0; i < 15; i++) {
                fill(database, store, i * 5, 5);
                take(database, store, i * 5, 5);
            }
            fill(database, store, 1_000, 20_000);
            for (int i = 0; i < 5; i++) {
                assertThat(take(database, store, 1_000 + i * 50, 50))
                        .as("how often a table was read from its beginning to its end")
                        .isZero();
            }
            assertThat(left(database)).isEqualTo(2 * (20_000 - 250));
        }
    }

    private static void fill(TestDatabase database, DispatchStore store, int from, int many) {
        database.transactions()
                .runAs(
                        PLATFORM,
                        () -> {
                            store.add(
                                    IntStream.range(from, from + many)
                                            .mapToObj(i -> due(i))
                                            .toList(),
                                    LEASE);
                            store.setTimers(
                                    IntStream.range(from, from + many)
                                            .mapToObj(i -> timer(i))
                                            .toList());
                        });
    }

    /** Returns how often one of the tables was read in full. */
    private static int take(TestDatabase database, DispatchStore store, int from, int many) {
        var numbers = IntStream.range(from, from + many).boxed().toList();
        return database.transactions()
                .callAs(
                        PLATFORM,
                        () -> {
                            store.write(
                                    new Changes(
                                            TENANT,
                                            numbers.stream().map(n -> due(n).by(WORKER)).toList(),
                                            List.of(),
                                            List.of(),
                                            numbers.stream().map(n -> timer(n)).toList(),
                                            List.of()),
                                    LEASE);
                            return database.jdbc()
                                    .sql(
                                            "SELECT sum(seq_scan) FROM pg_stat_xact_user_tables"
                                                    + " WHERE relname IN ('workflow_dispatch',"
                                                    + " 'workflow_timer')")
                                    .query(Integer.class)
                                    .single();
                        });
    }

    private static int left(TestDatabase database) {
        return database.transactions()
                .callAs(
                        PLATFORM,
                        () ->
                                database.jdbc()
                                        .sql(
                                                "SELECT (SELECT count(*) FROM"
                                                        + " platform.workflow_dispatch) + (SELECT"
                                                        + " count(*) FROM platform.workflow_timer)")
                                        .query(Integer.class)
                                        .single());
    }

    private static Due due(int number) {
        return new Due(
                TENANT,
                new RunId(new UUID(9, number)),
                "step",
                1,
                Kind.ATTEMPT,
                "key-" + number,
                Instant.parse("2026-11-22T10:00:00Z"),
                WORKER);
    }

    private static DueTimer timer(int number) {
        return new DueTimer(
                TENANT,
                new RunId(new UUID(9, number)),
                "timer",
                Instant.parse("2026-11-22T10:00:00Z"));
    }
}
