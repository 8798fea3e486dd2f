package io.cybershield.policy;

import org.jspecify.annotations.Nullable;

/** The solver did not run, or came to no end: nothing is known. */
public final class ProofFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProofFailed(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
