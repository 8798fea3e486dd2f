package io.cybershield.platform.eventlog;

import java.time.Duration;

/** Hints by NOTIFY on channel {@code eventlog}, for loops that poll anyway. */
public interface Wakeups {
    /**
     * @param word the payload of {@code NOTIFY eventlog}; a topic's name for appends
     */
    Wakeup on(String word);

    /** Wakes when the word came, or at the latest after the time given. */
    interface Wakeup extends AutoCloseable {
        void await(Duration atMost) throws InterruptedException;

        @Override
        void close();
    }
}
