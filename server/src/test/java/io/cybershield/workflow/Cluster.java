package io.cybershield.workflow;

import io.cybershield.connector.Bodies;
import io.cybershield.connector.Connector;
import io.cybershield.engine.Command;
import io.cybershield.engine.Decision;
import io.cybershield.engine.Event;
import io.cybershield.engine.Move;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.NodeType.Category;
import io.cybershield.engine.NodeType.Idempotency;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.Payload;
import io.cybershield.engine.RunResult;
import io.cybershield.engine.RunState;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Description;
import io.cybershield.flow.Evaluation;
import io.cybershield.flow.Expressions;
import io.cybershield.flow.RunContext;
import io.cybershield.flow.Scrubber;
import io.cybershield.flow.Secrets;
import io.cybershield.flow.SignalName;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.trigger.SimulatedAdmission;
import io.cybershield.workflow.DispatchStore.Pointer;
import io.cybershield.workflow.SimulatedPostgres.Commit;
import io.cybershield.workflow.SimulatedPostgres.Killed;
import io.cybershield.workflow.payload.RunPayloads;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.TransientDataAccessResourceException;

/**
 * Several processes of the product over one simulated PostgreSQL, in one thread on virtual time:
 * the workers, queues, turns, timers, starts and limits as they are. Processes die at any statement
 * and anywhere in a call to the world, freeze for longer than their leases, and have clocks that
 * are wrong; statements fail or take long; commits are refused, lost or done without an answer;
 * rows are passed over; people answer late, several at once, and again when they got no answer. The
 * seed reproduces all of it.
 */
final class Cluster {
    private static final Instant START = Instant.parse("2026-03-28T22:00:00Z");
    private static final Duration CHAOS = Duration.ofDays(4);
    private static final Duration TOO_LONG = Duration.ofDays(400);

    /** No process freezes for longer, and no person answers for a lost attempt earlier. */
    private static final Duration LONGEST_SLEEP = Duration.ofMinutes(30);

    private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");
    private static final Evaluation EVALUATION = new Evaluation(new Expressions());

    /** Nothing is large here. */
    private static final RunPayloads PAYLOADS = new NoPayloads();

    private static final EventJson EVENTS = new EventJson();

    /** What happened, for those who ask whether enough did. */
    enum Happened {
        KILLED,
        FROZEN,
        STATEMENT_FAILED,
        STATEMENT_SLOW,
        COMMIT_REFUSED,
        COMMIT_UNANSWERED,
        DIED_AT_COMMIT,
        DIED_IN_CALL,
        WORKER_LOST,
        IN_DOUBT,
        SETTLED,
        APPROVED,
        DESTROYED,
        REFUSED_BY_LIMIT,
        QUEUED_BY_LIMIT,
        CHILD,
        CANCELLED,
        UNDONE,
        ERROR_WORKFLOW,
        ZOMBIE_REFUSED,
        TAKEN_UP,
        TAKEN_UP_IN_BULK,
        NOT_TAKEN_UP,
        FAILED_AGAIN,
        DISCARDED,
        SIGNALLED,
        SIGNAL_REPEATED,
        SIGNAL_POSTED,
        SIGNAL_DELIVERED,
        SIGNAL_KEPT_AND_TAKEN,
        SIGNAL_UNCLAIMED,
        SIGNAL_TOO_LATE,
        MOVED,
        MOVE_REPEATED,
        MOVE_STALE,
        MOVE_REFUSED
    }

    private record Happening(Instant at, long order, Runnable what) {}

    private record Workflow(
            TenantId tenant,
            UUID id,
            SimulatedDrawings drawings,
            List<SimulatedDrawings.Version> versions) {}

    private final SplittableRandom random;
    private final PriorityQueue<Happening> agenda =
            new PriorityQueue<>(
                    Comparator.comparing(Happening::at).thenComparingLong(Happening::order));
    private final SimulatedPostgres db;
    private final SimulatedSignals signals;
    private final SimulatedLetters letters;
    private final NodeKinds kinds;
    private final Map<TenantId, SimulatedAdmission.Rows> limits = new LinkedHashMap<>();

    /** They never change, so all may read them once. */
    private final Versions versions;

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Process[] processes = new Process[3];
    private final Map<String, Integer> effects = new HashMap<>();
    private final Set<String> approved = new HashSet<>();
    private final List<String> violations = new ArrayList<>();
    private final List<TenantId> tenants = new ArrayList<>();
    private final Map<TenantId, List<UUID>> workflows = new HashMap<>();
    private final Map<UUID, Workflow> drawn = new HashMap<>();
    private final Map<TenantId, List<String>> keys = new HashMap<>();
    private final Map<UUID, Integer> takenUp = new HashMap<>();
    private final SignalPromises heard;
    private final Set<String> movesDone = new HashSet<>();
    private int asked;
    final Map<Happened, Integer> happened = new EnumMap<>(Happened.class);
    private Instant now = START;
    private long order;
    private int unstarted;
    private boolean over;

