package io.cybershield.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.engine.Command;
import io.cybershield.engine.Decision;
import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.NodeType.Behaviour;
import io.cybershield.engine.RunResult;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Description;
import io.cybershield.flow.Evaluation;
import io.cybershield.flow.RunContext;
import io.cybershield.flow.TextTemplate;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DispatchStore.Due;
import io.cybershield.workflow.DispatchStore.DueTimer;
import io.cybershield.workflow.DispatchStore.Pointer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Turns of runs: takes the runs, lets the engine decide, and writes journals, steps, pointers and
 * questions in one transaction, with the same few statements for one run as for a hundred. Pure
 * steps chain in memory and cost no commit of their own.
 */
@Component
final class RunTurns {
    /** How long a worker may stay silent before its step counts as left behind. */
    static final Duration LEASE = Duration.ofSeconds(5);

    private static final int MOST_PURE_STEPS = 20_000;
    private static final int MOST_REMEMBERED_STEPS = 200_000;
    private final Transactions transactions;
    private final RunStore runs;
    private final DispatchStore dispatch;
    private final Versions versions;
    private final NodeKinds kinds;
    private final Evaluation evaluation;
    private final Approvals approvals;
    private final ChildRuns childRuns;
    private final RunEcho echo;
    private final Aftermath aftermath;
    private final WorkflowLive live;
    private final DomainEvents events;
    private final WorkSignal signal;
    private final Clock clock;

    /**
     * States by run, each with the hash of the journal it was folded from: the hash names the
     * content, so what a rolled back transaction left here can never be taken for true.
     */
    private final Cache<RunId, Remembered> remembered =
            Caffeine.newBuilder()
                    .maximumWeight(MOST_REMEMBERED_STEPS)
                    .weigher((RunId _, Remembered r) -> 1 + r.state().tally().ended())
                    .build();

    private record Remembered(byte[] head, RunState state) {}

    RunTurns(
            Transactions transactions,
            RunStore runs,
            DispatchStore dispatch,
            Versions versions,
            NodeKinds kinds,
            Evaluation evaluation,
            Approvals approvals,
            ChildRuns childRuns,
            RunEcho echo,
            Aftermath aftermath,
            WorkflowLive live,
            DomainEvents events,
            WorkSignal signal,
            Clock clock) {
        this.transactions = transactions;
        this.runs = runs;
        this.dispatch = dispatch;
        this.versions = versions;
        this.kinds = kinds;
        this.evaluation = evaluation;
        this.approvals = approvals;
        this.childRuns = childRuns;
        this.echo = echo;
        this.aftermath = aftermath;
        this.live = live;
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
            return RunContext.of(
                    state,
                    step,
                    version.drawing().definition(),
                    row.run().number(),
                    row.run().workflowName(),
                    Scope.currentTenant().toString());
        }

