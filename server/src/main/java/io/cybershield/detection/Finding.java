package io.cybershield.detection;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a rule found in an event.
 *
 * @param occurredAt of the event
 * @param ruleId the rule's own id, not ours
 * @param tags as the rule writes them, such as {@code attack.t1110}
 * @param why what in the event fulfilled the rule
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
        List<Why> why) {
    /**
     * @param field empty for keywords
     */
    public record Why(String field, String value, String selection) {}
}
