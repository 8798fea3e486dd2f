package io.cybershield.workflow;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where an approval stands, for the person who looks: what they may do, and if nothing, why.
 *
 * @param waitingFor names of those who could vote now
 * @param missing so many more people are needed than there are; 0 when there are enough
 * @param inPlaceOf those whose vote the reader may cast, themselves first where they have one
 * @param whyNot why the reader has no vote; null where they have one
 * @param voided votes that were cast on another action and do not count
 * @param barred parts in the matter that take a vote away, such as {@code starter}
 * @param nextAlarmAt when the next reminder or escalation comes
 */
@Schema(name = "ApprovalStanding")
record StandingView(
        UUID approvalId,
        String actionHash,
        List<StageView> stages,
        List<String> waitingFor,
        int missing,
        boolean mayDecide,
        List<Someone> inPlaceOf,
        @Nullable WhyNot whyNot,
        boolean stepUp,
        int voided,
        List<String> barred,
        @Nullable Instant nextAlarmAt,
        @Nullable String note) {

    /** A person. */
    @Schema(name = "ApprovalPerson")
    record Someone(UUID id, String name) {}

    /**
     * @param asked roles, addresses and ids
     */
    @Schema(name = "ApprovalStage")
    record StageView(
            String name,
            @Schema(allowableValues = {"done", "open", "coming", "refused", "over"}) String state,
            int have,
            int need,
            List<String> asked,
            List<VoteView> votes) {}

    /**
     * @param inPlaceOf whose vote it is where it is not their own
     */
    @Schema(name = "ApprovalVote")
    record VoteView(
            String by,
            @Nullable String inPlaceOf,
            @Schema(allowableValues = {"approve", "decline"}) String verdict,
            Instant at,
            @Nullable String reason,
            boolean steppedUp) {}

    /** Why the reader has no vote. */
    @Schema(name = "ApprovalWhyNot")
    record WhyNot(String code, String text) {}
}
