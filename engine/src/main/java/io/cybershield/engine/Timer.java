package io.cybershield.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A timer a run has set and not yet seen fire.
 *
 * @param step null when it is about the run
 */
public record Timer(String key, Purpose purpose, @Nullable String step, Instant due) {

    /** What happens when it fires. */
    public enum Purpose {
        RETRY,
        ATTEMPT_TIMEOUT,
        APPROVAL_TIMEOUT,
        WAIT,
        /** Of a loop or a child run. */
        STEP_TIMEOUT,
        RUN_DEADLINE,
        CLOSING_DEADLINE
    }
}
