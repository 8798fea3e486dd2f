package io.cybershield.workflow;

import io.cybershield.platform.DomainEvent;
import java.util.List;

/**
 * A run failed whose drawing names a workflow that deals with failures.
 *
 * @param workflow id, as the drawing has it
 */
public record ErrorWorkflowAsked(RunView run, String workflow, String summary, List<Failed> failed)
        implements DomainEvent {

    /** A step that failed for good. */
    public record Failed(String step, String reason, int attempts, boolean mayHaveHappened) {}
}
