package io.cybershield.flow;

import io.cybershield.engine.Command;
import io.cybershield.engine.Engine;
import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.Ports;
import io.cybershield.engine.RunState;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.engine.WorkflowDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run in memory, by the engine that the server uses, on virtual time: it waits for nobody, and
 * what touches the world is answered by a {@link World}.
 */
public final class InMemoryRun {
    static final int MOST_EVENTS = 200_000;

    /** Stands for every secret: none leaves its place for a run that touches nothing. */
    static final Secrets PRETENDED = _ -> Optional.of("(simulated secret)");

    private record Later(Instant at, long order, Event event) {}

    private final WorkflowDefinition definition;
    private final Engine engine;
    private final Descriptions kinds;
    private final Evaluation evaluation;
    private final World world;
    private final Secrets secrets;
    private final Consumer<Map<String, @Nullable Object>> lines;
    private final PriorityQueue<Later> coming =
            new PriorityQueue<>(Comparator.comparing(Later::at).thenComparingLong(Later::order));
    private final Map<String, Instant> timers = new TreeMap<>();
    private final Set<String> simulated = new LinkedHashSet<>();
    private final Map<String, StepState> steps = new TreeMap<>();
    private final RunIdentity identity;
    private final int mostEvents;
    private final @Nullable PayloadMemory payloads;
    private Instant now;
    private RunState state = RunState.NEW;
    private @Nullable String stopped;
    private long order;
    private int events;

    /**
     * @param lines is given each event, each change of a step and the end, as JSON-shaped values
     * @throws io.cybershield.engine.Problem.InvalidWorkflow if the drawing cannot be run at all
     */
    InMemoryRun(
            Drawing drawing,
            Descriptions kinds,
            Evaluation evaluation,
            World world,
            Secrets secrets,
            Instant at,
            Consumer<Map<String, @Nullable Object>> lines) {
        this(
                drawing,
                kinds,
                evaluation,
                world,
                secrets,
                at,
                lines,
                RunIdentity.simulated(drawing),
                MOST_EVENTS);
    }

    InMemoryRun(
            Drawing drawing,
            Descriptions kinds,
            Evaluation evaluation,
            World world,
            Secrets secrets,
            Instant at,
            Consumer<Map<String, @Nullable Object>> lines,
            RunIdentity identity,
            int mostEvents) {
        this(drawing, kinds, evaluation, world, secrets, at, lines, identity, mostEvents, null);
    }

    /**
     * @param payloads where large values go, as on a server; null to leave all where it is
     */
    InMemoryRun(
            Drawing drawing,
            Descriptions kinds,
            Evaluation evaluation,
            World world,
            Secrets secrets,
            Instant at,
            Consumer<Map<String, @Nullable Object>> lines,
            RunIdentity identity,
            int mostEvents,
            @Nullable PayloadMemory payloads) {
        this.payloads = payloads;
        this.identity = identity;
        this.mostEvents = mostEvents;
        this.definition = drawing.definition();
        this.engine = Engine.of(definition, kinds.catalogue());
        this.kinds = kinds;
        this.evaluation = evaluation;
        this.world = world;
        this.secrets = secrets;
        this.now = at;
        this.lines = lines;
    }

    /** Runs until it has ended, or waits for something that never comes. */
    RunState run(String trigger, Map<String, @Nullable Object> input) {
        return run(trigger, input, List.of());
    }

    @SuppressWarnings(
            "NullAway") // an input may hold null; the engine's type says so only in its source
    RunState run(String trigger, Map<String, @Nullable Object> input, List<World.Signal> signals) {
        for (World.Signal one : signals) {
            Instant at = now.plus(one.after());
            later(at, new Event.SignalArrived(at, "signal-" + order, one.signal(), one.payload()));
        }
        take(
                new Event.RunStarted(
                        now,
                        identity.run(),
                        engine.workflowHash(),
                        trigger,
                        identity.seed(),
                        input));
        while (!state.status().isFinal() && events < mostEvents && stopped == null) {
            Later next = coming.poll();
            if (next == null) {
                break;
            }
            if (next.event() instanceof Event.TimerFired(_, var timer)
                    && !next.at().equals(timers.get(timer))) {
                continue; // cleared, or set to another time
            }
            now = next.at().isAfter(now) ? next.at() : now;
            take(next.event());
        }
        var end = new LinkedHashMap<String, @Nullable Object>();
        end.put("type", "run");
        end.put("state", state.status().name().toLowerCase(java.util.Locale.ROOT));
        end.put("at", now.toString());
        if (state.result() != null) {
            end.put("summary", state.result().summary());
            end.put("notes", state.result().notes());
        } else if (state.status() == RunStatus.WAITING) {
            end.put("summary", "It waits for something that does not come here.");
        }
        lines.accept(end);
        return state;
    }

