package io.cybershield.workflow;

import java.time.Duration;

/** Where work is done that belongs into no transaction. */
interface Elsewhere {
    /** Returns at once. */
    void run(Runnable work);

    /** Returns at once; the work is done after the pause. */
    void later(Duration pause, Runnable work);
}
