package io.cybershield.connector.traffic;

import java.time.Duration;
import java.time.Instant;

/**
 * A rate limit by the generic cell rate algorithm (ITU-T I.371): one time says all. Who comes too
 * early is given the next free moment, so that those who wait go in the order in which they came.
 *
 * @param perMinute calls
 * @param burst calls that may go at once after a quiet time
 */
record Slots(int perMinute, int burst) {

    /**
     * @param at when the call may go
     * @param next to be kept, and given with the next question
     */
    record Slot(Instant at, Instant next) {}

    Slot take(Instant kept, Instant now) {
        var apart = Duration.ofMinutes(1).dividedBy(perMinute);
        var arrival = kept.isAfter(now) ? kept : now;
        var early = arrival.minus(apart.multipliedBy(burst - 1L));
        return new Slot(early.isAfter(now) ? early : now, arrival.plus(apart));
    }
}
