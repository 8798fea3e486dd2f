package io.cybershield.approval;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A vote that is lent.
 *
 * @param approvalId null for all approvals
 */
record DelegationView(
        UUID id,
        Party lender,
        Party holder,
        @Nullable UUID approvalId,
        Instant beginsAt,
        Instant endsAt,
        String reason,
        @Schema(allowableValues = {"coming", "in-force", "over"}) String state) {

    /** One side of it. */
    @Schema(name = "DelegationParty")
    record Party(UUID id, String name) {}
}
