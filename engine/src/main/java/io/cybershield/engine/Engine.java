package io.cybershield.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Runs one version of a workflow, one event at a time. Immutable and free of effects: the same
 * state and event always come to the same decision, so any process may carry a run on from its
 * journal.
 *
 * <p>A node with several incoming edges waits until each of them is settled, and then runs if at
 * least one was taken; otherwise it is skipped, and so on down the drawing. The first failure that
 * neither a fallback, an error edge nor {@link Node.OnError#CONTINUE} takes up ends its round, and
 * outside all loops the run.
 */
public final class Engine {
    private final Graph graph;
    private final WorkflowDefinition definition;
    private final String hash;

    private Engine(WorkflowDefinition definition, Catalogue catalogue) {
        this.definition = definition;
        this.graph = new Graph(definition, catalogue);
        this.hash = definition.hash();
    }

    /**
     * @throws Problem.InvalidWorkflow if the drawing cannot be run at all; what is merely unwise is
     *     left to {@link Validation}
     */
    public static Engine of(WorkflowDefinition definition, Catalogue catalogue) {
        var problems = Validation.obstacles(definition, catalogue);
        if (!problems.isEmpty()) {
            throw new Problem.InvalidWorkflow(problems);
        }
        return new Engine(definition, catalogue);
    }

    /** {@link WorkflowDefinition#hash()} of the version this engine runs. */
    public String workflowHash() {
        return hash;
    }

    Graph graph() {
        return graph;
    }

    WorkflowDefinition.Settings settings() {
        return definition.settings();
    }

    /** The type of a node; empty where there is no such node. */
    public Optional<NodeType> type(String key) {
        return Optional.ofNullable(graph.type(key));
    }

    /** The innermost loop whose rounds a node runs in; empty outside all loops. */
    public Optional<String> loopAround(String key) {
        return Optional.ofNullable(graph.loopAround(key));
    }

    /** Decides what an event changes and what to do next. Never throws, whatever the event. */
    public Decision decide(RunState state, Event event) {
        if (state.status().isFinal()) {
            if (!(event instanceof Event.RunResumed)) {
                return ignored(state, Decision.Ignored.RUN_ENDED);
            }
            if (!state.workflowHash().equals(hash)) {
                return ignored(state, Decision.Ignored.OTHER_WORKFLOW);
            }
            var result = state.result();
            if (result == null || !result.resumable()) {
                return ignored(state, Decision.Ignored.NOT_RESUMABLE);
            }
        } else if (event instanceof Event.RunResumed) {
            return ignored(state, Decision.Ignored.NOT_RESUMABLE);
        } else if (event instanceof Event.RunStarted started) {
            if (state.status() != RunStatus.NEW) {
                return ignored(state, Decision.Ignored.ALREADY_STARTED);
            }
            if (!started.workflowHash().equals(hash)) {
                return ignored(state, Decision.Ignored.OTHER_WORKFLOW);
            }
        } else if (state.status() == RunStatus.NEW) {
            if (!(event instanceof Event.CancelRequested)) {
                return ignored(state, Decision.Ignored.NOT_STARTED);
            }
        } else if (!state.workflowHash().equals(hash)) {
            return ignored(state, Decision.Ignored.OTHER_WORKFLOW);
        }
        return new Turn(graph, definition.settings(), state, event.at()).take(event);
    }

    /**
     * All that is still to be done in a state, for whoever picks the run up after a crash or a lost
     * delivery. Empty once the run has ended.
     */
    public List<Command> outstanding(RunState state) {
        if (state.status().isFinal() || !state.workflowHash().equals(hash)) {
            return List.of();
        }
        var commands = new ArrayList<Command>();
        for (var step : state.steps().values()) {
            switch (step.status()) {
                case QUEUED -> commands.add(Course.queued(graph, state.run(), step));
                case IN_DOUBT -> commands.add(Course.doubted(state.run(), step));
                case WAITING -> {
                    if (graph.is(step.key(), NodeType.Behaviour.ASK)) {
                        var timer =
                                state.timers()
                                        .get(
                                                RunDraft.timerKey(
                                                        step.id(),
                                                        step.epoch(),
                                                        Timer.Purpose.APPROVAL_TIMEOUT));
                        commands.add(
                                new Command.OpenApproval(
                                        step.id(),
                                        step.epoch(),
                                        timer == null ? null : timer.due()));
                    } else if (step.child() != null) {
                        commands.add(Course.queued(graph, state.run(), step));
                    }
                }
                case RUNNING, RETRY_AT, SUCCEEDED, FAILED, SKIPPED, CANCELLED -> {}
            }
        }
        for (var timer : state.timers().values()) {
            commands.add(new Command.SetTimer(timer.key(), timer.due()));
        }
        return commands;
    }

    /** The state a journal comes to. */
    public RunState replay(List<? extends Event> events) {
        var state = RunState.NEW;
        for (var event : events) {
            state = decide(state, event).state();
        }
        return state;
    }

    /**
     * The state a journal comes to whose run may have been moved between versions.
     *
     * @param versions engines by {@link #workflowHash()}, for those that this is not
     */
    public RunState replay(List<? extends Event> events, Function<String, Engine> versions) {
        var engine = this;
        var state = RunState.NEW;
        for (var event : events) {
            if (event instanceof Event.RunStarted started && state.status() == RunStatus.NEW) {
                engine = of(started.workflowHash(), versions);
            }
            if (event instanceof Event.RunMoved moved) {
                var next = of(moved.to(), versions);
                state = Move.between(engine, next).decide(state, moved).state();
                engine = state.workflowHash().equals(next.hash) ? next : engine;
            } else {
                state = engine.decide(state, event).state();
            }
        }
        return state;
    }

    private Engine of(String hash, Function<String, Engine> versions) {
        return hash.equals(this.hash) ? this : versions.apply(hash);
    }

    public static RunState replay(
            WorkflowDefinition definition, Catalogue catalogue, List<? extends Event> events) {
        return of(definition, catalogue).replay(events);
    }

    private static Decision ignored(RunState state, Decision.Ignored why) {
        return new Decision(state, List.of(), List.of(), why);
    }
}
