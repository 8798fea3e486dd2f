package io.cybershield.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where an approval stands, counted from its votes alone. */
public sealed interface ApprovalStanding {

    /**
     * More votes are needed.
     *
     * @param have approvals in this stage so far
     * @param since when the stage before was complete; {@link Instant#MIN} for the first
     */
    record Open(int stage, int have, int need, Instant since) implements ApprovalStanding {}

    record Granted() implements ApprovalStanding {}

    /**
     * @param stage in which it was declined
     */
    record Refused(int stage) implements ApprovalStanding {}

    /**
     * @param votes in the order in which they were cast; of repeated ones the first counts
     * @param action hash of what would happen now; votes on anything else are void
     */
    static ApprovalStanding of(ApprovalPlan plan, List<ApprovalVote> votes, String action) {
        Instant since = Instant.MIN;
        for (int stage = 0; stage < plan.stages().size(); stage++) {
            int need = plan.stages().get(stage).need();
            int approvals = 0;
            int declines = 0;
            Instant last = since;
            for (ApprovalVote vote : counted(votes, stage, action)) {
                if (approvals >= need) {
                    break;
                }
                if (vote.approve()) {
                    approvals++;
                } else if (++declines >= plan.declines()) {
                    return new Refused(stage);
                }
                last = vote.at();
            }
            if (approvals < need) {
                return new Open(stage, approvals, need, since);
            }
            since = last;
        }
        return new Granted();
    }

    /**
     * The votes of a stage that count: one for each who pressed the button, and one for each whose
     * vote it is.
     */
    static List<ApprovalVote> counted(List<ApprovalVote> votes, int stage, String action) {
        Set<String> seen = new HashSet<>();
        var counted = new ArrayList<ApprovalVote>();
        for (ApprovalVote vote : votes) {
            if (vote.stage() == stage
                    && vote.action().equals(action)
                    && !seen.contains(vote.by())
                    && !seen.contains(vote.inPlaceOf())) {
                seen.add(vote.by());
                seen.add(vote.inPlaceOf());
                counted.add(vote);
            }
        }
        return counted;
    }
}
