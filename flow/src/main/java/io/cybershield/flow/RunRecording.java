package io.cybershield.flow;

import io.cybershield.engine.Decision;
import io.cybershield.engine.Engine;
import io.cybershield.engine.Event;
import io.cybershield.engine.Move;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.RunState;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the world said to a run that is over, so that it can be said again to another drawing. */
public final class RunRecording {
    private final Event.RunStarted started;
    private final Map<String, List<Script.Said>> says;
    private final List<World.Signal> signals;
    private final Map<String, StepState> steps;
    private final RunState end;
    private final @Nullable String hand;

    private RunRecording(
            Event.RunStarted started,
            Map<String, List<Script.Said>> says,
            List<World.Signal> signals,
            Map<String, StepState> steps,
            RunState end,
            @Nullable String hand) {
        this.started = started;
        this.says = says;
        this.signals = signals;
        this.steps = steps;
        this.end = end;
        this.hand = hand;
    }

    /**
     * @param events the run's whole journal
     * @throws IllegalArgumentException if it does not begin with the start of a run
     */
    public static RunRecording of(Engine engine, List<Event> events) {
        return of(engine, _ -> engine, events);
    }

    /**
     * Of a run that may have been moved between versions.
     *
     * @param first of the version that it began in
     * @param versions the others, by hash
     */
    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    public static RunRecording of(
            Engine first, Function<String, Engine> versions, List<Event> events) {
        if (events.isEmpty() || !(events.getFirst() instanceof Event.RunStarted started)) {
            throw new IllegalArgumentException("This journal does not begin with a start.");
        }
        var says = new LinkedHashMap<String, List<Script.Said>>();
        var signals = new ArrayList<World.Signal>();
        var begun = new HashMap<String, Instant>();
        var lost = new HashSet<String>();
        var steps = new LinkedHashMap<String, StepState>();
        String hand = null;
        RunState state = RunState.NEW;
        Engine engine = first;
        for (Event event : events) {
            switch (event) {
                case Event.AttemptStarted(var at, var step, _, _) -> {
                    if (begun.put(step, at) != null) {
                        say(says, step, new Script.Said.Act(null, Duration.ZERO));
                    }
                }
                case Event.OutcomeArrived(var at, var step, _, var outcome) -> {
                    Instant from = begun.remove(step);
                    say(says, step, new Script.Said.Act(outcome, between(from, at)));
                }
                case Event.WorkerLost(_, var step, _) -> {
                    begun.remove(step);
                    lost.add(step);
                }
                case Event.DoubtSettled(_, var step, _, var settlement, _, _) -> {
                    if (begun.remove(step) != null) {
                        say(says, step, new Script.Said.Act(null, Duration.ZERO));
                    } else if (lost.remove(step)) {
                        say(
                                says,
                                step,
                                new Script.Said.Act(
                                        new Outcome.InDoubt("The worker was lost."),
                                        Duration.ZERO));
                    }
                    say(says, step, new Script.Said.Settle(settlement));
                }
                case Event.ApprovalDecided(
                                var at,
                                var step,
                                _,
                                var approved,
                                var by,
                                var reason,
                                var fields) -> {
                    Instant asked = state.step(step).map(StepState::queuedAt).orElse(at);
                    say(
                            says,
                            step,
                            new Script.Said.Decide(
                                    approved,
                                    by,
                                    reason,
                                    isTask(engine, step) ? fields : null,
                                    between(asked, at)));
                }
                case Event.ChildStarted(var at, var step, _, _) -> begun.put(step, at);
                case Event.ChildEnded(
                                var at,
                                var step,
                                _,
                                _,
                                var status,
                                var summary,
                                var output) ->
                        say(
                                says,
                                step,
                                new Script.Said.Act(
                                        status == RunStatus.SUCCEEDED
                                                ? new Outcome.Succeeded(null, output)
                                                : new Outcome.Failed(summary, false, null),
                                        between(begun.remove(step), at)));
                case Event.SignalArrived(var at, _, var signal, var payload) ->
                        signals.add(new World.Signal(signal, between(started.at(), at), payload));
                case Event.CancelRequested _ -> hand = "Somebody stopped the run.";
                case Event.RunMoved _ -> hand = "Somebody moved the run to another version.";
                case Event.RunResumed _ -> hand = "Somebody let the run go on after it failed.";
                case Event.RunStarted _,
                        Event.StepEvaluated _,
                        Event.EvaluationFailed _,
                        Event.WaitPlanned _,
                        Event.ItemsListed _,
                        Event.TimerFired _ -> {
                    // Comes again by itself.
                }
            }
            Decision decision;
            if (event instanceof Event.RunMoved moved) {
                Engine to = versions.apply(moved.to());
                decision = Move.between(engine, to).decide(state, moved);
                engine = decision.ignored() == null ? to : engine;
            } else {
                decision = engine.decide(state, event);
            }
            if (decision.ignored() == null) {
                state = decision.state();
                decision.steps().forEach(step -> steps.put(step.id(), step));
            }
        }
        begun.keySet().forEach(step -> say(says, step, new Script.Said.Act(null, Duration.ZERO)));
        return new RunRecording(started, says, signals, steps, state, hand);
    }

