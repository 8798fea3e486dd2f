package io.cybershield.workflow;

import io.cybershield.incident.IncidentRuns;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Answers the incident context; needs an open transaction in the tenant's scope. */
@Component
final class RunsOfIncidents implements IncidentRuns {
    private final JdbcClient jdbc;
    private final RunReads runs;

    RunsOfIncidents(JdbcClient jdbc, RunReads runs) {
        this.jdbc = jdbc;
        this.runs = runs;
    }

    @Override
    public List<Reference> of(UUID incident) {
        return runs.list(null, null, incident, null, 50).stream()
                .map(r -> new Reference(r.id(), r.workflowName(), r.state()))
                .toList();
    }

    @Override
    public Set<UUID> waitingForApproval(Collection<UUID> incidents) {
        return new HashSet<>(
                jdbc.sql(
                                "SELECT DISTINCT incident_id FROM workflow_approvals WHERE state ="
                                        + " 'waiting' AND incident_id = ANY(:incidents)")
                        .param("incidents", incidents.toArray(UUID[]::new))
                        .query(UUID.class)
                        .list());
    }
}
