package io.cybershield.workflow;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Questions that runs ask, and votes on them. Only a POST votes. */
@RestController
@RunsIn(Role.WEB)
class ApprovalController {
    private final Approvals approvals;
    private final ApprovalVotes votes;
    private final ApprovalStandings standings;
    private final Transactions transactions;
    private final Access access;

    ApprovalController(
            Approvals approvals,
            ApprovalVotes votes,
            ApprovalStandings standings,
            Transactions transactions,
            Access access) {
        this.approvals = approvals;
        this.votes = votes;
        this.standings = standings;
        this.transactions = transactions;
        this.access = access;
    }

    /**
     * @param actionHash of what was shown
     * @param inPlaceOf whose vote it is, where one holds several; one's own when left out
     * @param code of the second factor, where the approval takes a fresh one
     */
    record DecideRequest(
            @NotBlank
                    @Pattern(regexp = "approve|decline", message = "must be 'approve' or 'decline'")
                    String verdict,
            @Nullable @Size(max = 2000) String reason,
            @NotBlank @Size(max = 128) String actionHash,
            @Nullable UUID inPlaceOf,
            @Nullable @Size(max = 16) String code) {}

    @GetMapping("/api/v1/approvals")
    Page<ApprovalView> list(
            @RequestParam(required = false)
                    @Parameter(schema = @Schema(allowableValues = {"waiting", "decided"}))
                    @Nullable String state,
            @RequestParam(required = false) @Nullable UUID cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        access.require("workflow:read");
        if (state != null && !state.equals("waiting") && !state.equals("decided")) {
            throw Problems.MALFORMED.because("'state' must be 'waiting' or 'decided'.");
        }
        return approvals.list(state, cursor, Page.limit(limit));
    }

    @GetMapping("/api/v1/approvals/{id}")
    ApprovalView get(@PathVariable UUID id) {
        access.require("workflow:read");
        return transactions.call(() -> approvals.get(id));
    }

    /** Who has voted, who is still asked, and whether the reader may vote; if not, why not. */
    @GetMapping("/api/v1/approvals/{id}/standing")
    StandingView standing(@PathVariable UUID id) {
        var by = access.require("workflow:read");
        return standings.of(id, by, by.permissions().contains("approval:decide"));
    }

    /**
     * Casts a vote; the answer says whether the approval still waits. 409 if it is already decided,
     * the person has voted, or it is not what was shown.
     */
    @PostMapping("/api/v1/runs/{run}/approvals/{approval}/decision")
    ApprovalView decide(
            @PathVariable UUID run,
            @PathVariable UUID approval,
            @Valid @RequestBody DecideRequest request) {
        var by = access.require("approval:decide");
        return votes.cast(
                run,
                approval,
                new ApprovalVotes.Ballot(
                        request.verdict().equals("approve"),
                        request.reason(),
                        request.actionHash(),
                        request.inPlaceOf(),
                        request.code()),
                by);
    }
}
