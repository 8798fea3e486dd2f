package io.cybershield.report;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.workflow.RunProgressed;
import io.cybershield.workflow.RunView;
import io.cybershield.workflow.StepView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Puts into the trail what workflows did in the world: each action, once, when it came to an end.
 */
@Component
@RunsIn(Role.WORKER)
final class ActionsInTrail {
    private static final String INCIDENT_TRIGGER = "incident-opened";

    /** Nodes that only steer a run; what people decide and do is an entry of their own. */
    private static final Set<String> STEERING =
            Set.of(
                    INCIDENT_TRIGGER,
                    "manual",
                    "webhook",
                    "schedule",
                    "event",
                    "run-finished",
                    "condition",
                    "approval",
                    "task",
                    "wait",
                    "set",
                    "transform",
                    "switch",
                    "for-each",
                    "while",
                    "join",
                    "end",
                    "finally",
                    "sub-workflow");

    /** What of an output says what was done to what; the rest may hold anything, secrets too. */
    private static final Set<String> TELLING =
            Set.of("host", "isolated", "verified", "simulated", "recipients", "task", "status");

    private static final int LONGEST = 200;
    private final AuditTrail audit;

    ActionsInTrail(DomainEvents events, AuditTrail audit) {
        this.audit = audit;
        events.on(
                "report.actions",
                RunProgressed.class,
                (envelope, progressed) -> {
                    RunView run = progressed.run();
                    var by =
                            new Principal(
                                    Principal.Kind.WORKFLOW,
                                    run.workflowId().toString(),
                                    run.workflowName());
                    Scope.tenant(envelope.tenant(), by)
                            .run(() -> progressed.steps().forEach(step -> append(run, step)));
                });
    }

    private void append(RunView run, StepView step) {
        if (step.type().equals(INCIDENT_TRIGGER) && step.state().equals("succeeded")) {
            var detail = new LinkedHashMap<String, Object>();
            detail.put("workflow", run.workflowName());
            detail.put("version", run.version());
            about(run, detail);
            audit.append("run.started", "run:" + run.id(), Outcome.PERMITTED, detail);
        }
        if (STEERING.contains(step.type())) {
            return;
        }
        switch (step.state()) {
            case "succeeded" -> append("action.done", run, step, Outcome.PERMITTED);
            case "failed" -> append("action.failed", run, step, Outcome.FAILED);
            case "in-doubt" -> append("action.in-doubt", run, step, Outcome.FAILED);
            default -> {
                // Not at an end.
            }
        }
    }

    private void append(String action, RunView run, StepView step, Outcome outcome) {
        var detail = new LinkedHashMap<String, Object>();
        detail.put("step", step.name());
        detail.put("type", step.type());
        if (step.output() != null) {
            for (Map.Entry<String, ?> told : step.output().entrySet()) {
                Object value = told.getValue();
                if (TELLING.contains(told.getKey())
                        && (value instanceof Number
                                || value instanceof Boolean
                                || (value instanceof String text && text.length() <= LONGEST))) {
                    detail.put(told.getKey(), value);
                }
            }
        }
        if (step.error() != null) {
            detail.put("error", step.error());
        }
        about(run, detail);
        audit.append(action, "run:" + run.id(), outcome, detail);
    }

    private static void about(RunView run, Map<String, Object> detail) {
        if (run.incidentId() != null) {
            detail.put("incident", run.incidentId().toString());
        }
    }
}
