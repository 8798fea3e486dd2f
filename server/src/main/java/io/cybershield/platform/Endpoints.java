package io.cybershield.platform;

import java.time.Instant;

/** How many machines the current tenant has; asked by whoever sells by their number. */
public interface Endpoints {
    /** Those of which something was heard since then, by their own clocks. */
    long heardSince(Instant at);
}
