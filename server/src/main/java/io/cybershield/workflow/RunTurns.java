package io.cybershield.workflow;

import io.cybershield.engine.Command;
import io.cybershield.engine.Decision;
import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.Ports;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * One turn of a run: takes the run, lets the engine decide, and writes journal, steps, pointers and
 * questions in the same transaction. Pure steps chain in memory and cost no commit of their own.
 */
@Component
final class RunTurns {
    private static final int MOST_PURE_STEPS = 20_000;
    private final Transactions transactions;
    private final RunStore runs;
    private final DispatchStore dispatch;
    private final Versions versions;
    private final NodeKinds kinds;
    private final Expressions expressions;
    private final Approvals approvals;
    private final ChildRuns childRuns;
    private final RunEcho echo;
    private final DomainEvents events;
    private final WorkSignal signal;
    private final Clock clock;

    RunTurns(
            Transactions transactions,
            RunStore runs,
            DispatchStore dispatch,
            Versions versions,
            NodeKinds kinds,
            Expressions expressions,
            Approvals approvals,
            ChildRuns childRuns,
            RunEcho echo,
            DomainEvents events,
            WorkSignal signal,
            Clock clock) {
        this.transactions = transactions;
        this.runs = runs;
        this.dispatch = dispatch;
        this.versions = versions;
        this.kinds = kinds;
        this.expressions = expressions;
        this.approvals = approvals;
        this.childRuns = childRuns;
        this.echo = echo;
        this.events = events;
        this.signal = signal;
        this.clock = clock;
    }

    /** Microseconds, as the database keeps them. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /**
     * What an event came to.
     *
     * @param counted false when it was late, stale or repeated and changed nothing
     */
    record Taken(RunState state, boolean counted) {}

    /** A run as it stands, with all that is needed to render its nodes. */
    record Loaded(RunStore.Row row, Versions.Ready version, RunState state) {
        RunContext context(String step) {
            return RunContext.of(state, step, row.number(), row.workflowName());
        }

        Node node(String step) {
            return version.drawing().definition().find(StepId.key(step)).orElseThrow();
        }
    }

    /** Takes the run for the open transaction; empty when the tenant has no such run. */
    Optional<Loaded> load(RunId run) {
        return runs.lock(run)
                .map(row -> {
                    var version = versions.get(row.workflow(), row.version());
                    return new Loaded(row, version, version.engine().replay(runs.journal(run)));
                });
    }

    /**
     * Lets an event happen to a run, in the tenant's scope.
     *
     * @param input the step's rendered configuration, when the event begins an attempt
     */
    Taken take(RunId run, Event event, @Nullable Map<String, @Nullable Object> input) {
        return transactions.call(() -> {
            Loaded before =
                    load(run)
                            .orElseThrow(
                                    () -> new IllegalStateException("Run " + run + " is missing"));
            var turn = new Turn(run, before);
            if (input != null && event instanceof Event.OfStep of) {
                turn.inputs.put(of.step(), input);
            }
            return turn.take(event);
        });
    }

    /** A run to be begun after the turn that made it. */
    private record Child(RunId run, Map<String, @Nullable Object> input) {}

    /** Collects what one turn does. */
    private final class Turn {
        private final RunId run;
        private final Loaded before;
        private final TenantId tenant = Scope.currentTenant();
        private final List<Event> journal = new ArrayList<>();
        private final List<Command> commands = new ArrayList<>();
        private final Map<String, Map<String, @Nullable Object>> inputs = new HashMap<>();
        private final Map<String, StepState> changed = new LinkedHashMap<>();
        private final List<Child> children = new ArrayList<>();
        private RunState state;

        Turn(RunId run, Loaded before) {
            this.run = run;
            this.before = before;
            this.state = before.state();
        }

