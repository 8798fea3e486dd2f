package io.cybershield.detection;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a rule found in an event, or a correlation in many.
 *
 * @param eventId of a correlation the last one
 * @param occurredAt of that event
 * @param ruleId the rule's own id, not ours
 * @param tags as the rule writes them, such as {@code attack.t1110}
 * @param why what in the event fulfilled the rule
 * @param eventIds oldest first; of a correlation the latest hundred, none where the window grew too
 *     large to remember them
 * @param correlation of a correlation only
 */
public record Finding(
        UUID id,
        UUID eventId,
        Instant occurredAt,
        Instant createdAt,
        String title,
        Severity severity,
        String ruleId,
        @Nullable String host,
        @Nullable String user,
        List<String> tags,
        List<Why> why,
        List<UUID> eventIds,
        @Nullable Correlation correlation) {
    /** Of one event. */
    public Finding(
            UUID id,
            UUID eventId,
            Instant occurredAt,
            Instant createdAt,
            String title,
            Severity severity,
            String ruleId,
            @Nullable String host,
            @Nullable String user,
            List<String> tags,
            List<Why> why) {
        this(
                id,
                eventId,
                occurredAt,
                createdAt,
                title,
                severity,
                ruleId,
                host,
                user,
                tags,
                why,
                List.of(eventId),
                null);
    }

    /** What tells apart two findings of one rule that end with one event. */
    String about() {
        return correlation == null
                ? ""
                : HexFormat.of()
                        .formatHex(
                                Hashes.of(correlation.group().stream().map(Value::value).toList()));
    }

    /**
     * @param field empty for keywords
     */
    public record Why(String field, String value, String selection) {}

    /**
     * How a correlation came about.
     *
     * @param type as Sigma names it, {@code event_count}
     * @param value what was compared with the condition
     * @param condition as people read it, {@code >= 10}
     * @param first time of the first event of the window
     * @param rules what it looks at
     */
    public record Correlation(
            String type,
            List<Value> group,
            String value,
            String condition,
            long timespanSeconds,
            Instant first,
            Instant last,
            List<Part> rules) {}

    /** A group-by field's value. */
    @Schema(name = "FindingGroupValue")
    public record Value(String field, String value) {}

    /** A rule that a correlation looks at. */
    @Schema(name = "FindingPart")
    public record Part(String ruleId, String title) {}
}
