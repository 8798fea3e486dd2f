package io.cybershield.workflow;

import io.cybershield.access.SignedIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Event;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Transactions;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Runs of published workflows: starting, watching, stopping, settling. */
@Component
public final class Runs {
    private final Transactions transactions;
    private final RunStore store;
    private final WorkflowStore workflows;
    private final Versions versions;
    private final RunTurns turns;
    private final Approvals approvals;
    private final RunEcho echo;
    private final AuditTrail audit;
    private final Ids ids;

    Runs(
            Transactions transactions,
            RunStore store,
            WorkflowStore workflows,
            Versions versions,
            RunTurns turns,
            Approvals approvals,
            RunEcho echo,
            AuditTrail audit,
            Ids ids) {
        this.transactions = transactions;
        this.store = store;
        this.workflows = workflows;
        this.versions = versions;
        this.turns = turns;
        this.approvals = approvals;
        this.echo = echo;
        this.audit = audit;
        this.ids = ids;
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
                    store.steps(run, version, null),
                    store.result(run).orElse(null));
        });
    }

    /** By a person, from the workflow's first trigger. */
    RunView startByHand(UUID workflow, Map<String, @Nullable Object> input) {
        return transactions.call(() -> {
            var stored = workflows.get(workflow);
            if (stored.published() == null) {
                throw WorkflowProblems.NOT_PUBLISHED.because(
                        "Publish '" + stored.name() + "' before you run it.");
            }
            var ready = versions.get(workflow, stored.published());
            String trigger =
                    ready.drawing().nodes().stream()
                            .filter(b ->
                                    b.type().equals(NodeKinds.MANUAL_TRIGGER)
                                            || b.type().equals(NodeKinds.INCIDENT_TRIGGER))
                            .map(Drawing.Box::key)
                            .findFirst()
                            .orElseThrow(() ->
                                    Problems.INVALID.because(
                                            "'" + stored.name() + "' has no trigger."));
            RunView run =
                    start(workflow, stored.published(), trigger, input, "Started by hand", null);
            audit.append(
                    "run.started",
                    "run:" + run.id(),
                    Outcome.PERMITTED,
                    Map.of("workflow", stored.name(), "version", run.version()));
            return run;
        });
    }

    /** In the caller's transaction. */
    @SuppressWarnings(
            "NullAway") // an input may be null; the engine's type says so only in its source
    RunView start(
            UUID workflow,
            int version,
            String trigger,
            Map<String, @Nullable Object> input,
            String subject,
            @Nullable UUID incident) {
        var ready = versions.get(workflow, version);
        UUID id = ids.next();
        var run =
                new RunView(
                        id,
                        store.nextNumber(),
                        workflow,
                        ready.drawing().name(),
                        version,
                        "running",
                        turns.now(),
                        null,
                        Scope.current().principal().name(),
                        subject,
                        incident,
                        0,
                        ready.drawing().nodes().size());
        store.insert(run);
        echo.started(run);
        turns.take(
                new RunId(id),
                new Event.RunStarted(
                        turns.now(),
                        id.toString(),
                        ready.engine().workflowHash(),
                        trigger,
                        id.getLeastSignificantBits(),
                        input),
                null);
        return store.get(new RunId(id));
    }

    /** Always ends, whatever its workers do. */
    RunView cancel(RunId run, SignedIn by) {
        return transactions.call(() -> {
            store.get(run);
            turns.take(
                    run,
                    new Event.CancelRequested(
                            turns.now(), by.name(), "Stopped by " + by.name() + "."),
                    null);
            audit.append("run.cancelled", "run:" + run, Outcome.PERMITTED, Map.of());
            return store.get(run);
        });
    }

    ApprovalView decide(
            UUID run,
            UUID approval,
            boolean approve,
            @Nullable String reason,
            String actionHash,
            SignedIn by) {
        return transactions.call(() -> {
            // The run first, then the approval: the same order as a turn, so the two never wait for
            // each other.
            if (turns.load(new RunId(run)).isEmpty()) {
                throw Problems.NOT_FOUND.because("There is no such approval.");
            }
            Event event = approvals.decide(run, approval, approve, reason, actionHash, by);
            var taken = turns.take(new RunId(run), event, null);
            if (!taken.counted()) {
                throw WorkflowProblems.ALREADY_DECIDED.because("The run no longer waits for this.");
            }
            return approvals.get(approval);
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
                            Map.of("settledBy", by.name(), "note", note)),
                    null);
            audit.append(
                    "run.doubt-settled",
                    "run:" + run,
                    Outcome.PERMITTED,
                    Map.of("step", step, "happened", happened, "note", note));
            return get(run);
        });
    }
}
