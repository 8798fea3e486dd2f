package io.cybershield.ingest;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A source as people see it.
 *
 * @param tokenHint last four characters of the token
 */
record SourceView(
        UUID id,
        String name,
        String kind,
        Instant createdAt,
        @Nullable Instant lastReceivedAt,
        long received,
        long refused,
        long unparsed,
        String state,
        @Nullable String tokenHint) {}