    Cluster(long seed) {
        this.random = new SplittableRandom(seed);
        this.db = new SimulatedPostgres(() -> now, this::uuid, new Weather());
        this.signals = new SimulatedSignals(db);
        this.letters = new SimulatedLetters(db);
        this.heard = new SignalPromises(signals, db, violations, this::happens);
        this.kinds =
                new NodeKinds(
                        List.of(
                                new Thing("lookup", Idempotency.NATURALLY_IDEMPOTENT, false),
                                new Thing("mail", Idempotency.KEY_SUPPORTING, false),
                                new Thing("isolate", Idempotency.CHECK_THEN_ACT, true),
                                new Thing("ticket", Idempotency.CHECK_THEN_ACT, false),
                                new Thing("post", Idempotency.AT_MOST_ONCE, false),
                                new Thing("wipe", Idempotency.AT_MOST_ONCE, true)),
                        List.of(),
                        List.of());
        this.versions = new Versions(db, kinds, PAYLOADS);
        for (int i = 0; i < 2; i++) {
            publish();
        }
        for (int i = 0; i < processes.length; i++) {
            processes[i] = new Process();
        }
    }

    private void publish() {
        var tenant = new TenantId(uuid());
        tenants.add(tenant);
        var limited = new SimulatedAdmission.Rows();
        limits.put(tenant, limited);
        UUID child = uuid();
        UUID grandchild = uuid();
        // The youngest ask for one that there is not.
        publish(tenant, grandchild, uuid(), "grandchild", 3);
        publish(tenant, child, grandchild, "child", 4);
        var ids = new ArrayList<UUID>();
        for (int i = 0; i < 2; i++) {
            UUID id = uuid();
            publish(tenant, id, child, "w" + i, 12);
            if (random.nextInt(3) == 0) {
                limited.limit(id, random.nextInt(1, 3), random.nextInt(3));
            }
            ids.add(id);
        }
        workflows.put(tenant, ids);
    }

    private void publish(TenantId tenant, UUID id, UUID child, String name, int most) {
        var drawings = new SimulatedDrawings(random, child);
        var workflow = new Workflow(tenant, id, drawings, new ArrayList<>());
        drawn.put(id, workflow);
        publish(workflow, drawings.first(name, most));
    }

