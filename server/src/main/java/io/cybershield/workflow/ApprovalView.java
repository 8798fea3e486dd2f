package io.cybershield.workflow;

import io.cybershield.access.Role;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A question to people of a role.
 *
 * @param action what will happen, rendered; the hash binds the decision to exactly this
 * @param state {@code waiting, approved, declined, timed-out, void}
 */
public record ApprovalView(
        UUID id,
        UUID runId,
        String stepKey,
        String workflowName,
        String title,
        String action,
        @Nullable String target,
        @Schema(implementation = Role.class) String role,
        Instant requestedAt,
        @Nullable Instant dueAt,
        @Schema(allowableValues = {"waiting", "approved", "declined", "timed-out", "void"})
                String state,
        @Nullable String decidedBy,
        @Nullable Instant decidedAt,
        @Nullable String reason,
        String actionHash,
        @Nullable UUID incidentId) {}
