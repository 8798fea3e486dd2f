package io.cybershield.workflow;

import io.cybershield.workflow.DispatchStore.DueTimer;
import java.time.Instant;

/**
 * A kind of timers that is not a run's own: word from another run, a signal, a person's wish, a
 * reminder. None of their names can be a run's own: a node's key has no hyphen.
 */
interface TimerWord {
    /**
     * Does what the timer is for, in the tenant's scope and the transaction that clears it.
     *
     * @param batch holds the timer's run, if there is still one
     * @return false if the timer is not of this kind
     */
    boolean fire(DueTimer timer, TurnBatch batch, Instant now);
}
