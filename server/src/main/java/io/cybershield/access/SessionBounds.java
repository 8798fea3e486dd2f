package io.cybershield.access;

import java.time.Duration;

/**
 * How long sessions live.
 *
 * @param idle one that is unused for this long ends
 * @param absolute one ends this long after sign-in, used or not
 */
record SessionBounds(Duration idle, Duration absolute) {
    /** What holds where another allows less. */
    SessionBounds within(SessionBounds most) {
        return new SessionBounds(least(idle, most.idle), least(absolute, most.absolute));
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
