package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TestDatabase;
import io.cybershield.workflow.DispatchStore.Room;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whose steps go first, on a real database. */
class DispatchFairnessIT {
    private static final Scope PLATFORM = Scope.platform("test");

    @Test
    void aCrowdOfStepsOfOneTenantIsNothingToAnother() {
        try (var database = TestDatabase.create()) {
            var store = new SqlDispatchStore(database.jdbc(), Weights.same());
            var crowded = new TenantId(new UUID(1, 1));
            var quiet = new TenantId(new UUID(2, 2));
            Instant hourAgo = Instant.now().minusSeconds(3_600);
            database.transactions()
                    .runAs(
                            PLATFORM,
                            () -> {
                                for (int i = 0; i < 2_000; i++) {
                                    add(store, crowded, i, hourAgo.plusMillis(i));
                                }
                                add(store, quiet, 1, Instant.now().minusSeconds(1));
                            });
            var first =
                    database.transactions()
                            .callAs(
                                    PLATFORM,
                                    () -> store.claim(Room.of(32), Duration.ofSeconds(30)));
            assertThat(first).hasSize(32);
            assertThat(first).anyMatch(p -> p.tenant().equals(quiet));
            // What was taken stays taken, and everything gets its turn, once.
            var taken = new HashSet<>(first.stream().map(p -> p.tenant() + "/" + p.run()).toList());
            while (true) {
                var more =
                        database.transactions()
                                .callAs(
                                        PLATFORM,
                                        () -> store.claim(Room.of(200), Duration.ofSeconds(30)));
                if (more.isEmpty()) {
                    break;
                }
                more.forEach(p ->
                        assertThat(taken.add(p.tenant() + "/" + p.run()))
                                .as("%s is taken once", p)
                                .isTrue());
            }
            assertThat(taken).hasSize(2_001);
        }
    }

    @Test
    void aTenantThatHoldsItsShareIsPassedOver() {
        try (var database = TestDatabase.create()) {
            var store = new SqlDispatchStore(database.jdbc(), Weights.same());
            var tenants =
                    java.util.stream.IntStream.range(0, 3)
                            .mapToObj(i -> new TenantId(new UUID(3, i)))
                            .toList();
            database.transactions()
                    .runAs(
                            PLATFORM,
                            () ->
                                    tenants.forEach(tenant -> {
                                        for (int i = 0; i < 20; i++) {
                                            add(store, tenant, i, Instant.now().minusSeconds(9));
                                        }
                                    }));
            var room = new Room(30, 12, Map.of(tenants.get(0), 0, tenants.get(1), 3));
            var taken =
                    database.transactions()
                            .callAs(PLATFORM, () -> store.claim(room, Duration.ofSeconds(30)));
            assertThat(taken.stream().map(p -> p.tenant()))
                    .hasSize(15)
                    .doesNotContain(tenants.get(0))
                    .filteredOn(tenants.get(1)::equals)
                    .hasSize(3);
        }
    }

    @Test
    void aTenantOfWeightThreeGetsThreeTimesAsMuchInEachRound() {
        try (var database = TestDatabase.create()) {
            var heavy = new TenantId(new UUID(4, 1));
            var light = new TenantId(new UUID(4, 2));
            var store =
                    new SqlDispatchStore(
                            database.jdbc(), new Weights(List.of(heavy.value() + ":3")));
            database.transactions()
                    .runAs(
                            PLATFORM,
                            () ->
                                    List.of(light, heavy)
                                            .forEach(tenant -> {
                                                for (int i = 0; i < 50; i++) {
                                                    add(
                                                            store,
                                                            tenant,
                                                            i,
                                                            Instant.now().minusSeconds(9));
                                                }
                                            }));
            var taken =
                    database.transactions()
                            .callAs(
                                    PLATFORM,
                                    () -> store.claim(Room.of(40), Duration.ofSeconds(30)));
            assertThat(taken).hasSize(40);
            assertThat(taken.stream().map(p -> p.tenant()).filter(heavy::equals)).hasSize(30);
        }
    }

    private static void add(DispatchStore store, TenantId tenant, int number, Instant due) {
        store.add(
                List.of(
                        new DispatchStore.Due(
                                tenant,
                                new RunId(new UUID(9, number)),
                                "step",
                                1,
                                DispatchStore.Kind.ATTEMPT,
                                "key-" + number,
                                due,
                                null)),
                Duration.ofSeconds(30));
    }
}
