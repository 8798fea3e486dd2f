package io.cybershield.incident;

import io.cybershield.detection.Severity;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An incident in a list, on the live socket and in events.
 *
 * @param number 1, 2, 3, ... within the tenant
 * @param risk 0..100
 * @param version rises with every change
 */
public record IncidentView(
        UUID id,
        long number,
        String title,
        Severity severity,
        State state,
        @Nullable String host,
        @Nullable Owner owner,
        int risk,
        long findings,
        List<String> tags,
        Instant openedAt,
        Instant lastFindingAt,
        boolean approvalWaiting,
        long version) {
    public record Owner(String id, String name) {}

    IncidentView waiting(boolean forApproval) {
        return new IncidentView(
                id,
                number,
                title,
                severity,
                state,
                host,
                owner,
                risk,
                findings,
                tags,
                openedAt,
                lastFindingAt,
                forApproval,
                version);
    }
}
