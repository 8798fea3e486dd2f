package io.cybershield.workflow;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Work that a run waits for.
 *
 * @param form JSON Schema of what is to be filled in; blank for nothing
 * @param asked roles, addresses and ids of those who may do it
 * @param slaAt when it counts as overdue
 * @param dueAt when the run goes on without it
 * @param reason why it was refused
 */
@Schema(name = "HumanTask")
public record TaskView(
        UUID id,
        UUID runId,
        String stepKey,
        String workflowName,
        String title,
        String instructions,
        String form,
        List<String> asked,
        @Nullable UUID assignee,
        @Nullable String assigneeName,
        @Nullable UUID incidentId,
        Instant requestedAt,
        @Nullable Instant slaAt,
        boolean overdue,
        @Nullable Instant dueAt,
        @Schema(allowableValues = {"open", "done", "refused", "timed-out", "void"}) String state,
        @Nullable String doneBy,
        @Nullable Instant doneAt,
        @Nullable String reason,
        @Nullable Map<String, @Nullable Object> fields) {}
