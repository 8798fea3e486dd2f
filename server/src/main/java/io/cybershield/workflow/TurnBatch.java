package io.cybershield.workflow;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.workflow.DispatchStore.Changes;
import io.cybershield.workflow.DispatchStore.Due;
import io.cybershield.workflow.DispatchStore.DueTimer;
import io.cybershield.workflow.DispatchStore.Pointer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Turns that are written together. */
final class TurnBatch {
    private final RunTurns all;
    private final TenantId tenant = Scope.currentTenant();
    private final Map<RunId, RunTurn> turns = new LinkedHashMap<>();
    private final List<Due> due = new ArrayList<>();
    private final List<Pointer> dropped = new ArrayList<>();
    private final List<RunId> over = new ArrayList<>();
    private final Map<RunId, Map<String, Optional<Instant>>> timers = new LinkedHashMap<>();
    private final Deque<Runnable> children = new ArrayDeque<>();
    private final Deque<Long> numbers = new ArrayDeque<>();
    private int expected = 1;

    TurnBatch(RunTurns all) {
        this.all = all;
    }

    TenantId tenant() {
        return tenant;
    }

    /** Takes these runs for the open transaction, always in the same order. */
    void lock(Collection<RunId> ids) {
        if (!ids.isEmpty()) {
            all.runs.lock(ids).values().forEach(this::took);
        }
    }

    /** As {@link #lock}, and passes over those that somebody is at work on. */
    void lockFree(Collection<RunId> ids) {
        if (!ids.isEmpty()) {
            all.runs.lockFree(ids).values().forEach(this::took);
        }
    }

    private void took(RunStore.Row row) {
        var version = all.version(row.run());
        var loaded = new RunTurns.Loaded(row, version, all.state(row, version));
        turns.put(row.id(), new RunTurn(all, this, loaded, false));
    }

    Optional<RunTurn> find(RunId run) {
        return Optional.ofNullable(turns.get(run));
    }

    /** How many runs are about to begin, so that their numbers are fetched at once. */
    void expect(int starts) {
        expected = Math.max(1, starts);
    }

    /** The next run's number. */
    long number() {
        if (numbers.isEmpty()) {
            numbers.addAll(all.runs.nextNumbers(expected));
            expected = 1;
        }
        return numbers.remove();
    }

    /** A run that is not stored yet. */
    RunTurn begin(RunView run, RunStore.@Nullable Parent parent, int depth) {
        var row = new RunStore.Row(run, 0, new byte[0], parent, depth, true);
        var version = all.version(run);
        var turn =
                new RunTurn(
                        all,
                        this,
                        new RunTurns.Loaded(row, version, all.state(row, version)),
                        true);
        turns.put(row.id(), turn);
        return turn;
    }

    /** The worker is done with this; it goes only while its claim still stands. */
    void drop(Pointer pointer) {
        if (!due.removeIf(d -> pointer.claim().equals(d.claim()))) {
            dropped.add(pointer);
        }
    }

    List<Due> due() {
        return due;
    }

    void timer(RunId run, String name, Optional<Instant> at) {
        timers.computeIfAbsent(run, _ -> new LinkedHashMap<>()).put(name, at);
    }

    /** To be begun after the turn that made it. */
    void child(Runnable begins) {
        children.add(begins);
    }

    /** Nothing of a run is due any more. */
    void forget(RunId run, boolean wasStored) {
        due.removeIf(d -> d.run().equals(run));
        timers.remove(run);
        if (wasStored) {
            over.add(run);
        }
    }

    /** Writes all that the turns came to; the runs must be taken anew after it. */
    void flush() {
        while (!children.isEmpty()) {
            children.remove().run();
        }
        var written = turns.values().stream().filter(RunTurn::hasTurned).toList();
        turns.clear();
        if (!written.isEmpty()) {
            write(written);
        }
        var set = timers(true);
        all.dispatch.write(
                new Changes(
                        tenant,
                        List.copyOf(dropped),
                        List.copyOf(over),
                        List.copyOf(due),
                        timers(false),
                        set),
                RunTurns.LEASE);
        Instant now = all.now();
        boolean stepsDue = due.stream().anyMatch(d -> d.claim() == null && !d.at().isAfter(now));
        boolean timersDue = set.stream().anyMatch(timer -> !timer.due().isAfter(now));
        dropped.clear();
        over.clear();
        due.clear();
        timers.clear();
        if (!written.isEmpty()) {
            afterCommit(stepsDue, timersDue);
        }
        if (!turns.isEmpty() || !children.isEmpty()) {
            flush(); // an end may begin what waited for it
        }
    }

    private void write(List<RunTurn> written) {
        var turned = written.stream().map(RunTurn::turned).toList();
        var inputs = all.runs.write(turned);
        var ended = new ArrayList<RunView>();
        for (int i = 0; i < written.size(); i++) {
            RunTurn turn = written.get(i);
            RunStore.Turned t = turned.get(i);
            turn.ask();
            all.told.turned(turn, t, inputs.getOrDefault(t.row().id(), Map.of()));
            if (turn.completed() != null) {
                ended.add(t.after());
            }
            all.remember(t.row().id(), t.head(), turn.now().state());
        }
        if (!ended.isEmpty()) {
            all.told.ended(ended);
        }
    }

    /** Those that are set, or those that are not any more. */
    private List<DueTimer> timers(boolean set) {
        var found = new ArrayList<DueTimer>();
        timers.forEach((run, byName) ->
                byName.forEach((name, at) -> {
                    if (at.isPresent() == set) {
                        found.add(new DueTimer(tenant, run, name, at.orElse(Instant.EPOCH)));
                    }
                }));
        return found;
    }

    private void afterCommit(boolean stepsDue, boolean timersDue) {
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        if (stepsDue) {
                            all.signal.wake(tenant);
                        }
                        if (timersDue) {
                            all.signal.wakeTimers();
                        }
                    }
                });
    }
}
