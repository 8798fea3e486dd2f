package io.cybershield.ingest;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Tells an event's readers what was found in it; detection answers. */
public interface EventFindings {
    List<Reference> of(UUID event);

    /** Those of the events that a finding of the current tenant names. */
    Set<UUID> named(Collection<UUID> events);

    @Schema(name = "FindingReference")
    record Reference(UUID id, String title) {}
}
