package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Starts the workflow that deals with a run's failure, once for each failure, in its newest version
 * and within its limits. A run that deals with a failure starts no other: two that fail would start
 * each other for ever.
 */
@Component
@RunsIn(Role.WORKER)
final class ErrorRuns {
    private static final Logger log = LoggerFactory.getLogger(ErrorRuns.class);
    private final Runs runs;
    private final WorkflowStore workflows;
    private final Versions versions;
    private final RunPeople people;
    private final JdbcClient jdbc;
    private final MeterRegistry meters;

    ErrorRuns(
            DomainEvents events,
            Runs runs,
            WorkflowStore workflows,
            Versions versions,
            RunPeople people,
            JdbcClient jdbc,
            MeterRegistry meters) {
        this.runs = runs;
        this.workflows = workflows;
        this.versions = versions;
        this.people = people;
        this.jdbc = jdbc;
        this.meters = meters;
        events.on("workflow.errors", ErrorWorkflowAsked.class, (_, asked) -> start(asked));
    }

    private void start(ErrorWorkflowAsked asked) {
        if (dealsWithAFailure(asked.run().id())) {
            refused(asked, "it deals with a failure itself");
            return;
        }
        UUID workflow;
        try {
            workflow = UUID.fromString(asked.workflow());
        } catch (IllegalArgumentException e) {
            refused(asked, "the drawing names no id");
            return;
        }
        var stored = workflows.find(workflow).orElse(null);
        Integer version = stored == null ? null : stored.published();
        if (stored == null || version == null || stored.state().equals("archived")) {
            refused(asked, "that workflow is not published");
            return;
        }
        String trigger = ChildRuns.trigger(versions.get(workflow, version).drawing());
        if (trigger.isEmpty()) {
            refused(asked, "that workflow is not started by hand");
            return;
        }
        try {
            RunView started =
                    runs.start(
                            workflow,
                            version,
                            trigger,
                            input(asked),
                            "Run "
                                    + asked.run().number()
                                    + " of '"
                                    + asked.run().workflowName()
                                    + "' failed",
                            asked.run().incidentId());
            jdbc.sql("INSERT INTO workflow_error_runs (run_id, deals_with) VALUES (:id, :run)")
                    .param("id", started.id())
                    .param("run", asked.run().id())
                    .update();
            people.inherit(started.id(), asked.run().id());
        } catch (ProblemException e) {
            refused(asked, e.detail());
        }
    }

    private boolean dealsWithAFailure(UUID run) {
        return jdbc.sql("SELECT EXISTS (SELECT 1 FROM workflow_error_runs WHERE run_id = :id)")
                .param("id", run)
                .query(Boolean.class)
                .single();
    }

    private void refused(ErrorWorkflowAsked asked, String why) {
        meters.counter("cybershield.workflow.errors.refused").increment();
        log.warn(
                "error workflow not started run={} workflow={} cause=\"{}\"",
                asked.run().id(),
                asked.workflow(),
                why);
    }

    private static Map<String, @Nullable Object> input(ErrorWorkflowAsked asked) {
        var failed = new ArrayList<Map<String, Object>>();
        for (var one : asked.failed()) {
            failed.add(
                    Map.of(
                            "step", one.step(),
                            "reason", one.reason(),
                            "attempts", one.attempts(),
                            "mayHaveHappened", one.mayHaveHappened()));
        }
        var failure = new LinkedHashMap<String, @Nullable Object>();
        failure.put("run", asked.run().id().toString());
        failure.put("number", asked.run().number());
        failure.put("workflow", asked.run().workflowName());
        failure.put("workflowId", asked.run().workflowId().toString());
        failure.put("version", asked.run().version());
        failure.put("subject", asked.run().subject());
        failure.put("summary", asked.summary());
        failure.put("steps", failed);
        return Map.of("failure", failure);
    }
}
