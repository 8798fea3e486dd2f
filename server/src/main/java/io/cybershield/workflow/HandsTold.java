package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.flow.SignalName;
import java.util.List;
import java.util.UUID;

/**
 * Who is told of what people do to runs that there are: the trail, other contexts, and who had a
 * hand in them. All of it happens in the transaction of what it is about.
 */
interface HandsTold {
    /** Whoever acts now lets a run go on. */
    void goesOn(UUID run);

    /** Whoever acts now answers for a run for which nobody did any more. */
    void answers(RunView run);

    void stopping(RunId run, Event.Stop mode, String reason);

    /**
     * A run was taken up again.
     *
     * @param by who asked for it, now or before
     */
    void resumed(RunView run, String by);

    /** Many are to be taken up again, one after another. */
    void resumesAsked(List<UUID> runs);

    /** Failures were taken off the list. */
    void discarded(List<UUID> runs, String reason);

    void signalled(RunId run, String id, SignalName signal);

    /**
     * A run goes on in another version.
     *
     * @param run as it was
     */
    void moved(RunView run, RunMove move);
}
