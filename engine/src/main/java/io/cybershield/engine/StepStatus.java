package io.cybershield.engine;

/** State of a step. */
public enum StepStatus {
    QUEUED,
    RUNNING,
    /** For a person, a time or a signal. */
    WAITING,
    /** Failed, and will be tried again at a set time. */
    RETRY_AT,
    SUCCEEDED,
    FAILED,
    /** No branch that was taken leads here, or the run ended before it. */
    SKIPPED,
    CANCELLED,
    /** The worker was lost between intent and outcome, and a second try could do damage. */
    IN_DOUBT;

    public boolean isFinal() {
        return switch (this) {
            case QUEUED, RUNNING, WAITING, RETRY_AT, IN_DOUBT -> false;
            case SUCCEEDED, FAILED, SKIPPED, CANCELLED -> true;
        };
    }
}
