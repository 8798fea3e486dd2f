package io.cybershield.workflow.review;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.platform.Page;
import io.cybershield.workflow.review.ReviewStore.Review;
import io.cybershield.workflow.review.ReviewStore.Rule;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Reviews of drafts, and the rule that asks for them. */
@RestController
@RunsIn(Role.WEB)
class ReviewController {
    private final Reviews reviews;
    private final Access access;

    ReviewController(Reviews reviews, Access access) {
        this.reviews = reviews;
        this.access = access;
    }

    /**
     * A review of one draft as it stood.
     *
     * @param baseVersion in use when it was asked for; what it is compared with
     * @param version that it became
     */
    record ReviewView(
            UUID id,
            UUID workflowId,
            String workflowName,
            int revision,
            String hash,
            @Nullable Integer baseVersion,
            @Schema(allowableValues = {"open", "outdated", "published", "refused", "withdrawn"})
                    String state,
            String askedBy,
            Instant askedAt,
            String note,
            @Nullable String decidedBy,
            @Nullable Instant decidedAt,
            @Nullable String comment,
            @Nullable Integer version) {
        static ReviewView of(Review r) {
            return new ReviewView(
                    r.id(),
                    r.workflow(),
                    r.workflowName(),
                    r.revision(),
                    r.hash(),
                    r.base(),
                    r.state(),
                    r.askedName(),
                    r.askedAt(),
                    r.note(),
                    r.decidedName(),
                    r.decidedAt(),
                    r.comment(),
                    r.version());
        }
    }

    /**
     * Whether and how the draft can be published by the person who asks.
     *
     * @param editors who saved it since it was last published
     * @param mine they are among the editors, or asked for the review
     */
    record ReviewStanding(
            boolean fourEyes, List<String> editors, boolean mine, @Nullable ReviewView review) {}

    record ReviewRequest(@NotNull Integer revision, @NotNull @Size(max = 2000) String note) {}

    /**
     * @param hash of the draft that was looked at
     */
    record ReviewDecision(
            @NotBlank @Pattern(regexp = "publish|refuse", message = "must be 'publish' or 'refuse'")
                    String verdict,
            @NotBlank @Size(max = 128) String hash,
            @Nullable @Size(max = 2000) String comment) {}

    /**
     * @param offAt from when on it no longer holds, if somebody switched it off
     */
    record WorkflowRules(boolean fourEyes, @Nullable Instant offAt, @Nullable String offBy) {}

    record WorkflowRulesChange(@NotNull Boolean fourEyes) {}

    @GetMapping("/api/v1/workflows/{id}/review")
    ReviewStanding standing(@PathVariable UUID id) {
        access.require("workflow:read");
        var standing = reviews.standing(id);
        return new ReviewStanding(
                standing.fourEyes(),
                standing.editors(),
                standing.mine(),
                standing.review() == null ? null : ReviewView.of(standing.review()));
    }

    /** Asks for the draft to be looked at and published; 409 if it was saved meanwhile. */
    @PostMapping("/api/v1/workflows/{id}/reviews")
    @ResponseStatus(HttpStatus.CREATED)
    ReviewView ask(@PathVariable UUID id, @Valid @RequestBody ReviewRequest request) {
        access.require("workflow:write");
        return ReviewView.of(reviews.ask(id, request.revision(), request.note()));
    }

    /** Newest first. */
    @GetMapping("/api/v1/workflow-reviews")
    Page<ReviewView> list(
            @RequestParam(required = false) @Nullable UUID workflow,
            @RequestParam(defaultValue = "false") boolean open,
            @RequestParam(required = false) @Nullable UUID cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        access.require("workflow:read");
        return reviews.list(workflow, open, cursor, Page.limit(limit)).map(ReviewView::of);
    }

    @GetMapping("/api/v1/workflow-reviews/{review}")
    ReviewView get(@PathVariable UUID review) {
        access.require("workflow:read");
        return ReviewView.of(reviews.get(review));
    }

    /** Publishes the draft as it was looked at, or refuses it; 409 if it is not that any more. */
    @PostMapping("/api/v1/workflow-reviews/{review}/decision")
    ReviewView decide(@PathVariable UUID review, @Valid @RequestBody ReviewDecision request) {
        access.require("workflow:publish");
        return ReviewView.of(
                reviews.decide(
                        review,
                        request.verdict().equals("publish"),
                        request.hash(),
                        request.comment()));
    }

    @PostMapping("/api/v1/workflow-reviews/{review}/withdraw")
    ReviewView withdraw(@PathVariable UUID review) {
        access.require("workflow:write");
        return ReviewView.of(reviews.withdraw(review));
    }

    @GetMapping("/api/v1/workflow-rules")
    WorkflowRules rules() {
        access.require("workflow:read");
        return view(reviews.rule());
    }

    /**
     * Switches four eyes on at once. Switching them off takes effect a day later, or at once when a
     * second person asks for it too.
     */
    @PutMapping("/api/v1/workflow-rules")
    WorkflowRules setRules(@Valid @RequestBody WorkflowRulesChange change) {
        access.require("settings:manage");
        return view(reviews.setRule(change.fourEyes()));
    }

    private WorkflowRules view(Rule rule) {
        boolean holds = reviews.inForce(rule);
        return new WorkflowRules(holds, holds ? rule.offAt() : null, holds ? rule.offName() : null);
    }
}
