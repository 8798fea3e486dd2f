package io.cybershield.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.flow.Description;
import io.cybershield.flow.Evaluation;
import io.cybershield.flow.RunContext;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.payload.RunPayloads;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Turns of runs: takes the runs, lets the engine decide, and writes journals, steps, pointers and
 * questions in one transaction, with the same few statements for one run as for a hundred.
 */
@Component
final class RunTurns {
    /** How long a worker may stay silent before its step counts as left behind. */
    static final Duration LEASE = Duration.ofSeconds(5);

    private static final int MOST_REMEMBERED_STEPS = 200_000;

    /** Of runs of which nothing goes on: few of a million, those that were heard of last. */
    private static final int MOST_REMEMBERED_AT_REST = 4_000;

    final RunStore runs;
    final DispatchStore dispatch;
    final NodeKinds kinds;
    final Evaluation evaluation;
    final ChildRuns childRuns;
    final EventJson events;
    final Asks asks;
    final Told told;
    final WorkSignal signal;
    final RunPayloads payloads;
    private final Transactions transactions;
    private final Versions versions;
    private final Clock clock;

    /**
     * States by run, each with the hash of the journal it was folded from: the hash names the
     * content, so what a rolled back transaction left here can never be taken for true.
     */
    private final Cache<RunId, Remembered> remembered = cache(MOST_REMEMBERED_STEPS);

    private final Cache<RunId, Remembered> atRest = cache(MOST_REMEMBERED_AT_REST);

    private record Remembered(byte[] head, RunState state) {}

    private static Cache<RunId, Remembered> cache(int steps) {
        return Caffeine.newBuilder()
                .maximumWeight(steps)
                .weigher((RunId _, Remembered r) -> 1 + r.state().tally().ended())
                .build();
    }

    RunTurns(
            Transactions transactions,
            RunStore runs,
            DispatchStore dispatch,
            Versions versions,
            NodeKinds kinds,
            Evaluation evaluation,
            ChildRuns childRuns,
            EventJson events,
            Asks asks,
            Told told,
            WorkSignal signal,
            RunPayloads payloads,
            Clock clock) {
        this.transactions = transactions;
        this.runs = runs;
        this.dispatch = dispatch;
        this.versions = versions;
        this.kinds = kinds;
        this.evaluation = evaluation;
        this.childRuns = childRuns;
        this.events = events;
        this.asks = asks;
        this.told = told;
        this.signal = signal;
        this.payloads = payloads;
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
            return context(step, new RunContext.Seen(version.payloads()));
        }

        /** For many steps of the run, one after another. */
        RunContext context(String step, RunContext.Seen known) {
            return RunContext.of(
                    state,
                    step,
                    version.definition(),
                    row.run().number(),
                    row.run().workflowName(),
                    Scope.currentTenant().toString(),
                    known);
        }

        Node node(String step) {
            return version.definition().find(StepId.key(step)).orElseThrow();
        }
    }

    /** Takes the run for the open transaction; empty when the tenant has no such run. */
    Optional<Loaded> load(RunId run) {
        return batchWith(run).find(run).map(RunTurn::now);
    }

    /** Lets an event happen to a run, in the tenant's scope; it is written when this returns. */
    Taken take(RunId run, Event event) {
        return transactions.call(() -> {
            TurnBatch batch = batchWith(run);
            RunTurn turn =
                    batch.find(run)
                            .orElseThrow(
                                    () -> new IllegalStateException("Run " + run + " is missing"));
            boolean counted = turn.take(event, null);
            batch.flush();
            return new Taken(turn.now().state(), counted);
        });
    }

    private TurnBatch batchWith(RunId run) {
        return pending().filter(b -> b.find(run).isPresent()).orElseGet(() -> batch(List.of(run)));
    }

    /**
     * Takes runs for the open transaction, in the tenant's scope.
     *
     * @param ids those that the tenant does not have are left out
     */
    TurnBatch batch(Collection<RunId> ids) {
        var batch = new TurnBatch(this);
        batch.lock(ids);
        return batch;
    }

    /**
     * What the open transaction writes at its end; runs that begin in it are there and nowhere else
     * until then.
     */
    TurnBatch atEnd() {
        return transactions
                .gather(
                        new AtEnd(Scope.currentTenant()),
                        Transactions.Order.ROWS,
                        () -> new TurnBatch(this),
                        TurnBatch::flush)
                .orElseThrow();
    }

    private Optional<TurnBatch> pending() {
        return transactions.gathered(new AtEnd(Scope.currentTenant()));
    }

    /** A run that began in the open transaction and is not written yet. */
    Optional<RunView> unwritten(RunId run) {
        return pending().flatMap(batch -> batch.find(run)).map(RunTurn::view);
    }

    /** What such a run came to, if it ended and says. */
    Optional<String> unwrittenResult(RunId run) {
        return pending().flatMap(batch -> batch.find(run)).map(RunTurn::result);
    }

    /** Writes the runs that began in the open transaction, for whoever is about to read them. */
    void writeUnwritten() {
        pending().ifPresent(TurnBatch::flush);
    }

    private record AtEnd(TenantId tenant) {}

    /** Keys of nodes that destroy something. */
    boolean isDestructive(String type) {
        return kinds.find(type).map(d -> d.type().destructive()).orElse(false);
    }

    Description kind(String type) {
        return kinds.get(type);
    }

    Versions.Ready version(RunView run) {
        return versions.get(run.workflowId(), run.version());
    }

    RunState state(RunStore.Row row, Versions.Ready version) {
        Remembered working = remembered.getIfPresent(row.id());
        Remembered known = working == null ? atRest.getIfPresent(row.id()) : working;
        if (known != null && Arrays.equals(known.head(), row.head())) {
            return known.state();
        }
        return versions.replay(
                row.run().workflowId(), version, row.length() == 0 ? List.of() : journal(row.id()));
    }

    /** All events of a run, in order. */
    List<Event> journal(RunId run) {
        return runs.journal(run).stream().flatMap(entry -> events.read(entry).stream()).toList();
    }

    /** Keeps a state by the hash of its journal, until the run ends or there is no room for it. */
    void remember(RunId run, byte[] head, RunState state) {
        boolean over = state.status().isFinal();
        boolean rests = state.tally().busy() == 0;
        keep(remembered, !over && !rests, run, head, state);
        keep(atRest, !over && rests, run, head, state);
    }

    private static void keep(
            Cache<RunId, Remembered> cache,
            boolean wanted,
            RunId run,
            byte[] head,
            RunState state) {
        if (wanted) {
            cache.put(run, new Remembered(head, state));
        } else {
            cache.invalidate(run);
        }
    }
}