    private void take(Event first) {
        Deque<Event> queue = new ArrayDeque<>();
        queue.add(first);
        while (!queue.isEmpty() && stopped == null) {
            Event event =
                    payloads == null ? queue.remove() : PayloadCut.cut(queue.remove(), payloads);
            var decision = engine.decide(state, event);
            if (decision.ignored() != null && decision.commands().isEmpty()) {
                continue;
            }
            if (++events > mostEvents) {
                throw new IllegalStateException(
                        "The run takes more than " + mostEvents + " events. Bound its loops.");
            }
            state = decision.state();
            if (decision.ignored() == null) {
                lines.accept(EventLine.of(event));
                changed(decision.steps());
            }
            for (StepState step : decision.steps()) {
                if (stopped == null && world.stopsAfter(step)) {
                    stopped = step.id();
                }
            }
            for (Command command : decision.commands()) {
                if (stopped == null) {
                    carryOut(command, queue);
                }
            }
        }
    }

    /** The step at which its world stopped it; null when it went on to its end. */
    @Nullable String stopped() {
        return stopped;
    }

    int events() {
        return events;
    }

    Instant now() {
        return now;
    }

    /** What a step would see and is told. */
    record Look(Map<String, @Nullable Object> config, Map<String, Object> context) {}

    Look look(String step) {
        Node node = node(step);
        var context = context(step);
        Map<String, @Nullable Object> config;
        try {
            config = context.render(node, kinds.find(node.type()).orElseThrow());
        } catch (TextTemplate.NoValue e) {
            config = node.config();
        }
        return new Look(config, context.values());
    }

    Set<String> simulated() {
        return simulated;
    }

    /** The last that is known of each step, rounds that are over included. */
    Map<String, StepState> steps() {
        return steps;
    }

    private void changed(List<StepState> changes) {
        for (StepState step : changes) {
            StepState earlier = steps.put(step.id(), step);
            if (earlier == null || earlier.status() != step.status()) {
                var line = new LinkedHashMap<String, @Nullable Object>();
                line.put("type", "step");
                line.put("step", step.id());
                line.put("state", RunContext.wire(step.status()));
                if (step.port() != null) {
                    line.put("port", step.port());
                }
                if (!step.output().isEmpty()) {
                    line.put("output", step.output());
                }
                if (step.note() != null) {
                    line.put("note", step.note());
                }
                if (simulated.contains(step.id())) {
                    line.put("simulated", true);
                }
                lines.accept(line);
            }
        }
    }

    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    private void carryOut(Command command, Deque<Event> queue) {
        String before =
                switch (command) {
                    case Command.Evaluate(var step, _) -> step;
                    case Command.StartAttempt(var step, _, _, _) -> step;
                    case Command.OpenApproval(var step, _, _) -> step;
                    case Command.StartChild start -> start.step();
                    default -> null;
                };
        if (before != null && world.stopsBefore(before)) {
            stopped = before;
            return;
        }
        switch (command) {
            case Command.Evaluate(var step, var epoch) -> queue.add(evaluate(step, epoch));
            case Command.StartAttempt(var step, var epoch, _, var attempt) ->
                    attempt(step, epoch, attempt, queue);
            case Command.Probe(var step, var epoch, _) ->
                    world.settle(step).ifPresent(s -> settle(step, epoch, s, "probe"));
            case Command.OpenHumanDecision(var step, var epoch, _) ->
                    world.settle(step).ifPresent(s -> settle(step, epoch, s, "simulated"));
            case Command.OpenApproval(var step, var epoch, _) -> ask(step, epoch);
            case Command.SetTimer(var timer, var due) -> {
                timers.put(timer, due);
                later(due, new Event.TimerFired(due, timer));
            }
            case Command.ClearTimer(var timer) -> timers.remove(timer);
            case Command.StartChild start -> {
                simulated.add(start.step());
                queue.add(
                        new Event.ChildStarted(
                                now, start.step(), start.epoch(), "simulated-child"));
                if (start.waits()) {
                    World.ChildAnswer answer =
                            world.pinned(start.step())
                                    .map(pin ->
                                            new World.ChildAnswer(
                                                    RunStatus.SUCCEEDED,
                                                    "",
                                                    pin.output(),
                                                    Duration.ZERO))
                                    .orElseGet(() -> world.child(start.step()));
                    Instant at = now.plus(answer.after());
                    later(
                            at,
                            new Event.ChildEnded(
                                    at,
                                    start.step(),
                                    start.epoch(),
                                    "simulated-child",
                                    answer.status(),
                                    answer.summary(),
                                    answer.output()));
                }
            }
            default -> {}
        }
    }

