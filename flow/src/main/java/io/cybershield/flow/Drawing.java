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
 *
 * @param settings of the whole run; null when all are as usual
 */
public record Drawing(
        @NotBlank @Size(max = 120) String name,
        @NotNull @Size(max = 2000) String description,
        @NotNull @Size(max = 1000) List<@Valid Box> nodes,
        @NotNull @Size(max = 4000) List<@Valid Arrow> edges,
        @Nullable @Valid Settings settings) {
    static final long LONGEST_SECONDS = 31_536_000;
    private static final Duration MAX_DELAY = Duration.ofHours(1);
    private static final double JITTER = 0.2;

    public Drawing {
        settings = settings == null || settings.equals(Settings.NONE) ? null : settings;
    }

    public Drawing(String name, String description, List<Box> nodes, List<Arrow> edges) {
        this(name, description, nodes, edges, null);
    }

    /**
     * What holds for a whole run; null means as usual.
     *
     * @param deadlineSeconds a run that has not ended by then fails
     * @param closingSeconds limit of the closing steps after a cancel or a deadline; ten minutes
     * @param keepOnFailure a run that fails takes nothing back, though {@code undo} edges are drawn
     * @param errorWorkflow id of the workflow that is started when a run fails
     */
    @Schema(name = "WorkflowSettings")
    public record Settings(
            @Nullable @Min(1) @Max(LONGEST_SECONDS) Long deadlineSeconds,
            @Nullable @Min(1) @Max(86_400) Long closingSeconds,
            @Nullable Boolean keepOnFailure,
            @Nullable @Size(max = 64) String errorWorkflow) {
        public static final Settings NONE = new Settings(null, null, null, null);

        public Settings {
            keepOnFailure = Boolean.FALSE.equals(keepOnFailure) ? null : keepOnFailure;
            errorWorkflow = errorWorkflow == null || errorWorkflow.isBlank() ? null : errorWorkflow;
        }
    }

    /** What holds for a whole run. */
    public Settings settingsOrNone() {
        return settings == null ? Settings.NONE : settings;
    }

    /**
     * A node.
     *
     * @param config shaped by the node type's JSON Schema
     * @param onError {@code fail} or {@code continue}; null means fail
     * @param exemption why a node that destroys needs no approval; null where it does
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
            @Nullable @Min(1) @Max(LONGEST_SECONDS) Long timeoutSeconds,
            @Nullable @Pattern(regexp = "fail|continue", message = "must be 'fail' or 'continue'")
                    String onError,
            @Nullable @Size(max = 500) String exemption) {
        public Box {
            exemption = exemption == null || exemption.isBlank() ? null : exemption;
        }

        public Box(
                String key,
                String type,
                String name,
                Map<String, @Nullable Object> config,
                double x,
                double y,
                @Nullable Retry retry,
                @Nullable Long timeoutSeconds,
                @Nullable String onError) {
            this(key, type, name, config, x, y, retry, timeoutSeconds, onError, null);
        }
    }

    /**
     * When a failed attempt is tried again.
     *
     * @param jitterPercent share of each pause that chance takes off; 20 when null
     * @param withinSeconds no attempt starts later than this after the first one
     * @param retryOn CEL over the run's data and {@code failure.reason, failure.retryable,
     *     failure.attempt}; null leaves it to the connector
     */
    @Schema(name = "RetryDefinition")
    public record Retry(
            @Min(1) @Max(100) int maxAttempts,
            @Min(0) @Max(86_400) int delaySeconds,
            @NotNull
                    @Pattern(
                            regexp = "fixed|exponential",
                            message = "must be 'fixed' or 'exponential'")
                    String backoff,
            @Nullable @Min(0) @Max(100) Integer jitterPercent,
            @Nullable @Min(1) @Max(LONGEST_SECONDS) Long withinSeconds,
            @Nullable @Size(max = 4000) String retryOn) {
        public Retry {
            retryOn = retryOn == null || retryOn.isBlank() ? null : retryOn;
        }

        public Retry(int maxAttempts, int delaySeconds, String backoff) {
            this(maxAttempts, delaySeconds, backoff, null, null, null);
        }
    }

    @Schema(name = "EdgeDefinition")
    public record Arrow(@NotBlank String from, @NotBlank String port, @NotBlank String to) {}

    public WorkflowDefinition definition() {
        return new WorkflowDefinition(
                name,
                nodes.stream().map(Drawing::node).toList(),
                edges.stream().map(a -> new Edge(a.from(), a.port(), a.to())).toList(),
                engineSettings());
    }

    private WorkflowDefinition.Settings engineSettings() {
        if (settings == null) {
            return WorkflowDefinition.Settings.DEFAULT;
        }
        return new WorkflowDefinition.Settings(
                seconds(settings.deadlineSeconds()),
                WorkflowDefinition.Settings.DEFAULT.maxWorkerLosses(),
                seconds(settings.closingSeconds()),
                Boolean.TRUE.equals(settings.keepOnFailure()),
                settings.errorWorkflow());
    }

    private static @Nullable Duration seconds(@Nullable Long seconds) {
        return seconds == null ? null : Duration.ofSeconds(seconds);
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
                seconds(box.timeoutSeconds()),
                "continue".equals(box.onError()) ? Node.OnError.CONTINUE : Node.OnError.FAIL_RUN,
                new Position(box.x(), box.y()),
                box.exemption());
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
                retry.jitterPercent() == null ? JITTER : retry.jitterPercent() / 100.0,
                seconds(retry.withinSeconds()),
                retry.retryOn());
    }
}
