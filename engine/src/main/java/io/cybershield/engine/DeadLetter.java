package io.cybershield.engine;

import org.jspecify.annotations.Nullable;

/**
 * A step that failed for good.
 *
 * @param attempts how many were made; 0 when it never got that far
 * @param port by which the run went on all the same; null when nothing took the failure up
 */
public record DeadLetter(
        String step, int attempts, String reason, boolean mayHaveHappened, @Nullable String port) {}
