package io.cybershield.flow;

import io.cybershield.engine.Edge;
import io.cybershield.engine.Node;
import io.cybershield.engine.Node.Position;
import io.cybershield.engine.RetryPolicy;
import io.cybershield.engine.WorkflowDefinition;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as people draw it and as the wire carries it; the engine's definition is made of it.
 */
public record Drawing(
        @NotBlank @Size(max = 120) String name,
        @NotNull @Size(max = 2000) String description,
        @NotNull @Size(max = 1000) List<@Valid Box> nodes,
        @NotNull @Size(max = 4000) List<@Valid Arrow> edges) {
    private static final Duration MAX_DELAY = Duration.ofHours(1);

    /**
     * A node.
     *
     * @param config shaped by the node type's JSON Schema
     * @param onError {@code fail} or {@code continue}; null means fail
     */
    @Schema(name = "NodeDefinition")
    public record Box(
            @NotBlank @Size(max = 64) String key,
            @NotBlank @Size(max = 64) String type,
            @NotBlank @Size(max = 120) String name,
            @NotNull Map<String, @Nullable Object> config,
            double x,
            double y,
            @Nullable @Valid Retry retry,
            @Nullable @Min(1) @Max(31_536_000) Long timeoutSeconds,
            @Nullable @Pattern(regexp = "fail|continue", message = "must be 'fail' or 'continue'")
                    String onError) {}

    /** When a failed attempt is tried again. */
    @Schema(name = "RetryDefinition")
    public record Retry(
            @Min(1) @Max(100) int maxAttempts,
            @Min(0) @Max(86_400) int delaySeconds,
            @NotNull
                    @Pattern(
                            regexp = "fixed|exponential",
                            message = "must be 'fixed' or 'exponential'")
                    String backoff) {}

    @Schema(name = "EdgeDefinition")
    public record Arrow(@NotBlank String from, @NotBlank String port, @NotBlank String to) {}

    public WorkflowDefinition definition() {
        return WorkflowDefinition.of(
                name,
                nodes.stream().map(Drawing::node).toList(),
                edges.stream().map(a -> new Edge(a.from(), a.port(), a.to())).toList());
    }

    /** Where an edge of the engine's stands in this drawing; -1 when it does not. */
    public int indexOf(Edge edge) {
        return edges.indexOf(new Arrow(edge.from(), edge.port(), edge.to()));
    }

    @SuppressWarnings(
            "NullAway") // a setting may be null; the engine's type says so only in its source
    private static Node node(Box box) {
        return new Node(
                box.key(),
                box.type(),
                box.name(),
                box.config(),
                retry(box.retry()),
                box.timeoutSeconds() == null ? null : Duration.ofSeconds(box.timeoutSeconds()),
                "continue".equals(box.onError()) ? Node.OnError.CONTINUE : Node.OnError.FAIL_RUN,
                new Position(box.x(), box.y()));
    }

    private static RetryPolicy retry(@Nullable Retry retry) {
        if (retry == null || retry.maxAttempts() == 1) {
            return RetryPolicy.NONE;
        }
        boolean grows = "exponential".equals(retry.backoff());
        return new RetryPolicy(
                retry.maxAttempts(),
                Duration.ofSeconds(retry.delaySeconds()),
                grows ? 2 : 1,
                grows ? MAX_DELAY : Duration.ofSeconds(retry.delaySeconds()),
                0.2,
                null);
    }
}
