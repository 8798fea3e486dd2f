package io.cybershield.workflow;

import io.cybershield.engine.Command;
import io.cybershield.engine.Decision;
import io.cybershield.engine.Event;
import io.cybershield.engine.Move;
import io.cybershield.engine.Node;
import io.cybershield.engine.RunResult;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepState;
import io.cybershield.flow.RunContext;
import io.cybershield.flow.TextTemplate;
import io.cybershield.workflow.DispatchStore.Due;
import io.cybershield.workflow.DispatchStore.Pointer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One run's part of a batch: what it comes to is gathered here until the batch is written. */
final class RunTurn {
    private static final int MOST_PURE_STEPS = 20_000;
    private final RunTurns all;
    private final TurnBatch batch;
    private final RunId run;
    private final List<Event> journal = new ArrayList<>();
    private final Map<String, StepState> changed = new LinkedHashMap<>();
    private final Map<String, Map<String, @Nullable Object>> inputs = new HashMap<>();
    private final RunContext.Seen seen;
    private final List<Runnable> asks = new ArrayList<>();
    private final boolean isNew;
    private RunTurns.Loaded loaded;
    private @Nullable RunResult completed;
    private RunTurns.@Nullable Loaded target;

    /**
     * @param isNew whether the run's row is yet to be made
     */
    RunTurn(RunTurns all, TurnBatch batch, RunTurns.Loaded loaded, boolean isNew) {
        this.all = all;
        this.batch = batch;
        this.seen = new RunContext.Seen(all.payloads);
        this.run = loaded.row().id();
        this.loaded = loaded;
        this.isNew = isNew;
    }

    boolean hasTurned() {
        return isNew || !journal.isEmpty();
    }

    /** Steps as they are after what was taken so far. */
    Collection<StepState> changed() {
        return changed.values();
    }

    /** How the run ended in this turn, if it did. */
    @Nullable RunResult completed() {
        return completed;
    }

    /** Asks people, and tells them; once the run and its steps are stored. */
    void ask() {
        asks.forEach(Runnable::run);
    }

    /** As it stands after what was taken so far. */
    RunTurns.Loaded now() {
        return loaded;
    }

