package io.cybershield.ingest;

import io.swagger.v3.oas.annotations.media.Schema;
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
        @Schema(allowableValues = {"json", "syslog", "windows", "linux", "upload"}) String kind,
        Instant createdAt,
        @Nullable Instant lastReceivedAt,
        long received,
        long refused,
        long unparsed,
        @Schema(allowableValues = {"active", "revoked"}) String state,
        @Nullable String tokenHint) {}