        Taken take(Event first) {
            var queue = new ArrayDeque<Event>(List.of(first));
            int taken = 0;
            while (!queue.isEmpty()) {
                Event event = queue.poll();
                Decision decision = before.version().engine().decide(state, event);
                if (decision.ignored() != null) {
                    // A timer that came early is ignored and set again.
                    commands.addAll(decision.commands());
                    continue;
                }
                if (++taken > MOST_PURE_STEPS) {
                    throw new IllegalStateException("Run " + run + " computes without end");
                }
                journal.add(event);
                state = decision.state();
                decision.steps().forEach(step -> changed.put(step.id(), step));
                for (Command command : decision.commands()) {
                    if (command instanceof Command.Evaluate(var step, var epoch)) {
                        queue.add(evaluate(step, epoch));
                    } else if (command instanceof Command.StartChild start) {
                        queue.add(startChild(start));
                    } else {
                        commands.add(command);
                    }
                }
            }
            if (journal.isEmpty()) {
                commands.forEach(this::carryOut);
                return new Taken(state, false);
            }
            commit();
            return new Taken(state, true);
        }

        @SuppressWarnings(
                "NullAway") // a value may be null; the engine's type says so only in its source
        private Event evaluate(String step, long epoch) {
            Node node = before.node(step);
            var context =
                    RunContext.of(state, step, before.row().number(), before.row().workflowName());
            Instant at = now();
            try {
                Map<String, @Nullable Object> config =
                        context.render(node, kinds.expressionsOf(node.type()));
                inputs.put(step, config);
                return switch (node.type()) {
                    case NodeKinds.CONDITION -> {
                        boolean answer =
                                expressions.test(
                                        String.valueOf(config.get("expression")), context.values());
                        yield new Event.StepEvaluated(
                                at,
                                step,
                                epoch,
                                answer ? "true" : "false",
                                Map.of("answer", answer));
                    }
                    case NodeKinds.SWITCH ->
                            new Event.StepEvaluated(
                                    at, step, epoch, choose(node, context), Map.of());
                    case NodeKinds.FOR_EACH ->
                            new Event.ItemsListed(
                                    at,
                                    step,
                                    epoch,
                                    expressions.items(
                                            String.valueOf(config.get("items")), context.values()));
                    case NodeKinds.WHILE -> {
                        boolean more =
                                expressions.test(
                                        String.valueOf(config.get("condition")), context.values());
                        yield new Event.StepEvaluated(
                                at, step, epoch, more ? Ports.EACH : Ports.DONE, Map.of());
                    }
                    case NodeKinds.END ->
                            new Event.StepEvaluated(
                                    at, step, epoch, "", object(config.get("result")));
                    case NodeKinds.WAIT ->
                            new Event.WaitPlanned(
                                    at,
                                    step,
                                    epoch,
                                    at.plusSeconds(seconds(config).longValue()),
                                    null);
                    default ->
                            new Event.EvaluationFailed(
                                    at,
                                    step,
                                    epoch,
                                    "There is no way to compute a node of type '"
                                            + node.type()
                                            + "'.");
                };
            } catch (TextTemplate.NoValue | Expressions.BadExpression | ClassCastException e) {
                return new Event.EvaluationFailed(at, step, epoch, String.valueOf(e.getMessage()));
            }
        }

        /** The first case that holds. */
        private String choose(Node node, RunContext context) throws Expressions.BadExpression {
            if (node.config().get("cases") instanceof List<?> cases) {
                for (Object one : cases) {
                    if (one instanceof Map<?, ?> map
                            && expressions.test(
                                    String.valueOf(map.get("when")), context.values())) {
                        return String.valueOf(map.get("name"));
                    }
                }
            }
            return Ports.DEFAULT;
        }

        private static Map<String, @Nullable Object> object(@Nullable Object value) {
            var copy = new LinkedHashMap<String, @Nullable Object>();
            if (value instanceof Map<?, ?> map) {
                map.forEach((key, inner) -> copy.put(key.toString(), inner));
            }
            return copy;
        }