    private static boolean isTask(Engine engine, String step) {
        return engine.type(StepId.key(step)).filter(NodeType::isTask).isPresent();
    }

    private static void say(Map<String, List<Script.Said>> says, String step, Script.Said said) {
        says.computeIfAbsent(step, _ -> new ArrayList<>()).add(said);
    }

    private static Duration between(@Nullable Instant from, Instant to) {
        return from == null || to.isBefore(from)
                ? Duration.ZERO
                : Duration.between(from, to).truncatedTo(ChronoUnit.MILLIS);
    }

    /** Whether the run is over. */
    public boolean isOver() {
        return end.status().isFinal();
    }

    /** What a person did to the run from outside that no drawing answers to; null if nothing. */
    public @Nullable String hand() {
        return hand;
    }

    /** Key of the node at which it began. */
    public String trigger() {
        return started.trigger();
    }

    /** Whether a drawing has the recorded run's trigger. */
    public boolean fits(Drawing other) {
        return other.nodes().stream().anyMatch(box -> box.key().equals(started.trigger()));
    }

    /**
     * One step, in the recorded run and in the other.
     *
     * @param before null when the recorded run never came to it
     * @param after null when the other never came to it
     * @param invented whether nobody knows what the world would have said: an answer of the right
     *     shape was made up
     */
    public record StepDifference(
            String step,
            @Nullable Result before,
            @Nullable Result after,
            boolean same,
            boolean invented) {}

    /** What a step came to. */
    public record Result(
            String state,
            @Nullable String port,
            int attempts,
            Map<String, @Nullable Object> output) {
        static Result of(StepState step) {
            return new Result(
                    RunContext.wire(step.status()), step.port(), step.attempt(), step.output());
        }
    }

    /**
     * The recorded run beside the run of another drawing to which the world says the same.
     *
     * @param unused steps that the world answered and the other drawing never came to
     */
    public record Comparison(
            String stateBefore,
            String stateAfter,
            @Nullable String summaryAfter,
            List<StepDifference> steps,
            Set<String> unused) {
        public boolean same() {
            return stateBefore.equals(stateAfter) && steps.stream().allMatch(StepDifference::same);
        }
    }

