package io.cybershield.platform.eventlog;

/** The log cannot take records now; the caller keeps them and repeats. */
public final class EventLogUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EventLogUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
