package io.cybershield.sigma;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters of each rule, written by all threads that match. */
final class Costs {

    private static final int RUNS = 0;
    private static final int HITS = 1;
    private static final int STEPS = 2;
    private static final int CUT_OFF = 3;
    private static final int COUNTERS = 4;

    private final AtomicLongArray counters;

    Costs(int rules) {
        counters = new AtomicLongArray(rules * COUNTERS);
    }

    void ran(int rule, long steps, boolean hit, boolean cut) {
        int at = rule * COUNTERS;
        counters.getAndIncrement(at + RUNS);
        if (steps > 0) {
            counters.getAndAdd(at + STEPS, steps);
        }
        if (hit) {
            counters.getAndIncrement(at + HITS);
        }
        if (cut) {
            counters.getAndIncrement(at + CUT_OFF);
        }
    }

    RuleCost of(int rule, SigmaRule source, boolean off) {
        int at = rule * COUNTERS;
        return new RuleCost(
                source,
                counters.get(at + RUNS),
                counters.get(at + HITS),
                counters.get(at + STEPS),
                counters.get(at + CUT_OFF),
                off);
    }
}
