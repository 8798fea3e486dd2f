package io.cybershield.platform.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
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

    protected Node node() {
        Node node = start();
        nodes.add(node);
        return node;
    }

    protected ConsumerSpec spec() {
        return new ConsumerSpec(group, topic, 50, 3);
    }

    protected LogRecord record(String key, int value) {
        return new LogRecord(topic, key, Integer.toString(value).getBytes(StandardCharsets.UTF_8));
    }

    private static int value(Delivery delivery) {
        return Integer.parseInt(new String(delivery.value(), StandardCharsets.UTF_8));
    }

    protected void store(String who, List<Delivery> batch) {
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

    protected record Effect(String who, String key, int value) {}

    protected List<Effect> effects() {
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

    protected void appendKeyed(EventLog log, int keys, int from, int to) {
        for (int start = from; start < to; start += 100) {
            log.append(
                    IntStream.range(start, Math.min(to, start + 100))
                            .mapToObj(i -> record("key-" + i % keys, i))
                            .toList());
        }
    }

    protected void assertEachOnceAndInOrder(int count) {
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

    @Test
    void aPoisonRecordIsBuriedAloneAndItsKeyGoesOn() {
        Node node = node();
        appendKeyed(node.log(), 3, 0, 120);
        node.log()
                .consume(
                        spec(),
                        batch -> {
                            store("a", batch);
                            if (batch.stream().anyMatch(d -> value(d) == 40 || value(d) == 41)) {
                                throw new IllegalArgumentException("cannot read 40 or 41");
                            }
                        });
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(effects()).hasSizeGreaterThanOrEqualTo(118));
        assertThat(values())
                .isEqualTo(
                        IntStream.range(0, 120).filter(i -> i != 40 && i != 41).boxed().toList());
        var dead = operations().deadLetters(group, 0, 10);
        assertThat(dead)
                .hasSize(2)
                .allSatisfy(letter -> {
                    assertThat(letter.error())
                            .contains("cannot read 40 or 41")
                            .contains("EventLogConformance");
                    assertThat(letter.attempts()).isEqualTo(3);
                    assertThat(letter.state()).isEqualTo("dead");
                });
        assertThat(registry.get("eventlog.dead").tag("group", group).counter().count())
                .isEqualTo(2);
    }

    @Test
    void aStatementThatFailsInTheDatabaseIsPoisonToo() {
        Node node = node();
        appendKeyed(node.log(), 2, 0, 20);
        node.log()
                .consume(
                        spec(),
                        batch -> {
                            store("a", batch);
                            for (Delivery d : batch) {
                                database()
                                        .jdbc()
                                        .sql("SELECT 1 / ?")
                                        .param(value(d) - 7)
                                        .query(Integer.class)
                                        .single();
                            }
                        });
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(effects()).hasSizeGreaterThanOrEqualTo(19));
        assertThat(values()).isEqualTo(IntStream.range(0, 20).filter(i -> i != 7).boxed().toList());
        assertThat(operations().deadLetters(group, 0, 10)).hasSize(1);
    }

    @Test
    void deadLettersAreReplayedOnceTheHandlerIsMended() {
        Node node = node();
        var mended = new java.util.concurrent.atomic.AtomicBoolean();
        appendKeyed(node.log(), 3, 0, 30);
        node.log()
                .consume(
                        spec(),
                        batch -> {
                            store("a", batch);
                            if (!mended.get() && batch.stream().anyMatch(d -> value(d) % 10 == 3)) {
                                throw new IllegalStateException("not yet");
                            }
                        });
        await().atMost(SOON).until(() -> operations().deadLetters(group, 0, 10).size() == 3);
        assertThat(operations().replayDeadLetters(group)).isEqualTo(3);
        // The first replay fails, and says so.
        await().atMost(SOON)
                .until(() ->
                        operations().deadLetters(group, 0, 10).stream()
                                .allMatch(d -> d.state().equals("dead") && d.attempts() > 3));
        mended.set(true);
        operations().replayDeadLetters(group);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(effects()).hasSizeGreaterThanOrEqualTo(30));
        assertThat(values()).isEqualTo(IntStream.range(0, 30).boxed().toList());
        assertThat(operations().deadLetters(group, 0, 10))
                .allMatch(d -> d.state().equals("replayed"));
    }

    @Test
    void aFailingTransactionLeavesNoEffectAndIsRepeatedWhole() {
        Node node = node();
        var failures = new AtomicInteger(2);
        appendKeyed(node.log(), 3, 0, 100);
        node.log()
                .consume(
                        new ConsumerSpec(group, topic, 50, 5),
                        batch -> {
                            store("a", batch);
                            if (failures.getAndDecrement() > 0) {
                                throw new IllegalStateException("crash between effect and offset");
                            }
                        });
        assertEachOnceAndInOrder(100);
        assertThat(operations().deadLetters(group, 0, 10)).isEmpty();
    }

    @Test
    void aConnectionKilledInTheMiddleOfABatchLosesAndRepeatsNothing() {
        Node node = node();
        var kills = new AtomicInteger(3);
        appendKeyed(node.log(), 4, 0, 200);
        node.log()
                .consume(
                        spec(),
                        batch -> {
                            store("a", batch);
                            if (kills.getAndDecrement() > 0) {
                                int pid =
                                        database()
                                                .jdbc()
                                                .sql("SELECT pg_backend_pid()")
                                                .query(Integer.class)
                                                .single();
                                database().asOwner("SELECT pg_terminate_backend(" + pid + ")");
                            }
                        });
        assertEachOnceAndInOrder(200);
        assertThat(operations().deadLetters(group, 0, 10)).isEmpty();
    }

    @Test
    void membersComingAndGoingLoseAndRepeatNothing() throws Exception {
        Node writer = node();
        var stop = new CountDownLatch(1);
        var appended = new AtomicInteger();
        try (var background = Executors.newVirtualThreadPerTaskExecutor()) {
            var writing =
                    background.submit(() -> {
                        while (stop.getCount() > 0) {
                            int from = appended.getAndAdd(20);
                            appendKeyed(writer.log(), 5, from, from + 20);
                        }
                    });
            for (int round = 0; round < 3; round++) {
                try (Node first = start()) {
                    first.log().consume(spec(), batch -> store("first", batch));
                    int before = effects().size();
                    await().atMost(SOON).until(() -> effects().size() > before + 40);
                    try (Node second = start()) {
                        second.log().consume(spec(), batch -> store("second", batch));
                        await().atMost(SOON)
                                .until(() ->
                                        effects().stream()
                                                        .filter(e -> e.who().equals("second"))
                                                        .count()
                                                > 0);
                    }
                }
            }
            stop.countDown();
            writing.get(20, TimeUnit.SECONDS);
        }
        Node last = node();
        last.log().consume(spec(), batch -> store("last", batch));
        assertEachOnceAndInOrder(appended.get());
    }

    /**
     * A member hangs in a batch past its lease, others take over, then it goes on as if nothing had
     * been.
     */
    @Test
    void aMemberThatLostItsPartitionsCommitsNothing() throws Exception {
        Node zombie = startInattentive();
        var inside = new CountDownLatch(1);
        var resume = new CountDownLatch(1);
        var finished = new CountDownLatch(1);
        try {
            appendKeyed(zombie.log(), 4, 0, 80);
            zombie.log()
                    .consume(
                            spec(),
                            batch -> {
                                store("zombie", batch);
                                inside.countDown();
                                try {
                                    resume.await(30, TimeUnit.SECONDS);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                                finished.countDown();
                            });
            assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
            Node heir = node();
            heir.log().consume(spec(), batch -> store("heir", batch));
            assertEachOnceAndInOrder(80);
            assertThat(effects()).allMatch(e -> e.who().equals("heir"));
            resume.countDown();
            assertThat(finished.await(10, TimeUnit.SECONDS)).isTrue();
            appendKeyed(heir.log(), 4, 80, 120);
            await().atMost(SOON)
                    .until(() ->
                            registry.get("eventlog.fenced").tag("group", group).counter().count()
                                    > 0);
        } finally {
            resume.countDown();
            zombie.close();
        }
        assertEachOnceAndInOrder(120);
    }

    @Test
    void aGroupReadsAgainFromAnOffset() {
        Node node = node();
        node.log().consume(spec(), batch -> store("a", batch));
        appendKeyed(node.log(), 4, 0, 60);
        assertEachOnceAndInOrder(60);
        for (var position : operations().positions(group)) {
            assertThat(operations().rewind(group, topic, position.partition(), 0)).isTrue();
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(effects()).hasSize(120));
        assertThat(operations().rewind("nobody", topic, 0, 0)).isFalse();
    }

    @Test
    void aFollowerSeesWhatComesAfterItAndNothingBefore() {
        Node writer = node();
        Node reader = node();
        appendKeyed(writer.log(), 4, 0, 20);
        var seen = new ConcurrentLinkedQueue<Integer>();
        try (var following = reader.log().follow(topic, d -> seen.add(value(d)))) {
            appendKeyed(writer.log(), 4, 20, 60);
            await().atMost(SOON).until(() -> seen.size() >= 40);
        }
        assertThat(seen)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(20, 60).boxed().toList());
    }

    @Test
    void aListenerThatThrowsStillSeesTheNext() {
        Node node = node();
        var seen = new ConcurrentLinkedQueue<Integer>();
        try (var following =
                node.log()
                        .follow(
                                topic,
                                d -> {
                                    seen.add(value(d));
                                    throw new IllegalStateException("screen is gone");
                                })) {
            appendKeyed(node.log(), 1, 0, 3);
            await().atMost(SOON).until(() -> seen.size() == 3);
        }
    }

    @Test
    void whatWasAppendedOutlivesItsNode() {
        try (Node gone = start()) {
            appendKeyed(gone.log(), 4, 0, 50);
        }
        Node later = node();
        later.log().consume(spec(), batch -> store("later", batch));
        assertEachOnceAndInOrder(50);
    }

    @Test
    void aTopicWithAnImpossibleNameIsRefused() {
        Node node = node();
        assertThatThrownBy(() ->
                        node.log().append(List.of(new LogRecord("No Topic", "k", new byte[0]))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("No Topic");
        assertThatThrownBy(() -> node.log().append(List.of(record("bad\0key", 1))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothingIsTakenAfterClosing() {
        Node node = start();
        node.close();
        assertThatThrownBy(() -> node.log().append(List.of(record("k", 1))))
                .isInstanceOf(EventLogUnavailable.class);
    }
}
