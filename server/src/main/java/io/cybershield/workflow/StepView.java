package io.cybershield.workflow;

import io.cybershield.engine.Payload;
import io.cybershield.engine.StepState;
import io.cybershield.flow.PayloadCut;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
        @Nullable UUID approvalId,
        List<Reference> payloads) {
    /**
     * A value of the input or the output that is kept by reference: nothing stands in its place.
     *
     * @param in {@code input} or {@code output}
     * @param name of the member; {@code *} when these are many members together
     */
    @Schema(name = "PayloadReference")
    public record Reference(
            @Schema(allowableValues = {"input", "output"}) String in,
            String name,
            String hash,
            long bytes,
            @Schema(allowableValues = {"object", "list", "text", "members"}) String kind) {}

    /**
     * @param input with references
     * @param output with references
     */
    static StepView of(
            String key,
            String name,
            String type,
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
        var references = new ArrayList<Reference>();
        return new StepView(
                key,
                name,
                type,
                state,
                startedAt,
                endedAt,
                attempts,
                epoch,
                port,
                without("input", input, references),
                without("output", output, references),
                error,
                approvalId,
                references);
    }

    private static @Nullable Map<String, @Nullable Object> without(
            String in, @Nullable Map<String, @Nullable Object> data, List<Reference> found) {
        if (data == null || PayloadCut.of(data).isEmpty()) {
            return data;
        }
        var rest = new LinkedHashMap<String, @Nullable Object>();
        data.forEach((name, value) -> {
            if (value instanceof Payload payload) {
                found.add(
                        new Reference(
                                in,
                                name,
                                payload.hash(),
                                payload.bytes(),
                                payload.kind().name().toLowerCase(Locale.ROOT)));
            } else {
                rest.put(name, value);
            }
        });
        return rest;
    }

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
