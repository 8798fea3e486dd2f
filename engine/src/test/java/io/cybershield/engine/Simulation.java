package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.engine.NodeType.Idempotency;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One run of a random drawing in a hostile world, in one thread on virtual time. Commands are lost,
 * repeated and reordered; workers die before, between and after; zombies act long after they were
 * given up; outcomes get lost; timers fire early, late and twice; several people answer the same
 * question. The seed reproduces all of it.
 */
final class Simulation {
    private static final Instant START = Instant.parse("2026-03-28T22:00:00Z");
    private static final Duration LEASE = Duration.ofMinutes(2);

    /** No zombie wakes up later than this, and no person answers for a lost attempt earlier. */
    private static final Duration LONGEST_SLEEP = Duration.ofMinutes(30);

    private final SplittableRandom random;
    private final WorkflowDefinition definition;
    private final Engine engine;
    private final Precedence precedence;
    private final PriorityQueue<Happening> agenda =
            new PriorityQueue<>(
                    Comparator.comparing(Happening::at).thenComparingLong(Happening::order));
    private final List<Event> journal = new ArrayList<>();

    /** What the world outside has seen, per idempotency key. */
    private final Map<String, Integer> effects = new HashMap<>();

    private final Set<String> worldRefusals = new HashSet<>();
    final Map<Decision.Ignored, Integer> ignored = new EnumMap<>(Decision.Ignored.class);
    final Set<StepStatus> seen = new HashSet<>();
    private RunState state = RunState.NEW;
    private Instant now = START;
    private long order;
    private int completions;
    boolean destroyed;

    private record Happening(Instant at, long order, Runnable what) {}

    Simulation(long seed) {
        this.random = new SplittableRandom(seed);
        this.definition = Drawings.sound(random, 12);
        this.engine = Engine.of(definition, Drawings.CATALOGUE);
        this.precedence = new Precedence(new Graph(definition, Drawings.CATALOGUE));
    }

    RunState run() {
        take(
                new Event.RunStarted(
                        now, "run", engine.workflowHash(), "n0", random.nextLong(), Map.of()));
        if (random.nextInt(6) == 0) {
            after(
                    Duration.ofSeconds(random.nextInt(200_000)),
                    () -> take(new Event.CancelRequested(now, "ann", "enough")));
        }
        for (int i = 0; i < random.nextInt(6); i++) {
            var id = "signal-" + random.nextInt(4);
            after(
                    Duration.ofSeconds(random.nextInt(50_000)),
                    () -> take(new Event.SignalArrived(now, id, "ready", Map.of())));
        }
        sweep();
        while (!agenda.isEmpty()) {
            var next = agenda.remove();
            now = next.at();
            next.what().run();
        }
        check();
        return state;
    }

    Duration elapsed() {
        return Duration.between(START, now);
    }

    /** Recovery: whatever got lost is given again, as any server does that picks the run up. */
    private void sweep() {
        assertThat(Duration.between(START, now))
                .as("the run ends within a simulated year: %s", state)
                .isLessThan(Duration.ofDays(365));
        if (!state.status().isFinal()) {
            engine.outstanding(state).forEach(this::deliver);
            after(Duration.ofMinutes(random.nextInt(5, 240)), this::sweep);
        }
    }

