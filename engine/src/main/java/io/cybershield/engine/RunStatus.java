package io.cybershield.engine;

/** State of a run. */
public enum RunStatus {
    /** Nothing has happened yet. */
    NEW,
    /** At least one step is queued or running. */
    RUNNING,
    /** Nothing to do until a person, a time, a signal or a probe moves it on. */
    WAITING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    public boolean isFinal() {
        return switch (this) {
            case NEW, RUNNING, WAITING -> false;
            case SUCCEEDED, FAILED, CANCELLED -> true;
        };
    }
}
