package io.cybershield.detection;

import io.cybershield.platform.DomainEvent;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A rule found something.
 *
 * @param eventIds oldest first
 * @param correlation of a correlation only
 */
public record FindingRaised(
        UUID id,
        UUID eventId,
        Instant occurredAt,
        Instant createdAt,
        String title,
        String severity,
        String ruleId,
        @Nullable String host,
        @Nullable String user,
        List<String> tags,
        List<Finding.Why> why,
        @Nullable UUID incidentId,
        @Nullable List<UUID> eventIds,
        Finding.@Nullable Correlation correlation)
        implements DomainEvent {
    /** Those of before correlations came name one event only. */
    List<UUID> events() {
        return eventIds == null ? List.of(eventId) : eventIds;
    }
}
