package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TestDatabase;
import io.cybershield.workflow.DispatchStore.Due;
import io.cybershield.workflow.DispatchStore.Kind;
import io.cybershield.workflow.DispatchStore.Pointer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who holds steps says so each second, while others write and delete the very same rows. */
class DispatchLeasesIT {
    private static final Scope PLATFORM = Scope.platform("test");
    private static final Duration LEASE = Duration.ofSeconds(30);
    private final TestDatabase database = TestDatabase.create();
    private final DispatchStore store = new SqlDispatchStore(database.jdbc(), Weights.same());
    private List<Pointer> held = List.of();

    @BeforeEach
    void fiveSteps() {
        var due = IntStream.range(0, 5).mapToObj(DispatchLeasesIT::due).toList();
        held =
                due.stream()
                        .map(d -> d.by(new UUID(7, d.run().value().getLeastSignificantBits())))
                        .toList();
        run(() -> {
            store.add(
                    IntStream.range(0, 5).mapToObj(i -> claimed(due.get(i), held.get(i))).toList(),
                    LEASE);
            leaseOf("make_interval(secs => 3)");
        });
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aStepThatIsBeingWrittenIsNotWaitedFor() {
        run(() -> {
            lock(held.get(2));
            // Another connection, as transactions of their own have one.
            database.transactions()
                    .callSeparately(() -> {
                        database.jdbc().sql("SET LOCAL lock_timeout = '2s'").update();
                        store.renew(held, LEASE);
                        return null;
                    });
        });
        assertThat(left())
                .hasSize(5)
                .allSatisfy((run, seconds) -> {
                    if (run.equals(held.get(2).run().value())) {
                        assertThat(seconds).isBetween(0.0, 3.0);
                    } else {
                        assertThat(seconds).isGreaterThan(25);
                    }
                });
    }

    @Test
    void onlyTheHoldersClaimIsRenewed() {
        var another = held.stream().map(p -> claimedBy(p, new UUID(8, 8))).toList();
        run(() -> store.renew(another, LEASE));
        assertThat(left().values()).hasSize(5).allMatch(seconds -> seconds < 3.1);
    }

    @Test
    void whatWasTakenJustNowIsNotWrittenAgain() {
        run(() -> store.renew(held, LEASE));
        var before = versions();
        run(() -> store.renew(held, LEASE));
        assertThat(versions()).hasSize(5).isEqualTo(before);
    }

    private void run(Runnable work) {
        database.transactions().runAs(PLATFORM, work);
    }

    private void leaseOf(String lasts) {
        database.jdbc()
                .sql("UPDATE platform.workflow_dispatch SET lease_until = now() + " + lasts)
                .update();
    }

    private void lock(Pointer pointer) {
        database.jdbc()
                .sql("SELECT 1 FROM platform.workflow_dispatch WHERE run_id = :run FOR UPDATE")
                .param("run", pointer.run().value())
                .query()
                .singleRow();
    }

    /** Seconds that are left of the lease, by run. */
    private Map<UUID, Double> left() {
        return byRun("extract(epoch FROM lease_until - now())::float8", Double.class);
    }

    private Map<UUID, String> versions() {
        return byRun("xmin::text", String.class);
    }

    private <T> Map<UUID, T> byRun(String expression, Class<T> type) {
        return database
                .transactions()
                .callAs(
                        PLATFORM,
                        () ->
                                database.jdbc()
                                        .sql(
                                                "SELECT run_id, "
                                                        + expression
                                                        + " FROM platform.workflow_dispatch")
                                        .query((row, _) ->
                                                Map.entry(
                                                        row.getObject(1, UUID.class),
                                                        row.getObject(2, type)))
                                        .list())
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Due due(int number) {
        return new Due(
                new TenantId(new UUID(5, 5)),
                new RunId(new UUID(9, number)),
                "step",
                1,
                Kind.ATTEMPT,
                "key-" + number,
                Instant.parse("2026-11-22T10:00:00Z"),
                null);
    }

    private static Due claimed(Due due, Pointer by) {
        return new Due(
                due.tenant(),
                due.run(),
                due.step(),
                due.epoch(),
                due.kind(),
                due.key(),
                due.at(),
                by.claim());
    }

    private static Pointer claimedBy(Pointer pointer, UUID claim) {
        return new Pointer(
                pointer.tenant(),
                pointer.run(),
                pointer.step(),
                pointer.epoch(),
                pointer.kind(),
                pointer.key(),
                claim,
                pointer.takes());
    }
}
