package io.cybershield.workflow;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.Node;
import io.cybershield.engine.NodeType.Behaviour;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Puts into the trail what workflows did in the world: each action, once, when it came to an end;
 * in the transaction that records the end. An approval's decision is its decider's own entry.
 */
@Component
final class ActionTrail {
    /** What of an output says what was done to what; the rest may hold anything, secrets too. */
    private static final Set<String> TELLING =
            Set.of("host", "isolated", "verified", "simulated", "recipients", "task", "status");

    private static final int LONGEST = 200;
    private final AuditTrail audit;
    private final NodeKinds kinds;

    ActionTrail(AuditTrail audit, NodeKinds kinds) {
        this.audit = audit;
        this.kinds = kinds;
    }

    /** A step as it is now; most come to nothing here. */
    void append(RunView run, Node node, StepState step) {
        var kind = kinds.find(node.type()).orElse(null);
        if (kind == null) {
            return;
        }
        if (node.type().equals(NodeKinds.INCIDENT_TRIGGER)
                && step.status() == StepStatus.SUCCEEDED) {
            // Whoever starts a run in another way says so in an entry of its own.
            var detail = new LinkedHashMap<String, @Nullable Object>();
            detail.put("workflow", run.workflowName());
            detail.put("version", run.version());
            append("run.started", run, Outcome.PERMITTED, detail);
        } else if (kind.type().behaviour() == Behaviour.ATTEMPT) {
            switch (step.status()) {
                case SUCCEEDED -> append("action.done", run, Outcome.PERMITTED, told(node, step));
                case FAILED -> append("action.failed", run, Outcome.FAILED, told(node, step));
                case IN_DOUBT -> append("action.in-doubt", run, Outcome.FAILED, told(node, step));
                case QUEUED, RUNNING, WAITING, RETRY_AT, SKIPPED, CANCELLED -> {
                    // Not at an end of its own.
                }
            }
        }
    }

    private static Map<String, @Nullable Object> told(Node node, StepState step) {
        var detail = new LinkedHashMap<String, @Nullable Object>();
        detail.put("step", node.name());
        detail.put("type", node.type());
        step.output()
                .forEach((key, value) -> {
                    if (TELLING.contains(key)
                            && (value instanceof Number
                                    || value instanceof Boolean
                                    || (value instanceof String text
                                            && text.length() <= LONGEST))) {
                        detail.put(key, value);
                    }
                });
        String error = StepView.error(step);
        if (error != null) {
            detail.put("error", error);
        }
        return detail;
    }

    private void append(
            String action, RunView run, Outcome outcome, Map<String, @Nullable Object> detail) {
        if (run.incidentId() != null) {
            detail.put("incident", run.incidentId().toString());
        }
        Scope.tenant(
                        Scope.currentTenant(),
                        new Principal(
                                Principal.Kind.WORKFLOW,
                                run.workflowId().toString(),
                                run.workflowName()))
                .run(() -> audit.append(action, "run:" + run.id(), outcome, detail));
    }
}
