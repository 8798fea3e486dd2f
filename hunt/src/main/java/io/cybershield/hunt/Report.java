package io.cybershield.hunt;

import java.io.IOException;

/** One way of telling what was found. Used by one thread at a time. */
interface Report {

    /** A hit; in the order of the files and of their events, correlations last. */
    void accept(Found found) throws IOException;

    /** Everything has been read. */
    void finish(Outcome outcome) throws IOException;
}
