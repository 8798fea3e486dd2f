package io.cybershield.incident;

import io.cybershield.detection.Severity;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An incident with all that belongs to it; the timeline has its latest 500 entries, oldest first.
 */
public record IncidentDetail(
        UUID id,
        long number,
        String title,
        Severity severity,
        State state,
        @Nullable String host,
        IncidentView.@Nullable Owner owner,
        int risk,
        long findings,
        List<String> tags,
        Instant openedAt,
        Instant lastFindingAt,
        boolean approvalWaiting,
        long version,
        String summary,
        List<TechniqueView> techniques,
        List<TimelineEntry> timeline,
        List<TaskView> tasks,
        List<IncidentRuns.Reference> runs) {
    public record TechniqueView(String id, String name, String tactic) {}

    public record TaskView(
            UUID id,
            String title,
            @Schema(allowableValues = {"open", "done"}) String state,
            Instant createdAt,
            String by) {}
}
