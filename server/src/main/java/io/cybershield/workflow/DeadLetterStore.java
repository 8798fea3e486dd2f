package io.cybershield.workflow;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Runs that failed and what became of them. In the tenant's scope. */
interface DeadLetterStore {
    /**
     * A failure.
     *
     * @param step that nobody took up; null when it was not a step that failed the run
     */
    record Letter(
            RunView run,
            @Nullable String step,
            @Nullable String type,
            String reason,
            int attempts,
            boolean mayHaveHappened,
            boolean resumable) {}

    /**
     * A failed run, by the id of the run.
     *
     * @param stepName as it is called in the drawing; null where it is not there under its own key
     * @param nodeType of the step
     * @param times how often it has failed by now
     * @param resumable whether it can go on where it failed
     */
    record DeadLetterView(
            UUID run,
            long number,
            UUID workflowId,
            String workflowName,
            int version,
            String subject,
            @Nullable String step,
            @Nullable String stepName,
            @Nullable String nodeType,
            String reason,
            int attempts,
            boolean mayHaveHappened,
            boolean resumable,
            Instant failedAt,
            int times,
            @Schema(allowableValues = {"open", "replaying", "replayed", "discarded"}) String state,
            @Nullable String decidedBy,
            @Nullable Instant decidedAt,
            @Nullable String note) {}

    /**
     * Which letters are meant, open ones only; null means any.
     *
     * @param reason a part of it, in any case
     */
    record Selection(
            @Nullable UUID workflow,
            @Nullable String nodeType,
            @Nullable String reason,
            @Nullable List<UUID> runs) {}

    /**
     * A failure among others of its run.
     *
     * @param times how often the run has failed by then
     */
    record Failure(UUID run, int times) {}

    /** Open again, if it was there before. */
    void open(Letter letter);

    Optional<DeadLetterView> find(RunId run);

    /** How many are meant, and how many of them can go on where they failed. */
    long[] total(Selection selection);

    /** Decides on what is meant; returns it, the oldest failure first. */
    List<Failure> decide(
            Selection selection,
            boolean resumableOnly,
            String state,
            String by,
            Instant at,
            String note);

    /** Its run was taken up again. */
    void replayed(RunId run, String by, Instant at);

    /** Its run could not be taken up after all. */
    void reopen(RunId run, String why);
}