    /**
     * Lets an event happen, and all pure steps that follow from it.
     *
     * @param input the step's rendered configuration, when the event begins an attempt
     * @return false when it was late, stale or repeated and changed nothing
     */
    boolean take(Event first, @Nullable Map<String, @Nullable Object> input) {
        if (input != null && first instanceof Event.OfStep of) {
            inputs.put(of.step(), input);
        }
        var queue = new ArrayDeque<Event>(List.of(judged(first)));
        var commands = new ArrayList<Command>();
        int taken = 0;
        while (!queue.isEmpty()) {
            Event event = all.payloads.takeOut(queue.remove());
            RunTurns.Loaded in = loaded;
            Decision decision;
            if (event instanceof Event.RunMoved moved && target != null) {
                in = target;
                decision =
                        Move.between(loaded.version().engine(), in.version().engine())
                                .decide(loaded.state(), moved);
            } else {
                decision = in.version().engine().decide(loaded.state(), event);
            }
            if (decision.ignored() != null) {
                // A timer that came early is ignored and set again.
                commands.addAll(decision.commands());
                continue;
            }
            if (++taken > MOST_PURE_STEPS) {
                throw new IllegalStateException("Run " + run + " computes without end");
            }
            journal.add(event);
            all.payloads.use(run.value(), event);
            decision.steps().forEach(step -> changed.put(step.id(), step));
            loaded = new RunTurns.Loaded(in.row(), in.version(), decision.state());
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
        commands.forEach(command -> carryOut(command, commands));
        return taken > 0;
    }

    /**
     * Goes on in another version, and does what follows there.
     *
     * @param as its line with that version
     * @return false when it cannot
     */
    boolean move(Versions.Ready to, RunView as, Event.RunMoved event) {
        var row = loaded.row();
        target =
                new RunTurns.Loaded(
                        new RunStore.Row(
                                as,
                                row.length(),
                                row.head(),
                                row.parent(),
                                row.depth(),
                                row.hasPeople()),
                        to,
                        loaded.state());
        return take(event, null);
    }

    /** A failure as the step's own condition for another attempt has it. */
    private Event judged(Event event) {
        if (event instanceof Event.OutcomeArrived(var at, var step, var epoch, var outcome)) {
            var node = loaded.node(step);
            return node.retry().retryOn() == null
                    ? event
                    : new Event.OutcomeArrived(
                            at,
                            step,
                            epoch,
                            all.evaluation.judged(
                                    node,
                                    outcome,
                                    loaded.context(step),
                                    loaded.state().step(step).map(StepState::attempt).orElse(1)));
        }
        return event;
    }

    /** Not now: its connector takes nothing before that time. */
    void putOff(Pointer by, Instant until) {
        drop(by);
        batch.due()
                .add(
                        new Due(
                                batch.tenant(),
                                run,
                                by.step(),
                                by.epoch(),
                                by.kind(),
                                by.key(),
                                until,
                                null));
    }

    /** Steps that became ready in this batch and that no worker has begun yet. */
    List<Due> ready() {
        Instant now = all.now();
        return batch.due().stream()
                .filter(d -> d.run().equals(run) && d.claim() == null && !d.at().isAfter(now))
                .filter(d -> d.kind() == DispatchStore.Kind.ATTEMPT)
                .toList();
    }

    /** A worker begins this at once, under a lease from the start. */
    void claim(Due ready, Pointer by) {
        batch.due().remove(ready);
        batch.due()
                .add(
                        new Due(
                                ready.tenant(),
                                run,
                                ready.step(),
                                ready.epoch(),
                                ready.kind(),
                                ready.key(),
                                ready.at(),
                                by.claim()));
    }

    /** The worker is done with it. */
    void drop(Pointer pointer) {
        batch.drop(pointer);
    }

    /** Its line as it will be stored. */
    RunView view() {
        RunState state = loaded.state();
        boolean inDoubt = !state.status().isFinal() && state.tally().inDoubt() > 0;
        return loaded.row()
                .run()
                .with(
                        inDoubt ? "in-doubt" : RunView.wire(state.status()),
                        state.endedAt(),
                        state.tally().ended());
    }

    @Nullable String result() {
        return RunView.result(loaded.state());
    }

    RunStore.Turned turned() {
        var entry = all.events.entry(loaded.row().head(), journal);
        return new RunStore.Turned(
                loaded.row(),
                isNew,
                entry.text(),
                entry.head(),
                view(),
                result(),
                List.copyOf(changed.values()),
                inputs);
    }

    @SuppressWarnings(
            "NullAway") // a value may be null; the engine's type says so only in its source
    private Event evaluate(String step, long epoch) {
        Node node = loaded.node(step);
        var context = loaded.context(step, seen);
        Instant at = all.now();
        try {
            Map<String, @Nullable Object> config = context.render(node, all.kinds.get(node.type()));
            inputs.put(step, config);
            return all.evaluation.evaluate(node, config, context, step, epoch, at);
        } catch (TextTemplate.NoValue e) {
            return new Event.EvaluationFailed(at, step, epoch, String.valueOf(e.getMessage()));
        }
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
        Node node = loaded.node(start.step());
        var context = loaded.context(start.step(), seen);
        try {
            var config = context.render(node, all.kinds.get(node.type()));
            inputs.put(start.step(), config);
            var child = all.childRuns.make(loaded.row(), start, batch.number(), all.now());
            batch.child(() -> {
                RunTurn turn = batch.begin(child.run(), child.parent(), loaded.row().depth() + 1);
                turn.take(
                        all.childRuns.first(
                                child.run(),
                                turn.now().version(),
                                object(config.get("input")),
                                all.now()),
                        null);
            });
            return new Event.ChildStarted(
                    all.now(), start.step(), start.epoch(), child.run().id().toString());
        } catch (TextTemplate.NoValue | ChildRuns.Refused e) {
            return new Event.EvaluationFailed(
                    all.now(), start.step(), start.epoch(), String.valueOf(e.getMessage()));
        }
    }

    private void carryOut(Command command, List<Command> others) {
        switch (command) {
            case Command.Evaluate _, Command.StartChild _ ->
                    throw new IllegalStateException("Done in the turn itself");
            case Command.StopChild(_, _, var child, _, var mode) -> {
                if (child != null) {
                    timer(
                            new RunId(UUID.fromString(child)),
                            ChildRuns.stopTimer(mode),
                            Optional.of(all.now()));
                }
            }
            case Command.StartErrorWorkflow(var workflow, var result) -> {
                RunTurns.Loaded then = loaded;
                asks.add(() -> all.told.startErrorWorkflow(then, workflow, result));
            }
            case Command.StartAttempt(var step, var epoch, var key, _) ->
                    due(step, epoch, DispatchStore.Kind.ATTEMPT, key);
            case Command.Probe(var step, var epoch, var key) ->
                    due(step, epoch, DispatchStore.Kind.PROBE, key);
            case Command.StopAttempt(var step, var epoch, _) ->
                    all.dispatch.dropStep(batch.tenant(), run, step, epoch);
            case Command.OpenHumanDecision(var step, _, var evidence) -> {
                RunTurns.Loaded then = loaded;
                asks.add(() -> all.told.inDoubt(then, step, evidence));
            }
            case Command.OpenApproval(var step, var epoch, var deadline) -> {
                RunTurns.Loaded then = loaded;
                Instant at = all.now();
                asks.add(() ->
                        all.asks.open(
                                then.row().run(),
                                then.version(),
                                step,
                                epoch,
                                deadline,
                                then.context(step),
                                at));
            }
            case Command.WithdrawQuestion(var step, var epoch, _) -> {
                boolean late = timedOut(step, others);
                asks.add(() -> all.asks.withdraw(run, step, epoch, late));
            }
            case Command.SetTimer(var timer, var due) -> timer(run, timer, Optional.of(due));
            case Command.ClearTimer(var timer) -> timer(run, timer, Optional.empty());
            case Command.Notify(var notice, var step, var text) -> {
                RunTurns.Loaded then = loaded;
                asks.add(() -> all.told.noticed(then, notice, step, text));
            }
            case Command.CompleteRun(_, var result) -> {
                batch.forget(run, !isNew);
                var parent = loaded.row().parent();
                if (parent != null) {
                    timer(
                            new RunId(parent.run()),
                            ChildRuns.endTimer(run, parent),
                            Optional.of(all.now()));
                }
                completed = result;
            }
        }
    }

    private void due(String step, long epoch, DispatchStore.Kind kind, String key) {
        batch.due().add(new Due(batch.tenant(), run, step, epoch, kind, key, all.now(), null));
    }

    private void timer(RunId of, String name, Optional<Instant> at) {
        batch.timer(of, name, at);
    }

    private boolean timedOut(String step, List<Command> others) {
        return others.stream()
                .anyMatch(c ->
                        c instanceof Command.Notify(var notice, var about, _)
                                && notice == Command.Notice.APPROVAL_TIMED_OUT
                                && step.equals(about));
    }
}
