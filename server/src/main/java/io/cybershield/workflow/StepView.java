package io.cybershield.workflow;

import io.cybershield.engine.StepState;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One step of a run, by its id: the key of its node, and {@code loop[3]/key} in the fourth round of
 * a loop; {@code state} is {@code queued} with no times while the run has not reached it.
 *
 * @param epoch rises with everything that befalls the step; whoever settles a doubt names the one
 *     they looked at
 */
public record StepView(
        String key,
        String name,
        String type,
        @Schema(
                        allowableValues = {
                            "queued",
                            "running",
                            "waiting",
                            "retry-at",
                            "succeeded",
                            "failed",
                            "skipped",
                            "cancelled",
                            "in-doubt"
                        })
                String state,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        int attempts,
        long epoch,
        @Nullable String port,
        @Nullable Map<String, @Nullable Object> input,
        @Nullable Map<String, @Nullable Object> output,
        @Nullable String error,
        @Nullable UUID approvalId) {
    static Instant began(StepState step) {
        return step.startedAt() == null ? step.queuedAt() : step.startedAt();
    }

    /** Why it is not well, where it is not. */
    static @Nullable String error(StepState step) {
        return switch (step.status()) {
            case FAILED, RETRY_AT, IN_DOUBT -> step.note();
            case QUEUED, RUNNING, WAITING, SUCCEEDED, SKIPPED, CANCELLED -> null;
        };
    }
}
