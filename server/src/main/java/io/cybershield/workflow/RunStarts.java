package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Begins runs within their limits, and ends them from outside. */
@Component
final class RunStarts {
    private final Transactions transactions;
    private final RunStore store;
    private final Versions versions;
    private final RunTurns turns;
    private final Told told;
    private final Ids ids;
    private final RunGate gate;

    RunStarts(
            Transactions transactions,
            RunStore store,
            Versions versions,
            RunTurns turns,
            Told told,
            Ids ids,
            RunGate gate) {
        this.transactions = transactions;
        this.store = store;
        this.versions = versions;
        this.turns = turns;
        this.told = told;
        this.ids = ids;
        this.gate = gate;
    }

    /**
     * Begins a run, or puts it into the queue when the limits say so. In the caller's transaction,
     * which writes it at its end; until then only {@link Runs#find} knows it.
     *
     * @throws io.cybershield.platform.ProblemException if the limits refuse it
     */
    RunView start(Runs.Start start) {
        var ready = versions.get(start.workflow(), start.version());
        UUID id = ids.next();
        gate.open();
        boolean counts = gate.counts(start.workflow(), start.alone());
        if (counts) {
            turns.writeUnwritten();
        }
        boolean begins =
                !counts
                        || gate.admit(
                                new RunGate.Candidate(
                                        id,
                                        start.workflow(),
                                        start.version(),
                                        start.node(),
                                        start.input(),
                                        start.alone()));
        told.made(id);
        var batch = turns.atEnd();
        var run =
                new RunView(
                        id,
                        batch.number(),
                        start.workflow(),
                        ready.drawing().name(),
                        start.version(),
                        begins ? "running" : RunView.QUEUED,
                        turns.now(),
                        null,
                        Scope.current().principal().name(),
                        start.subject(),
                        start.incident(),
                        0,
                        ready.drawing().nodes().size());
        if (!begins) {
            store.insert(run);
            told.queued(run);
            return run;
        }
        told.started(run);
        RunTurn turn = batch.begin(run, null, 0);
        turn.take(started(run, ready, start.node(), start.input()), null);
        RunView begun = turn.view();
        if (counts) {
            batch.flush();
        }
        return begun;
    }

    /**
     * Begins a run that waited in the queue; empty if it was cancelled meanwhile. In the caller's
     * transaction.
     */
    Optional<RunView> begin(RunId queued, String node, Map<String, @Nullable Object> input) {
        if (!store.beginQueued(queued, turns.now())) {
            return Optional.empty();
        }
        RunView run = store.get(queued);
        told.started(run);
        turns.take(
                queued, started(run, versions.get(run.workflowId(), run.version()), node, input));
        return Optional.of(store.get(queued));
    }

    @SuppressWarnings(
            "NullAway") // an input may be null; the engine's type says so only in its source
    private Event started(
            RunView run, Versions.Ready version, String node, Map<String, @Nullable Object> input) {
        return new Event.RunStarted(
                turns.now(),
                run.id().toString(),
                version.engine().workflowHash(),
                node,
                run.id().getLeastSignificantBits(),
                input);
    }

    /** Ends a run without its workers' help; one that is queued never begins. */
    RunView stop(RunId run, String by, String why) {
        return transactions.call(() -> {
            store.get(run);
            boolean wasQueued = store.endQueued(run, turns.now(), why);
            if (wasQueued) {
                gate.left(run.value());
            } else if (turns.load(run).filter(now -> now.row().run().hasEnded()).isEmpty()) {
                // One that ended in the queue meanwhile is over, and has no journal to say so.
                turns.take(run, new Event.CancelRequested(turns.now(), by, why));
            }
            RunView ended = store.get(run);
            told.stopped(ended, wasQueued);
            return ended;
        });
    }
}