    private void publish(Workflow workflow, SimulatedDrawings.Version version) {
        workflow.versions().add(version);
        db.publish(
                workflow.tenant(),
                workflow.id(),
                workflow.versions().size(),
                version.drawing(),
                version.drawing().definition().hash());
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private Duration upTo(Duration most) {
        return Duration.ofMillis(random.nextLong(most.toMillis() + 1));
    }

    private void happens(Happened what) {
        happened.merge(what, 1, Integer::sum);
    }

    private boolean stormy() {
        return !over && now.isBefore(START.plus(CHAOS));
    }

    /** Runs the whole story and says what was not as promised. */
    List<String> run() {
        int runs = random.nextInt(4, 12);
        unstarted = runs;
        for (int i = 0; i < runs; i++) {
            after(upTo(Duration.ofDays(1)), this::startSome);
        }
        for (int i = 0; i < random.nextInt(8); i++) {
            after(
                    upTo(CHAOS),
                    () -> {
                        if (stormy()) {
                            processes[random.nextInt(processes.length)].die();
                        }
                    });
        }
        for (int i = random.nextInt(8); i > 0; i--) {
            after(upTo(Duration.ofDays(2)), this::post);
        }
        while (!agenda.isEmpty() && violations.isEmpty()) {
            var next = agenda.remove();
            now = next.at().isAfter(now) ? next.at() : now;
            if (Duration.between(START, now).compareTo(TOO_LONG) > 0) {
                violations.add("it never ends");
                break;
            }
            next.what().run();
            for (Process process : processes) {
                process.plan();
            }
        }
        over = true;
        int stale = (int) meters.counter("cybershield.workflow.outcomes.stale").count();
        if (stale > 0) {
            happened.put(Happened.ZOMBIE_REFUSED, stale);
        }
        if (violations.isEmpty()) {
            check();
        }
        return violations;
    }

    Duration elapsed() {
        return Duration.between(START, now);
    }

    /** Everything that was written, for comparing. */
    String digest() {
        var text = new StringBuilder();
        db.runs().forEach((id, run) -> text.append(id).append(run.view()).append(db.entries(id)));
        return text.toString();
    }

    private void after(Duration delay, Runnable what) {
        agenda.add(new Happening(now.plus(delay), order++, what));
    }

    // ---- weather

    private final class Weather implements SimulatedPostgres.Faults {
        @Override
        public void statement() {
            if (!stormy()) {
                return;
            }
            if (chance(300)) {
                happens(Happened.STATEMENT_SLOW);
                now = now.plus(upTo(Duration.ofSeconds(8)));
            }
            if (chance(700)) {
                happens(Happened.STATEMENT_FAILED);
                throw new TransientDataAccessResourceException("deadlock detected");
            }
            if (chance(2_000)) {
                throw new Killed();
            }
        }

        @Override
        public Commit commit() {
            if (!stormy() || !chance(60)) {
                return Commit.FINE;
            }
            var what = Commit.values()[random.nextInt(Commit.values().length)];
            switch (what) {
                case FINE -> {}
                case REFUSED, LOST -> happens(Happened.COMMIT_REFUSED);
                case UNANSWERED -> happens(Happened.COMMIT_UNANSWERED);
                case DEATH_BEFORE, DEATH_AFTER -> happens(Happened.DIED_AT_COMMIT);
            }
            return what;
        }

        @Override
        public boolean passedOver() {
            return stormy() && chance(20);
        }
    }

    // ---- the world

    private final class Thing implements Connector {
        private final Description description;

        Thing(String key, Idempotency idempotency, boolean destroys) {
            var type = NodeType.action(key, Category.ACTION, idempotency);
            this.description =
                    new Description(
                            destroys ? type.thatDestroys() : type,
                            key,
                            "",
                            "bolt",
                            "{\"type\":\"object\"}",
                            List.of(),
                            Map.of("out", "Done"),
                            true);
        }

        @Override
        public Description description() {
            return description;
        }

        @Override
        public Outcome act(Call call) {
            switch (random.nextInt(14)) {
                case 0 -> {
                    return new Outcome.Failed("busy", true, null);
                }
                case 1 -> {
                    return new Outcome.Failed("busy", true, now.plusSeconds(random.nextInt(9000)));
                }
                case 2 -> {
                    return new Outcome.Failed("refused", false, null);
                }
                case 3 -> {
                    if (stormy()) {
                        happens(Happened.DIED_IN_CALL);
                        throw new Killed();
                    }
                }
                case 4 -> throw new IllegalStateException("a fault of the connector");
                default -> {}
            }
            take(call.idempotencyKey());
            if (stormy() && chance(14)) {
                happens(Happened.DIED_IN_CALL);
                throw new Killed();
            }
            return chance(10)
                    ? new Outcome.InDoubt("answer lost")
                    : new Outcome.Succeeded(null, Map.of("key", call.idempotencyKey()));
        }

        private void take(String key) {
            if (description.type().destructive()) {
                happens(Happened.DESTROYED);
                if (!approved.contains(key.substring(0, key.indexOf('/')))) {
                    violations.add("destroyed without approval: " + key);
                }
            }
            switch (description.type().idempotency()) {
                case NATURALLY_IDEMPOTENT -> effects.put(key, 1);
                case KEY_SUPPORTING, CHECK_THEN_ACT -> effects.putIfAbsent(key, 1);
                case AT_MOST_ONCE -> effects.merge(key, 1, Integer::sum);
            }
        }

        @Override
        public Probe probe(Call call) {
            if (chance(4)) {
                return Probe.UNKNOWN;
            }
            return effects.containsKey(call.idempotencyKey())
                    ? Probe.HAPPENED
                    : Probe.DID_NOT_HAPPEN;
        }
    }

    // ---- people

    /** Does something in a tenant on some process, again until it was done. */
    private void request(TenantId tenant, String by, Consumer<Process> what) {
        ask(tenant, by, process -> process.transactions.run(() -> what.accept(process)));
    }

    /** As {@link #request}, in transactions of its own. */
    private void ask(TenantId tenant, String by, Consumer<Process> what) {
        Process process = processes[random.nextInt(processes.length)];
        if (process.frozenUntil.isAfter(now)) {
            after(Duration.ofSeconds(30), () -> ask(tenant, by, what));
            return;
        }
        var scope = Scope.tenant(tenant, new Principal(Principal.Kind.USER, by, by));
        boolean done = process.does(() -> scope.run(() -> what.accept(process)));
        if (!done || (stormy() && chance(20))) {
            after(upTo(Duration.ofMinutes(1)), () -> ask(tenant, by, what));
        }
    }

    private void startSome() {
        var tenant = tenants.get(random.nextInt(tenants.size()));
        var ids = workflows.get(tenant);
        UUID workflow = ids.get(random.nextInt(ids.size()));
        int n = random.nextInt(1, 60);
        keys.computeIfAbsent(tenant, _ -> new ArrayList<>()).add(String.valueOf(n));
        var items = new ArrayList<@Nullable Object>();
        for (int i = random.nextInt(5); i > 0; i--) {
            items.add(i);
        }
        unstarted--;
        request(
                tenant,
                "starter",
                process -> {
                    try {
                        var run =
                                process.starts.start(
                                        new Runs.Start(
                                                workflow,
                                                1,
                                                "n0",
                                                Map.of("n", n, "items", items),
                                                "",
                                                null,
                                                false));
                        meddle(tenant, new RunId(run.id()));
                    } catch (SimulatedAdmission.Refused e) {
                        happens(Happened.REFUSED_BY_LIMIT);
                    }
                });
    }

    /** What people do to a run while it goes on. */
    private void meddle(TenantId tenant, RunId run) {
        if (chance(5)) {
            var mode = Event.Stop.values()[random.nextInt(Event.Stop.values().length)];
            after(upTo(Duration.ofDays(2)), () -> stop(tenant, run, mode));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            String id = "signal-" + random.nextInt(3);
            after(upTo(Duration.ofDays(1)), () -> signal(tenant, run, id));
        }
        moveSometimes(tenant, run);
    }

    private void stop(TenantId tenant, RunId run, Event.Stop mode) {
        ask(
                tenant,
                "stopper",
                process -> {
                    happens(Happened.CANCELLED);
                    try {
                        process.hands.stop(run, mode, "enough");
                    } catch (ProblemException e) {
                        // It has ended, or its start was rolled back.
                    }
                });
    }

    private void signal(TenantId tenant, RunId run, String id) {
        ask(
                tenant,
                "signaller",
                process -> {
                    heard.asks(run, id);
                    try {
                        var told =
                                process.hands.signal(
                                        run, id, new SignalName("ready", ""), Map.of());
                        happens(told.repeated() ? Happened.SIGNAL_REPEATED : Happened.SIGNALLED);
                        heard.answered(run, id);
                    } catch (ProblemException e) {
                        heard.refused(run, id);
                    }
                });
    }

    private void post() {
        var tenant = tenants.get(random.nextInt(tenants.size()));
        var some = keys.getOrDefault(tenant, List.of());
        boolean keyed = chance(3) && !some.isEmpty();
        var name = new SignalName("ready", keyed ? some.get(random.nextInt(some.size())) : "");
        post(tenant, name);
    }

    private void post(TenantId tenant, SignalName name) {
        String id = "posted-" + asked++;
        ask(
                tenant,
                "poster",
                process -> {
                    process.signals.post(id, name, Map.of(), "poster", process.turns.now());
                    happens(Happened.SIGNAL_POSTED);
                    heard.answered(tenant, id);
                });
    }

    private void moveSometimes(TenantId tenant, RunId run) {
        if (chance(3)) {
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                after(upTo(Duration.ofDays(2)), () -> look(tenant, run));
            }
        }
    }