        Node node(String step) {
            return version.drawing().definition().find(StepId.key(step)).orElseThrow();
        }
    }

    /** Takes the run for the open transaction; empty when the tenant has no such run. */
    Optional<Loaded> load(RunId run) {
        return batch(List.of(run)).find(run).map(Turn::now);
    }

    /** Lets an event happen to a run, in the tenant's scope. */
    Taken take(RunId run, Event event) {
        return transactions.call(() -> {
            Batch batch = batch(List.of(run));
            Turn turn =
                    batch.find(run)
                            .orElseThrow(
                                    () -> new IllegalStateException("Run " + run + " is missing"));
            boolean counted = turn.take(event, null);
            batch.flush();
            return new Taken(turn.now().state(), counted);
        });
    }

    /**
     * Takes runs for the open transaction, in the tenant's scope.
     *
     * @param ids those that the tenant does not have are left out
     */
    Batch batch(Collection<RunId> ids) {
        return new Batch(ids);
    }

    /** Keys of nodes that destroy something. */
    boolean isDestructive(String type) {
        return kinds.find(type).map(d -> d.type().destructive()).orElse(false);
    }

    Description kind(String type) {
        return kinds.get(type);
    }

    private RunState state(RunStore.Row row, Versions.Ready version) {
        Remembered known = remembered.getIfPresent(row.id());
        return known != null && Arrays.equals(known.head(), row.head())
                ? known.state()
                : version.engine().replay(runs.journal(row.id()));
    }

    /** A run to be begun after the turn that made it, in the same transaction. */
    private record Child(RunId run, Map<String, @Nullable Object> input) {}

    /** Turns that are written together. */
    final class Batch {
        private final TenantId tenant = Scope.currentTenant();
        private final Map<RunId, Turn> turns = new LinkedHashMap<>();
        private final List<Due> due = new ArrayList<>();
        private final List<Pointer> dropped = new ArrayList<>();
        private final Map<RunId, Map<String, Optional<Instant>>> timers = new LinkedHashMap<>();
        private final List<Child> children = new ArrayList<>();

        private Batch(Collection<RunId> ids) {
            runs.lock(ids)
                    .forEach((id, row) -> {
                        var version = versions.get(row.run().workflowId(), row.run().version());
                        turns.put(
                                id, new Turn(this, new Loaded(row, version, state(row, version))));
                    });
        }

        Optional<Turn> find(RunId run) {
            return Optional.ofNullable(turns.get(run));
        }

        /** The worker is done with this; see {@link DispatchStore#drop}. */
        void drop(Pointer pointer) {
            dropped.add(pointer);
        }

        /** Writes all that the turns came to; nothing may be taken after it. */
        void flush() {
            var written = turns.values().stream().filter(t -> !t.journal.isEmpty()).toList();
            if (!written.isEmpty()) {
                var turned = written.stream().map(Turn::turned).toList();
                var inputs = runs.write(turned);
                for (int i = 0; i < written.size(); i++) {
                    RunStore.Turned t = turned.get(i);
                    var completed = written.get(i).completed;
                    aftermath.turned(written.get(i).now(), t, completed, now());
                    if (completed != null) {
                        echo.ended(written.get(i).now(), t.after(), completed);
                    }
                    tell(written.get(i), t.after(), inputs.getOrDefault(t.row().id(), Map.of()));
                    remembered.put(
                            t.row().id(), new Remembered(t.head(), written.get(i).now().state()));
                }
            }
            dispatch.drop(dropped);
            dispatch.add(due, LEASE);
            var set = new ArrayList<DueTimer>();
            var cleared = new ArrayList<DueTimer>();
            timers.forEach((run, byName) ->
                    byName.forEach((name, at) -> {
                        if (at.isPresent()) {
                            set.add(new DueTimer(tenant, run, name, at.get()));
                        } else {
                            cleared.add(new DueTimer(tenant, run, name, Instant.EPOCH));
                        }
                    }));
            dispatch.clearTimers(cleared);
            dispatch.setTimers(set);
            for (Child child : children) {
                take(child.run(), childRuns.first(child.run(), child.input(), now()));
            }
            boolean due = set.stream().anyMatch(timer -> !timer.due().isAfter(now()));
            if (!written.isEmpty()) {
                afterCommit(due);
            }
        }

        private void afterCommit(boolean timers) {
            TransactionSynchronizationManager.registerSynchronization(
                    new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                            signal.wake();
                            if (timers) {
                                signal.wakeTimers();
                            }
                        }
                    });
        }

        private void tell(Turn turn, RunView after, Map<String, String> inputs) {
            var told = new ArrayList<StepView>();
            var views = new ArrayList<StepView>();
            boolean watchable =
                    turn.loaded.row().length() > 0; // before its first turn nobody knew of it
            for (StepState step : turn.changed.values()) {
                boolean tells = isForTheTrail(turn.loaded.node(step.id()).type(), step.status());
                if (watchable || tells) {
                    StepView view = view(turn, step, inputs.get(step.id()));
                    views.add(view);
                    if (tells) {
                        told.add(view);
                    }
                }
            }
            if (watchable) {
                live.progressed(tenant, after, views);
            } else {
                live.began(tenant, after);
            }
            if (!told.isEmpty() || turn.completed != null) {
                events.publish("run:" + after.id(), new RunProgressed(after, told));
            }
        }

        private boolean isForTheTrail(String type, StepStatus status) {
            return kinds.find(type)
                    .map(kind ->
                            switch (status) {
                                case SUCCEEDED ->
                                        kind.type().behaviour() == Behaviour.ATTEMPT
                                                || kind.type().behaviour() == Behaviour.START;
                                case FAILED, IN_DOUBT ->
                                        kind.type().behaviour() == Behaviour.ATTEMPT;
                                case QUEUED, RUNNING, WAITING, RETRY_AT, SKIPPED, CANCELLED ->
                                        false;
                            })
                    .orElse(false);
        }

        private StepView view(Turn turn, StepState step, @Nullable String input) {
            Node node = turn.loaded.node(step.id());
            boolean asks =
                    kinds.find(node.type())
                            .filter(kind -> kind.type().behaviour() == Behaviour.ASK)
                            .isPresent();
            return new StepView(
                    step.id(),
                    node.name(),
                    node.type(),
                    RunView.wire(step.status()),
                    RunStore.began(step),
                    step.endedAt(),
                    step.attempt(),
                    step.port(),
                    runs.object(input),
                    step.output().isEmpty() ? null : step.output(),
                    RunStore.error(step),
                    asks
                            ? approvals
                                    .idOf(turn.loaded.row().id(), step.id(), step.epoch())
                                    .orElse(null)
                            : null);
        }
    }

    /** One run's part of a batch: what it comes to is gathered here until the batch is written. */
    final class Turn {
        private final Batch batch;
        private final RunId run;
        private final List<Event> journal = new ArrayList<>();
        private final Map<String, StepState> changed = new LinkedHashMap<>();
        private final Map<String, Map<String, @Nullable Object>> inputs = new HashMap<>();
        private Loaded loaded;
        private @Nullable RunResult completed;

        private Turn(Batch batch, Loaded loaded) {
            this.batch = batch;
            this.run = loaded.row().id();
            this.loaded = loaded;
        }

        /** As it stands after what was taken so far. */
        Loaded now() {
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
                Event event = queue.poll();
                Decision decision = loaded.version().engine().decide(loaded.state(), event);
                if (decision.ignored() != null) {
                    // A timer that came early is ignored and set again.
                    commands.addAll(decision.commands());
                    continue;
                }
                if (++taken > MOST_PURE_STEPS) {
                    throw new IllegalStateException("Run " + run + " computes without end");
                }
                journal.add(event);
                decision.steps().forEach(step -> changed.put(step.id(), step));
                loaded = new Loaded(loaded.row(), loaded.version(), decision.state());
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
                                evaluation.judged(
                                        node,
                                        outcome,
                                        loaded.context(step),
                                        loaded.state()
                                                .step(step)
                                                .map(StepState::attempt)
                                                .orElse(1)));
            }
            return event;
        }

        /** Not now: its connector takes nothing before that time. */
        void putOff(Pointer by, Instant until) {
            drop(by);
            batch.due.add(
                    new Due(
                            batch.tenant,
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
            Instant now = RunTurns.this.now();
            return batch.due.stream()
                    .filter(d -> d.run().equals(run) && d.claim() == null && !d.at().isAfter(now))
                    .filter(d -> d.kind() == DispatchStore.Kind.ATTEMPT)
                    .toList();
        }

        /** A worker begins this at once, under a lease from the start. */
        void claim(Due ready, Pointer by) {
            batch.due.remove(ready);
            batch.due.add(
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
            if (!batch.due.removeIf(d -> pointer.claim().equals(d.claim()))) {
                batch.drop(pointer);
            }
        }

        private RunStore.Turned turned() {
            RunState state = loaded.state();
            RunView before = loaded.row().run();
            boolean inDoubt = !state.status().isFinal() && state.tally().inDoubt() > 0;
            var entry = runs.entry(loaded.row().head(), journal);
            return new RunStore.Turned(
                    loaded.row(),
                    entry.text(),
                    entry.head(),
                    before.with(
                            inDoubt ? "in-doubt" : RunView.wire(state.status()),
                            state.endedAt(),
                            state.tally().ended()),
                    RunStore.result(state),
                    List.copyOf(changed.values()),
                    inputs);
        }

        @SuppressWarnings(
                "NullAway") // a value may be null; the engine's type says so only in its source
        private Event evaluate(String step, long epoch) {
            Node node = loaded.node(step);
            var context = loaded.context(step);
            Instant at = RunTurns.this.now();
            try {
                Map<String, @Nullable Object> config = context.render(node, kinds.get(node.type()));
                inputs.put(step, config);
                return evaluation.evaluate(node, config, context, step, epoch, at);
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
            var context = loaded.context(start.step());
            try {
                var config = context.render(node, kinds.get(node.type()));
                inputs.put(start.step(), config);
                RunId child = childRuns.insert(loaded.row(), start, RunTurns.this.now());
                batch.children.add(new Child(child, object(config.get("input"))));
                return new Event.ChildStarted(
                        RunTurns.this.now(), start.step(), start.epoch(), child.toString());
            } catch (TextTemplate.NoValue | ChildRuns.Refused e) {
                return new Event.EvaluationFailed(
                        RunTurns.this.now(),
                        start.step(),
                        start.epoch(),
                        String.valueOf(e.getMessage()));
            }
        }

        private void carryOut(Command command, List<Command> all) {
            switch (command) {
                case Command.Evaluate _, Command.StartChild _ ->
                        throw new IllegalStateException("Done in the turn itself");
                case Command.StopChild(_, _, var child, _, var mode) -> {
                    if (child != null) {
                        timer(
                                new RunId(UUID.fromString(child)),
                                ChildRuns.stopTimer(mode),
                                Optional.of(RunTurns.this.now()));
                    }
                }
                case Command.StartErrorWorkflow(var workflow, var result) ->
                        aftermath.startErrorWorkflow(loaded, workflow, result);
                case Command.StartAttempt(var step, var epoch, var key, _) ->
                        due(step, epoch, DispatchStore.Kind.ATTEMPT, key);
                case Command.Probe(var step, var epoch, var key) ->
                        due(step, epoch, DispatchStore.Kind.PROBE, key);
                case Command.StopAttempt(var step, var epoch, _) ->
                        dispatch.dropStep(batch.tenant, run, step, epoch);
                case Command.OpenHumanDecision(var step, _, var evidence) ->
                        echo.inDoubt(loaded, step, evidence);
                case Command.OpenApproval(var step, var epoch, var deadline) ->
                        approvals.open(
                                loaded.row().run(),
                                loaded.version(),
                                step,
                                epoch,
                                deadline,
                                loaded.context(step),
                                RunTurns.this.now());
                case Command.WithdrawQuestion(var step, var epoch, _) ->
                        approvals.withdraw(run, step, epoch, timedOut(step, all));
                case Command.SetTimer(var timer, var at) -> timer(run, timer, Optional.of(at));
                case Command.ClearTimer(var timer) -> timer(run, timer, Optional.empty());
                case Command.Notify(var notice, var step, var text) ->
                        echo.noticed(loaded, notice, step, text);
                case Command.CompleteRun(_, var result) -> {
                    batch.due.removeIf(d -> d.run().equals(run));
                    batch.timers.remove(run);
                    dispatch.dropRun(batch.tenant, run);
                    var parent = loaded.row().parent();
                    if (parent != null) {
                        timer(
                                new RunId(parent.run()),
                                ChildRuns.endTimer(run, parent),
                                Optional.of(RunTurns.this.now()));
                    }
                    completed = result;
                }
            }
        }

        private void due(String step, long epoch, DispatchStore.Kind kind, String key) {
            batch.due.add(
                    new Due(batch.tenant, run, step, epoch, kind, key, RunTurns.this.now(), null));
        }

        private void timer(RunId of, String name, Optional<Instant> at) {
            batch.timers.computeIfAbsent(of, _ -> new LinkedHashMap<>()).put(name, at);
        }

        private boolean timedOut(String step, List<Command> all) {
            return all.stream()
                    .anyMatch(c ->
                            c instanceof Command.Notify(var notice, var about, _)
                                    && notice == Command.Notice.APPROVAL_TIMED_OUT
                                    && step.equals(about));
        }
    }
}
