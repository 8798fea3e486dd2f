package io.cybershield.workflow;

import static java.util.stream.Collectors.toSet;

import io.cybershield.engine.RunState;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model of PostgreSQL with the tables that turns need: one transaction at a time, so serialisable
 * by construction; each undone whole when it breaks. Its rows are as the real statements leave
 * them, its walls stand between tenants, and whatever can happen to a statement or a commit happens
 * when its {@link Faults} say so.
 */
final class SimulatedPostgres extends AbstractPlatformTransactionManager
        implements RunStore, DispatchStore, HandStore, Versions.Source {
    private static final long serialVersionUID = 1L;

    /** What goes wrong next. */
    interface Faults {
        /** May throw, and then the transaction is broken; may let time pass. */
        void statement();

        Commit commit();

        /** Whether a row is locked by somebody else and so passed over. */
        boolean passedOver();
    }

    /** What becomes of a commit. */
    enum Commit {
        FINE,
        /** Not committed, and said so. */
        REFUSED,
        /** The connection broke, and nothing was committed. */
        LOST,
        /** The connection broke after it was committed. */
        UNANSWERED,
        /** The process dies before it. */
        DEATH_BEFORE,
        /** The process dies after it. */
        DEATH_AFTER
    }

    /** The process is gone; nothing catches it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    record StoredRun(
            TenantId tenant,
            RunView view,
            @Nullable String result,
            long length,
            byte[] head,
            RunStore.@Nullable Parent parent,
            int depth) {
        StoredRun with(RunView other) {
            return new StoredRun(tenant, other, result, length, head, parent, depth);
        }
    }

    record StoredPointer(
            Instant due, String key, @Nullable UUID claim, @Nullable Instant lease, int takes) {}

    record PointerKey(TenantId tenant, RunId run, String step, long epoch, Kind kind) {}

    private record TimerKey(TenantId tenant, RunId run, String timer) {}

    private record Published(TenantId tenant, UUID workflow, int version) {}

    private record Version(Drawing drawing, String hash) {}

    /** A timer as it was when it was set, for whoever asks what it was for. */
    record SetTimer(DueTimer timer, Instant at) {}

    private final transient Supplier<Instant> clock;
    private final transient Supplier<UUID> uuids;
    private final transient Faults faults;
    private final transient JsonMapper json = new JsonMapper();
    private final transient Map<RunId, StoredRun> runs =
            new TreeMap<>(Comparator.comparing(RunId::value));
    private final transient Map<RunId, List<String>> journals = new HashMap<>();
    private final transient Map<RunId, Map<String, StepState>> steps = new HashMap<>();
    private final transient Map<RunId, Map<String, String>> inputs = new HashMap<>();
    private final transient Map<PointerKey, StoredPointer> pointers = new LinkedHashMap<>();
    private final transient Map<TimerKey, Instant> timers = new LinkedHashMap<>();
    private final transient Map<Published, Version> versions = new HashMap<>();
    private final transient Map<RunId, List<RunMove>> moves = new HashMap<>();
    private final transient Map<SetTimer, Boolean> everSet = new LinkedHashMap<>();
    private final transient Deque<Runnable> undo = new ArrayDeque<>();
    private long numbers;
    private boolean open;
    private boolean broken;
    private transient @Nullable Scope role;
    private int commits;

    SimulatedPostgres(Supplier<Instant> clock, Supplier<UUID> uuids, Faults faults) {
        this.clock = clock;
        this.uuids = uuids;
        this.faults = faults;
    }

    // ---- transactions

    @Override
    protected Object doGetTransaction() {
        return this;
    }

    @Override
    protected boolean isExistingTransaction(Object transaction) {
        return open;
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        if (open) {
            throw new IllegalStateException("There is one transaction at a time");
        }
        faults.statement();
        open = true;
        broken = false;
        enter(Scope.current());
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
        if (broken) {
            end(false);
            throw new TransactionSystemException("current transaction is aborted");
        }
        switch (faults.commit()) {
            case FINE -> end(true);
            case REFUSED, LOST -> {
                end(false);
                throw new TransactionSystemException("could not commit");
            }
            case UNANSWERED -> {
                end(true);
                throw new TransactionSystemException("connection closed while it committed");
            }
            case DEATH_BEFORE -> {
                end(false);
                throw new Killed();
            }
            case DEATH_AFTER -> {
                end(true);
                throw new Killed();
            }
        }
    }

    @Override
    protected void doRollback(DefaultTransactionStatus status) {
        end(false);
    }

    private void end(boolean kept) {
        if (!open) {
            return;
        }
        if (kept) {
            commits += undo.isEmpty() ? 0 : 1;
        } else {
            undo.forEach(Runnable::run);
        }
        undo.clear();
        open = false;
        role = null;
    }

    /** How many changed something. */
    int commits() {
        return commits;
    }

    /** Switches the role, as {@code SET LOCAL ROLE} does. */
    void enter(Scope scope) {
        role = scope;
    }

    private void statement() {
        if (!open) {
            throw new IllegalStateException("No transaction is open");
        }
        if (broken) {
            throw new TransactionSystemException("current transaction is aborted");
        }
        try {
            faults.statement();
        } catch (RuntimeException e) {
            broken = true;
            throw e;
        }
    }

    TenantId tenant() {
        statement();
        if (role instanceof Scope.Tenant(var tenant, _, _)) {
            return tenant;
        }
        throw new IllegalStateException("permission denied: " + role + " has no tenant's tables");
    }

    private void platform() {
        statement();
        if (!(role instanceof Scope.Platform)) {
            throw new IllegalStateException("permission denied: " + role + " is not the platform");
        }
    }

    <K, V> void put(Map<K, V> table, K key, V row) {
        V before = table.put(key, row);
        undo.push(() -> {
            if (before == null) {
                table.remove(key);
            } else {
                table.put(key, before);
            }
        });
    }

    <K, V> boolean remove(Map<K, V> table, K key) {
        V before = table.remove(key);
        if (before != null) {
            undo.push(() -> table.put(key, before));
        }
        return before != null;
    }

    // ---- runs

    @Override
    public List<Long> nextNumbers(int many) {
        tenant();
        numbers += many; // a sequence is not rolled back
        return LongStream.rangeClosed(numbers - many + 1, numbers).boxed().toList();
    }

    @Override
    public void insert(RunView run) {
        TenantId tenant = tenant();
        insert(new StoredRun(tenant, run, null, 0, new byte[0], null, 0));
    }

    private void insert(StoredRun row) {
        var id = new RunId(row.view().id());
        if (runs.containsKey(id)) {
            throw new DuplicateKeyException("workflow_instances " + id);
        }
        put(runs, id, row);
    }

    @Override
    public boolean beginQueued(RunId run, Instant at) {
        return changeQueued(run, "running", null, null);
    }

    @Override
    public boolean endQueued(RunId run, Instant at, String why) {
        return changeQueued(run, "cancelled", at, why);
    }

    private boolean changeQueued(
            RunId run, String to, @Nullable Instant end, @Nullable String why) {
        var row = own(tenant(), run).filter(r -> r.view().state().equals(RunView.QUEUED));
        row.ifPresent(r ->
                put(
                        runs,
                        run,
                        new StoredRun(
                                r.tenant(),
                                r.view().with(to, end, 0),
                                why,
                                r.length(),
                                r.head(),
                                r.parent(),
                                r.depth())));
        return row.isPresent();
    }

    private Optional<StoredRun> own(TenantId tenant, RunId run) {
        return Optional.ofNullable(runs.get(run)).filter(r -> r.tenant().equals(tenant));
    }

    @Override
    public Map<RunId, Row> lock(Collection<RunId> ids) {
        TenantId tenant = tenant();
        var found = new LinkedHashMap<RunId, Row>();
        ids.stream()
                .distinct()
                .sorted(Comparator.comparing(RunId::value))
                .forEach(id ->
                        own(tenant, id)
                                .ifPresent(r ->
                                        found.put(
                                                id,
                                                new Row(
                                                        r.view(),
                                                        r.length(),
                                                        r.head(),
                                                        r.parent(),
                                                        r.depth(),
                                                        false))));
        return found;
    }

    @Override
    public Map<RunId, Row> lockFree(Collection<RunId> ids) {
        var found = new LinkedHashMap<>(lock(ids));
        found.keySet().removeIf(_ -> faults.passedOver());
        return found;
    }

    @Override
    public Set<RunId> known(Collection<RunId> ids) {
        TenantId tenant = tenant();
        return ids.stream().filter(id -> own(tenant, id).isPresent()).collect(toSet());
    }

    @Override
    public List<String> journal(RunId run) {
        return own(tenant(), run).isPresent()
                ? List.copyOf(journals.getOrDefault(run, List.of()))
                : List.of();
    }

    @Override
    public Map<RunId, Map<String, String>> write(List<Turned> turns) {
        TenantId tenant = tenant();
        for (Turned turn : turns) {
            RunId run = turn.row().id();
            long length = turn.row().length() + 1;
            if (turn.isNew()) {
                insert(
                        new StoredRun(
                                tenant,
                                turn.after(),
                                turn.result(),
                                length,
                                turn.head(),
                                turn.row().parent(),
                                turn.row().depth()));
            }
            var journal = journals.getOrDefault(run, List.of());
            if (journal.size() != length - 1) {
                throw new DuplicateKeyException("workflow_journal " + run + " " + length);
            }
            var longer = new ArrayList<>(journal);
            longer.add(turn.entry());
            put(journals, run, longer);
        }
        statement();
        for (Turned turn : turns) {
            RunId run = turn.row().id();
            var stored = own(tenant, run);
            if (!turn.isNew() && stored.isPresent()) {
                put(
                        runs,
                        run,
                        new StoredRun(
                                tenant,
                                stored.get()
                                        .view()
                                        .with(
                                                turn.after().state(),
                                                turn.after().endedAt(),
                                                turn.after().stepsDone()),
                                turn.result(),
                                turn.row().length() + 1,
                                turn.head(),
                                stored.get().parent(),
                                stored.get().depth()));
            }
        }
        statement();
        var known = new HashMap<RunId, Map<String, String>>();
        for (Turned turn : turns) {
            RunId run = turn.row().id();
            var ofRun = new LinkedHashMap<>(steps.getOrDefault(run, Map.of()));
            var given = new HashMap<>(inputs.getOrDefault(run, Map.of()));
            for (StepState step : turn.steps()) {
                ofRun.put(step.id(), step);
                var input = turn.inputs().get(step.id());
                if (input != null) {
                    given.put(step.id(), json.writeValueAsString(input));
                }
            }
            put(steps, run, ofRun);
            put(inputs, run, given);
            if (!turn.isNew()) {
                known.put(run, given);
            }
        }
        return known;
    }

    @Override
    public Optional<RunView> find(RunId run) {
        return own(tenant(), run).map(StoredRun::view);
    }

    // ---- what is due

    @Override
    public void add(List<Due> due, Duration lease) {
        if (due.isEmpty()) {
            return;
        }
        statement();
        for (Due d : due) {
            mayWrite(d.tenant());
            var key = new PointerKey(d.tenant(), d.run(), d.step(), d.epoch(), d.kind());
            if (!pointers.containsKey(key)) {
                boolean taken = d.claim() != null;
                put(
                        pointers,
                        key,
                        new StoredPointer(
                                d.at(),
                                d.key(),
                                d.claim(),
                                taken ? clock.get().plus(lease) : null,
                                taken ? 1 : 0));
            }
        }
    }

    private void mayWrite(TenantId tenant) {
        if (!(role instanceof Scope.Tenant(var own, _, _)) || !own.equals(tenant)) {
            throw new IllegalStateException("row-level security: " + role + " and " + tenant);
        }
    }

    @Override
    public List<Pointer> claim(Room room, Duration lease) {
        platform();
        Instant now = clock.get();
        var rounds = new ArrayList<List<PointerKey>>();
        pointers.entrySet().stream()
                .filter(e -> isFree(e.getValue(), now))
                .filter(_ -> !faults.passedOver())
                .sorted(Comparator.comparing(e -> e.getValue().due()))
                .map(Map.Entry::getKey)
                .collect(
                        Collectors.groupingBy(
                                PointerKey::tenant, LinkedHashMap::new, Collectors.toList()))
                .forEach((tenant, ofTenant) -> {
                    for (int i = 0; i < Math.min(ofTenant.size(), room.of(tenant)); i++) {
                        if (rounds.size() == i) {
                            rounds.add(new ArrayList<>());
                        }
                        rounds.get(i).add(ofTenant.get(i));
                    }
                });
        var taken = new ArrayList<Pointer>();
        rounds.stream()
                .flatMap(List::stream)
                .limit(room.most())
                .toList()
                .forEach(key -> {
                    var before = pointers.get(key);
                    var claim = uuids.get();
                    put(
                            pointers,
                            key,
                            new StoredPointer(
                                    before.due(),
                                    before.key(),
                                    claim,
                                    now.plus(lease),
                                    before.takes() + 1));
                    taken.add(
                            new Pointer(
                                    key.tenant(),
                                    key.run(),
                                    key.step(),
                                    key.epoch(),
                                    key.kind(),
                                    before.key(),
                                    claim,
                                    before.takes() + 1));
                });
        return taken;
    }

    private static boolean isFree(StoredPointer pointer, Instant now) {
        return !pointer.due().isAfter(now)
                && (pointer.lease() == null || pointer.lease().isBefore(now));
    }

    @Override
    public void renew(List<Pointer> held, Duration lease) {
        platform();
        for (Pointer pointer : held) {
            var key =
                    new PointerKey(
                            pointer.tenant(),
                            pointer.run(),
                            pointer.step(),
                            pointer.epoch(),
                            pointer.kind());
            var p = pointers.get(key);
            if (p != null && pointer.claim().equals(p.claim())) {
                put(
                        pointers,
                        key,
                        new StoredPointer(
                                p.due(), p.key(), p.claim(), clock.get().plus(lease), p.takes()));
            }
        }
    }

    @Override
    public void write(Changes changes, Duration lease) {
        drop(changes.dropped());
        dropRuns(changes.tenant(), changes.over());
        add(changes.due(), lease);
        clearTimers(changes.cleared());
        setTimers(changes.set());
    }

    private void drop(List<Pointer> dropped) {
        if (dropped.isEmpty()) {
            return;
        }
        statement();
        for (Pointer p : dropped) {
            mayWrite(p.tenant());
            var key = new PointerKey(p.tenant(), p.run(), p.step(), p.epoch(), p.kind());
            var stored = pointers.get(key);
            if (stored != null && p.claim().equals(stored.claim())) {
                remove(pointers, key);
            }
        }
    }

    @Override
    public void dropStep(TenantId tenant, RunId run, String step, long epoch) {
        statement();
        mayWrite(tenant);
        pointers.keySet().stream()
                .filter(k ->
                        k.tenant().equals(tenant)
                                && k.run().equals(run)
                                && k.step().equals(step)
                                && k.epoch() <= epoch)
                .toList()
                .forEach(key -> remove(pointers, key));
    }

    private void dropRuns(TenantId tenant, List<RunId> ended) {
        if (ended.isEmpty()) {
            return;
        }
        statement();
        mayWrite(tenant);
        pointers.keySet().stream()
                .filter(k -> k.tenant().equals(tenant) && ended.contains(k.run()))
                .toList()
                .forEach(key -> remove(pointers, key));
        statement();
        timers.keySet().stream()
                .filter(k -> k.tenant().equals(tenant) && ended.contains(k.run()))
                .toList()
                .forEach(key -> remove(timers, key));
    }

    @Override
    public void setTimers(List<DueTimer> set) {
        if (set.isEmpty()) {
            return;
        }
        statement();
        for (DueTimer t : set) {
            mayWrite(t.tenant());
            put(timers, new TimerKey(t.tenant(), t.run(), t.timer()), t.due());
            if (t.timer().startsWith(Signals.DELIVER)) {
                put(everSet, new SetTimer(t, clock.get()), true);
            }
        }
    }

    @Override
    public void clearTimers(List<DueTimer> cleared) {
        if (cleared.isEmpty()) {
            return;
        }
        statement();
        for (DueTimer t : cleared) {
            mayWrite(t.tenant());
            remove(timers, new TimerKey(t.tenant(), t.run(), t.timer()));
        }
    }

    @Override
    public List<DueTimer> takeDueTimers(Instant now, int most) {
        platform();
        return timers.entrySet().stream()
                .filter(e -> !e.getValue().isAfter(now))
                .filter(_ -> !faults.passedOver())
                .sorted(Map.Entry.comparingByValue())
                .limit(most)
                .map(e ->
                        new DueTimer(
                                e.getKey().tenant(),
                                e.getKey().run(),
                                e.getKey().timer(),
                                e.getValue()))
                .toList();
    }

    // ---- versions

    @Override
    public Optional<Drawing> published(UUID workflow, int version) {
        return Optional.ofNullable(versions.get(new Published(tenant(), workflow, version)))
                .map(Version::drawing);
    }

    @Override
    public Optional<Integer> withHash(UUID workflow, String hash) {
        var tenant = tenant();
        return versions.entrySet().stream()
                .filter(e -> e.getKey().tenant().equals(tenant))
                .filter(e -> e.getKey().workflow().equals(workflow))
                .filter(e -> e.getValue().hash().equals(hash))
                .map(e -> e.getKey().version())
                .max(Comparator.naturalOrder());
    }

    /** Published versions never change, so this needs no transaction. */
    void publish(TenantId tenant, UUID workflow, int version, Drawing drawing, String hash) {
        versions.put(new Published(tenant, workflow, version), new Version(drawing, hash));
    }

    // ---- what people do to runs

    @Override
    public Map<String, Done> done(RunId run) {
        throw new UnsupportedOperationException("No run is taken over by a new one here");
    }

    @Override
    public Optional<UUID> continuedAs(RunId run) {
        tenant();
        return Optional.empty();
    }

    @Override
    public void continuedAs(RunId run, UUID other) {
        throw new UnsupportedOperationException("No run is taken over by a new one here");
    }

    @Override
    public void isLive(RunId run) {
        own(tenant(), run)
                .ifPresent(row ->
                        put(
                                runs,
                                run,
                                row.with(
                                        row.view().with("running", null, row.view().stepsDone()))));
    }

    @Override
    public void forgetUnreached(RunId run, RunState state) {
        if (own(tenant(), run).isEmpty()) {
            return;
        }
        var left = new LinkedHashMap<>(steps.getOrDefault(run, Map.of()));
        left.values()
                .removeIf(step ->
                        step.status() == StepStatus.SKIPPED
                                && !step.id().contains("/")
                                && state.step(step.id()).isEmpty());
        put(steps, run, left);
    }

    @Override
    public void moved(RunId run, RunMove move, int total) {
        var row = own(tenant(), run).orElseThrow();
        var v = row.view();
        put(
                runs,
                run,
                row.with(
                        new RunView(
                                v.id(),
                                v.number(),
                                v.workflowId(),
                                v.workflowName(),
                                move.to(),
                                v.state(),
                                v.startedAt(),
                                v.endedAt(),
                                v.startedBy(),
                                v.subject(),
                                v.incidentId(),
                                v.stepsDone(),
                                Math.max(total, v.stepsDone()))));
        statement();
        var longer = new ArrayList<>(moves.getOrDefault(run, List.of()));
        longer.add(move);
        put(moves, run, longer);
    }

    // ---- what only the simulation looks at

    Map<RunId, StoredRun> runs() {
        return runs;
    }

    List<String> entries(RunId run) {
        return journals.getOrDefault(run, List.of());
    }

    Map<String, StepState> steps(RunId run) {
        return steps.getOrDefault(run, Map.of());
    }

    List<RunMove> moves(RunId run) {
        return moves.getOrDefault(run, List.of());
    }

    /** Deliveries of signals that were ever committed. */
    Set<SetTimer> deliveries() {
        return everSet.keySet();
    }

    /** When the next pointer can be claimed. */
    Optional<Instant> nextPointer() {
        return pointers.values().stream()
                .map(p ->
                        p.lease() != null && p.lease().isAfter(p.due())
                                ? p.lease().plusNanos(1000)
                                : p.due())
                .min(Comparator.naturalOrder());
    }

    Optional<Instant> nextTimer() {
        return timers.values().stream().min(Comparator.naturalOrder());
    }

    String leftovers() {
        return pointers + " " + timers;
    }

    boolean isIdle() {
        return pointers.isEmpty() && timers.isEmpty();
    }
}