    /** Somebody publishes another version, looks at a run, and moves it there some time after. */
    private void look(TenantId tenant, RunId run) {
        request(
                tenant,
                "mover",
                process ->
                        process.turns
                                .load(run)
                                .filter(loaded -> loaded.row().length() > 0)
                                .ifPresent(loaded -> {
                                    var view = loaded.row().run();
                                    var workflow = drawn.get(view.workflowId());
                                    int to = view.version() + 1;
                                    if (loaded.state().status() != RunStatus.WAITING
                                            && !chance(4)) {
                                        return; // only what waits is moved
                                    }
                                    if (to > workflow.versions().size()) {
                                        publish(
                                                workflow,
                                                workflow.drawings()
                                                        .redrawn(workflow.versions().getLast()));
                                    }
                                    var marked =
                                            new RunMoves.Marked(run.value(), RunMover.mark(loaded));
                                    String reason = "reason " + asked++;
                                    after(
                                            upTo(
                                                    chance(4)
                                                            ? Duration.ofHours(6)
                                                            : Duration.ofMinutes(1)),
                                            () -> move(workflow, to, marked, reason));
                                }));
    }

    private void move(Workflow workflow, int to, RunMoves.Marked marked, String reason) {
        ask(
                workflow.tenant(),
                "mover",
                process -> {
                    var result =
                            process.mover
                                    .move(workflow.id(), to, reason, List.of(marked))
                                    .getFirst();
                    switch (result.outcome()) {
                        case "moved" -> {
                            happens(Happened.MOVED);
                            movesDone.add(reason);
                        }
                        case "there-already" -> happens(Happened.MOVE_REPEATED);
                        case "went-on" -> happens(Happened.MOVE_STALE);
                        case "refused" -> happens(Happened.MOVE_REFUSED);
                        default -> throw new IllegalStateException(result.why());
                    }
                });
    }

    /** What people do about a failure. */
    private void failed(TenantId tenant, RunView run) {
        if (takenUp.merge(run.id(), 1, Integer::sum) > 3 || chance(3)) {
            return;
        }
        var id = new RunId(run.id());
        var pause = upTo(chance(2) ? Duration.ofMinutes(2) : Duration.ofHours(20));
        switch (random.nextInt(6)) {
            case 0, 1, 2 -> {
                String by = "resumer-" + asked++;
                after(pause, () -> takeUp(tenant, id, run.endedAt(), by));
            }
            case 3, 4 -> {
                boolean limited = limits.get(tenant).most(run.workflowId()).isPresent();
                if (!limited || chance(25)) { // it asks every five seconds until there is room
                    var which =
                            new DeadLetterStore.Selection(
                                    run.workflowId(),
                                    null,
                                    null,
                                    chance(2) ? null : List.of(run.id()));
                    after(pause, () -> takeUpMany(tenant, which));
                }
            }
            default -> after(pause, () -> discard(tenant, id));
        }
    }

    private void takeUp(TenantId tenant, RunId run, @Nullable Instant ended, String by) {
        ask(
                tenant,
                by,
                process -> {
                    try {
                        process.hands.resume(run, ended);
                        happens(Happened.TAKEN_UP);
                    } catch (ProblemException e) {
                        happens(Happened.NOT_TAKEN_UP);
                    }
                });
    }

    private void takeUpMany(TenantId tenant, DeadLetterStore.Selection which) {
        request(
                tenant,
                "looker",
                _ -> {
                    var failures = letters.shown(which);
                    if (!failures.isEmpty()) {
                        String by = "resumer-" + asked++; // who looks twice asks twice
                        after(
                                upTo(Duration.ofSeconds(20)),
                                () -> takeUpMany(tenant, by, which, failures));
                    }
                });
    }

    private void takeUpMany(
            TenantId tenant,
            String by,
            DeadLetterStore.Selection which,
            List<DeadLetterStore.Failure> failures) {
        ask(
                tenant,
                by,
                process -> {
                    try {
                        process.deadLetters.replay(
                                which, failures.size(), DeadLetters.mark(failures));
                    } catch (ProblemException e) {
                        happens(Happened.NOT_TAKEN_UP);
                    }
                });
    }

    private void discard(TenantId tenant, RunId run) {
        ask(
                tenant,
                "discarder",
                process -> {
                    try {
                        process.deadLetters.discard(
                                new DeadLetterStore.Selection(
                                        null, null, null, List.of(run.value())),
                                1,
                                "known");
                        happens(Happened.DISCARDED);
                    } catch (ProblemException e) {
                        // Somebody took it up.
                    }
                });
    }

