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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

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
    private WorkflowDefinition definition;
    private Engine engine;
    private Graph graph;
    private Precedence precedence;
    private Certainty certainty;

    /** All versions that the run was of, by hash; the first began it. */
    private final Map<String, Engine> versions = new LinkedHashMap<>();

    /** Types of all nodes that there were in any version. */
    private final Map<String, NodeType> types = new HashMap<>();

    private final PriorityQueue<Happening> agenda =
            new PriorityQueue<>(
                    Comparator.comparing(Happening::at).thenComparingLong(Happening::order));
    private final List<Event> journal = new ArrayList<>();

    /** What the world outside has seen, per idempotency key. */
    private final Map<String, Integer> effects = new HashMap<>();

    private final Set<String> worldRefusals = new HashSet<>();
    final Map<Decision.Ignored, Integer> ignored = new EnumMap<>(Decision.Ignored.class);
    final Set<StepStatus> seen = new HashSet<>();

    /** Types of the nodes whose steps did not fail. */
    final Set<String> kinds = new HashSet<>();

    /** Every step there was, also of rounds that are over, as it was last. */
    private final Map<String, StepState> all = new HashMap<>();

    private final Map<String, Set<String>> sure = new HashMap<>();
    private final Map<String, Child> children = new HashMap<>();
    private int resumptions;
    boolean resumed;
    boolean undone;
    private boolean killed;
    private RunState state = RunState.NEW;
    private Instant now = START;
    private long order;
    private int completions;
    boolean destroyed;
    int moved;

    private static final class Child {
        boolean ended;
        boolean waits;
    }

    private record Happening(Instant at, long order, Runnable what) {}

    Simulation(long seed) {
        this.random = new SplittableRandom(seed);
        use(Drawings.sound(random, 12));
    }

    private void use(WorkflowDefinition drawn) {
        definition = drawn;
        engine = Engine.of(drawn, Drawings.CATALOGUE);
        graph = new Graph(drawn, Drawings.CATALOGUE);
        precedence = new Precedence(graph);
        certainty = new Certainty(graph, precedence);
        sure.clear();
        versions.put(engine.workflowHash(), engine);
        drawn.nodes()
                .forEach(node ->
                        types.put(node.key(), Drawings.CATALOGUE.find(node.type()).orElseThrow()));
    }

    RunState run() {
        take(
                new Event.RunStarted(
                        now, "run", engine.workflowHash(), "n0", random.nextLong(), Map.of()));
        if (random.nextInt(6) == 0) {
            after(Duration.ofSeconds(random.nextInt(200_000)), this::stop);
        }
        for (int i = 0; i < random.nextInt(6); i++) {
            var id = "signal-" + random.nextInt(4);
            after(
                    Duration.ofSeconds(random.nextInt(50_000)),
                    () -> take(new Event.SignalArrived(now, id, "ready", Map.of())));
        }
        if (random.nextInt(3) == 0) {
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                after(Duration.ofSeconds(random.nextInt(300_000)), this::move);
            }
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

    private void stop() {
        var mode = Event.Stop.values()[random.nextInt(3)];
        var before = state;
        take(new Event.CancelRequested(now, "ann", "enough", mode));
        killed |= mode == Event.Stop.KILL && state != before;
        if (mode == Event.Stop.KILL) {
            assertThat(state.status().isFinal()).as("a kill ends the run at once").isTrue();
        }
    }

    /** Somebody publishes another version and moves the run there, if it can be. */
    private void move() {
        var next = Redrawing.of(random, definition);
        var to = Engine.of(next, Drawings.CATALOGUE);
        var move = Move.between(engine, to);
        var plan = move.plan(state, now);
        var event =
                new Event.RunMoved(now, "ann", "mended", engine.workflowHash(), to.workflowHash());
        var decision = move.decide(state, event);
        assertThat(decision.ignored() == null)
                .as("what the plan says is what is done: %s", plan)
                .isEqualTo(plan.isPossible());
        assertThat(engine.decide(state, event).ignored())
                .as("no version moves a run by itself")
                .isNotNull();
        if (decision.ignored() != null) {
            journal.add(event);
            versions.put(to.workflowHash(), to);
            assertThat(decision.state()).isEqualTo(state);
            return;
        }
        moved++;
        var open = open();
        use(next);
        take(event, decision);
        assertThat(plan.stands().stream().map(Move.Stand::step)).hasSameElementsAs(open);
        assertThat(open())
                .as("what it stood at it stands at, and what begins was foretold")
                .hasSameElementsAs(Stream.concat(open.stream(), plan.begins().stream()).toList());
    }

    private List<String> open() {
        return state.steps().values().stream()
                .filter(step -> !step.status().isFinal())
                .map(StepState::id)
                .toList();
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
        take(event, engine.decide(state, event));
    }

    private void take(Event event, Decision decision) {
        var before = state;
        journal.add(event);
        if (decision.ignored() != null) {
            ignored.merge(decision.ignored(), 1, Integer::sum);
        }
        state = decision.state();
        for (var step : before.steps().values()) {
            if (step.status().isFinal() && !(event instanceof Event.RunResumed)) {
                assertThat(state.step(step.id()).orElse(step))
                        .as("a step that ended stays as it ended")
                        .isEqualTo(step);
            }
        }
        for (var step : decision.steps()) {
            seen.add(step.status());
            if (step.status() == StepStatus.SUCCEEDED) {
                kinds.add(type(step.id()).key());
            }
            if (!all.containsKey(step.id())) {
                checkWhatHasRun(step);
            }
            all.put(step.id(), step);
        }
        checkCounts();
        for (var command : decision.commands()) {
            if (command instanceof Command.CompleteRun) {
                completions++;
                assertThat(children.values())
                        .as("no child run is left behind")
                        .noneMatch(child -> child.waits && !child.ended);
                if (state.result().resumable() && resumptions < 2 && random.nextInt(2) == 0) {
                    resumptions++;
                    after(
                            Duration.ofSeconds(random.nextInt(20_000)),
                            () -> {
                                resumed = true;
                                take(new Event.RunResumed(now, "ann"));
                                sweep();
                            });
                }
            }
            if (command instanceof Command.StopChild(_, var key, _, _, _)) {
                children.computeIfAbsent(key, _ -> new Child()).ended = true;
                continue;
            }
            // A lost command comes again with the sweep.
            int copies = random.nextInt(10) == 0 ? 0 : random.nextInt(6) == 0 ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                deliver(command);
            }
        }
    }

    /** What the proof of skip safety promises when a step begins. */
    private void checkWhatHasRun(StepState step) {
        var status = step.status();
        boolean begun =
                status == StepStatus.QUEUED
                        || status == StepStatus.WAITING
                        || (status == StepStatus.SUCCEEDED
                                && graph.is(step.key(), NodeType.Behaviour.JOIN));
        if (!begun
                || state.step(step.id()).isEmpty()
                || (graph.isUndo(step.key()) && graph.loopAround(step.key()) != null)) {
            return;
        }
        var sees = state.seenFrom(step.id());
        for (var earlierKey : sure.computeIfAbsent(step.key(), certainty::whenRunning)) {
            if (earlierKey.equals(graph.replacedBy(step.key()))) {
                continue;
            }
            var earlier = sees.get(earlierKey);
            assertThat(earlier).as("%s ran before %s", earlierKey, step.id()).isNotNull();
            assertThat(
                            earlier.status() == StepStatus.SUCCEEDED
                                    || earlier.status() == StepStatus.FAILED
                                    || graph.body(earlierKey).contains(step.key()))
                    .as("%s ran before %s: %s", earlierKey, step.id(), earlier)
                    .isTrue();
        }
    }

    /** The counters say what counting would. */
    private void checkCounts() {
        var steps = state.steps().values();
        assertThat(state.tally().busy())
                .isEqualTo((int) steps.stream().filter(StepState::isBusy).count());
        assertThat(state.tally().inDoubt())
                .isEqualTo(
                        (int)
                                steps.stream()
                                        .filter(step -> step.status() == StepStatus.IN_DOUBT)
                                        .count());
        for (var loop : state.loops().values()) {
            long rounds =
                    state.frames().keySet().stream()
                            .filter(frame -> frame.startsWith(loop.step() + "["))
                            .filter(frame -> StepId.loop(frame).equals(loop.step()))
                            .count();
            if (!state.status().isFinal() && state.ending() == null) {
                assertThat(rounds).as("rounds of %s", loop).isEqualTo(loop.open());
            }
            if (graph.control(StepId.key(loop.step())) instanceof Control.ForEach each) {
                assertThat(rounds).isLessThanOrEqualTo(each.parallelism());
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
                        case Command.StartChild(var step, var epoch, var key, _, _, var waits) ->
                                startChild(step, epoch, key, waits);
                        case Command.StopChild _,
                                Command.StartErrorWorkflow _,
                                Command.StopAttempt _,
                                Command.WithdrawQuestion _,
                                Command.ClearTimer _,
                                Command.Notify _,
                                Command.CompleteRun _ -> {}
                    }
                });
    }

    private void startChild(String step, long epoch, String key, boolean waits) {
        if (random.nextInt(20) == 0 && !children.containsKey(key)) {
            take(new Event.EvaluationFailed(now, step, epoch, "no such field"));
            return;
        }
        var here = state.step(step);
        if (here.isEmpty() || here.get().epoch() != epoch || here.get().status().isFinal()) {
            // Whoever starts children looks first whether they are still wanted.
            return;
        }
        var child = children.computeIfAbsent(key, _ -> new Child());
        child.waits = waits;
        take(new Event.ChildStarted(now, step, epoch, "child-of-" + key));
        after(
                Duration.ofSeconds(random.nextInt(20_000)),
                () -> {
                    boolean well = !child.ended && random.nextInt(4) != 0;
                    child.ended = true;
                    take(
                            new Event.ChildEnded(
                                    now,
                                    step,
                                    epoch,
                                    "child-of-" + key,
                                    well ? RunStatus.SUCCEEDED : RunStatus.FAILED,
                                    "as it went",
                                    Map.of("n", 1)));
                });
    }

    private void evaluate(String step, long epoch) {
        var node = definition.find(StepId.key(step)).orElse(null);
        if (node == null) {
            return;
        }
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
                        () ->
                                take(
                                        new Event.SignalArrived(
                                                now, "for-" + step + epoch, "ready", Map.of())));
            }
        } else if (node.type().equals("for-each")) {
            var items = new ArrayList<Object>();
            for (int i = random.nextInt(6); i > 0; i--) {
                items.add("item-" + i);
            }
            take(new Event.ItemsListed(now, step, epoch, items));
        } else if (node.type().equals("while")) {
            take(
                    new Event.StepEvaluated(
                            now, step, epoch, random.nextInt(3) != 0 ? "each" : "done", Map.of()));
        } else if (node.type().equals("switch")) {
            var port = List.of("red", "blue", "default").get(random.nextInt(3));
            take(new Event.StepEvaluated(now, step, epoch, port, Map.of()));
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
        var claimed = state.step(step).orElse(null);
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
            assertThat(before.step(step).orElseThrow().worker())
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
            assertThat(
                            precedence.before(StepId.key(step)).stream()
                                    .map(earlier -> approvals(step, earlier)))
                    .as("nothing destructive is done before somebody approved")
                    .anyMatch(granted ->
                            granted != null
                                    && Ports.APPROVED.equals(granted.port())
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

    /** The step of that node that a step sees, also when its round is over meanwhile. */
    private StepState approvals(String step, String key) {
        for (var frame = StepId.frame(step); ; frame = StepId.frame(StepId.loop(frame))) {
            var found = all.get(StepId.in(frame, key));
            if (found != null || frame.isEmpty()) {
                return found;
            }
        }
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
        assertThat(completions).as("each end is told once").isEqualTo(1 + journalled());
        var first = versions.values().iterator().next();
        assertThat(first.replay(journal, versions::get))
                .as("the journal tells the same")
                .isEqualTo(state);
        assertThat(state.loops().size() == 0 || state.status() != RunStatus.SUCCEEDED).isTrue();
        undone = !state.result().undone().isEmpty();
        for (var node : definition.nodes()) {
            if (graph.level(node.key()).isEmpty()) {
                assertThat(state.step(node.key())).as("%s has ended", node.key()).isPresent();
            }
        }
        for (var step : all.values()) {
            var done = effects.getOrDefault("run/" + step.id(), 0);
            assertThat(step.status().isFinal()).as("has ended: %s", step).isTrue();
            assertThat(done).as("effects of %s", step).isLessThanOrEqualTo(1);
            boolean acts = type(step.id()).touchesTheWorld();
            boolean replaced = step.note() != null && step.note().contains("stood in");
            if (step.status() == StepStatus.SUCCEEDED && acts && !replaced) {
                assertThat(done).as("effects of %s", step).isEqualTo(1);
            }
            if (!step.mayHaveHappened() && step.status() != StepStatus.SUCCEEDED && acts) {
                assertThat(
                                type(step.id()).idempotency() == Idempotency.NATURALLY_IDEMPOTENT
                                        || done == 0)
                        .as("an effect left behind is admitted: %s", step)
                        .isTrue();
            }
            if (state.status() == RunStatus.SUCCEEDED && !resumed) {
                checkLed(step);
            }
        }
        checkUndone();
    }

    private int journalled() {
        return (int) journal.stream().filter(Event.RunResumed.class::isInstance).count();
    }

    /** A step runs exactly when a branch was taken to it. */
    private void checkLed(StepState step) {
        var key = step.key();
        if (type(step.id()).behaviour() == NodeType.Behaviour.START
                || type(step.id()).behaviour() == NodeType.Behaviour.FINALLY
                || graph.isUndo(key)
                || graph.replacedBy(key) != null
                || step.cutOff()
                || graph.node(key) == null
                || (step.note() != null && step.note().contains("did not wait"))) {
            return;
        }
        var frame = StepId.frame(step.id());
        boolean led =
                graph.inputs(key).stream()
                        .anyMatch(edge ->
                                graph.entersBody(edge)
                                        || edge.port().equals(port(StepId.in(frame, edge.from()))));
        assertThat(step.status() != StepStatus.SKIPPED)
                .as("a step runs exactly when a branch was taken to it: %s", step)
                .isEqualTo(led);
    }

    private String port(String id) {
        var step = all.get(id);
        return step == null ? null : step.port();
    }

    /** Whatever a run took back, it took back in the reverse order of its ends, and once. */
    private void checkUndone() {
        var ends = state.result().undone().stream().map(id -> all.get(id).endedAt()).toList();
        for (int i = 1; i < ends.size(); i++) {
            assertThat(ends.get(i)).isBeforeOrEqualTo(ends.get(i - 1));
        }
        assertThat(state.result().undone()).doesNotHaveDuplicates();
        boolean wanted =
                state.status() == RunStatus.FAILED && !definition.settings().keepOnFailure();
        if (wanted && !killed && graph.closing().isEmpty()) {
            for (var step : all.values()) {
                if (step.status() == StepStatus.SUCCEEDED
                        && graph.undoOf(step.key()) != null
                        && step.note() == null) {
                    var undo =
                            all.get(StepId.in(StepId.frame(step.id()), graph.undoOf(step.key())));
                    assertThat(undo).as("an undo was tried for %s", step).isNotNull();
                }
            }
        }
    }

    private NodeType type(String step) {
        return types.get(StepId.key(step));
    }

    private void after(Duration delay, Runnable what) {
        at(now.plus(delay), what);
    }

    private void at(Instant when, Runnable what) {
        agenda.add(new Happening(when, order++, what));
    }
}
