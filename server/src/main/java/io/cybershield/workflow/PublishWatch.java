package io.cybershield.workflow;

import java.util.List;
import java.util.UUID;

/** Told of what may start a workflow from now on, in the transaction that publishes or archives. */
public interface PublishWatch {
    /**
     * @param live triggers of the version in use; none when the workflow is archived
     */
    void changed(UUID workflow, List<PublishedTriggers.Trigger> live);
}
