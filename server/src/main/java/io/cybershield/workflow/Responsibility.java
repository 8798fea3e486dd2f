package io.cybershield.workflow;

import io.cybershield.workflow.DispatchStore.Pointer;
import java.time.Instant;

/** Whether somebody answers for what a run does to the world. */
interface Responsibility {
    /**
     * Whether the step must wait because nobody answers for its run any more; its pointer then is
     * put off.
     */
    boolean unanswered(RunTurn turn, Pointer by, Instant now);
}
