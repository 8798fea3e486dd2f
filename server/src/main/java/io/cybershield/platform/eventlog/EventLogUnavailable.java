package io.cybershield.platform.eventlog;

import org.jspecify.annotations.Nullable;

/** The log cannot take records now; the caller keeps them and repeats. */
public final class EventLogUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EventLogUnavailable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
