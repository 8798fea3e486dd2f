package io.cybershield.ingest;

import java.util.List;
import java.util.UUID;

/** Tells an event's readers what was found in it; detection answers. */
public interface EventFindings {
    List<Reference> of(UUID event);

    record Reference(UUID id, String title) {}
}