        /** The child's first turn comes after this one, in the same transaction. */
        private Event startChild(Command.StartChild start) {
            Node node = before.node(start.step());
            var context =
                    RunContext.of(
                            state,
                            start.step(),
                            before.row().number(),
                            before.row().workflowName());
            try {
                var config = context.render(node, kinds.expressionsOf(node.type()));
                inputs.put(start.step(), config);
                RunId child = childRuns.insert(before.row(), start, now());
                children.add(new Child(child, object(config.get("input"))));
                return new Event.ChildStarted(now(), start.step(), start.epoch(), child.toString());
            } catch (TextTemplate.NoValue | ChildRuns.Refused e) {
                return new Event.EvaluationFailed(
                        now(), start.step(), start.epoch(), String.valueOf(e.getMessage()));
            }
        }

        /** The schema makes it a number from one up. */
        private static Number seconds(Map<String, @Nullable Object> config) {
            return config.get("seconds") instanceof Number number ? number : 1;
        }

        private void commit() {
            runs.append(before.row(), journal, state);
            for (StepState step : changed.values()) {
                runs.step(run, step, inputs.get(step.id()));
            }
            for (Command command : commands) {
                carryOut(command);
            }
            RunView view = runs.get(run);
            var steps = runs.steps(run, before.version(), changed.keySet());
            events.publish("run:" + run, new RunProgressed(view, steps));
            for (Child child : children) {
                RunTurns.this.take(
                        child.run(), childRuns.first(child.run(), child.input(), now()), null);
            }
            TransactionSynchronizationManager.registerSynchronization(
                    new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                            signal.wake();
                        }
                    });
        }

        private void carryOut(Command command) {
            switch (command) {
                case Command.Evaluate _, Command.StartChild _ ->
                        throw new IllegalStateException("Done in the turn itself");
                case Command.StopChild(_, _, var child, _, var mode) -> {
                    if (child != null) {
                        dispatch.setTimer(
                                tenant,
                                new RunId(UUID.fromString(child)),
                                ChildRuns.stopTimer(mode),
                                now());
                    }
                }
                case Command.StartErrorWorkflow _ ->
                        throw new IllegalStateException("No drawing names an error workflow");
                case Command.StartAttempt(var step, var epoch, var key, _) ->
                        dispatch.add(
                                tenant, run, step, epoch, DispatchStore.Kind.ATTEMPT, key, now());
                case Command.Probe(var step, var epoch, var key) ->
                        dispatch.add(
                                tenant, run, step, epoch, DispatchStore.Kind.PROBE, key, now());
                case Command.StopAttempt(var step, var epoch, _) ->
                        dispatch.dropStep(tenant, run, step, epoch);
                case Command.OpenHumanDecision(var step, _, var evidence) ->
                        echo.inDoubt(before, step, evidence);
                case Command.OpenApproval(var step, var epoch, var deadline) ->
                        approvals.open(
                                before.row(),
                                before.version(),
                                step,
                                epoch,
                                deadline,
                                RunContext.of(
                                        state,
                                        step,
                                        before.row().number(),
                                        before.row().workflowName()),
                                now());
                case Command.WithdrawQuestion(var step, var epoch, _) ->
                        approvals.withdraw(run, step, epoch, timedOut(step));
                case Command.SetTimer(var timer, var due) ->
                        dispatch.setTimer(tenant, run, timer, due);
                case Command.ClearTimer(var timer) -> dispatch.clearTimer(tenant, run, timer);
                case Command.Notify(var notice, var step, var text) ->
                        echo.noticed(before, notice, step, text);
                case Command.CompleteRun(_, var result) -> {
                    dispatch.dropRun(tenant, run);
                    var parent = before.row().parent();
                    if (parent != null) {
                        dispatch.setTimer(
                                tenant,
                                new RunId(parent.run()),
                                ChildRuns.endTimer(run, parent),
                                now());
                    }
                    echo.ended(before, state, result);
                }
            }
        }

        private boolean timedOut(String step) {
            return commands.stream()
                    .anyMatch(c ->
                            c instanceof Command.Notify(var notice, var about, _)
                                    && notice == Command.Notice.APPROVAL_TIMED_OUT
                                    && step.equals(about));
        }
    }

    /** Keys of nodes that destroy something. */
    boolean isDestructive(String type) {
        return kinds.find(type).map(d -> d.type().destructive()).orElse(false);
    }

    Set<String> expressionsOf(String type) {
        return kinds.expressionsOf(type);
    }
}
