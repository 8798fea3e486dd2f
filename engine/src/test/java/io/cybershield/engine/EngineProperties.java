package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class EngineProperties {
    private static final int TURNS = 120;

    @Property(tries = 500)
    void neverThrowsAndKeepsItsInvariants(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var walk = new Walk(random);
        for (int i = 0; i < TURNS; i++) {
            var before = walk.state;
            var event = walk.anyEvent();
            var decision = walk.engine.decide(before, event);
            var after = decision.state();
            if (decision.ignored() != null) {
                assertThat(after).isSameAs(before);
            } else {
                assertThat(after.version()).isEqualTo(before.version() + 1);
            }
            if (before.status().isFinal()) {
                assertThat(decision.ignored()).isEqualTo(Decision.Ignored.RUN_ENDED);
                assertThat(decision.commands()).isEmpty();
            }
            before.steps().values().stream()
                    .filter(step -> step.status().isFinal())
                    .forEach(
                            step -> assertThat(after.step(step.id()).orElse(step)).isEqualTo(step));
            before.steps()
                    .forEach((id, step) ->
                            assertThat(after.step(id).orElse(step).epoch())
                                    .isGreaterThanOrEqualTo(step.epoch()));
            assertThat(after.status().isFinal())
                    .isEqualTo(
                            !before.status().isFinal()
                                            && decision.commands().stream()
                                                    .anyMatch(Command.CompleteRun.class::isInstance)
                                    || before.status().isFinal());
            if (after.status().isFinal()) {
                assertThat(after.timers()).isEmpty();
                assertThat(walk.engine.outstanding(after)).isEmpty();
                assertThat(after.steps().values()).allMatch(step -> step.status().isFinal());
            } else if (after.status() != RunStatus.NEW) {
                assertThat(canMove(walk.engine, after))
                        .as("a run that has not ended can be moved on: %s", after)
                        .isTrue();
            }
            walk.state = after;
            walk.journal.add(event);
        }
    }

    @Property(tries = 300)
    void replayComesToTheLiveState(@ForAll long seed) {
        var walk = new Walk(new SplittableRandom(seed));
        var counted = new ArrayList<Event>();
        for (int i = 0; i < TURNS; i++) {
            var event = walk.anyEvent();
            var decision = walk.engine.decide(walk.state, event);
            if (decision.ignored() == null) {
                counted.add(event);
            }
            walk.journal.add(event);
            walk.state = decision.state();
        }
        assertThat(Engine.replay(walk.definition, Drawings.CATALOGUE, walk.journal))
                .isEqualTo(walk.state);
        assertThat(Engine.replay(walk.definition, Drawings.CATALOGUE, counted))
                .as("events that were ignored need not be kept")
                .isEqualTo(walk.state);
    }

    @Property(tries = 300)
    void killingEndsARunInAnyState(@ForAll long seed) {
        var walk = new Walk(new SplittableRandom(seed));
        for (int i = 0; i < walk.random.nextInt(TURNS); i++) {
            walk.state = walk.engine.decide(walk.state, walk.anyEvent()).state();
        }
        var end =
                walk.engine.decide(
                        walk.state,
                        new Event.CancelRequested(walk.now, "ann", "enough", Event.Stop.KILL));
        assertThat(end.state().status().isFinal()).isTrue();
        if (!walk.state.status().isFinal()) {
            assertThat(end.state().status()).isIn(RunStatus.CANCELLED, RunStatus.FAILED);
            assertThat(end.commands()).hasAtLeastOneElementOfType(Command.CompleteRun.class);
        }
    }

    /** Someone has it in hand: a command that can be given again, a running worker, or a signal. */
    private static boolean canMove(Engine engine, RunState state) {
        return !engine.outstanding(state).isEmpty()
                || state.steps().values().stream()
                        .anyMatch(step ->
                                (step.status() == StepStatus.RUNNING && step.worker() != null)
                                        || (step.status() == StepStatus.WAITING
                                                && step.signal() != null));
    }

    /** A random drawing and random events, likely and absurd ones mixed. */
    private static final class Walk {
        /** Time is not walked to where nothing can be added to it. */
        private static final Instant FAR = Instant.parse("9000-01-01T00:00:00Z");

        final SplittableRandom random;
        final WorkflowDefinition definition;
        final Engine engine;
        final List<Event> journal = new ArrayList<>();
        RunState state = RunState.NEW;
        Instant now = Instant.parse("2026-11-21T00:00:00Z");

        Walk(SplittableRandom random) {
            this.random = random;
            this.definition = Drawings.sound(random, 10);
            this.engine = Engine.of(definition, Drawings.CATALOGUE);
        }

        Event anyEvent() {
            now = now.plusSeconds(random.nextInt(120));
            if (state.status() == RunStatus.NEW && random.nextInt(4) != 0) {
                return start(engine.workflowHash(), "n0");
            }
            return random.nextInt(10) < 7 ? likely() : absurd();
        }

        private Event start(String hash, String trigger) {
            return new Event.RunStarted(now, "run-1", hash, trigger, 7, Map.of("host", "web-1"));
        }

        private Event likely() {
            var steps =
                    state.steps().values().stream()
                            .filter(step -> !step.status().isFinal())
                            .toList();
            if (steps.isEmpty()) {
                return absurd();
            }
            var step = steps.get(random.nextInt(steps.size()));
            return switch (step.status()) {
                case QUEUED -> queued(step);
                case RUNNING ->
                        random.nextInt(5) == 0
                                ? new Event.WorkerLost(now, step.id(), step.epoch())
                                : new Event.OutcomeArrived(now, step.id(), step.epoch(), outcome());
                case WAITING ->
                        step.signal() != null && random.nextBoolean()
                                ? signal(step.signal())
                                : random.nextBoolean()
                                        ? timer()
                                        : step.child() != null
                                                ? new Event.ChildEnded(
                                                        now,
                                                        step.id(),
                                                        step.epoch(),
                                                        step.child(),
                                                        random.nextBoolean()
                                                                ? RunStatus.SUCCEEDED
                                                                : RunStatus.FAILED,
                                                        "so",
                                                        Map.of())
                                                : decided(step.id(), step.epoch());
                case RETRY_AT -> timer();
                default ->
                        new Event.DoubtSettled(
                                now,
                                step.id(),
                                step.epoch(),
                                Event.Settlement.values()[random.nextInt(4)],
                                "probe",
                                Map.of());
            };
        }

        private Event queued(StepState step) {
            var type = definition.find(step.key()).orElseThrow().type();
            if (random.nextInt(20) == 0) {
                return new Event.EvaluationFailed(now, step.id(), step.epoch(), "no such field");
            }
            return switch (type) {
                case "condition" ->
                        new Event.StepEvaluated(
                                now,
                                step.id(),
                                step.epoch(),
                                random.nextBoolean() ? "true" : "false",
                                Map.of());
                case "set" ->
                        new Event.StepEvaluated(now, step.id(), step.epoch(), "out", Map.of());
                case "for-each" ->
                        new Event.ItemsListed(
                                now, step.id(), step.epoch(), List.of("a", 2, "c", 4));
                case "while" ->
                        new Event.StepEvaluated(
                                now,
                                step.id(),
                                step.epoch(),
                                random.nextInt(3) != 0 ? "each" : "done",
                                Map.of());
                case "switch" ->
                        new Event.StepEvaluated(now, step.id(), step.epoch(), "red", Map.of());
                case "end" ->
                        new Event.StepEvaluated(now, step.id(), step.epoch(), "", Map.of("r", 1));
                case "sub-workflow" -> new Event.ChildStarted(now, step.id(), step.epoch(), "c");
                case "wait" -> planned(step.id(), step.epoch());
                default -> new Event.AttemptStarted(now, step.id(), step.epoch(), "w" + now);
            };
        }

        private Event planned(String step, long epoch) {
            return new Event.WaitPlanned(
                    now,
                    step,
                    epoch,
                    random.nextBoolean() ? now.plusSeconds(random.nextInt(-100, 1000)) : null,
                    random.nextBoolean() ? "s" + random.nextInt(2) : null);
        }

        private Event timer() {
            if (state.timers().isEmpty()) {
                return absurd();
            }
            var timers = List.copyOf(state.timers().values());
            var timer = timers.get(random.nextInt(timers.size()));
            if (random.nextInt(4) != 0 && timer.due().isAfter(now) && timer.due().isBefore(FAR)) {
                now = timer.due();
            }
            return new Event.TimerFired(now, timer.key());
        }

        private Event decided(String step, long epoch) {
            return new Event.ApprovalDecided(
                    now, step, epoch, random.nextBoolean(), "ann", "because", Map.of());
        }

        private Event signal(String name) {
            return new Event.SignalArrived(now, "id" + random.nextInt(30), name, Map.of());
        }

        private Outcome outcome() {
            return switch (random.nextInt(6)) {
                case 0 -> new Outcome.Failed("gone", false, null);
                case 1 -> new Outcome.Failed("busy", true, null);
                case 2 -> new Outcome.Failed("busy", true, now.plusSeconds(random.nextInt(9999)));
                case 3 -> new Outcome.InDoubt("answer lost");
                case 4 -> new Outcome.Succeeded("no-such-port", Map.of());
                default -> new Outcome.Succeeded(null, Map.of("n", random.nextInt(9)));
            };
        }

        private Event absurd() {
            var step =
                    random.nextInt(3) == 0
                            ? "n" + random.nextInt(5) + "[" + random.nextInt(3) + "]/n1_0"
                            : "n" + random.nextInt(12);
            long epoch = random.nextInt(-1, 4);
            var when =
                    switch (random.nextInt(8)) {
                        case 0 -> Instant.MAX;
                        case 1 -> Instant.MIN;
                        case 2 -> now.minus(Duration.ofDays(1));
                        default -> now;
                    };
            return switch (random.nextInt(17)) {
                case 0 -> new Event.StepEvaluated(when, step, epoch, "true", Map.of());
                case 1 -> new Event.EvaluationFailed(when, step, epoch, "bad");
                case 2 -> new Event.WaitPlanned(when, step, epoch, Instant.MAX, null);
                case 3 -> new Event.AttemptStarted(when, step, epoch, "w");
                case 4 -> new Event.OutcomeArrived(when, step, epoch, outcome());
                case 5 -> new Event.WorkerLost(when, step, epoch);
                case 6 ->
                        new Event.DoubtSettled(
                                when,
                                step,
                                epoch,
                                Event.Settlement.values()[random.nextInt(4)],
                                "x",
                                Map.of());
                case 7 -> decided(step, epoch);
                case 8 -> new Event.TimerFired(when, step + "/" + epoch + "/retry");
                case 9 -> timerAt(when);
                case 10 -> signal("s" + random.nextInt(3));
                case 11 -> start("other", step);
                case 12 -> start(engine.workflowHash(), step);
                case 13 -> new Event.ItemsListed(when, step, epoch, List.of(1));
                case 14 -> new Event.ChildStarted(when, step, epoch, "c");
                case 15 ->
                        new Event.ChildEnded(
                                when, step, epoch, "c", RunStatus.FAILED, "so", Map.of());
                default ->
                        random.nextInt(20) == 0
                                ? new Event.CancelRequested(
                                        when,
                                        "ann",
                                        "enough",
                                        Event.Stop.values()[random.nextInt(3)])
                                : signal("s0");
            };
        }

        private Event timerAt(Instant when) {
            return new Event.TimerFired(
                    when,
                    state.timers().isEmpty() ? "none" : state.timers().keySet().iterator().next());
        }
    }
}
