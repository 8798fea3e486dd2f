package io.cybershield.workflow;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a run may begin at once; answered by the context that knows the limits. All of it
 * happens in the transaction of what it is about.
 */
public interface RunGate {
    /**
     * A run that wants to begin; not stored yet.
     *
     * @param node the trigger that starts it
     * @param alone waits while another run that the same trigger started is live
     */
    record Candidate(
            UUID run,
            UUID workflow,
            int version,
            String node,
            Map<String, @Nullable Object> input,
            boolean alone) {}

    /**
     * Whether another run may start at all, whatever runs now.
     *
     * @throws io.cybershield.platform.ProblemException if not; nothing was written then but the
     *     count of refusals
     */
    default void open() {}

    /**
     * Whether what runs now may stand against a start. If so, all that began in this transaction
     * must be written before {@link #admit} is asked.
     *
     * @param alone as in {@link Candidate}
     */
    boolean counts(UUID workflow, boolean alone);

    /**
     * True lets it begin now; with false the gate has put it into its queue and begins it later by
     * {@link Runs#begin}.
     *
     * @throws io.cybershield.platform.ProblemException if the limits say that it is refused;
     *     nothing was written then
     */
    boolean admit(Candidate candidate);

    /**
     * Whether a run that ended may go on now, under the same limits; it then counts as live, and is
     * never queued.
     */
    boolean readmit(Candidate candidate);

    /** A queued run was cancelled and must not begin any more. */
    void left(UUID run);

    /**
     * Runs ended, in whatever way.
     *
     * @param runs as they are stored now
     */
    void ended(List<RunView> runs);
}
