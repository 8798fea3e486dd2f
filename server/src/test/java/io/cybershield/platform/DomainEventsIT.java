package io.cybershield.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cybershield.platform.eventlog.TestEventLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DomainEventsIT {
    /** What the tests publish. */
    record ThingHappened(UUID thing, int number, String note) implements DomainEvent {}

    record OtherThingHappened(String note) implements DomainEvent {}

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final TenantId A = new TenantId(UUID.randomUUID());
    private static final TenantId B = new TenantId(UUID.randomUUID());
    private static final Principal ANN = new Principal(Principal.Kind.USER, "ann", "Ann");
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static TestDatabase database;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final String group = "group-" + NAMES.incrementAndGet();

    @BeforeAll
    static void open() {
        database = TestDatabase.create();
        database.tenantSchemas().ensure(A);
        database.tenantSchemas().ensure(B);
    }

    @AfterAll
    static void closeDatabase() {
        database.close();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private OutboxDomainEvents node() {
        var log = TestEventLog.start(database);
        open.add(log);
        var events = TestDomainEvents.of(database, log);
        open.add(events);
        return events;
    }

    private static void as(TenantId tenant, Runnable work) {
        database.transactions().runAs(Scope.tenant(tenant, ANN), work);
    }

    private static void audit(int seq, String action) {
        database.jdbc()
                .sql(
                        """
                        INSERT INTO audit_entry (seq, id, at, actor_kind, actor_id, actor_name, action, target, outcome, previous, hash)
                        VALUES (?, gen_random_uuid(), now(), 'SYSTEM', 'x', 'x', ?, 'y', 'permitted', '', '')
                        """)
                .params(seq, action)
                .update();
    }

    private static List<String> audited(TenantId tenant, String like) {
        return database.transactions()
                .callAs(
                        Scope.tenant(tenant, ANN),
                        () ->
                                database.jdbc()
                                        .sql(
                                                "SELECT action FROM audit_entry WHERE action LIKE ?"
                                                        + " ORDER BY seq")
                                        .param(like)
                                        .query(String.class)
                                        .list());
    }

    @Test
    void theHandlerRunsInTheTenantsScopeWithTheEventAsItWas() {
        var events = node();
        var seen = new ConcurrentLinkedQueue<String>();
        var thing = UUID.randomUUID();
        events.on(
                group,
                ThingHappened.class,
                (envelope, event) ->
                        seen.add(
                                Scope.currentTenant()
                                        + " "
                                        + envelope.tenant()
                                        + " "
                                        + envelope.aggregate()
                                        + " "
                                        + event));
        events.start();
        as(A, () -> events.publish("thing:" + thing, new ThingHappened(thing, 7, "größer")));
        var expected =
                A + " " + A + " thing:" + thing + " " + new ThingHappened(thing, 7, "größer");
        await().atMost(SOON).untilAsserted(() -> assertThat(seen).contains(expected));
    }

    @Test
    void nothingLeavesATransactionThatRollsBack() {
        var events = node();
        var seen = new ConcurrentLinkedQueue<String>();
        events.on(group, OtherThingHappened.class, (_, event) -> seen.add(event.note()));
        events.start();
        assertThatThrownBy(() ->
                        as(
                                A,
                                () -> {
                                    events.publish("x:1", new OtherThingHappened("undone"));
                                    throw new IllegalStateException("changed my mind");
                                }))
                .hasMessage("changed my mind");
        as(A, () -> events.publish("x:1", new OtherThingHappened("done")));
        await().atMost(SOON).until(() -> seen.contains("done"));
        assertThat(seen).doesNotContain("undone");
    }

    @Test
    void effectsAreOnceThoughTheRelayRepeatsAndTwoNodesConsume() {
        var one = node();
        var two = node();
        for (var node : List.of(one, two)) {
            node.on(
                    group,
                    ThingHappened.class,
                    (_, event) -> {
                        if (event.note().equals(group)) {
                            audit(event.number() + 1000, group + "-" + event.number());
                        }
                    });
            node.start();
        }
        as(
                B,
                () ->
                        IntStream.range(0, 60)
                                .forEach(i ->
                                        one.publish(
                                                "thing:" + i % 4,
                                                new ThingHappened(UUID.randomUUID(), i, group))));
        await().atMost(SOON).untilAsserted(() -> assertThat(audited(B, group + "-%")).hasSize(60));
        // What a relay does that died after the log took its events: all of them once more.
        database.transactions()
                .runAs(
                        Scope.platform("test"),
                        () ->
                                database.jdbc()
                                        .sql(
                                                "UPDATE eventlog.consumer SET next_offset = 0 WHERE"
                                                        + " group_name = ?")
                                        .param(group)
                                        .update());
        as(B, () -> one.publish("thing:0", new ThingHappened(UUID.randomUUID(), 60, group)));
        await().atMost(SOON).untilAsserted(() -> assertThat(audited(B, group + "-60")).hasSize(1));
        assertThat(audited(B, group + "-%")).hasSize(61);
        assertThat(audited(A, group + "-%")).isEmpty();
    }

    @Test
    void eventsOfOneAggregateStayInOrder() {
        var events = node();
        var seen = new ConcurrentLinkedQueue<Integer>();
        events.on(
                group,
                ThingHappened.class,
                (_, event) -> {
                    if (event.note().equals(group)) {
                        seen.add(event.number());
                    }
                });
        events.start();
        for (int i = 0; i < 40; i++) {
            int number = i;
            as(
                    A,
                    () ->
                            events.publish(
                                    "thing:same",
                                    new ThingHappened(UUID.randomUUID(), number, group)));
        }
        await().atMost(SOON).until(() -> seen.size() >= 40);
        assertThat(seen).containsExactlyElementsOf(IntStream.range(0, 40).boxed().toList());
    }

    @Test
    void followersSeeEventsLive() {
        var events = node();
        var seen = new ConcurrentLinkedQueue<DomainEvent>();
        events.follow((_, event) -> seen.add(event));
        events.start();
        var happened = new ThingHappened(UUID.randomUUID(), 1, group);
        as(A, () -> events.publish("thing:1", happened));
        await().atMost(SOON).untilAsserted(() -> assertThat(seen).contains(happened));
    }

    @Test
    void aTenantCanNeitherReadTheOutboxNorWriteForAnother() {
        assertThatThrownBy(() ->
                        as(
                                A,
                                () ->
                                        database.jdbc()
                                                .sql("SELECT count(*) FROM platform.outbox")
                                                .query(Long.class)
                                                .single()))
                .hasStackTraceContaining("permission denied");
        assertThatThrownBy(() ->
                        as(
                                A,
                                () ->
                                        database.jdbc()
                                                .sql(
                                                        """
                                                        INSERT INTO platform.outbox (tenant_id, id, aggregate, type, payload, at)
                                                        VALUES (?, gen_random_uuid(), 'x', 'x', '{}', now())
                                                        """)
                                                .param(B.value())
                                                .update()))
                .hasStackTraceContaining("row-level security");
    }

    @Test
    void aTenantReachesNoRecordOfTheLog() {
        for (String table :
                new String[] {"record", "shard", "consumer", "dead_letter", "record_0"}) {
            assertThatThrownBy(() ->
                            as(
                                    A,
                                    () ->
                                            database.jdbc()
                                                    .sql("SELECT count(*) FROM eventlog." + table)
                                                    .query(Long.class)
                                                    .single()))
                    .as(table)
                    .hasStackTraceContaining("permission denied");
        }
    }

    @Test
    void oneGroupTakesATypeOnce() {
        var events = node();
        events.on(group, ThingHappened.class, (_, _) -> {});
        assertThatThrownBy(() -> events.on(group, ThingHappened.class, (_, _) -> {}))
                .hasMessageContaining(group);
    }
}
