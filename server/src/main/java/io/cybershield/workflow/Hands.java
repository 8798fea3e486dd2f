package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.SignalName;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What a person can do to a run: stop it, in three ways, take it up again, and send it a signal.
 */
@Component
final class Hands {
    private final Transactions transactions;
    private final RunStarts starts;
    private final RunStore store;
    private final RunTurns turns;
    private final RunGate gate;
    private final DeadLetterStore letters;
    private final HandStore hands;
    private final HandsTold told;

    Hands(
            Transactions transactions,
            RunStarts starts,
            RunStore store,
            RunTurns turns,
            RunGate gate,
            DeadLetterStore letters,
            HandStore hands,
            HandsTold told) {
        this.transactions = transactions;
        this.starts = starts;
        this.store = store;
        this.turns = turns;
        this.gate = gate;
        this.letters = letters;
        this.hands = hands;
        this.told = told;
    }

    /**
     * Ends a run whatever its workers do; one that is queued never begins. Stopping what stops
     * already changes nothing, except that a kill ends it at once.
     */
    RunView stop(RunId run, Event.Stop mode, String reason) {
        return transactions.call(() -> {
            RunView before = store.get(run);
            if (before.state().equals(RunView.QUEUED)) {
                return starts.stop(run, actor(), "Stopped by " + actor() + " before it began.");
            }
            // One that ended in the queue has no journal that would say so.
            if (before.hasEnded()) {
                throw over(before);
            }
            var taken =
                    turns.take(run, new Event.CancelRequested(turns.now(), actor(), reason, mode));
            if (!taken.counted() && taken.state().status().isFinal()) {
                throw over(before);
            }
            told.stopping(run, mode, reason);
            return store.get(run);
        });
    }

    static ProblemException over(RunView run) {
        return WorkflowProblems.RUN_OVER.because(
                "Run " + run.number() + " has ended: " + run.state() + ".");
    }

    /**
     * Lets a failed run go on where it failed; what succeeded stays.
     *
     * @param ended when the failure was that whoever asks has looked at, so that what is sent again
     *     does not take up a later one; null for the last, whichever it is
     */
    RunView resume(RunId run, @Nullable Instant ended) {
        return transactions.call(() -> {
            var loaded =
                    turns.load(run)
                            .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run."));
            RunView before = loaded.row().run();
            if (ended != null && before.endedAt() != null && !ended.equals(before.endedAt())) {
                throw WorkflowProblems.NOT_RESUMABLE.because(
                        "Run "
                                + before.number()
                                + ": It was taken up again since you looked, and failed again. Look"
                                + " at it again.");
            }
            objection(loaded)
                    .ifPresent(why -> {
                        throw WorkflowProblems.NOT_RESUMABLE.because(
                                "Run " + before.number() + ": " + why);
                    });
            if (!hasRoom(loaded)) {
                throw noRoom(before);
            }
            // Before its turn, in which it may fail again.
            letters.replayed(run, actor(), turns.now());
            var taken = turns.take(run, new Event.RunResumed(turns.now(), actor()));
            if (!taken.counted()) {
                throw WorkflowProblems.NOT_RESUMABLE.because("It changed meanwhile.");
            }
            told.goesOn(run.value());
            resumed(run, taken.state(), actor());
            return store.get(run);
        });
    }

    /** Why it cannot be resumed; empty when it can. */
    Optional<String> objection(RunTurns.Loaded run) {
        return Resumption.objection(
                        run.state(), run.version().drawing(), run.row().parent() != null)
                .or(() ->
                        hands.continuedAs(run.row().id())
                                .map(other ->
                                        "It goes on as another run already, in a newer version: "
                                                + other
                                                + "."));
    }

    static ProblemException noRoom(RunView run) {
        return WorkflowProblems.NO_ROOM.because(
                "A limit of '"
                        + run.workflowName()
                        + "' or of the company is used up. Nothing was done.");
    }

    /** Whether the limits let it be live again; it then counts. */
    boolean hasRoom(RunTurns.Loaded run) {
        return hasRoom(run, run.row().run().id());
    }

