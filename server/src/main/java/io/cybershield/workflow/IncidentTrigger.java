package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.flow.Expressions;
import io.cybershield.flow.RunContext;
import io.cybershield.incident.IncidentChanged;
import io.cybershield.incident.IncidentOpened;
import io.cybershield.incident.IncidentView;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.ProblemException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Starts a run of each published workflow whose incident trigger lets an incident through, when it
 * opens or when it has grown enough; once per workflow and incident.
 */
@Component
@RunsIn(Role.WORKER)
final class IncidentTrigger {
    private static final Logger log = LoggerFactory.getLogger(IncidentTrigger.class);
    private static final List<String> SEVERITIES =
            List.of("info", "low", "medium", "high", "critical");
    private final WorkflowStore workflows;
    private final Runs runs;
    private final Expressions expressions;

    IncidentTrigger(
            DomainEvents events, WorkflowStore workflows, Runs runs, Expressions expressions) {
        this.workflows = workflows;
        this.runs = runs;
        this.expressions = expressions;
        events.on("workflow", IncidentOpened.class, (_, opened) -> start(opened.incident()));
        // An incident often begins small: it also starts a run when it grows past the trigger's
        // threshold.
        events.on("workflow", IncidentChanged.class, (_, changed) -> start(changed.incident()));
    }

    private void start(IncidentView opened) {
        for (var trigger : workflows.triggers(NodeKinds.INCIDENT_TRIGGER)) {
            Map<String, Object> input = input(opened);
            if (passes(trigger, opened.severity().wire(), input)
                    && runs.about(opened.id(), trigger.workflow(), Instant.EPOCH) == 0) {
                try {
                    runs.start(
                            trigger.workflow(),
                            trigger.version(),
                            trigger.node(),
                            Map.copyOf(input),
                            opened.title(),
                            opened.id());
                } catch (ProblemException e) {
                    // The limits refuse it, which they count; the incident's next change asks
                    // again.
                    log.warn(
                            "trigger refused workflow={} incident={} cause=\"{}\"",
                            trigger.workflow(),
                            opened.id(),
                            e.detail());
                }
            }
        }
    }

    private boolean passes(
            WorkflowStore.Trigger trigger, String severity, Map<String, Object> input) {
        String least = String.valueOf(trigger.config().getOrDefault("minimumSeverity", "medium"));
        if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(least)) {
            return false;
        }
        Object filter = trigger.config().get("filter");
        if (filter == null || filter.toString().isBlank()) {
            return true;
        }
        try {
            return expressions.test(filter.toString(), RunContext.ofTrigger(input));
        } catch (Expressions.BadExpression e) {
            log.warn(
                    "trigger filter failed, no run started workflow={} cause=\"{}\"",
                    trigger.workflow(),
                    e.getMessage());
            return false;
        }
    }

    private static Map<String, Object> input(IncidentView opened) {
        return Map.of(
                "incident",
                Map.of(
                        "id", opened.id().toString(),
                        "number", opened.number(),
                        "title", opened.title(),
                        "severity", opened.severity().wire(),
                        "host", opened.host() == null ? "" : opened.host(),
                        "risk", opened.risk(),
                        "tags", opened.tags()));
    }
}
