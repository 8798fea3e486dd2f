package io.cybershield.workflow;

import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Event;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Runs of published workflows: starting, watching, stopping, settling. */
@Component
public final class Runs {
    private final Transactions transactions;
    private final RunStore store;
    private final Versions versions;
    private final RunTurns turns;
    private final RunPeople people;
    private final RunEcho echo;
    private final AuditTrail audit;
    private final Ids ids;
    private final RunGate gate;
    private final DomainEvents events;
    private final WorkflowLive live;

    Runs(
            Transactions transactions,
            RunStore store,
            Versions versions,
            RunTurns turns,
            RunPeople people,
            RunEcho echo,
            AuditTrail audit,
            Ids ids,
            RunGate gate,
            DomainEvents events,
            WorkflowLive live) {
        this.transactions = transactions;
        this.store = store;
        this.versions = versions;
        this.turns = turns;
        this.people = people;
        this.echo = echo;
        this.audit = audit;
        this.ids = ids;
        this.gate = gate;
        this.events = events;
        this.live = live;
    }

    /** A run with its drawing and every step. */
    public record Detail(
            RunView run, Drawing definition, List<StepView> steps, @Nullable String result) {}

    /** One line each of the runs about an incident, newest first. */
    public List<RunView> ofIncident(UUID incident) {
        return transactions.call(() -> store.list(null, null, incident, null, 50));
    }

    Page<RunView> list(
            @Nullable UUID workflow, @Nullable String state, @Nullable UUID after, int limit) {
        return transactions.call(() ->
                Page.of(
                        store.list(workflow, state, null, after, limit + 1),
                        limit,
                        r -> r.id().toString()));
    }

    Detail get(RunId run) {
        return transactions.call(() -> {
            RunView view = store.get(run);
            var version = versions.get(view.workflowId(), view.version());
            return new Detail(
                    view,
                    version.drawing(),
                    store.steps(run, version),
                    store.result(run).orElse(null));
        });
    }

    /** A run's line, if the tenant has it. */
    public Optional<RunView> find(RunId run) {
        return transactions.call(() -> store.find(run));
    }

    /** What a run came to, once it ended and if it says. */
    public Optional<String> result(RunId run) {
        return transactions.call(() -> store.result(run));
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
     * Begins a run, or puts it into the queue when the limits say so. In the caller's transaction.
     *
     * @throws io.cybershield.platform.ProblemException if the limits refuse it
     */
    public RunView start(Start start) {
        var ready = versions.get(start.workflow(), start.version());
        UUID id = ids.next();
        boolean begins =
                gate.admit(
                        new RunGate.Candidate(
                                id,
                                start.workflow(),
                                start.version(),
                                start.node(),
                                start.input(),
                                start.alone()));
        var run =
                new RunView(
                        id,
                        store.nextNumber(),
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
        store.insert(run);
        people.began(id);
        if (begins) {
            return begin(run, start.node(), start.input());
        }
        live.changed(Scope.currentTenant(), run);
        return run;
    }

    /**
     * Begins a run that waited in the queue; empty if it was cancelled meanwhile. In the caller's
     * transaction.
     */
    public Optional<RunView> begin(RunId queued, String node, Map<String, @Nullable Object> input) {
        return store.beginQueued(queued, turns.now())
                ? Optional.of(begin(store.get(queued), node, input))
                : Optional.empty();
    }

    @SuppressWarnings(
            "NullAway") // an input may be null; the engine's type says so only in its source
    private RunView begin(RunView run, String node, Map<String, @Nullable Object> input) {
        echo.started(run);
        turns.take(
                new RunId(run.id()),
                new Event.RunStarted(
                        turns.now(),
                        run.id().toString(),
                        versions.get(run.workflowId(), run.version()).engine().workflowHash(),
                        node,
                        run.id().getLeastSignificantBits(),
                        input));
        return store.get(new RunId(run.id()));
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
        return transactions.call(() -> {
            store.get(run);
            if (store.endQueued(run, turns.now(), why)) {
                gate.left(run.value());
                RunView ended = store.get(run);
                live.changed(Scope.currentTenant(), ended);
                events.publish("run:" + run, new RunProgressed(ended, List.of()));
            } else {
                turns.take(run, new Event.CancelRequested(turns.now(), by, why));
            }
            audit.append("run.cancelled", "run:" + run, Outcome.PERMITTED, Map.of());
            return store.get(run);
        });
    }

    /** A person says whether a step in doubt took effect. */
    Detail settle(RunId run, String step, boolean happened, String note, SignedIn by) {
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
