package io.cybershield.ingest;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file that somebody gave us, and how far its reading has come.
 *
 * @param state reading, done or failed; done also with problems, failed when nothing could be read
 * @param problems the first 100
 */
public record UploadView(
        UUID id,
        String fileName,
        long bytes,
        @Schema(allowableValues = {"reading", "done", "failed"}) String state,
        long records,
        long refused,
        List<Trouble> problems,
        Instant startedAt,
        @Nullable Instant endedAt,
        String by) {
    /**
     * @param place where in the file
     * @param mend what to do about it
     */
    public record Trouble(String place, String problem, String mend) {}
}
