package io.cybershield.incident;

import io.cybershield.detection.Severity;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to an incident.
 *
 * @param ref what it is about, such as a finding or a run
 */
public record TimelineEntry(
        UUID id,
        Instant at,
        Kind kind,
        String actor,
        String text,
        @Nullable Severity severity,
        @Nullable Ref ref) {
    public enum Kind {
        FINDING,
        COMMENT,
        STATE,
        OWNER,
        SEVERITY,
        RUN,
        APPROVAL,
        ACTION,
        TASK;

        @com.fasterxml.jackson.annotation.JsonValue
        public String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public record Ref(String kind, String id) {}
}
