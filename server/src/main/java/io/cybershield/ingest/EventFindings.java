package io.cybershield.ingest;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.UUID;

/** Tells an event's readers what was found in it; detection answers. */
public interface EventFindings {
    List<Reference> of(UUID event);

    @Schema(name = "FindingReference")
    record Reference(UUID id, String title) {}
}