    /**
     * @param other must have the recorded run's trigger
     * @param payloads what the recorded run refers to
     * @throws IllegalArgumentException if it has not
     * @throws io.cybershield.engine.Problem.InvalidWorkflow if the drawing cannot be run at all
     */
    public Comparison against(
            Drawing other,
            Descriptions kinds,
            Evaluation evaluation,
            RunIdentity identity,
            int mostEvents,
            PayloadSource payloads) {
        if (!fits(other)) {
            throw new IllegalArgumentException(
                    "The run began at '"
                            + started.trigger()
                            + "', and this drawing has no such trigger.");
        }
        var script = new Script(says);
        var run =
                new InMemoryRun(
                        other,
                        kinds,
                        evaluation,
                        script,
                        InMemoryRun.PRETENDED,
                        started.at(),
                        _ -> {},
                        identity,
                        mostEvents,
                        new PayloadMemory(payloads));
        RunState state = run.run(started.trigger(), started.input(), signals);
        var ids = new TreeSet<>(steps.keySet());
        ids.addAll(run.steps().keySet());
        var compared = new ArrayList<StepDifference>();
        for (String id : ids) {
            StepState a = steps.get(id);
            StepState b = run.steps().get(id);
            Result before = a == null ? null : Result.of(a);
            Result after = b == null ? null : Result.of(b);
            compared.add(
                    new StepDifference(
                            id,
                            before,
                            after,
                            before != null && before.equals(after),
                            script.invented().contains(id)));
        }
        var unused = new TreeSet<>(says.keySet());
        run.steps().values().stream()
                .filter(step -> step.status() != StepStatus.SKIPPED)
                .forEach(step -> unused.remove(step.id()));
        return new Comparison(
                word(end.status()),
                word(state.status()),
                state.result() == null ? null : state.result().summary(),
                compared,
                unused);
    }

    private static String word(RunStatus status) {
        return status.name().toLowerCase(Locale.ROOT);
    }

    /**
     * The run as a case of a test file: its input and what the world said, and as expectation what
     * it came to. Nothing of it is cleaned yet.
     */
    public Map<String, @Nullable Object> asCase(String name) {
        var one = new LinkedHashMap<String, @Nullable Object>();
        one.put("name", name);
        one.put("trigger", started.trigger());
        one.put("input", started.input());
        var answers = new LinkedHashMap<String, @Nullable Object>();
        says.forEach(
                (step, all) -> answers.put(step, all.stream().map(RunRecording::said).toList()));
        if (!answers.isEmpty()) {
            one.put("steps", answers);
        }
        if (!signals.isEmpty()) {
            one.put(
                    "signals",
                    signals.stream()
                            .map(s ->
                                    Map.of(
                                            "signal",
                                            s.signal(),
                                            "after",
                                            s.after().toString(),
                                            "payload",
                                            s.payload()))
                            .toList());
        }
        var expect = new LinkedHashMap<String, @Nullable Object>();
        expect.put("state", word(end.status()));
        expect.put(
                "path",
                steps.values().stream()
                        .filter(s -> s.status() != StepStatus.SKIPPED)
                        .map(StepState::id)
                        .sorted()
                        .toList());
        one.put("expect", expect);
        return one;
    }

    private static Map<String, @Nullable Object> said(Script.Said said) {
        var one = new LinkedHashMap<String, @Nullable Object>();
        Duration after = Duration.ZERO;
        switch (said) {
            case Script.Said.Act(var outcome, var took) -> {
                after = took;
                switch (outcome) {
                    case null -> one.put("timeout", true);
                    case Outcome.Succeeded(var port, var output) -> {
                        one.put("succeed", output);
                        if (port != null) {
                            one.put("port", port);
                        }
                    }
                    case Outcome.Failed(var reason, var retryable, _) -> {
                        one.put("fail", reason);
                        one.put("retryable", retryable);
                    }
                    case Outcome.InDoubt(var reason) -> one.put("doubt", reason);
                }
            }
            case Script.Said.Settle(var settlement) ->
                    one.put("settle", settlement.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            case Script.Said.Decide(var approve, _, var reason, var fields, var took) -> {
                after = took;
                if (fields == null) {
                    one.put(approve ? "approve" : "decline", reason);
                } else if (approve) {
                    one.put("done", fields);
                } else {
                    one.put("cannot", reason);
                }
            }
        }
        if (!after.isZero()) {
            one.put("after", after.toString());
        }
        return one;
    }
}