    private final class People implements Asks, Told, HandsTold {
        private final Process process;

        People(Process process) {
            this.process = process;
        }

        @Override
        public void open(
                RunView run,
                Versions.Ready version,
                String step,
                long epoch,
                @Nullable Instant due,
                RunContext context,
                Instant at) {
            var tenant = Scope.currentTenant();
            var id = new RunId(run.id());
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                String by = "person-" + i;
                boolean yes = random.nextInt(3) != 0;
                after(
                        upTo(Duration.ofHours(40)),
                        () -> request(tenant, by, p -> vote(p, id, step, epoch, yes, by)));
            }
        }

        private void vote(Process p, RunId run, String step, long epoch, boolean yes, String by) {
            if (p.ifBegun(
                            run,
                            new Event.ApprovalDecided(
                                    p.turns.now(), step, epoch, yes, by, "because", Map.of()))
                    && yes) {
                // A vote that is rolled back after this is given again: it was meant.
                approved.add(run.toString());
                happens(Happened.APPROVED);
            }
        }

        @Override
        public void withdraw(RunId run, String step, long epoch, boolean timedOut) {}

        @Override
        public Optional<String> objection(
                RunId run, String node, Map<String, @Nullable Object> config) {
            return Optional.empty();
        }

        @Override
        public void inDoubt(RunTurns.Loaded run, String step, String evidence) {
            happens(Happened.IN_DOUBT);
            long epoch = run.state().step(step).orElseThrow().epoch();
            var tenant = Scope.currentTenant();
            var id = run.row().id();
            after(
                    LONGEST_SLEEP.plus(upTo(Duration.ofDays(1))),
                    () -> request(tenant, "settler", p -> settle(p, id, step, epoch)));
        }

        private void settle(Process p, RunId run, String step, long epoch) {
            var doubted =
                    p.turns
                            .load(run)
                            .flatMap(loaded -> loaded.state().step(step))
                            .filter(s -> s.status() == StepStatus.IN_DOUBT && s.epoch() == epoch);
            if (doubted.isPresent()) {
                happens(Happened.SETTLED);
                p.turns.take(
                        run,
                        new Event.DoubtSettled(
                                p.turns.now(),
                                step,
                                doubted.get().epoch(),
                                effects.containsKey(run + "/" + step)
                                        ? Event.Settlement.HAPPENED
                                        : Event.Settlement.DID_NOT_HAPPEN,
                                "bob",
                                Map.of()));
            }
        }

        @Override
        public void made(UUID run) {}

        @Override
        public void made(UUID child, UUID parent) {
            happens(Happened.CHILD);
            moveSometimes(Scope.currentTenant(), new RunId(child));
        }

        @Override
        public void queued(RunView run) {
            happens(Happened.QUEUED_BY_LIMIT);
        }

        @Override
        public void started(RunView run) {}

        @Override
        public void stopped(RunView run, boolean wasQueued) {}

        @Override
        public void noticed(
                RunTurns.Loaded run, Command.Notice notice, @Nullable String step, String text) {}

        @Override
        public void startErrorWorkflow(RunTurns.Loaded run, String workflow, RunResult result) {
            happens(Happened.ERROR_WORKFLOW);
        }

        @Override
        public void turned(RunTurn turn, RunStore.Turned written, Map<String, String> inputs) {
            process.aftermath.turned(turn.now(), written, turn.completed(), process.turns.now());
            for (StepState step : written.steps()) {
                String signal = step.signal();
                if (step.status() == StepStatus.WAITING && signal != null && chance(3)) {
                    // In the very moment in which others begin to wait, too.
                    var tenant = Scope.currentTenant();
                    after(
                            upTo(chance(2) ? Duration.ofSeconds(3) : Duration.ofHours(8)),
                            () -> post(tenant, SignalName.of(signal)));
                }
            }
        }

        @Override
        public void ended(List<RunView> runs) {
            process.gate.ended(runs);
            for (RunView run : runs) {
                if (run.state().equals("failed")) {
                    failed(Scope.currentTenant(), run);
                }
            }
        }

        @Override
        public void goesOn(UUID run) {}

        @Override
        public void stopping(RunId run, Event.Stop mode, String reason) {}

        @Override
        public void resumed(RunView run, String by) {
            if (!Scope.current().principal().name().equals(by)) {
                happens(Happened.TAKEN_UP_IN_BULK);
            }
        }

        @Override
        public void resumesAsked(List<UUID> runs) {}

        @Override
        public void discarded(List<UUID> runs, String reason) {}

        @Override
        public void signalled(RunId run, String id, SignalName signal) {}

        @Override
        public void moved(RunView run, RunMove move) {}

