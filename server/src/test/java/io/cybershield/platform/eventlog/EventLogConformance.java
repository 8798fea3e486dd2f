package io.cybershield.platform.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What every adapter of the event log keeps; each test has its own topics and groups. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class EventLogConformance {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final AtomicInteger NAMES = new AtomicInteger();

    /** One process of several. */
    interface Node extends AutoCloseable {
        EventLog log();

        @Override
        void close();
    }

    protected final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<Node> nodes = new ArrayList<>();
    protected String topic = "";
    protected String group = "";

    abstract TestDatabase database();

    abstract Node start();

    /** A node that lets its lease lapse while its handler is held up, and does not notice. */
    abstract Node startInattentive();

    abstract LogOperations operations();

    @BeforeEach
    void names() {
        int n = NAMES.incrementAndGet();
        topic = "topic-" + n;
        group = "group-" + n;
        database()
                .transactions()
                .runAs(
                        Scope.platform("test"),
                        () -> database().jdbc().sql("DELETE FROM platform.effect").update());
    }

    @AfterEach
    void closeNodes() {
        nodes.forEach(Node::close);
        nodes.clear();
    }

    /** Where handlers leave their effects: no key, so that a duplicate would show. */
    static TestDatabase databaseWithEffects() {
        var database = TestDatabase.create();
        database.asOwner(
                """
                CREATE TABLE platform.effect (seq bigint GENERATED ALWAYS AS IDENTITY, who text, key text, value int, at_offset bigint, partition int)
                """);
        database.asOwner(
                "GRANT SELECT, INSERT, DELETE ON platform.effect TO "
                        + database.database().roles().platform());
        return database;
    }

    private Node node() {
        Node node = start();
        nodes.add(node);
        return node;
    }

    private ConsumerSpec spec() {
        return new ConsumerSpec(group, topic, 50, 3);
    }

    private LogRecord record(String key, int value) {
        return new LogRecord(topic, key, Integer.toString(value).getBytes(StandardCharsets.UTF_8));
    }

    private static int value(Delivery delivery) {
        return Integer.parseInt(new String(delivery.value(), StandardCharsets.UTF_8));
    }

    private void store(String who, List<Delivery> batch) {
        for (Delivery d : batch) {
            database()
                    .jdbc()
                    .sql(
                            "INSERT INTO platform.effect (who, key, value, at_offset, partition)"
                                    + " VALUES (?, ?, ?, ?, ?)")
                    .params(who, d.key(), value(d), d.offset(), d.partition())
                    .update();
        }
    }

    private record Effect(String who, String key, int value) {}

    private List<Effect> effects() {
        return database()
                .transactions()
                .callAs(
                        Scope.platform("test"),
                        () ->
                                database()
                                        .jdbc()
                                        .sql(
                                                "SELECT who, key, value FROM platform.effect ORDER"
                                                        + " BY seq")
                                        .query(Effect.class)
                                        .list());
    }

    private List<Integer> values() {
        return effects().stream().map(Effect::value).sorted().toList();
    }

    private void appendKeyed(EventLog log, int keys, int from, int to) {
        for (int start = from; start < to; start += 100) {
            log.append(
                    IntStream.range(start, Math.min(to, start + 100))
                            .mapToObj(i -> record("key-" + i % keys, i))
                            .toList());
        }
    }

    private void assertEachOnceAndInOrder(int count) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(effects()).hasSizeGreaterThanOrEqualTo(count));
        assertThat(values()).isEqualTo(IntStream.range(0, count).boxed().toList());
        Map<String, List<Integer>> byKey = new TreeMap<>();
        effects()
                .forEach(
                        e -> byKey.computeIfAbsent(e.key(), _ -> new ArrayList<>()).add(e.value()));
        byKey.forEach((key, list) -> assertThat(list).as(key).isSorted());
    }

    @Test
    void recordsOfOneKeyStayInOrderUnderConcurrentAppendersOnSeveralNodes() throws Exception {
        Node first = node();
        Node second = node();
        first.log().consume(spec(), batch -> store("a", batch));
        second.log().consume(spec(), batch -> store("b", batch));
        try (var appenders = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<java.util.concurrent.Future<?>>();
            for (int k = 0; k < 8; k++) {
                int key = k;
                EventLog log = (k % 2 == 0 ? first : second).log();
                all.add(
                        appenders.submit(() -> {
                            for (int i = 0; i < 100; i++) {
                                log.append(List.of(record("key-" + key, i * 8 + key)));
                            }
                        }));
            }
            for (var one : all) {
                one.get(30, TimeUnit.SECONDS);
            }
        }
        assertEachOnceAndInOrder(800);
    }

    @Test
    void whatWasAppendedBeforeTheFirstMemberCameIsDelivered() {
        Node node = node();
        appendKeyed(node.log(), 5, 0, 250);
        node.log().consume(spec(), batch -> store("a", batch));
        assertEachOnceAndInOrder(250);
    }

    @Test
    void everyGroupGetsEverything() {
        Node node = node();
        var other = new ConsumerSpec(group + "-b", topic, 50, 3);
        node.log().consume(spec(), batch -> store("a", batch));
        node.log().consume(other, batch -> store("b", batch));
        appendKeyed(node.log(), 5, 0, 100);
        await().atMost(SOON).untilAsserted(() -> assertThat(effects()).hasSize(200));
        assertThat(effects().stream().filter(e -> e.who().equals("a"))).hasSize(100);
    }
}
