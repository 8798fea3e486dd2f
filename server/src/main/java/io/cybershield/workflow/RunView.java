package io.cybershield.workflow;

import io.cybershield.engine.RunState;
import io.cybershield.engine.RunStatus;
import io.cybershield.engine.StepStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run in one line.
 *
 * @param state {@code queued, running, waiting, succeeded, failed, cancelled, in-doubt}
 * @param subject what it is about, such as an incident's title
 */
public record RunView(
        UUID id,
        long number,
        UUID workflowId,
        String workflowName,
        int version,
        @Schema(
                        allowableValues = {
                            "queued",
                            "running",
                            "waiting",
                            "succeeded",
                            "failed",
                            "cancelled",
                            "in-doubt"
                        })
                String state,
        Instant startedAt,
        @Nullable Instant endedAt,
        String startedBy,
        String subject,
        @Nullable UUID incidentId,
        int stepsDone,
        int stepsTotal) {
    static final String QUEUED = "queued";

    RunView with(String nextState, @Nullable Instant end, int done) {
        return new RunView(
                id,
                number,
                workflowId,
                workflowName,
                version,
                nextState,
                startedAt,
                end,
                startedBy,
                subject,
                incidentId,
                done,
                stepsTotal);
    }

    /** Whether nothing more happens to it by itself. */
    public boolean hasEnded() {
        return state.equals("succeeded") || state.equals("failed") || state.equals("cancelled");
    }

    static String wire(StepStatus status) {
        return switch (status) {
            case QUEUED -> "queued";
            case RUNNING -> "running";
            case WAITING -> "waiting";
            case RETRY_AT -> "retry-at";
            case SUCCEEDED -> "succeeded";
            case FAILED -> "failed";
            case SKIPPED -> "skipped";
            case CANCELLED -> "cancelled";
            case IN_DOUBT -> "in-doubt";
        };
    }

    static String wire(RunStatus status) {
        return switch (status) {
            case NEW, RUNNING -> "running";
            case WAITING -> "waiting";
            case SUCCEEDED -> "succeeded";
            case FAILED -> "failed";
            case CANCELLED -> "cancelled";
        };
    }

    /** In words, how a run ended. */
    static @Nullable String result(RunState state) {
        var result = state.result();
        if (result == null) {
            return null;
        }
        return result.notes().isEmpty()
                ? result.summary()
                : result.summary() + " " + String.join(" ", result.notes());
    }
}
