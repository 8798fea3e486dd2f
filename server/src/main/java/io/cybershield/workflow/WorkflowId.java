package io.cybershield.workflow;

import java.util.UUID;

/** A workflow, whatever its version. */
public record WorkflowId(UUID value) {
    @Override
    public String toString() {
        return value.toString();
    }
}