    private void take(Event event) {
        var before = state;
        var decision = engine.decide(before, event);
        journal.add(event);
        if (decision.ignored() != null) {
            ignored.merge(decision.ignored(), 1, Integer::sum);
        }
        state = decision.state();
        for (var step : before.steps().values()) {
            if (step.status().isFinal()) {
                assertThat(state.steps().get(step.key()))
                        .as("a step that ended stays as it ended")
                        .isEqualTo(step);
            }
        }
        state.steps().values().forEach(step -> seen.add(step.status()));
        for (var command : decision.commands()) {
            if (command instanceof Command.CompleteRun) {
                completions++;
            }
            // A lost command comes again with the sweep.
            int copies = random.nextInt(10) == 0 ? 0 : random.nextInt(6) == 0 ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                deliver(command);
            }
        }
    }

    private void deliver(Command command) {
        after(
                Duration.ofMillis(random.nextInt(5_000)),
                () -> {
                    switch (command) {
                        case Command.Evaluate(var step, var epoch) -> evaluate(step, epoch);
                        case Command.StartAttempt(var step, var epoch, var key, _) ->
                                attempt(step, epoch, key);
                        case Command.Probe(var step, var epoch, var key) -> probe(step, epoch, key);
                        case Command.OpenHumanDecision(var step, var epoch, _) ->
                                settle(step, epoch);
                        case Command.OpenApproval(var step, var epoch, _) -> approve(step, epoch);
                        case Command.SetTimer(var timer, var due) -> setTimer(timer, due);
                        case Command.StopAttempt _,
                                Command.WithdrawQuestion _,
                                Command.ClearTimer _,
                                Command.Notify _,
                                Command.CompleteRun _ -> {}
                    }
                });
    }

    private void evaluate(String step, long epoch) {
        var node = definition.find(step).orElseThrow();
        if (random.nextInt(20) == 0) {
            take(new Event.EvaluationFailed(now, step, epoch, "no such field"));
        } else if (node.type().equals("wait")) {
            boolean timed = random.nextInt(4) != 0;
            boolean signalled = !timed || random.nextBoolean();
            take(
                    new Event.WaitPlanned(
                            now,
                            step,
                            epoch,
                            timed ? now.plusSeconds(random.nextInt(90_000)) : null,
                            signalled ? "ready" : null));
            if (signalled) {
                after(
                        Duration.ofSeconds(random.nextInt(200_000)),
                        () -> take(new Event.SignalArrived(now, "for-" + step, "ready", Map.of())));
            }
        } else if (node.type().equals("condition")) {
            take(
                    new Event.StepEvaluated(
                            now, step, epoch, random.nextBoolean() ? "true" : "false", Map.of()));
        } else {
            take(new Event.StepEvaluated(now, step, epoch, "out", Map.of("n", epoch)));
        }
    }

    private void attempt(String step, long epoch, String key) {
        var claim = "claim-" + order;
        take(new Event.AttemptStarted(now, step, epoch, claim));
        var claimed = state.steps().get(step);
        if (claimed == null || claimed.epoch() != epoch || !claim.equals(claimed.worker())) {
            return;
        }
        after(LEASE, () -> reap(step, epoch));
        boolean dies = random.nextInt(6) == 0;
        var takes =
                random.nextInt(8) == 0
                        ? Duration.ofSeconds(random.nextLong(LONGEST_SLEEP.toSeconds()))
                        : Duration.ofMillis(random.nextInt(90_000));
        if (dies && random.nextBoolean()) {
            return;
        }
        after(
                takes,
                () -> {
                    var outcome = act(step, key);
                    if (!dies) {
                        // The worker repeats its report until it is answered, and then once more.
                        for (int i = 0; i < random.nextInt(4); i++) {
                            after(
                                    Duration.ofMillis(random.nextInt(20_000)),
                                    () -> report(step, epoch, claim, outcome));
                        }
                    }
                });
    }

    private void report(String step, long epoch, String claim, Outcome outcome) {
        var before = state;
        take(new Event.OutcomeArrived(now, step, epoch, outcome));
        if (state != before) {
            assertThat(before.steps().get(step).worker())
                    .as("only the worker that holds the step has a say")
                    .isEqualTo(claim);
        }
    }

    private Outcome act(String step, String key) {
        switch (random.nextInt(10)) {
            case 0 -> {
                return new Outcome.Failed("busy", true, null);
            }
            case 1 -> {
                return new Outcome.Failed("busy", true, now.plusSeconds(random.nextInt(9000)));
            }
            case 2 -> {
                return new Outcome.Failed("refused", false, null);
            }
            default -> {}
        }
        if (type(step).destructive()) {
            destroyed = true;
            assertThat(precedence.before(step).stream().map(state.steps()::get))
                    .as("nothing destructive is done before somebody approved")
                    .anyMatch(granted ->
                            Ports.APPROVED.equals(granted.port())
                                    && Boolean.TRUE.equals(granted.output().get("approved")));
        }
        switch (type(step).idempotency()) {
            case NATURALLY_IDEMPOTENT -> effects.put(key, 1);
            case KEY_SUPPORTING, CHECK_THEN_ACT -> {
                if (effects.putIfAbsent(key, 1) != null) {
                    worldRefusals.add(key);
                }
            }
            case AT_MOST_ONCE -> effects.merge(key, 1, Integer::sum);
        }
        return random.nextInt(10) == 0
                ? new Outcome.InDoubt("answer lost")
                : new Outcome.Succeeded(null, Map.of("key", key));
    }

    /** The lease of a claim ran out; true or not, its worker counts as lost. */
    private void reap(String step, long epoch) {
        take(new Event.WorkerLost(now, step, epoch));
    }

    private void probe(String step, long epoch, String key) {
        if (random.nextInt(5) == 0) {
            take(new Event.WorkerLost(now, step, epoch));
            return;
        }
        var settlement =
                random.nextInt(4) == 0
                        ? Event.Settlement.UNKNOWN
                        : effects.containsKey(key)
                                ? Event.Settlement.HAPPENED
                                : Event.Settlement.DID_NOT_HAPPEN;
        take(new Event.DoubtSettled(now, step, epoch, settlement, "probe", Map.of()));
    }

    private void settle(String step, long epoch) {
        after(
                LONGEST_SLEEP.plusSeconds(random.nextInt(200_000)),
                () -> {
                    var settlement =
                            random.nextInt(8) == 0
                                    ? Event.Settlement.GIVEN_UP
                                    : effects.containsKey("run/" + step)
                                            ? Event.Settlement.HAPPENED
                                            : Event.Settlement.DID_NOT_HAPPEN;
                    take(new Event.DoubtSettled(now, step, epoch, settlement, "bob", Map.of()));
                });
    }

    private void approve(String step, long epoch) {
        // Several people race, and they do not agree.
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            var by = "person-" + i;
            after(
                    Duration.ofSeconds(random.nextInt(150_000)),
                    () ->
                            take(
                                    new Event.ApprovalDecided(
                                            now,
                                            step,
                                            epoch,
                                            random.nextBoolean(),
                                            by,
                                            "because",
                                            Map.of())));
        }
    }

    private void setTimer(String timer, Instant due) {
        var fires = due.isBefore(now) ? now : due;
        at(fires.plusMillis(random.nextInt(3_000)), () -> take(new Event.TimerFired(now, timer)));
        if (random.nextInt(5) == 0) {
            // A server whose clock is ahead.
            var early = fires.minusSeconds(random.nextInt(100));
            at(early.isBefore(now) ? now : early, () -> take(new Event.TimerFired(now, timer)));
        }
    }

    private void check() {
        assertThat(state.status().isFinal()).as("the run has ended: %s", state).isTrue();
        assertThat(completions).as("the run is completed once").isEqualTo(1);
        assertThat(engine.replay(journal)).as("the journal tells the same").isEqualTo(state);
        for (var node : definition.nodes()) {
            var step = state.steps().get(node.key());
            var done = effects.getOrDefault("run/" + node.key(), 0);
            assertThat(done).as("effects of %s: %s", node, step).isLessThanOrEqualTo(1);
            if (step.status() == StepStatus.SUCCEEDED && type(node.key()).touchesTheWorld()) {
                assertThat(done).as("effects of %s: %s", node, step).isEqualTo(1);
            }
            if (!step.mayHaveHappened() && step.status() != StepStatus.SUCCEEDED) {
                assertThat(
                                type(node.key()).idempotency() == Idempotency.NATURALLY_IDEMPOTENT
                                        || done == 0)
                        .as("an effect left behind is admitted: %s", step)
                        .isTrue();
            }
            if (state.status() == RunStatus.SUCCEEDED && !node.type().equals("trigger")) {
                boolean led =
                        definition.edges().stream()
                                .filter(edge -> edge.to().equals(node.key()))
                                .anyMatch(edge ->
                                        edge.port().equals(state.steps().get(edge.from()).port()));
                assertThat(step.status() != StepStatus.SKIPPED)
                        .as("a step runs exactly when a branch was taken to it: %s", step)
                        .isEqualTo(led);
            }
        }
    }

    private NodeType type(String step) {
        return Drawings.CATALOGUE.find(definition.find(step).orElseThrow().type()).orElseThrow();
    }

    private void after(Duration delay, Runnable what) {
        at(now.plus(delay), what);
    }

    private void at(Instant when, Runnable what) {
        agenda.add(new Happening(when, order++, what));
    }
}
