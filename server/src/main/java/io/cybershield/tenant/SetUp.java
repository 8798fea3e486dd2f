package io.cybershield.tenant;

import java.util.UUID;

/** Carries a registration whose link was used through to a company, or to nothing. */
public interface SetUp {
    /** What became of it so far. */
    enum State {
        OPEN,
        REFUSED,
        GOING_ON
    }

    /** Begins it unless it was begun, by whomever. */
    void begin(UUID registration);

    /** Begins it unless it was begun, and waits for its end, though not for ever. */
    State carry(UUID registration);
}
