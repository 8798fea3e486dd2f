package io.cybershield.workflow;

import java.util.UUID;

/** A run. */
public record RunId(UUID value) {
    @Override
    public String toString() {
        return value.toString();
    }
}