    /** Whether the limits let a run with this id be live in its place; it then counts. */
    boolean hasRoom(RunTurns.Loaded run, UUID id) {
        return gate.readmit(
                new RunGate.Candidate(
                        id,
                        run.row().run().workflowId(),
                        run.row().run().version(),
                        trigger(run),
                        run.state().input(),
                        false));
    }

    /**
     * The turn that takes it up is not written yet, but the next run's limits are asked already.
     */
    void live(RunId run) {
        hands.isLive(run);
    }

    /**
     * What is to be written besides when a run was taken up, in the transaction of its turn; its
     * failure counts as dealt with before that turn is written.
     */
    void resumed(RunId run, RunState now, String by) {
        hands.forgetUnreached(run, now);
        told.resumed(store.get(run), by);
    }

    /** The trigger that started it. */
    static String trigger(RunTurns.Loaded run) {
        return run.version().drawing().nodes().stream()
                .map(box -> box.key())
                .filter(key ->
                        run.state()
                                .step(key)
                                .filter(step ->
                                        step.status() == StepStatus.SUCCEEDED
                                                && step.queuedAt().equals(run.state().startedAt())
                                                && step.epoch() == 0)
                                .isPresent())
                .findFirst()
                .orElse("");
    }

    /**
     * A signal that one run was sent.
     *
     * @param repeated whether it had been sent before, with the same id
     * @param takenBy the step that went on because of it; null while the run keeps it
     */
    record Told(RunView run, boolean repeated, @Nullable String takenBy) {}

    /** Tells one run; it keeps the signal until a step waits for it. */
    @SuppressWarnings(
            "NullAway") // a value may be null; the engine's type says so only in its source
    Told signal(RunId run, String id, SignalName name, Map<String, @Nullable Object> payload) {
        return transactions.call(() -> {
            var loaded =
                    turns.load(run)
                            .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run."));
            RunState before = loaded.state();
            if (find(before, id).isPresent()) {
                return told(run, before, id, true);
            }
            RunView view = loaded.row().run();
            if (before.status().isFinal() || view.endedAt() != null) {
                throw over(view);
            }
            if (view.state().equals(RunView.QUEUED)) {
                throw WorkflowProblems.RUN_NOT_BEGUN.because(
                        "Run "
                                + view.number()
                                + " waits in the queue and cannot be told anything.");
            }
            var taken =
                    turns.take(
                            run,
                            new Event.SignalArrived(
                                    turns.now(), id, meant(before, name).text(), payload));
            if (!taken.counted()) {
                throw WorkflowProblems.TOO_MANY_SIGNALS.because(
                        "Run " + view.number() + " was sent " + before.signals().size() + ".");
            }
            told.signalled(run, id, name);
            return told(run, taken.state(), id, false);
        });
    }

    /** Whoever names the run need not say the key when only one such signal is waited for. */
    private static SignalName meant(RunState state, SignalName said) {
        if (!said.key().isEmpty()) {
            return said;
        }
        var waiting =
                state.steps().values().stream()
                        .filter(step -> step.status() == StepStatus.WAITING)
                        .map(step -> step.signal())
                        .filter(signal -> signal != null)
                        .map(SignalName::of)
                        .filter(name -> name.name().equals(said.name()))
                        .distinct()
                        .toList();
        return waiting.size() == 1 ? waiting.getFirst() : said;
    }

    private Told told(RunId run, RunState state, String id, boolean repeated) {
        return new Told(
                store.get(run),
                repeated,
                find(state, id).map(RunState.Signal::takenBy).orElse(null));
    }

    private static Optional<RunState.Signal> find(RunState state, String id) {
        return state.signals().stream().filter(signal -> signal.id().equals(id)).findFirst();
    }

    static Event.Stop mode(String wire) {
        return Event.Stop.valueOf(wire.toUpperCase(Locale.ROOT));
    }

    private static String actor() {
        return Scope.current().principal().name();
    }
}
