package io.cybershield.trigger;

import io.cybershield.platform.Quotas;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Standstill;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.trigger.AdmissionStore.Place;
import io.cybershield.trigger.DueStore.Due;
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.RunGate;
import io.cybershield.workflow.RunView;
import io.cybershield.workflow.TriggerExpressions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Answers workflows: may a run begin; and hears of ends. */
@Component
final class Gate implements RunGate {
    private static final Logger log = LoggerFactory.getLogger(Gate.class);
    private final Transactions transactions;
    private final JdbcAdmissionStore store;
    private final Admission admission;
    private final TriggerExpressions expressions;
    private final PublishedTriggers triggers;
    private final DueStore dues;
    private final Quotas quotas;
    private final Standstill standstill;
    private final MeterRegistry meters;

    Gate(
            Transactions transactions,
            JdbcAdmissionStore store,
            TriggerExpressions expressions,
            PublishedTriggers triggers,
            DueStore dues,
            Quotas quotas,
            Standstill standstill,
            MeterRegistry meters) {
        this.transactions = transactions;
        this.store = store;
        this.admission = new Admission(store);
        this.expressions = expressions;
        this.triggers = triggers;
        this.dues = dues;
        this.quotas = quotas;
        this.standstill = standstill;
        this.meters = meters;
    }

    @Override
    public void open() {
        quotas.checkRun();
    }

    @Override
    public boolean counts(UUID workflow, boolean alone) {
        return alone || standstill.holds(Scope.currentTenant()) || !limits(workflow).isNone();
    }

    /** Read once in a transaction. */
    private Limits limits(UUID workflow) {
        return transactions
                .<Map<UUID, Limits>>gather(
                        new Read(Scope.currentTenant()),
                        Transactions.Order.ROWS,
                        HashMap::new,
                        _ -> {})
                .orElseThrow()
                .computeIfAbsent(workflow, store::limits);
    }

    private record Read(TenantId tenant) {}

    @Override
    public boolean admit(Candidate candidate) {
        Limits limits = limits(candidate.workflow());
        boolean still = standstill.holds(Scope.currentTenant());
        if (limits.isNone() && !candidate.alone() && !still) {
            return true;
        }
        store.lock();
        var place =
                new Place(
                        candidate.run(),
                        candidate.workflow(),
                        candidate.node(),
                        key(limits, candidate.input()),
                        candidate.alone());
        if (still) {
            store.enqueue(place, candidate.input()); // its turn comes once the company goes on
            return false;
        }
        return switch (admission.admit(place, limits, candidate.input())) {
            case BEGIN -> true;
            case QUEUED -> {
                meters.counter("cybershield.run.queued").increment();
                yield false;
            }
            case REFUSED -> {
                meters.counter("cybershield.run.refused").increment();
                throw TriggerProblems.RUNS_FULL.because(
                        "The workflow may have "
                                + (limits.most() == null ? limits.mostPerKey() : limits.most())
                                + " live runs"
                                + (place.key().isEmpty() ? "" : " ('" + place.key() + "')")
                                + ", and has them. Nothing was started.",
                        Map.of("retryAfterSeconds", 5));
            }
        };
    }

    @Override
    public boolean readmit(Candidate candidate) {
        Limits limits = store.limits(candidate.workflow());
        if (limits.isNone()) {
            return true;
        }
        store.lock();
        return admission.readmit(
                new Place(
                        candidate.run(),
                        candidate.workflow(),
                        candidate.node(),
                        key(limits, candidate.input()),
                        candidate.alone()),
                limits);
    }

    /** What cannot be computed counts as one key together, so that no limit is got round. */
    private String key(Limits limits, Map<String, @Nullable Object> input) {
        if (limits.mostPerKey() == null || limits.key().isBlank()) {
            return "";
        }
        try {
            return expressions.key(limits.key(), input);
        } catch (TriggerExpressions.Failed e) {
            meters.counter("cybershield.run.key.failed").increment();
            log.warn("key of a limit could not be computed cause=\"{}\"", e.getMessage());
            return "";
        }
    }

    @Override
    public void left(UUID run) {
        store.remove(run);
    }

    @Override
    public void ended(List<RunView> runs) {
        store.removeAll(runs.stream().map(RunView::id).toList());
        for (var trigger : triggers.ofKind(Kinds.RUN_FINISHED)) {
            for (RunView run : runs) {
                boolean asked =
                        trigger.config().get("states") instanceof List<?> states
                                ? states.contains(run.state())
                                : run.state().equals("failed");
                if (asked && !trigger.workflow().equals(run.workflowId())) {
                    Instant now = dues.now();
                    dues.set(
                            new Due(
                                    Scope.currentTenant(),
                                    trigger.workflow(),
                                    trigger.node(),
                                    DueStore.Kind.RUN_ENDED,
                                    run.id().toString(),
                                    now,
                                    now));
                }
            }
        }
    }
}