    private void later(Instant at, Event event) {
        coming.add(new Later(at, order++, event));
    }

    private Node node(String step) {
        return definition.find(StepId.key(step)).orElseThrow();
    }

    private RunContext context(String step) {
        return RunContext.of(
                state,
                step,
                definition,
                identity.number(),
                identity.workflow(),
                identity.tenant(),
                new RunContext.Seen(payloads == null ? PayloadSource.NONE : payloads));
    }

    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    private Event evaluate(String step, long epoch) {
        Node node = node(step);
        var pin = world.pinned(step);
        if (pin.isPresent()) {
            return new Event.StepEvaluated(
                    now, step, epoch, port(node, pin.get()), pin.get().output());
        }
        var context = context(step);
        try {
            var config = context.render(node, kinds.find(node.type()).orElseThrow());
            return evaluation.evaluate(node, config, context, step, epoch, now);
        } catch (TextTemplate.NoValue e) {
            return new Event.EvaluationFailed(now, step, epoch, String.valueOf(e.getMessage()));
        }
    }

    private String port(Node node, World.Pin pin) {
        return pin.port() != null
                ? pin.port()
                : kinds.find(node.type()).orElseThrow().type().ports().stream()
                        .findFirst()
                        .map(NodeType.Port::name)
                        .orElse(Ports.OUT);
    }

    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    private void attempt(String step, long epoch, int attempt, Deque<Event> queue) {
        Node node = node(step);
        Description kind = kinds.find(node.type()).orElseThrow();
        simulated.add(step);
        queue.add(new Event.AttemptStarted(now, step, epoch, "simulated-" + epoch));
        var pin = world.pinned(step);
        if (pin.isPresent()) {
            queue.add(
                    new Event.OutcomeArrived(
                            now,
                            step,
                            epoch,
                            new Outcome.Succeeded(port(node, pin.get()), pin.get().output())));
            return;
        }
        World.Answer answer;
        try {
            var context = context(step);
            var config = context.render(node, kind);
            var call = context.renderForCall(node, kind, secrets);
            var came = world.act(new World.Attempt(step, node, kind, config, call, attempt));
            if (came.isEmpty()) {
                return;
            }
            var outcome = call.scrubber().outcome(came.get().outcome());
            answer =
                    new World.Answer(
                            evaluation.judged(node, outcome, context, attempt), came.get().after());
        } catch (TextTemplate.NoValue e) {
            answer =
                    new World.Answer(
                            new Outcome.Failed(String.valueOf(e.getMessage()), false, null),
                            Duration.ZERO);
        }
        Instant at = now.plus(answer.after());
        var arrived = new Event.OutcomeArrived(at, step, epoch, answer.outcome());
        if (answer.after().isZero()) {
            queue.add(arrived);
        } else {
            later(at, arrived);
        }
    }

    private void settle(String step, long epoch, Event.Settlement settlement, String by) {
        later(now, new Event.DoubtSettled(now, step, epoch, settlement, by, Map.of()));
    }

    @SuppressWarnings(
            "NullAway") // a field may hold null; the engine's type says so only in its source
    private void ask(String step, long epoch) {
        Node node = node(step);
        simulated.add(step);
        var pin = world.pinned(step);
        if (pin.isPresent()) {
            later(
                    now,
                    new Event.ApprovalDecided(
                            now,
                            step,
                            epoch,
                            !Ports.DENIED.equals(pin.get().port()),
                            "pinned",
                            "",
                            pin.get().output().get("fields") instanceof Map<?, ?> fields
                                    ? Pretend.texts(fields)
                                    : Map.of()));
            return;
        }
        Map<String, @Nullable Object> question;
        try {
            question = context(step).render(node, kinds.find(node.type()).orElseThrow());
        } catch (TextTemplate.NoValue e) {
            question = node.config();
        }
        world.decide(step, question)
                .ifPresent(v -> {
                    Instant at = now.plus(v.after());
                    later(
                            at,
                            new Event.ApprovalDecided(
                                    at, step, epoch, v.approved(), v.by(), v.reason(), v.fields()));
                });
    }
}
