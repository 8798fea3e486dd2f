package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.engine.Event;
import io.cybershield.engine.RunStatus;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Turns that share a transaction, and what becomes of the others when one of them breaks. */
class SharedTurnsIT {
    private static final TestApplication APP = TestApplication.shared();
    private final RunTurns turns = APP.bean(RunTurns.class);
    private final Transactions transactions = APP.bean(Transactions.class);
    private Client admin;
    private TenantId tenant;
    private UUID workflow;

    @BeforeEach
    void parkedRuns() {
        admin = APP.newTenant();
        tenant = new TenantId(admin.tenant());
        workflow =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                box("park", "wait", Map.of("seconds", 3600))),
                        List.of(edge("start", "out", "park")));
    }

    @Test
    void oneThatBreaksTakesNobodyElseAlong() throws InterruptedException {
        var first = start();
        var broken = start();
        var last = start();
        var together = new CountDownLatch(1);
        var jobs =
                List.of(
                        new Stop(first, null),
                        new Stop(broken, "It is broken."),
                        new Stop(last, null));
        try (var queue =
                new TurnQueue(transactions, turns, Weights.same(), new SimpleMeterRegistry())) {
            // Both threads are busy until all three wait.
            queue.add(new Blocker(start(), together));
            queue.add(new Blocker(start(), together));
            jobs.forEach(queue::add);
            together.countDown();
            for (Stop job : jobs) {
                assertThat(job.over.await(20, TimeUnit.SECONDS)).isTrue();
            }
        }
        assertThat(state(first)).isEqualTo("cancelled");
        assertThat(state(last)).isEqualTo("cancelled");
        assertThat(state(broken)).isEqualTo("waiting");
        assertThat(jobs.get(1).cause.get()).hasMessage("It is broken.");
        assertThat(jobs.get(0).tries.get()).as("with the others, then alone").isEqualTo(2);
        for (RunId run : List.of(first, broken, last)) {
            assertThat(
                            inTenant(() ->
                                    APP.bean(RunJournals.class).read(run.value(), 10_000).broken()
                                            == null))
                    .isTrue();
        }
    }

    @Test
    void aStartThatIsCountedLeavesTheStepsAroundItWhole() throws InterruptedException {
        var before = start();
        var after = start();
        UUID limited =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                box("park", "wait", Map.of("seconds", 3600))),
                        List.of(edge("start", "out", "park")));
        assertThat(
                        admin.send(
                                        admin.csrf(
                                                admin.json(
                                                        "/api/v1/workflows/" + limited + "/limits",
                                                        "PUT",
                                                        Map.of("most", 1, "whenFull", "queue"))))
                                .status())
                .isEqualTo(200);
        var together = new CountDownLatch(1);
        var jobs = List.of(new Stop(before, null), new Stop(after, null));
        var started = new ArrayList<RunView>();
        try (var queue =
                new TurnQueue(transactions, turns, Weights.same(), new SimpleMeterRegistry())) {
            queue.add(new Blocker(start(), together));
            queue.add(new Blocker(start(), together));
            await().until(() -> queue.waiting() == 0);
            queue.add(jobs.get(0));
            Thread starter =
                    Thread.ofVirtual()
                            .start(() ->
                                    Scope.tenant(
                                                    tenant,
                                                    new Principal(
                                                            Principal.Kind.SYSTEM, "test", "test"))
                                            .run(() ->
                                                    started.addAll(
                                                            queue.call(() ->
                                                                    List.of(
                                                                            begin(limited),
                                                                            begin(limited))))));
            await().until(() -> queue.waiting() == 2);
            queue.add(jobs.get(1));
            together.countDown();
            for (Stop job : jobs) {
                assertThat(job.over.await(20, TimeUnit.SECONDS)).isTrue();
            }
            starter.join();
        }
        assertThat(jobs).extracting(job -> job.tries.get()).as("in one go").containsOnly(1);
        assertThat(state(before)).isEqualTo("cancelled");
        assertThat(state(after)).isEqualTo("cancelled");
        assertThat(started)
                .extracting(RunView::state)
                .as("the second sees the first, though nothing was committed between them")
                .containsExactly("waiting", "queued");
    }

    private RunView begin(UUID of) {
        return APP.bean(Runs.class).start(of, 1, "start", Map.of(), "test", null);
    }

    @Test
    void whatWasRolledBackIsNotRemembered() {
        var run = start();
        assertThatThrownBy(() ->
                        inTenant(() -> {
                            turns.take(run, cancel());
                            throw new IllegalStateException("The database went away.");
                        }))
                .hasMessage("The database went away.");
        assertThat(inTenant(() -> turns.load(run).orElseThrow().state().status()))
                .isEqualTo(RunStatus.WAITING);
        // As long a journal as the one that was rolled back, with something else in it.
        inTenant(() -> turns.take(run, new Event.SignalArrived(turns.now(), "s1", "go", Map.of())));
        var remembered = inTenant(() -> turns.load(run).orElseThrow().state());
        var told =
                inTenant(() -> {
                    var loaded = turns.load(run).orElseThrow();
                    return loaded.version().engine().replay(APP.bean(RunTurns.class).journal(run));
                });
        assertThat(remembered).isEqualTo(told);
        assertThat(remembered.signals()).hasSize(1);
    }

    @Test
    void whoeverFallsSilentWhileHoldingARunLosesIt() throws InterruptedException {
        var run = start();
        var holds = new CountDownLatch(1);
        var wakes = new CountDownLatch(1);
        var fate = new AtomicReference<Throwable>();
        Thread frozen =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                inTenant(() -> {
                                    var batch = turns.batch(List.of(run));
                                    batch.find(run).orElseThrow().take(cancel(), null);
                                    holds.countDown();
                                    awaitQuietly(wakes);
                                    batch.flush();
                                    return true;
                                });
                            } catch (RuntimeException e) {
                                fate.set(e);
                            }
                        });
        assertThat(holds.await(10, TimeUnit.SECONDS)).isTrue();
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() ->
                        assertThat(
                                        inTenant(() ->
                                                turns.take(
                                                                run,
                                                                new Event.SignalArrived(
                                                                        turns.now(),
                                                                        "s1",
                                                                        "go",
                                                                        Map.of()))
                                                        .state()
                                                        .signals()))
                                .hasSize(1));
        wakes.countDown();
        frozen.join();
        assertThat(fate.get()).as("what it had begun is rolled back").isNotNull();
        assertThat(state(run)).isEqualTo("waiting");
    }

    @Test
    void aDueTimerWaitsForNobodyWhoIsAtWorkOnItsRun() {
        UUID brief =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                box("park", "wait", Map.of("seconds", 5))),
                        List.of(edge("start", "out", "park")));
        var held = start(brief);
        var free = start(brief);
        assertThatThrownBy(() ->
                        inTenant(() -> {
                            turns.batch(List.of(held));
                            await().pollInSameThread()
                                    .atMost(Duration.ofSeconds(20))
                                    .untilAsserted(() ->
                                            assertThat(turns.runs.get(free).state())
                                                    .isEqualTo("succeeded"));
                            var jdbc = APP.bean(JdbcClient.class);
                            jdbc.sql("SET LOCAL lock_timeout = '2s'").update();
                            int taken =
                                    jdbc.sql(
                                                    "DELETE FROM platform.workflow_timer WHERE"
                                                            + " run_id = :run AND due_at < now()"
                                                            + " + interval '10 s'")
                                            .param("run", held.value())
                                            .update();
                            assertThat(taken).isEqualTo(1);
                            throw new IllegalStateException("It had the run and its timers.");
                        }))
                .hasMessage("It had the run and its timers.");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(state(held)).isEqualTo("succeeded"));
    }

    @Test
    void aJournalTellsTheWholeRunWithLoopsAndChildren() {
        UUID loop =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                box("each", "for-each", Map.of("items", "[1, 2, 3]")),
                                box("odd", "condition", Map.of("expression", "item % 2 == 1")),
                                box(
                                        "sub",
                                        "sub-workflow",
                                        Map.of("workflow", workflow.toString(), "version", 1))),
                        List.of(
                                edge("start", "out", "each"),
                                edge("each", "each", "odd"),
                                edge("odd", "true", "each"),
                                edge("odd", "false", "each"),
                                edge("each", "done", "sub")));
        RunId run = start(loop);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(state(run)).isEqualTo("waiting"));
        var child =
                new RunId(
                        UUID.fromString(
                                admin.get("/api/v1/runs?workflow=" + workflow)
                                        .json()
                                        .get("items")
                                        .get(0)
                                        .get("id")
                                        .asString()));
        inTenant(() -> turns.take(child, cancel()));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(state(run)).isEqualTo("failed"));
        inTenant(() -> {
            var loaded = turns.load(run).orElseThrow();
            var told = loaded.version().engine().replay(APP.bean(RunTurns.class).journal(run));
            assertThat(told).isEqualTo(loaded.state());
            assertThat(told.status()).isEqualTo(RunStatus.FAILED);
            return true;
        });
    }

    private UUID publish(List<Map<String, Object>> nodes, List<Map<String, Object>> edges) {
        UUID id =
                UUID.fromString(
                        admin.post("/api/v1/workflows", Map.of("name", "Test"))
                                .json()
                                .get("id")
                                .asString());
        var drawing = Map.of("name", "Test", "description", "", "nodes", nodes, "edges", edges);
        assertThat(
                        admin.send(
                                        admin.csrf(
                                                admin.json(
                                                                "/api/v1/workflows/"
                                                                        + id
                                                                        + "/draft",
                                                                "PUT",
                                                                drawing)
                                                        .header("If-Match", "\"1\"")))
                                .status())
                .isEqualTo(200);
        var published = admin.post("/api/v1/workflows/" + id + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
        return id;
    }

    private static Map<String, Object> edge(String from, String port, String to) {
        return Map.of("from", from, "port", port, "to", to);
    }

    private RunId start() {
        return start(workflow);
    }

    private RunId start(UUID of) {
        var answer = admin.post("/api/v1/workflows/" + of + "/runs", Map.of("input", Map.of()));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return new RunId(UUID.fromString(answer.json().get("id").asString()));
    }

    private String state(RunId run) {
        return admin.get("/api/v1/runs/" + run).json().get("state").asString();
    }

    private Event cancel() {
        return new Event.CancelRequested(turns.now(), "Ann", "Enough.");
    }

    private <T> T inTenant(Supplier<T> work) {
        return transactions.callAs(
                Scope.tenant(tenant, new Principal(Principal.Kind.SYSTEM, "test", "test")), work);
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private abstract class Job implements TurnQueue.Step {
        final RunId run;
        final CountDownLatch over = new CountDownLatch(1);
        final AtomicReference<RuntimeException> cause = new AtomicReference<>();

        Job(RunId run) {
            this.run = run;
        }

        @Override
        public TenantId tenant() {
            return tenant;
        }

        @Override
        public RunId run() {
            return run;
        }

        @Override
        public void missing(TurnBatch batch) {
            throw new AssertionError("The run is there.");
        }

        @Override
        public void done() {
            over.countDown();
        }

        @Override
        public void broken(RuntimeException why) {
            cause.set(why);
            over.countDown();
        }
    }

    private final class Stop extends Job {
        final AtomicInteger tries = new AtomicInteger();
        private final @Nullable String fault;

        Stop(RunId run, @Nullable String fault) {
            super(run);
            this.fault = fault;
        }

        @Override
        public void in(RunTurn turn, boolean alone) {
            tries.incrementAndGet();
            turn.take(cancel(), null);
            if (fault != null) {
                throw new IllegalStateException(fault);
            }
        }
    }

    private final class Blocker extends Job {
        private final CountDownLatch until;

        Blocker(RunId run, CountDownLatch until) {
            super(run);
            this.until = until;
        }

        @Override
        public void in(RunTurn turn, boolean alone) {
            awaitQuietly(until);
        }
    }
}
