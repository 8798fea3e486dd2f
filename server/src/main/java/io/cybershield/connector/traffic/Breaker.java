package io.cybershield.connector.traffic;

import java.time.Duration;
import java.time.Instant;

/**
 * Counts how often calls over one connection failed in a row, as one process sees it. Immutable.
 *
 * @param failures in a row, none longer after the one before than {@link #FORGOTTEN}
 * @param last when the last of them was
 */
record Breaker(int failures, Instant last) {
    /** So many in a row open the breaker. */
    static final int MOST = 5;

    static final Duration FORGOTTEN = Duration.ofMinutes(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** The other side may say how long it wants to be left alone, but not for ever. */
    static final Duration LONGEST_WISH = Duration.ofHours(1);

    static final Breaker CLOSED = new Breaker(0, Instant.EPOCH);

    Breaker failed(Instant at) {
        return new Breaker(at.isAfter(last.plus(FORGOTTEN)) ? 1 : failures + 1, at);
    }

    boolean isTooMuch() {
        return failures >= MOST;
    }

    /**
     * How long nobody goes; doubles each time that a trial fails.
     *
     * @param times it was opened in a row before
     */
    static Duration pause(int times) {
        var grown = FIRST_PAUSE.multipliedBy(1L << Math.min(times, 10));
        return grown.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : grown;
    }
}
