package io.cybershield.platform.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class PostgresEventLogIT extends EventLogConformance {
    private static TestDatabase database;

    @BeforeAll
    static void open() {
        database = databaseWithEffects();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @Override
    TestDatabase database() {
        return database;
    }

    @Override
    LogOperations operations() {
        return new LogOperations(database.transactions(), database.jdbc());
    }

    @Override
    Node start() {
        return node(settings(Duration.ofSeconds(2), Duration.ofMillis(400)));
    }

    @Override
    Node startInattentive() {
        return node(settings(Duration.ofMillis(900), Duration.ofHours(1)));
    }

    static EventLogSettings settings(Duration lease, Duration heartbeat) {
        return settings(lease, heartbeat, Duration.ofSeconds(10));
    }

    private static EventLogSettings settings(
            Duration lease, Duration heartbeat, Duration appendWithin) {
        return new EventLogSettings(
                6,
                Duration.ofHours(48),
                lease,
                heartbeat,
                Duration.ofMillis(100),
                3,
                1 << 20,
                appendWithin,
                java.util.Map.of());
    }

    private Node node(EventLogSettings settings) {
        var own = new LogDatabase(database.database());
        var hints = new Hints(own);
        var log =
                new PostgresEventLog(
                        own,
                        hints,
                        database.transactions(),
                        JdbcClient.create(database.database().pool()),
                        settings,
                        new LogMeters(registry),
                        Clock.systemUTC());
        return new Node() {
            @Override
            public EventLog log() {
                return log;
            }

            @Override
            public void close() {
                log.close();
                hints.close();
                own.close();
            }
        };
    }

    /** Another node's append that has taken its offset and is slow to commit. */
    private Connection slowAppender(String key, int value) throws SQLException {
        Connection slow = database.database().listener();
        slow.setAutoCommit(false);
        try (var sql = slow.createStatement()) {
            sql.execute("SET ROLE " + database.database().roles().platform());
            sql.execute(
                    """
                    WITH s AS (UPDATE eventlog.shard SET next_offset = next_offset + 1
                               WHERE topic = '%s' AND partition = %d RETURNING id, next_offset - 1 AS at)
                    INSERT INTO eventlog.record (shard, at_offset, segment, key, value)
                    SELECT id, at, 0, '%s', '%d'::bytea FROM s
                    """
                            .formatted(topic, Topics.partitionOf(key, 6), key, value));
        }
        return slow;
    }

    @Test
    void aRowThatCommitsLateIsNotSkipped() throws Exception {
        try (Node node = start()) {
            var seen = new ConcurrentLinkedQueue<Integer>();
            node.log().append(List.of(record("k", 0)));
            node.log()
                    .consume(
                            new ConsumerSpec(group, topic, 50, 3),
                            batch -> batch.forEach(d -> seen.add(number(d))));
            await().until(() -> seen.size() == 1);
            try (Connection slow = slowAppender("k", 1);
                    var appender = Executors.newVirtualThreadPerTaskExecutor()) {
                var later = appender.submit(() -> node.log().append(List.of(record("k", 2))));
                // It waits for the slow one rather than become visible before it.
                assertThatThrownBy(() -> later.get(700, TimeUnit.MILLISECONDS))
                        .isInstanceOf(TimeoutException.class);
                assertThat(seen).containsExactly(0);
                slow.commit();
                later.get(10, TimeUnit.SECONDS);
            }
            await().until(() -> seen.size() == 3);
            assertThat(seen).containsExactly(0, 1, 2);
        }
    }

    @Test
    void anAppenderThatDiesLeavesNoGapAndHoldsNobodyUp() throws Exception {
        try (Node node = start()) {
            node.log().append(List.of(record("k", 0)));
            try (Connection slow = slowAppender("k", 1)) {
                slow.abort(Runnable::run);
            }
            node.log().append(List.of(record("k", 2)));
            assertThat(offsets()).containsExactly(0L, 1L);
        }
    }

    private List<Long> offsets() {
        return database.transactions()
                .callAs(
                        Scope.platform("test"),
                        () ->
                                database.jdbc()
                                        .sql(
                                                "SELECT at_offset FROM eventlog.record r JOIN"
                                                    + " eventlog.shard s ON s.id = r.shard WHERE"
                                                    + " s.topic = ? ORDER BY at_offset")
                                        .param(topic)
                                        .query(Long.class)
                                        .list());
    }

    private static int number(Delivery d) {
        return Integer.parseInt(new String(d.value(), StandardCharsets.UTF_8));
    }

    @Test
    void appendsBeyondTheBoundAreRefusedAndWorkAgainLater() throws Exception {
        try (Node node =
                node(
                        settings(
                                Duration.ofSeconds(2),
                                Duration.ofMillis(400),
                                Duration.ofSeconds(1)))) {
            node.log().append(List.of(record("k", 0)));
            var large = new LogRecord(topic, "k", new byte[400 << 10]);
            double before = registry.counter("eventlog.refused").count();
            try (Connection slow = slowAppender("k", 1);
                    var appenders = Executors.newVirtualThreadPerTaskExecutor()) {
                var all = new ArrayList<Future<?>>();
                for (int i = 0; i < 8; i++) {
                    all.add(appenders.submit(() -> node.log().append(List.of(large))));
                }
                for (var one : all) {
                    assertThatThrownBy(() -> one.get(10, TimeUnit.SECONDS))
                            .hasCauseInstanceOf(EventLogUnavailable.class);
                }
                assertThat(registry.counter("eventlog.refused").count() - before).isEqualTo(8);
                slow.rollback();
            }
            await().untilAsserted(() -> node.log().append(List.of(record("k", 2))));
        }
    }

    /** A node's upkeep three days from now. */
    private Upkeep later(LogDatabase own) {
        return new Upkeep(
                own,
                settings(Duration.ofSeconds(2), Duration.ofMillis(400)),
                new LogMeters(registry),
                Clock.offset(Clock.systemUTC(), Duration.ofDays(3)));
    }

    @Test
    void oldRecordsGoWhenEveryGroupHasPassedThemAndNotBefore() {
        try (Node node = start();
                var own = new LogDatabase(database.database());
                Upkeep later = later(own)) {
            node.log().append(List.of(record("k", 0), record("k", 1)));
            var seen = new ConcurrentLinkedQueue<Integer>();
            var spec = new ConsumerSpec(group, topic, 1, 3);
            var hold = new CountDownLatch(1);
            node.log()
                    .consume(
                            spec,
                            batch -> {
                                if (number(batch.getFirst()) == 1) {
                                    awaitQuietly(hold);
                                }
                                batch.forEach(d -> seen.add(number(d)));
                            });
            await().until(() -> seen.contains(0));
            later.retire();
            assertThat(offsets()).containsExactly(0L, 1L);
            hold.countDown();
            await().until(() -> seen.contains(1));
            await().untilAsserted(() -> {
                later.retire();
                assertThat(offsets()).isEmpty();
            });
            node.log().append(List.of(record("k", 2)));
            await().until(() -> seen.contains(2));
            assertThat(offsets()).containsExactly(2L);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aGroupThatComesTooLateSkipsWhatIsGoneAndCountsIt() {
        try (Node node = start();
                var own = new LogDatabase(database.database());
                Upkeep later = later(own)) {
            node.log().append(List.of(record("k", 0), record("k", 1)));
            await().untilAsserted(() -> {
                later.retire();
                assertThat(offsets()).isEmpty();
            });
            var seen = new ConcurrentLinkedQueue<Integer>();
            node.log()
                    .consume(
                            new ConsumerSpec(group, topic, 50, 3),
                            batch -> batch.forEach(d -> seen.add(number(d))));
            await().untilAsserted(() ->
                    assertThat(
                                    registry.get("eventlog.skipped")
                                            .tag("group", group)
                                            .counter()
                                            .count())
                            .isEqualTo(2));
            node.log().append(List.of(record("k", 2)));
            await().until(() -> seen.contains(2));
        }
    }

    @Test
    void lagIsMeasured() {
        try (Node node = start();
                var own = new LogDatabase(database.database());
                Upkeep upkeep = later(own)) {
            try (var once = node.log().consume(new ConsumerSpec(group, topic, 50, 3), _ -> {})) {
                node.log().append(List.of(record("k", 0)));
                await().until(() ->
                        operations().positions(group).stream()
                                        .mapToLong(LogOperations.Position::nextOffset)
                                        .sum()
                                == 1);
            }
            node.log().append(List.of(record("k", 1), record("l", 2), record("m", 3)));
            upkeep.measure();
            assertThat(registry.get("eventlog.lag").tag("group", group).gauge().value())
                    .isEqualTo(3);
        }
    }
}
