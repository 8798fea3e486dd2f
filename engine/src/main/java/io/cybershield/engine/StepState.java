package io.cybershield.engine;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One step of a run.
 *
 * @param id see {@link StepId}
 * @param epoch grows with every new try; whoever holds an older one has no say any more
 * @param attempt tries so far, the present one included; lost workers do not count
 * @param losses workers lost over this step
 * @param worker the claim that runs it, while running
 * @param probing whether a doubt is with the probe; else it is with a person
 * @param mayHaveHappened whether a try whose effect nobody knows has been left behind
 * @param cutOff whether it was the end of the run that ended it
 * @param signal the signal a wait is for
 * @param child the child run that it started
 * @param queuedAt when it was first ready
 * @param startedAt of the first attempt
 * @param port the port it left by; null while it has not, and when it left by none
 * @param output what {@code steps.<key>.output} shows; a reference where the caller keeps payloads
 *     elsewhere
 * @param note why it is in this state, for people
 */
public record StepState(
        String id,
        StepStatus status,
        long epoch,
        int attempt,
        int losses,
        @Nullable String worker,
        boolean probing,
        boolean mayHaveHappened,
        boolean cutOff,
        @Nullable String signal,
        @Nullable String child,
        Instant queuedAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String port,
        Map<String, @Nullable Object> output,
        @Nullable String note) {

    public StepState {
        output = Values.frozen(output);
    }

    /** Key of the node. */
    public String key() {
        return StepId.key(id);
    }

    /** Whether somebody computes it or acts on it now, or is about to. */
    boolean isBusy() {
        return status == StepStatus.QUEUED || (status == StepStatus.RUNNING && worker != null);
    }
}
