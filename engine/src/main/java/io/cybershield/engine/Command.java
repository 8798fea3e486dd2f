package io.cybershield.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the caller must do after committing a decision. Doing one twice is harmless as long as the
 * caller keys it by run, step and epoch, or by run and timer: {@link Engine#outstanding} names
 * again all that is still to be done.
 */
public sealed interface Command {

    /** Compute a pure step or a wait and come back with what it came to. */
    record Evaluate(String step, long epoch) implements Command {}

    /**
     * Let a worker claim the step, record {@link Event.AttemptStarted}, act, and report the
     * outcome.
     *
     * @param idempotencyKey the same for every attempt at this step of this run
     * @param attempt 1 or more
     */
    record StartAttempt(String step, long epoch, String idempotencyKey, int attempt)
            implements Command {}

    /** The attempt is no longer wanted; a worker still on it should stop. A hint, nothing waits. */
    record StopAttempt(String step, long epoch, String reason) implements Command {}

    /**
     * Find out whether the attempt in doubt took effect; answer with {@link Event.DoubtSettled}.
     */
    record Probe(String step, long epoch, String idempotencyKey) implements Command {}

    /** Ask a person whether the attempt in doubt took effect. */
    record OpenHumanDecision(String step, long epoch, String evidence) implements Command {}

    /** Ask for approval. */
    record OpenApproval(String step, long epoch, @Nullable Instant deadline) implements Command {}

    /** Close the approval or human decision of this step: it no longer matters. */
    record WithdrawQuestion(String step, long epoch, String reason) implements Command {}

    /**
     * Start the child run that goes by this key, once, and answer with {@link Event.ChildStarted};
     * answer with {@link Event.ChildEnded} when it has ended. The step's configuration holds its
     * input. Given again for a child that goes on, it is a question what became of it.
     *
     * @param idempotencyKey a child run that was started under it is not started again
     */
    record StartChild(
            String step,
            long epoch,
            String idempotencyKey,
            String workflow,
            int version,
            boolean waits)
            implements Command {}

    /**
     * Stop the child run, if it was started and has not ended.
     *
     * @param child null when the engine was not told yet
     * @param mode as the parent was stopped
     */
    record StopChild(
            String step,
            String idempotencyKey,
            @Nullable String child,
            String reason,
            Event.Stop mode)
            implements Command {}

    /**
     * Start the workflow that deals with failures. Given once.
     *
     * @param workflow as the settings name it
     */
    record StartErrorWorkflow(String workflow, RunResult result) implements Command {}

    /** Answer with {@link Event.TimerFired} at that time or later, even after a crash. */
    record SetTimer(String timer, Instant due) implements Command {}

    /** The timer is not needed any more; one that fires all the same does no harm. */
    record ClearTimer(String timer) implements Command {}

    /**
     * Tell the people concerned.
     *
     * @param step the step it is about; null when it is about the run
     */
    record Notify(Notice notice, @Nullable String step, String text) implements Command {}

    /** The run has ended. Given once. */
    record CompleteRun(RunStatus status, RunResult result) implements Command {}

    /** Why people are told something. */
    enum Notice {
        STEP_FAILED,
        STEP_IN_DOUBT,
        APPROVAL_TIMED_OUT,
        RUN_FAILED
    }
}
