package io.cybershield.workflow;

import io.cybershield.access.Role;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A question to people.
 *
 * @param action what will happen, rendered; the hash binds the decision to exactly this
 * @param role the one that decides alone, or the first of those asked
 * @param state {@code waiting, approved, declined, timed-out, void}
 * @param stage the open one, from 0
 * @param have approvals in it so far
 * @param need approvals that complete it
 * @param stepUp whether a vote takes a fresh code
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
        @Nullable UUID incidentId,
        int stage,
        int stages,
        int have,
        int need,
        boolean stepUp) {}
