package io.cybershield.flow;

import io.cybershield.engine.Command;
import io.cybershield.engine.Engine;
import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.Outcome;
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
    private static final int MOST_EVENTS = 200_000;

    /** What a run finds outside. */
    interface World {
        /** What an attempt comes to; empty when no answer ever comes. */
        Optional<Answer> act(Attempt attempt);

        /** What a person or a probe says about an attempt in doubt; empty when nobody does. */
        Optional<Event.Settlement> settle(String step);

        /** What people decide; empty when nobody does. */
        Optional<Verdict> decide(String step, Map<String, @Nullable Object> question);
    }

    /**
     * @param config as it may be shown
     * @param forCall with secrets, as a worker would send it
     */
    record Attempt(
            String step,
            Node node,
            Description kind,
            Map<String, @Nullable Object> config,
            RunContext.ForCall forCall,
            int attempt) {}

    record Answer(Outcome outcome, Duration after) {}

    record Verdict(boolean approved, String by, String reason, Duration after) {}

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
    private Instant now;
    private RunState state = RunState.NEW;
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
    @SuppressWarnings(
            "NullAway") // an input may hold null; the engine's type says so only in its source
    RunState run(String trigger, Map<String, @Nullable Object> input) {
        take(new Event.RunStarted(now, "simulated", engine.workflowHash(), trigger, 1, input));
        while (!state.status().isFinal() && events < MOST_EVENTS) {
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
        while (!queue.isEmpty()) {
            Event event = queue.poll();
            var decision = engine.decide(state, event);
            if (decision.ignored() != null && decision.commands().isEmpty()) {
                continue;
            }
            if (++events > MOST_EVENTS) {
                throw new IllegalStateException(
                        "The run takes more than " + MOST_EVENTS + " events. Bound its loops.");
            }
            state = decision.state();
            if (decision.ignored() == null) {
                lines.accept(EventLine.of(event));
                changed(decision.steps());
            }
            for (Command command : decision.commands()) {
                carryOut(command, queue);
            }
        }
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

    private void carryOut(Command command, Deque<Event> queue) {
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
                    later(
                            now,
                            new Event.ChildEnded(
                                    now,
                                    start.step(),
                                    start.epoch(),
                                    "simulated-child",
                                    RunStatus.SUCCEEDED,
                                    "Simulated.",
                                    Map.of()));
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
        return RunContext.of(state, step, definition, 1, definition.name(), "simulated");
    }

    private Event evaluate(String step, long epoch) {
        Node node = node(step);
        var context = context(step);
        try {
            var config = context.render(node, kinds.find(node.type()).orElseThrow());
            return evaluation.evaluate(node, config, context, step, epoch, now);
        } catch (TextTemplate.NoValue e) {
            return new Event.EvaluationFailed(now, step, epoch, String.valueOf(e.getMessage()));
        }
    }

    private void attempt(String step, long epoch, int attempt, Deque<Event> queue) {
        Node node = node(step);
        Description kind = kinds.find(node.type()).orElseThrow();
        simulated.add(step);
        queue.add(new Event.AttemptStarted(now, step, epoch, "simulated-" + epoch));
        Answer answer;
        try {
            var context = context(step);
            var config = context.render(node, kind);
            var call = context.renderForCall(node, kind, secrets);
            var came = world.act(new Attempt(step, node, kind, config, call, attempt));
            if (came.isEmpty()) {
                return;
            }
            var outcome = call.scrubber().outcome(came.get().outcome());
            answer =
                    new Answer(
                            evaluation.judged(node, outcome, context, attempt), came.get().after());
        } catch (TextTemplate.NoValue e) {
            answer =
                    new Answer(
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

    private void ask(String step, long epoch) {
        Node node = node(step);
        simulated.add(step);
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
                                    at, step, epoch, v.approved(), v.by(), v.reason(), Map.of()));
                });
    }
}
