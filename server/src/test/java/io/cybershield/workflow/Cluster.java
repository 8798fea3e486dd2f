package io.cybershield.workflow;

import io.cybershield.connector.Bodies;
import io.cybershield.connector.Connector;
import io.cybershield.engine.Command;
import io.cybershield.engine.Decision;
import io.cybershield.engine.Event;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.NodeType.Category;
import io.cybershield.engine.NodeType.Idempotency;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.Payload;
import io.cybershield.engine.RunResult;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Description;
import io.cybershield.flow.Evaluation;
import io.cybershield.flow.Expressions;
import io.cybershield.flow.RunContext;
import io.cybershield.flow.Scrubber;
import io.cybershield.flow.Secrets;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
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
        ZOMBIE_REFUSED
    }

    private record Happening(Instant at, long order, Runnable what) {}

    private final SplittableRandom random;
    private final PriorityQueue<Happening> agenda =
            new PriorityQueue<>(
                    Comparator.comparing(Happening::at).thenComparingLong(Happening::order));
    private final SimulatedPostgres db;
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
    final Map<Happened, Integer> happened = new EnumMap<>(Happened.class);
    private Instant now = START;
    private long order;
    private int unstarted;
    private boolean over;

    Cluster(long seed) {
        this.random = new SplittableRandom(seed);
        this.db = new SimulatedPostgres(() -> now, this::uuid, new Weather());
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
        db.publish(
                tenant, grandchild, 1, new SimulatedDrawings(random, uuid()).next("grandchild", 3));
        db.publish(tenant, child, 1, new SimulatedDrawings(random, grandchild).next("child", 4));
        var drawings = new SimulatedDrawings(random, child);
        var ids = new ArrayList<UUID>();
        for (int i = 0; i < 2; i++) {
            UUID id = uuid();
            db.publish(tenant, id, 1, drawings.next("w" + i, 12));
            if (random.nextInt(3) == 0) {
                limited.limit(id, random.nextInt(1, 3), random.nextInt(3));
            }
            ids.add(id);
        }
        workflows.put(tenant, ids);
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
        Process process = processes[random.nextInt(processes.length)];
        if (process.frozenUntil.isAfter(now)) {
            after(Duration.ofSeconds(30), () -> request(tenant, by, what));
            return;
        }
        var scope = Scope.tenant(tenant, new Principal(Principal.Kind.USER, by, by));
        boolean done =
                process.does(() -> process.transactions.runAs(scope, () -> what.accept(process)));
        if (!done || (stormy() && chance(20))) {
            after(upTo(Duration.ofMinutes(1)), () -> request(tenant, by, what));
        }
    }

    private void startSome() {
        var tenant = tenants.get(random.nextInt(tenants.size()));
        var ids = workflows.get(tenant);
        UUID workflow = ids.get(random.nextInt(ids.size()));
        int n = random.nextInt(1, 60);
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
            after(
                    upTo(Duration.ofDays(2)),
                    () ->
                            request(
                                    tenant,
                                    "stopper",
                                    process -> {
                                        happens(Happened.CANCELLED);
                                        if (process.turns.load(run).isEmpty()) {
                                            return; // its start was rolled back
                                        }
                                        if (mode == Event.Stop.KILL) {
                                            process.starts.stop(run, "ann", "enough");
                                        } else {
                                            process.ifBegun(
                                                    run,
                                                    new Event.CancelRequested(
                                                            process.turns.now(),
                                                            "ann",
                                                            "enough",
                                                            mode));
                                        }
                                    }));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            String id = "signal-" + random.nextInt(3);
            after(
                    upTo(Duration.ofDays(1)),
                    () ->
                            request(
                                    tenant,
                                    "signaller",
                                    process ->
                                            process.ifBegun(
                                                    run,
                                                    new Event.SignalArrived(
                                                            process.turns.now(),
                                                            id,
                                                            "ready",
                                                            Map.of()))));
        }
    }

    private final class People implements Asks, Told {
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
        public void turned(RunTurn turn, RunStore.Turned written, Map<String, String> inputs) {}

        @Override
        public void ended(List<RunView> runs) {
            process.gate.ended(runs);
        }
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
            timers = new Timers(transactions, db, turns, List.of(childRuns), signal);
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
    private static final class NoPace implements Pace {
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
        var version =
                Scope.tenant(run.tenant(), Principal.system("check"))
                        .get(() ->
                                new Transactions(db, db::enter)
                                        .call(() -> versions.get(run.view().workflowId(), 1)));
        RunState state = RunState.NEW;
        for (String entry : entries) {
            for (Event event : EVENTS.read(entry)) {
                Decision decision = version.engine().decide(state, event);
                if (decision.ignored() != null) {
                    violations.add("an entry changes nothing, " + id + ": " + event);
                }
                if (event instanceof Event.WorkerLost) {
                    happens(Happened.WORKER_LOST);
                }
                state = decision.state();
            }
        }
        if (!RunView.wire(state.status()).equals(run.view().state())) {
            violations.add("run " + id + " is not as its journal says");
        }
        if (state.result() != null && !state.result().undone().isEmpty()) {
            happens(Happened.UNDONE);
        }
        var written = db.steps(id);
        state.steps()
                .forEach((key, step) -> {
                    if (!step.equals(written.get(key))) {
                        violations.add("step " + key + " of " + id + " is written as it is not");
                    }
                });
        written.values().forEach(step -> check(id, version, step));
    }

    private void check(RunId run, Versions.Ready version, StepState step) {
        NodeType type =
                kinds.find(version.definition().find(StepId.key(step.id())).orElseThrow().type())
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
