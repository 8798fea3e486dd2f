package io.cybershield.incident;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Tells what workflows are doing about incidents of the current tenant; workflow answers. */
public interface IncidentRuns {
    List<Reference> of(UUID incident);

    /** Those among the incidents of which a run waits for an approval. */
    Set<UUID> waitingForApproval(Collection<UUID> incidents);

    @Schema(name = "RunReference")
    record Reference(
            UUID id,
            String workflowName,
            @Schema(
                            allowableValues = {
                                "running",
                                "waiting",
                                "succeeded",
                                "failed",
                                "cancelled",
                                "in-doubt"
                            })
                    String state) {}
}
