package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.connector.Connector;
import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DispatchStore.Pointer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Takes due steps of all tenants and does them: intent into the journal, act, outcome into the
 * journal. A step whose holder vanished is found by its lease and handed back to the engine, which
 * repeats only what is safe to repeat.
 */
@Component
@RunsIn(Role.WORKER)
final class Dispatcher implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final int AT_ONCE = 32;
    private static final int MOST_TAKES = 10;

    private final Transactions transactions;
    private final DispatchStore dispatch;
    private final RunTurns turns;
    private final NodeKinds kinds;
    private final Approvals approvals;
    private final WorkSignal signal;
    private final MeterRegistry meters;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final Set<UUID> held = ConcurrentHashMap.newKeySet();
    private @Nullable ExecutorService workers;
    private @Nullable WorkLoop taking;
    private @Nullable WorkLoop renewing;

    Dispatcher(
            Transactions transactions,
            DispatchStore dispatch,
            RunTurns turns,
            NodeKinds kinds,
            Approvals approvals,
            WorkSignal signal,
            MeterRegistry meters) {
        this.transactions = transactions;
        this.dispatch = dispatch;
        this.turns = turns;
        this.kinds = kinds;
        this.approvals = approvals;
        this.signal = signal;
        this.meters = meters;
    }

    @Override
    public void start() {
        var executor = Executors.newVirtualThreadPerTaskExecutor();
        workers = executor;
        var loop = new WorkLoop("workflow-dispatch", PAUSE, () -> takeSome(executor));
        taking = loop;
        signal.onWake(loop::wake);
        renewing = new WorkLoop("workflow-leases", HEARTBEAT, this::renew);
    }

    @Override
    public void stop() {
        if (taking != null) {
            taking.close();
        }
        if (workers != null) {
            workers.shutdown();
            try {
                if (!workers.awaitTermination(10, TimeUnit.SECONDS)) {
                    workers.shutdownNow();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (renewing != null) {
            renewing.close();
        }
        taking = null;
    }

    @Override
    public boolean isRunning() {
        return taking != null;
    }

    private boolean takeSome(ExecutorService executor) {
        int free = places.availablePermits();
        if (free == 0) {
            return false;
        }
        UUID claim = UUID.randomUUID();
        List<Pointer> taken =
                transactions.callAs(
                        Scope.platform("workflow-dispatch"),
                        () -> dispatch.claim(free, LEASE, claim));
        for (Pointer pointer : taken) {
            // A claim of its own for each, so that one that ends does not end the others' leases.
            places.acquireUninterruptibly();
            held.add(pointer.claim());
            executor.execute(() -> {
                try {
                    Scope.tenant(
                                    pointer.tenant(),
                                    new Principal(
                                            Principal.Kind.WORKFLOW,
                                            pointer.run().toString(),
                                            "Workflow"))
                            .run(() -> work(pointer));
                } catch (RuntimeException e) {
                    meters.counter("cybershield.workflow.steps.broken").increment();
                    log.error(
                            "step broke off and is taken again run={} step={}",
                            pointer.run(),
                            pointer.step(),
                            e);
                } finally {
                    places.release();
                    signal.wake();
                }
            });
        }
        return !taken.isEmpty();
    }

    private boolean renew() {
        if (!held.isEmpty()) {
            transactions.callAs(
                    Scope.platform("workflow-leases"),
                    () -> dispatch.renew(List.copyOf(held), LEASE));
        }
        return false;
    }

    private void work(Pointer pointer) {
        if (pointer.kind() == DispatchStore.Kind.PROBE) {
            probe(pointer);
            return;
        }
        Node node = prepare(pointer);
        if (node == null) {
            return;
        }
        var local = kinds.local(node.type());
        if (local.isPresent()) {
            transactions.run(() -> actHere(pointer, local.get()));
        } else {
            actOutside(pointer, kinds.connector(node.type()).orElseThrow());
        }
    }

    /** The node to do; null when there is nothing to do, after putting things right. */
    private @Nullable Node prepare(Pointer pointer) {
        return transactions
                .call(() -> {
                    var loaded = turns.load(pointer.run());
                    Optional<StepState> step =
                            loaded.flatMap(l -> l.state().step(pointer.step()))
                                    .filter(s -> s.epoch() == pointer.epoch());
                    if (loaded.isEmpty() || step.isEmpty()) {
                        dispatch.drop(pointer);
                        return Optional.<Node>empty();
                    }
                    if (step.get().status() == StepStatus.RUNNING) {
                        meters.counter("cybershield.workflow.workers.lost").increment();
                        turns.take(
                                pointer.run(),
                                new Event.WorkerLost(turns.now(), pointer.step(), pointer.epoch()),
                                null);
                        dispatch.drop(pointer);
                        return Optional.<Node>empty();
                    }
                    if (step.get().status() != StepStatus.QUEUED) {
                        dispatch.drop(pointer);
                        return Optional.<Node>empty();
                    }
                    return Optional.of(loaded.get().node(pointer.step()));
                })
                .orElse(null);
    }

    /** Intent, effect and outcome in one transaction. */
    private void actHere(Pointer pointer, LocalAction action) {
        var call = begin(pointer);
        if (call.isEmpty()) {
            return;
        }
        var loaded = turns.load(pointer.run()).orElseThrow();
        Outcome outcome =
                pointer.takes() > MOST_TAKES
                        ? new Outcome.Failed(
                                "It broke off " + MOST_TAKES + " times; the log says why.",
                                false,
                                null)
                        : action.act(
                                call.get(),
                                new LocalAction.Facts(
                                        pointer.run(),
                                        pointer.step(),
                                        loaded.row().workflowName(),
                                        loaded.row().incident()));
        end(pointer, outcome);
    }

    private void actOutside(Pointer pointer, Connector connector) {
        var call = transactions.call(() -> begin(pointer));
        if (call.isEmpty()) {
            return;
        }
        Outcome outcome;
        try {
            outcome = connector.act(call.get());
        } catch (RuntimeException e) {
            log.error("connector broke off run={} step={}", pointer.run(), pointer.step(), e);
            outcome = new Outcome.InDoubt("The connector broke off: " + e.getMessage());
        }
        Outcome came = outcome;
        transactions.run(() -> end(pointer, came));
    }

    /**
     * Writes the intent; empty when the step may not begin, with the reason already in the journal.
     */
    private Optional<Connector.Call> begin(Pointer pointer) {
        var loaded = turns.load(pointer.run()).orElseThrow();
        Node node = loaded.node(pointer.step());
        Map<String, @Nullable Object> config;
        try {
            config = loaded.context(pointer.step()).render(node, turns.expressionsOf(node.type()));
        } catch (TextTemplate.NoValue e) {
            refuse(pointer, node.config(), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
        if (turns.isDestructive(node.type())) {
            var objection = approvals.objection(pointer.run(), pointer.step(), config);
            if (objection.isPresent()) {
                refuse(pointer, config, objection.get());
                return Optional.empty();
            }
        }
        var taken =
                turns.take(
                        pointer.run(),
                        new Event.AttemptStarted(
                                turns.now(),
                                pointer.step(),
                                pointer.epoch(),
                                pointer.claim().toString()),
                        config);
        boolean ours =
                taken.state()
                        .step(pointer.step())
                        .filter(s ->
                                s.status() == StepStatus.RUNNING
                                        && pointer.claim().toString().equals(s.worker()))
                        .isPresent();
        if (!ours) {
            dispatch.drop(pointer);
            return Optional.empty();
        }
        return Optional.of(new Connector.Call(pointer.key(), config, turns.now()));
    }

    private void refuse(Pointer pointer, Map<String, @Nullable Object> config, String why) {
        turns.take(
                pointer.run(),
                new Event.AttemptStarted(
                        turns.now(), pointer.step(), pointer.epoch(), pointer.claim().toString()),
                config);
        end(pointer, new Outcome.Failed(why, false, null));
    }

    private void end(Pointer pointer, Outcome outcome) {
        var taken =
                turns.take(
                        pointer.run(),
                        new Event.OutcomeArrived(
                                turns.now(), pointer.step(), pointer.epoch(), outcome),
                        null);
        if (!taken.counted()) {
            meters.counter("cybershield.workflow.outcomes.stale").increment();
        }
        dispatch.drop(pointer);
    }

    private void probe(Pointer pointer) {
        var ready =
                transactions.call(() -> {
                    var loaded = turns.load(pointer.run());
                    boolean doubted =
                            loaded.flatMap(l -> l.state().step(pointer.step()))
                                    .filter(s ->
                                            s.epoch() == pointer.epoch()
                                                    && s.status() == StepStatus.IN_DOUBT)
                                    .isPresent();
                    if (!doubted) {
                        dispatch.drop(pointer);
                        return Optional.<RunTurns.Loaded>empty();
                    }
                    return loaded;
                });
        if (ready.isEmpty()) {
            return;
        }
        Node node = ready.get().node(pointer.step());
        Event.Settlement settlement;
        try {
            var config =
                    ready.get()
                            .context(pointer.step())
                            .render(node, turns.expressionsOf(node.type()));
            settlement =
                    switch (kinds.connector(node.type())
                            .orElseThrow()
                            .probe(new Connector.Call(pointer.key(), config, turns.now()))) {
                        case HAPPENED -> Event.Settlement.HAPPENED;
                        case DID_NOT_HAPPEN -> Event.Settlement.DID_NOT_HAPPEN;
                        case UNKNOWN -> Event.Settlement.UNKNOWN;
                    };
        } catch (TextTemplate.NoValue | RuntimeException e) {
            log.warn(
                    "probe failed run={} step={} cause=\"{}\"",
                    pointer.run(),
                    pointer.step(),
                    e.getMessage());
            settlement = Event.Settlement.UNKNOWN;
        }
        var settled = settlement;
        transactions.run(() -> {
            turns.take(
                    pointer.run(),
                    new Event.DoubtSettled(
                            turns.now(),
                            pointer.step(),
                            pointer.epoch(),
                            settled,
                            "probe",
                            Map.of()),
                    null);
            dispatch.drop(pointer);
        });
    }
}