        @Override
        public void answers(RunView run) {}
    }

    // ---- processes

    private final class Tables implements SimulatedAdmission.Tables {
        @Override
        public void statement() {
            db.tenant();
        }

        @Override
        public <K, V> void put(Map<K, V> table, K key, V row) {
            db.put(table, key, row);
        }

        @Override
        public <K, V> boolean remove(Map<K, V> table, K key) {
            return db.remove(table, key);
        }

        @Override
        public List<RunView> live() {
            var tenant = Scope.currentTenant();
            return db.runs().values().stream()
                    .filter(run -> run.tenant().equals(tenant))
                    .map(SimulatedPostgres.StoredRun::view)
                    .filter(Cluster::isLive)
                    .toList();
        }
    }

    private static boolean isLive(RunView run) {
        return !ENDED.contains(run.state()) && !run.state().equals(RunView.QUEUED);
    }

    /** One process; when it dies another takes its place, which remembers nothing. */
    private final class Process {
        private Duration skew = Duration.ZERO;
        private Instant frozenUntil = Instant.MIN;
        private int life;
        private int outside;
        private Transactions transactions;
        private RunTurns turns;
        private TurnQueue queue;
        private Dispatcher dispatcher;
        private Timers timers;
        private RunStarts starts;
        private SimulatedAdmission gate;
        private Aftermath aftermath;
        private Hands hands;
        private DeadLetters deadLetters;
        private Signals signals;
        private RunMover mover;
        private List<Loop> loops;
        private int admittedAt = -1;

        Process() {
            begin();
        }

        private void begin() {
            life++;
            outside = 0;
            admittedAt = -1;
            skew = Duration.ofMillis(random.nextInt(-3_000, 3_000));
            var clock = new Skewed();
            var ids = new Ids(clock, random.split());
            var people = new People(this);
            var signal = new WorkSignal();
            transactions = new Transactions(db, db::enter);
            var childRuns = new ChildRuns(db, versions, EVENTS, people, ids);
            turns =
                    new RunTurns(
                            transactions,
                            db,
                            db,
                            versions,
                            kinds,
                            EVALUATION,
                            childRuns,
                            EVENTS,
                            people,
                            people,
                            signal,
                            PAYLOADS,
                            clock);
            queue = new TurnQueue(transactions, turns, Weights.same(), meters, 0);
            gate = new SimulatedAdmission(new Tables(), () -> limits.get(Scope.currentTenant()));
            starts = new RunStarts(transactions, db, versions, turns, people, ids, gate);
            signals = new Signals(transactions, Cluster.this.signals, db, signal);
            aftermath = new Aftermath(signals, letters);
            hands = new Hands(transactions, starts, db, turns, gate, letters, db, people);
            var bulk = new BulkResumes(db, letters, hands);
            deadLetters = new DeadLetters(transactions, letters, bulk, turns, people);
            mover = new RunMover(transactions, turns, versions, Cluster.this.signals, db, people);
            timers = new Timers(transactions, db, turns, List.of(childRuns, signals, bulk), signal);
            dispatcher =
                    new Dispatcher(
                            transactions,
                            db,
                            turns,
                            queue,
                            kinds,
                            people,
                            Secrets.NONE,
                            new NoPace(),
                            new NoPace(),
                            ids,
                            signal,
                            _ -> false,
                            meters);
            dispatcher.open(new Outside(life));
            loops =
                    List.of(
                            new Loop(
                                    Duration.ofMillis(500),
                                    db::nextPointer,
                                    () -> dispatcher.takeSome()),
                            new Loop(
                                    Duration.ofMillis(250),
                                    () -> db.nextTimer().map(due -> due.minus(skew)),
                                    () -> timers.fire()),
                            new Loop(
                                    Duration.ofMillis(30),
                                    () -> queue.waiting() > 0 ? Optional.of(now) : Optional.empty(),
                                    () -> queue.turn()),
                            new Loop(
                                    Duration.ofMillis(100),
                                    () ->
                                            outside > 0
                                                    ? Optional.of(now.plusSeconds(1))
                                                    : Optional.empty(),
                                    () -> dispatcher.renew()),
                            new Loop(
                                    Duration.ofMillis(200),
                                    () ->
                                            limits.values().stream()
                                                                    .anyMatch(
                                                                            rows -> !rows.isEmpty())
                                                            && admittedAt != db.commits()
                                                    ? Optional.of(now)
                                                    : Optional.empty(),
                                    this::admit));
        }

        private void admit() {
            int seen = db.commits();
            for (TenantId tenant : tenants) {
                transactions.runAs(
                        Scope.tenant(tenant, Principal.system("run-admission")),
                        () ->
                                gate.admitQueued(
                                        new SimulatedAdmission.Starter() {
                                            @Override
                                            public boolean begin(
                                                    UUID run,
                                                    String node,
                                                    Map<String, @Nullable Object> input) {
                                                return starts.begin(new RunId(run), node, input)
                                                        .isPresent();
                                            }

                                            @Override
                                            public void stop(UUID run) {
                                                starts.stop(new RunId(run), "limit", "makes room");
                                            }
                                        }));
            }
            admittedAt = seen;
        }

        /** Lets an event happen to a run, unless it waits in the queue or is not there. */
        private boolean ifBegun(RunId run, Event event) {
            var loaded = turns.load(run);
            return loaded.isPresent()
                    && loaded.get().row().length() > 0
                    && turns.take(run, event).counted();
        }

        /** False if it broke; the process may be another one afterwards. */
        private boolean does(Runnable work) {
            try {
                work.run();
                return true;
            } catch (Killed e) {
                die();
                return false;
            } catch (RuntimeException e) {
                if (!stormy()) {
                    violations.add("broke in fine weather: " + e);
                }
                return false;
            } finally {
                checkLimits();
            }
        }

        private void die() {
            happens(Happened.KILLED);
            begin();
            // Nothing of it goes on before it is up again.
            frozenUntil = now.plus(upTo(Duration.ofSeconds(90)));
        }

        private void plan() {
            loops.forEach(Loop::plan);
        }

        private void freezeSometimes() {
            if (stormy() && chance(400)) {
                happens(Happened.FROZEN);
                frozenUntil = now.plus(upTo(LONGEST_SLEEP));
            }
        }

        /** What the process does as one life, whenever it is not frozen. */
        private void later(Duration delay, int inLife, Runnable work) {
            after(
                    delay,
                    () -> {
                        if (life != inLife) {
                            return;
                        }
                        if (frozenUntil.isAfter(now)) {
                            later(Duration.between(now, frozenUntil), inLife, work);
                            return;
                        }
                        freezeSometimes();
                        work.run();
                    });
        }

        private final class Loop {
            private final Duration pause;
            private final Supplier<Optional<Instant>> wanted;
            private final Runnable turn;
            private final int ofLife = life;
            private @Nullable Instant planned;
            private long token;

            Loop(Duration pause, Supplier<Optional<Instant>> wanted, Runnable turn) {
                this.pause = pause;
                this.wanted = wanted;
                this.turn = turn;
            }

            void plan() {
                var due = wanted.get().map(at -> at.isBefore(now) ? now : at);
                if (due.isEmpty() || (planned != null && !planned.isAfter(due.get().plus(pause)))) {
                    return;
                }
                planned = due.get().plus(upTo(pause));
                long mine = ++token;
                later(
                        Duration.between(now, planned),
                        ofLife,
                        () -> {
                            if (mine == token) {
                                planned = null;
                                does(turn);
                            }
                        });
            }
        }

        private final class Outside implements Elsewhere {
            private final int ofLife;

            Outside(int ofLife) {
                this.ofLife = ofLife;
            }

            @Override
            public void run(Runnable work) {
                later(upTo(Duration.ofSeconds(stormy() && chance(10) ? 60 : 2)), work);
            }

            @Override
            public void later(Duration pause, Runnable work) {
                outside++;
                Process.this.later(
                        pause,
                        ofLife,
                        () -> {
                            outside--;
                            does(work);
                        });
            }
        }

        private final class Skewed extends Clock {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now.plus(skew);
            }
        }
    }

    private static final class NoPayloads implements RunPayloads {
        @Override
        public Event takeOut(Event event) {
            return event;
        }

        @Override
        public void use(UUID run, Event event) {}

        @Override
        public byte[] chunk(Payload payload, int number) {
            throw new Unreadable("There are none");
        }

        @Override
        public Bodies bodies(Scrubber scrubber) {
            return Bodies.NONE;
        }
    }

    /** Nothing slows a step down here. */
    private static final class NoPace implements Pace, Responsibility {
        @Override
        public boolean unanswered(RunTurn turn, Pointer by, Instant at) {
            return false;
        }

        @Override
        public boolean hold(
                RunTurn turn,
                Pointer by,
                Connector connector,
                Map<String, @Nullable Object> config,
                Instant at) {
            return false;
        }

        @Override
        public void told(Connector connector, Connector.Call call, Outcome outcome) {}
    }

    // ---- what is promised

    private void checkLimits() {
        for (TenantId tenant : tenants) {
            for (UUID workflow : workflows.get(tenant)) {
                limits.get(tenant)
                        .most(workflow)
                        .ifPresent(most -> {
                            long live =
                                    db.runs().values().stream()
                                            .map(SimulatedPostgres.StoredRun::view)
                                            .filter(run -> run.workflowId().equals(workflow))
                                            .filter(Cluster::isLive)
                                            .count();
                            if (live > most) {
                                violations.add(live + " runs are live where " + most + " may be");
                            }
                        });
            }
        }
    }

    private void check() {
        if (unstarted > 0) {
            violations.add("a start was never asked for");
        }
        db.runs().forEach(this::check);
        heard.check();
        if (!movesDone.isEmpty()) {
            violations.add("moves that were said to be done are in no journal: " + movesDone);
        }
        for (String key : effects.keySet()) {
            int cut = key.indexOf('/');
            var run = new RunId(UUID.fromString(key.substring(0, cut)));
            if (!db.steps(run).containsKey(key.substring(cut + 1))) {
                violations.add("an effect of no step: " + key);
            }
        }
        if (!db.isIdle()) {
            violations.add("something is due for ever: " + db.leftovers());
        }
        var children = new HashSet<RunStore.Parent>();
        db.runs()
                .values()
                .forEach(run -> {
                    if (run.parent() != null && !children.add(run.parent())) {
                        violations.add("a child was started twice by " + run.parent());
                    }
                });
    }

    private void check(RunId id, SimulatedPostgres.StoredRun run) {
        if (!ENDED.contains(run.view().state())) {
            violations.add("run " + id + " is stuck: " + run.view());
            return;
        }
        var entries = db.entries(id);
        byte[] head = new byte[0];
        for (String entry : entries) {
            head = EventJson.chain(head, entry);
        }
        if (entries.size() != run.length() || !Arrays.equals(head, run.head())) {
            violations.add("the journal of " + id + " is not intact");
            return;
        }
        if (entries.isEmpty()) {
            return; // it ended in the queue
        }
        Scope.tenant(run.tenant(), Principal.system("check"))
                .run(() ->
                        new Transactions(db, db::enter).run(() -> checkJournal(id, run, entries)));
    }

    private void checkJournal(RunId id, SimulatedPostgres.StoredRun run, List<String> entries) {
        UUID workflow = run.view().workflowId();
        var version = versions.get(workflow, 1);
        var passed = new ArrayList<Versions.Ready>();
        var moves = new ArrayList<String>();
        var takers = new HashMap<String, Integer>();
        RunState state = RunState.NEW;
        for (String entry : entries) {
            for (Event event : EVENTS.read(entry)) {
                Decision decision;
                switch (event) {
                    case Event.RunStarted started -> {
                        version = versions.withHash(workflow, started.workflowHash());
                        decision = version.engine().decide(state, event);
                    }
                    case Event.RunMoved moved -> {
                        passed.add(version);
                        moves.add(moved.reason());
                        var to = versions.withHash(workflow, moved.to());
                        decision = Move.between(version.engine(), to.engine()).decide(state, moved);
                        version = to;
                    }
                    default -> decision = version.engine().decide(state, event);
                }
                if (decision.ignored() != null) {
                    violations.add("an entry changes nothing, " + id + ": " + event);
                }
                if (event instanceof Event.WorkerLost) {
                    happens(Happened.WORKER_LOST);
                }
                if (event instanceof Event.RunResumed(_, var by)) {
                    takers.merge(by, 1, Integer::sum);
                }
                state = decision.state();
                heard.took(run.tenant(), id, event, decision);
            }
        }
        passed.add(version);
        if (!RunView.wire(state.status()).equals(run.view().state())) {
            violations.add("run " + id + " is not as its journal says");
        }
        if (state.result() != null && !state.result().undone().isEmpty()) {
            happens(Happened.UNDONE);
        }
        checkMoves(id, run, state, moves);
        checkLetter(id, run, state, takers);
        var written = db.steps(id);
        state.steps()
                .forEach((key, step) -> {
                    if (!step.equals(written.get(key))) {
                        violations.add("step " + key + " of " + id + " is written as it is not");
                    }
                });
        RunState last = state;
        written.values()
                .forEach(step -> {
                    boolean left = moves.isEmpty() || step.status() != StepStatus.SKIPPED;
                    if (left && !step.id().contains("/") && last.step(step.id()).isEmpty()) {
                        violations.add("step " + step.id() + " of " + id + " is in no state");
                    }
                    check(id, passed, step);
                });
    }

    private void checkMoves(
            RunId id, SimulatedPostgres.StoredRun run, RunState state, List<String> moves) {
        var of = versions.get(run.view().workflowId(), run.view().version());
        if (!of.engine().workflowHash().equals(state.workflowHash())) {
            violations.add("run " + id + " is of another version than it went on in");
        }
        if (!db.moves(id).stream().map(RunMove::reason).toList().equals(moves)) {
            violations.add("the moves of " + id + " are told otherwise than they were");
        }
        if (moves.size() != new HashSet<>(moves).size()) {
            violations.add("a move of " + id + " was done twice: " + moves);
        }
        moves.forEach(movesDone::remove);
    }

    private void checkLetter(
            RunId id,
            SimulatedPostgres.StoredRun run,
            RunState state,
            Map<String, Integer> takers) {
        takers.forEach((by, times) -> {
            if (times > 1) {
                violations.add(by + " asked once and took " + id + " up " + times + " times");
            }
        });
        boolean failed = state.status() == RunStatus.FAILED;
        int resumed = takers.values().stream().mapToInt(n -> n).sum();
        if (resumed > 0 && failed) {
            happens(Happened.FAILED_AGAIN);
        }
        if (run.parent() != null) {
            return;
        }
        int times = resumed + (failed ? 1 : 0);
        var letter = letters.of(run.tenant(), id);
        if (letter.map(DeadLetterStore.DeadLetterView::times).orElse(0) != times) {
            violations.add("run " + id + " failed " + times + " times: " + letter);
        }
        letter.map(DeadLetterStore.DeadLetterView::state)
                .filter(as ->
                        failed
                                ? !as.equals("open") && !as.equals("discarded")
                                : !as.equals("replayed"))
                .ifPresent(as -> violations.add("the failure of " + id + " is left " + as));
    }

    /**
     * @param versions that the run was of, one after another
     */
    private void check(RunId run, List<Versions.Ready> versions, StepState step) {
        NodeType type =
                versions.reversed().stream()
                        .flatMap(v -> v.definition().find(StepId.key(step.id())).stream())
                        .findFirst()
                        .flatMap(node -> kinds.find(node.type()))
                        .orElseThrow()
                        .type();
        if (!step.status().isFinal()) {
            violations.add("step " + step.id() + " of " + run + " has not ended: " + step);
        }
        if (!type.touchesTheWorld()) {
            return;
        }
        int done = effects.getOrDefault(run + "/" + step.id(), 0);
        boolean replaced = step.note() != null && step.note().contains("stood in");
        if (done > 1) {
            violations.add(done + " effects of " + step.id() + " of " + run);
        }
        if (step.status() == StepStatus.SUCCEEDED && !replaced && done != 1) {
            violations.add("no effect of " + step + " of " + run);
        }
        if (step.status() != StepStatus.SUCCEEDED
                && !step.mayHaveHappened()
                && type.idempotency() != Idempotency.NATURALLY_IDEMPOTENT
                && done != 0) {
            violations.add("an effect left behind is not admitted: " + step + " of " + run);
        }
    }
}
