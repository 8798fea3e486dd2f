package io.cybershield.workflow;

import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Event;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Runs of published workflows: starting, watching, stopping, settling. */
@Component
public final class Runs {
    private final Transactions transactions;
    private final RunStore store;
    private final Versions versions;
    private final RunTurns turns;
    private final RunReads reads;
    private final RunStarts starts;
    private final RunPeople people;
    private final AuditTrail audit;
    private final TurnQueue together;

    Runs(
            Transactions transactions,
            RunStore store,
            Versions versions,
            RunTurns turns,
            RunReads reads,
            RunStarts starts,
            RunPeople people,
            AuditTrail audit,
            TurnQueue together) {
        this.transactions = transactions;
        this.store = store;
        this.versions = versions;
        this.turns = turns;
        this.reads = reads;
        this.starts = starts;
        this.people = people;
        this.audit = audit;
        this.together = together;
    }

    /** A run with its drawing, every step, and how it came to its version. */
    public record Detail(
            RunView run,
            Drawing definition,
            List<StepView> steps,
            @Nullable String result,
            List<RunMove> moves) {}

    /** One line each of the runs about an incident, newest first. */
    public List<RunView> ofIncident(UUID incident) {
        return transactions.call(() -> reads.list(null, null, incident, null, 50));
    }

    /**
     * How many runs of a workflow are about an incident, those included that began in the caller's
     * transaction. Events about one incident come in order, so that nobody else starts one between
     * this question and the next start.
     */
    public int about(UUID incident, UUID workflow, Instant since) {
        return transactions.call(() -> {
            turns.writeUnwritten();
            return reads.about(incident, workflow, since);
        });
    }

    Page<RunView> list(
            @Nullable UUID workflow, @Nullable String state, @Nullable UUID after, int limit) {
        return transactions.call(() ->
                Page.of(
                        reads.list(workflow, state, null, after, limit + 1),
                        limit,
                        r -> r.id().toString()));
    }

    /** With its drawing and every step. */
    public Detail get(RunId run) {
        return transactions.call(() -> {
            RunView view = store.get(run);
            var version = versions.get(view.workflowId(), view.version());
            return new Detail(
                    view,
                    version.drawing(),
                    reads.steps(run, version),
                    reads.result(run).orElse(null),
                    reads.moves(run));
        });
    }

    /** A run's line, if the tenant has it. */
    public Optional<RunView> find(RunId run) {
        return transactions.call(() -> turns.unwritten(run).or(() -> store.find(run)));
    }

    /** What a run came to, once it ended and if it says. */
    public Optional<String> result(RunId run) {
        return transactions.call(() -> turns.unwrittenResult(run).or(() -> reads.result(run)));
    }

    /**
     * A run that is to start.
     *
     * @param node the trigger
     * @param subject what it is about, for people
     * @param alone waits while another run that the same trigger started is live
     */
    public record Start(
            UUID workflow,
            int version,
            String node,
            Map<String, @Nullable Object> input,
            String subject,
            @Nullable UUID incident,
            boolean alone) {}

    /**
     * Does what starts runs in one transaction with others of the tenant that are being started,
     * and returns when it is committed: starting many costs little more than starting one.
     *
     * @param work may be done twice when somebody else's fails, so it changes nothing but the
     *     database; it should rather return a refusal than throw it
     */
    public <T> T startTogether(Supplier<T> work) {
        return together.call(work);
    }

    /**
     * Begins a run, or puts it into the queue when the limits say so. In the caller's transaction,
     * which writes it at its end; until then only {@link #find} knows it.
     *
     * @throws io.cybershield.platform.ProblemException if the limits refuse it
     */
    public RunView start(Start start) {
        return starts.start(start);
    }

    /**
     * Begins a run that waited in the queue; empty if it was cancelled meanwhile. In the caller's
     * transaction.
     */
    public Optional<RunView> begin(RunId queued, String node, Map<String, @Nullable Object> input) {
        return starts.begin(queued, node, input);
    }

    /**
     * A run began because another ended: whoever started that one started this one too, and so may
     * not approve it alone. In the caller's transaction.
     */
    public void startedBy(UUID run, UUID cause) {
        people.inherit(run, cause);
    }

    /** In the caller's transaction. */
    RunView start(
            UUID workflow,
            int version,
            String trigger,
            Map<String, @Nullable Object> input,
            String subject,
            @Nullable UUID incident) {
        return start(new Start(workflow, version, trigger, input, subject, incident, false));
    }

    /** Always ends, whatever its workers do. */
    RunView cancel(RunId run, SignedIn by) {
        return stop(run, by.name(), "Stopped by " + by.name() + ".");
    }

    /** Ends a run without its workers' help; one that is queued never begins. */
    public RunView stop(RunId run, String by, String why) {
        return starts.stop(run, by, why);
    }

    /**
     * A person says whether a step in doubt took effect.
     *
     * @param epoch of the step as they looked at it: an answer that is sent again must not settle
     *     what happened since
     */
    Detail settle(RunId run, String step, long epoch, boolean happened, String note, SignedIn by) {
        return transactions.call(() -> {
            var loaded =
                    turns.load(run)
                            .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run."));
            var doubted =
                    loaded.state()
                            .step(step)
                            .filter(s -> s.status() == StepStatus.IN_DOUBT)
                            .orElseThrow(() ->
                                    WorkflowProblems.NOT_IN_DOUBT.because(
                                            "Step '" + step + "' is not in doubt."));
            if (doubted.epoch() != epoch) {
                throw WorkflowProblems.NOT_IN_DOUBT.because(
                        "What you looked at is settled; step '"
                                + step
                                + "' was tried again and is in doubt anew. Look at it again.");
            }
            turns.take(
                    run,
                    new Event.DoubtSettled(
                            turns.now(),
                            step,
                            doubted.epoch(),
                            happened ? Event.Settlement.HAPPENED : Event.Settlement.DID_NOT_HAPPEN,
                            by.name(),
                            Map.of("settledBy", by.name(), "note", note)));
            audit.append(
                    "run.doubt-settled",
                    "run:" + run,
                    Outcome.PERMITTED,
                    Map.of("step", step, "happened", happened, "note", note));
            return get(run);
        });
    }
}
