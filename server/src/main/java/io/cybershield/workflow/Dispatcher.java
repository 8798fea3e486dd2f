package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.connector.Connector;
import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.RunContext;
import io.cybershield.flow.Scrubber;
import io.cybershield.flow.Secrets;
import io.cybershield.flow.TextTemplate;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Standstill;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DispatchStore.Pointer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Takes due steps of all tenants and does them: intent into the journal, act, outcome into the
 * journal. While it has a place free, the intent of what an outcome leads to goes into the same
 * transaction, so that a line of steps costs one commit each. A step whose holder vanished is found
 * by its lease and handed back to the engine, which repeats only what is safe to repeat.
 */
@Component
@RunsIn(Role.WORKER)
final class Dispatcher implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final int AT_ONCE = 192;
    private static final int MOST_IN_ONE_TURN = 50;
    private static final int MOST_TAKES = 10;
    private static final int MOST_REPORTS = 600;
    private static final Duration BETWEEN_REPORTS = Duration.ofMillis(500);

    private final Transactions transactions;
    private final DispatchStore dispatch;
    private final RunTurns turns;
    private final TurnQueue queue;
    private final NodeKinds kinds;
    private final Asks asks;
    private final Secrets secrets;
    private final Pace pace;
    private final Responsibility responsibility;
    private final Ids ids;
    private final WorkSignal signal;
    private final Standstill standstill;
    private final MeterRegistry meters;
    private final Places places = new Places(AT_ONCE);
    private final Map<UUID, Pointer> held = new ConcurrentHashMap<>();
    private @Nullable ExecutorService workers;
    private volatile @Nullable Elsewhere elsewhere;

    /** Whether places ran out, so that any that becomes free is wanted. */
    private volatile boolean crowded;

    private volatile @Nullable WorkLoop taking;
    private @Nullable WorkLoop renewing;

    Dispatcher(
            Transactions transactions,
            DispatchStore dispatch,
            RunTurns turns,
            TurnQueue queue,
            NodeKinds kinds,
            Asks asks,
            Secrets secrets,
            Pace pace,
            Responsibility responsibility,
            Ids ids,
            WorkSignal signal,
            Standstill standstill,
            MeterRegistry meters) {
        this.transactions = transactions;
        this.dispatch = dispatch;
        this.turns = turns;
        this.queue = queue;
        this.kinds = kinds;
        this.asks = asks;
        this.secrets = secrets;
        this.pace = pace;
        this.responsibility = responsibility;
        this.ids = ids;
        this.signal = signal;
        this.standstill = standstill;
        this.meters = meters;
    }

    @Override
    public void start() {
        var executor = Executors.newVirtualThreadPerTaskExecutor();
        workers = executor;
        open(new Threads(executor));
        var loop = new WorkLoop("workflow-dispatch", PAUSE, this::takeSome);
        taking = loop;
        signal.onWake(tenant -> {
            if (places.isWorthALook(tenant)) {
                loop.wake();
            }
        });
        renewing = new WorkLoop("workflow-leases", HEARTBEAT, this::renew);
    }

    /** From here on pointers may be taken; what they ask of the world is done there. */
    void open(Elsewhere there) {
        elsewhere = there;
    }

    private record Threads(ExecutorService executor) implements Elsewhere {
        @Override
        public void run(Runnable work) {
            executor.execute(work);
        }

        @Override
        public void later(Duration pause, Runnable work) {
            executor.execute(() -> {
                try {
                    Thread.sleep(pause);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt(); // the last chance is now
                }
                work.run();
            });
        }
    }

    @Override
    public void stop() {
        if (taking != null) {
            taking.close();
        }
        taking = null;
        elsewhere = null; // from here on nothing new is begun
        if (workers != null) {
            try {
                if (!places.awaitEmpty(Duration.ofSeconds(10))) {
                    workers.shutdownNow();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            workers.shutdown();
        }
        if (renewing != null) {
            renewing.close();
        }
    }

    @Override
    public boolean isRunning() {
        return elsewhere != null;
    }

    /** Takes what is due and hands it on; true if there was more than places. */
    boolean takeSome() {
        Elsewhere there = elsewhere;
        var room = places.room();
        if (room.most() == 0 || there == null) {
            crowded = true;
            return false;
        }
        List<Pointer> taken =
                transactions.callAs(
                        Scope.platform("workflow-dispatch"),
                        () -> dispatch.claim(room, RunTurns.LEASE));
        for (Pointer pointer : taken) {
            held.put(pointer.claim(), pointer);
            places.take(pointer.tenant());
            queue.add(new Begin(pointer, there));
        }
        crowded = taken.size() >= room.most();
        return crowded;
    }

    /** Tells the others that what was taken is being worked on. */
    boolean renew() {
        if (!held.isEmpty()) {
            transactions.runAs(
                    Scope.platform("workflow-leases"),
                    () -> dispatch.renew(List.copyOf(held.values()), RunTurns.LEASE));
        }
        return false;
    }

    private void freed(TenantId tenant) {
        WorkLoop loop = taking;
        if (loop != null && (crowded || places.isWorthALook(tenant))) {
            loop.wake();
        }
    }

    private void letGo(Pointer pointer) {
        if (held.remove(pointer.claim()) != null) {
            places.giveBack(pointer.tenant());
        }
    }

    /**
     * An attempt whose intent is in the transaction at hand, or a probe that is to be asked.
     *
     * @param call with secrets: for the connector alone
     */
    private record Ready(
            Pointer pointer, Connector connector, Connector.Call call, Scrubber scrubber) {}

    private Connector.Call call(Pointer pointer, RunContext.ForCall secret) {
        return new Connector.Call(
                pointer.key(),
                secret.config(),
                turns.now(),
                turns.payloads.bodies(secret.scrubber()));
    }

    /** What the two kinds of jobs share: steps that may act once this is committed. */
    private abstract class Work implements TurnQueue.Step {
        final Pointer pointer;
        final Elsewhere there;
        final List<Ready> ready = new ArrayList<>();
        final List<Pointer> over = new ArrayList<>();
        private final List<Pointer> chained = new ArrayList<>();

        Work(Pointer pointer, Elsewhere there) {
            this.pointer = pointer;
            this.there = there;
        }

        @Override
        public TenantId tenant() {
            return pointer.tenant();
        }

        @Override
        public RunId run() {
            return pointer.run();
        }

        @Override
        public final void in(RunTurn turn, boolean alone) {
            ready.clear();
            over.clear();
            letGoOfChained();
            take(turn);
            // Alone it is because something broke: what follows gets a transaction of its own.
            boolean goesOn = !alone && !standstill.holds(tenant());
            for (int i = 0; i < MOST_IN_ONE_TURN && goesOn && isRunning(); i++) {
                var next = turn.ready().stream().findFirst();
                if (next.isEmpty() || !places.tryTake(tenant())) {
                    break;
                }
                var mine = next.get().by(ids.next());
                held.put(mine.claim(), mine);
                chained.add(mine);
                turn.claim(next.get(), mine);
                begin(turn, mine);
            }
        }

        abstract void take(RunTurn turn);

        void letGoOfChained() {
            chained.forEach(Dispatcher.this::letGo);
            chained.clear();
        }

        @Override
        public void missing(TurnBatch batch) {
            batch.drop(pointer);
            over.add(pointer);
        }

        @Override
        public void done() {
            over.forEach(Dispatcher.this::letGo);
            for (Ready step : ready) {
                there.run(() -> act(step, there));
            }
            if (!over.isEmpty()) {
                freed(tenant());
            }
        }

        @Override
        public void broken(RuntimeException cause) {
            letGoOfChained();
            letGo(pointer);
            meters.counter("cybershield.workflow.steps.broken").increment();
            log.error(
                    "step broke off and is taken again run={} step={}",
                    pointer.run(),
                    pointer.step(),
                    cause);
        }

        /** Puts the step's intent into the turn, or what stands against it. */
        void begin(RunTurn turn, Pointer by) {
            if (responsibility.unanswered(turn, by, turns.now())) {
                over.add(by);
                return;
            }
            Node node = turn.now().node(by.step());
            var context = turn.now().context(by.step());
            Map<String, @Nullable Object> config;
            try {
                config = context.render(node, turns.kind(node.type()));
            } catch (TextTemplate.NoValue e) {
                refuse(turn, by, node.config(), String.valueOf(e.getMessage()));
                return;
            }
            if (turns.isDestructive(node.type()) && node.exemption() == null) {
                var objection = asks.objection(by.run(), by.step(), config);
                if (objection.isPresent()) {
                    refuse(turn, by, config, objection.get());
                    return;
                }
            }
            var outside = kinds.connector(node.type());
            if (outside.isPresent() && pace.hold(turn, by, outside.get(), config, turns.now())) {
                over.add(by);
                return;
            }
            intend(turn, by, config);
            boolean ours =
                    turn.now()
                            .state()
                            .step(by.step())
                            .filter(s ->
                                    s.status() == StepStatus.RUNNING
                                            && by.claim().toString().equals(s.worker()))
                            .isPresent();
            if (!ours) {
                end(turn, by);
                return;
            }
            RunContext.ForCall secret;
            try {
                secret = context.renderForCall(node, turns.kind(node.type()), secrets);
            } catch (TextTemplate.NoValue e) {
                outcome(turn, by, new Outcome.Failed(String.valueOf(e.getMessage()), false, null));
                return;
            }
            var call = call(by, secret);
            var local = kinds.local(node.type());
            if (local.isPresent()) {
                // Intent, effect and outcome in one transaction.
                outcome(turn, by, secret.scrubber().outcome(actHere(turn, by, local.get(), call)));
            } else {
                ready.add(
                        new Ready(
                                by,
                                kinds.connector(node.type()).orElseThrow(),
                                call,
                                secret.scrubber()));
            }
        }

        private Outcome actHere(RunTurn turn, Pointer by, LocalAction action, Connector.Call call) {
            if (by.takes() > MOST_TAKES) {
                return new Outcome.Failed(
                        "It broke off " + MOST_TAKES + " times; the log says why.", false, null);
            }
            RunView run = turn.now().row().run();
            return action.act(
                    call,
                    new LocalAction.Facts(
                            by.run(), by.step(), run.workflowName(), run.incidentId()));
        }

        private void intend(RunTurn turn, Pointer by, Map<String, @Nullable Object> config) {
            turn.take(
                    new Event.AttemptStarted(
                            turns.now(), by.step(), by.epoch(), by.claim().toString()),
                    config);
        }

        private void refuse(
                RunTurn turn, Pointer by, Map<String, @Nullable Object> config, String why) {
            intend(turn, by, config);
            outcome(turn, by, new Outcome.Failed(why, false, null));
        }

        void outcome(RunTurn turn, Pointer by, Outcome outcome) {
            boolean counted =
                    turn.take(
                            new Event.OutcomeArrived(turns.now(), by.step(), by.epoch(), outcome),
                            null);
            if (!counted) {
                meters.counter("cybershield.workflow.outcomes.stale").increment();
            }
            end(turn, by);
        }

        void end(RunTurn turn, Pointer by) {
            turn.drop(by);
            over.add(by);
        }
    }

    /** A pointer was claimed: the step begins, or is put right. */
    private final class Begin extends Work {
        Begin(Pointer pointer, Elsewhere there) {
            super(pointer, there);
        }

        @Override
        void take(RunTurn turn) {
            Optional<StepState> step =
                    turn.now()
                            .state()
                            .step(pointer.step())
                            .filter(s -> s.epoch() == pointer.epoch());
            StepStatus status = step.map(StepState::status).orElse(null);
            if (pointer.kind() == DispatchStore.Kind.PROBE) {
                if (status == StepStatus.IN_DOUBT) {
                    probe(turn);
                } else {
                    end(turn, pointer);
                }
            } else if (status == StepStatus.QUEUED) {
                begin(turn, pointer);
            } else {
                if (status == StepStatus.RUNNING) {
                    meters.counter("cybershield.workflow.workers.lost").increment();
                    turn.take(
                            new Event.WorkerLost(turns.now(), pointer.step(), pointer.epoch()),
                            null);
                }
                end(turn, pointer);
            }
        }

        private void probe(RunTurn turn) {
            Node node = turn.now().node(pointer.step());
            try {
                var secret =
                        turn.now()
                                .context(pointer.step())
                                .renderForCall(node, turns.kind(node.type()), secrets);
                ready.add(
                        new Ready(
                                pointer,
                                kinds.connector(node.type()).orElseThrow(),
                                call(pointer, secret),
                                secret.scrubber()));
            } catch (TextTemplate.NoValue e) {
                turn.take(settled(pointer, Event.Settlement.UNKNOWN), null);
                end(turn, pointer);
            }
        }
    }

    /** The world answered: its event, and the intents of what comes next. */
    private final class Answered extends Work {
        private final Supplier<Event> event;
        private int tries;

        Answered(Pointer pointer, Supplier<Event> event, Elsewhere there) {
            super(pointer, there);
            this.event = event;
        }

        @Override
        void take(RunTurn turn) {
            if (!turn.take(event.get(), null)) {
                meters.counter("cybershield.workflow.outcomes.stale").increment();
            }
            end(turn, pointer);
        }

        /**
         * What the world said is not known anywhere else, so it is kept until the database takes
         * it.
         */
        @Override
        public void broken(RuntimeException cause) {
            if (++tries > MOST_REPORTS) {
                super.broken(cause);
                return;
            }
            letGoOfChained();
            meters.counter("cybershield.workflow.outcomes.repeated").increment();
            if (tries == 1) {
                log.warn(
                        "outcome is kept and reported again run={} step={} cause=\"{}\"",
                        pointer.run(),
                        pointer.step(),
                        cause.getMessage());
            }
            there.later(BETWEEN_REPORTS, () -> queue.add(this));
        }
    }

    /** Outside any transaction. */
    private void act(Ready step, Elsewhere there) {
        Pointer pointer = step.pointer();
        Supplier<Event> event =
                Scope.tenant(
                                pointer.tenant(),
                                new Principal(
                                        Principal.Kind.WORKFLOW,
                                        pointer.run().toString(),
                                        "Workflow"))
                        .get(() ->
                                pointer.kind() == DispatchStore.Kind.PROBE
                                        ? probed(step)
                                        : acted(step));
        queue.add(new Answered(pointer, event, there));
    }

    private Supplier<Event> acted(Ready step) {
        Pointer pointer = step.pointer();
        Outcome outcome;
        try {
            outcome = step.connector().act(step.call());
        } catch (RuntimeException e) {
            // Its message and its trace may hold what was sent.
            log.error(
                    "connector broke off run={} step={} cause={} at=\"{}\"",
                    pointer.run(),
                    pointer.step(),
                    e.getClass().getName(),
                    e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0]);
            outcome = new Outcome.InDoubt("The connector broke off: " + e.getMessage());
        }
        Outcome came = step.scrubber().outcome(outcome);
        pace.told(step.connector(), step.call(), came);
        return () -> new Event.OutcomeArrived(turns.now(), pointer.step(), pointer.epoch(), came);
    }

    private Supplier<Event> probed(Ready step) {
        Pointer pointer = step.pointer();
        Event.Settlement settlement;
        try {
            settlement =
                    switch (step.connector().probe(step.call())) {
                        case HAPPENED -> Event.Settlement.HAPPENED;
                        case DID_NOT_HAPPEN -> Event.Settlement.DID_NOT_HAPPEN;
                        case UNKNOWN -> Event.Settlement.UNKNOWN;
                    };
        } catch (RuntimeException e) {
            log.warn(
                    "probe failed run={} step={} cause={}",
                    pointer.run(),
                    pointer.step(),
                    e.getClass().getName());
            settlement = Event.Settlement.UNKNOWN;
        }
        Event.Settlement said = settlement;
        return () -> settled(pointer, said);
    }

    private Event settled(Pointer pointer, Event.Settlement settlement) {
        return new Event.DoubtSettled(
                turns.now(), pointer.step(), pointer.epoch(), settlement, "probe", Map.of());
    }
}
