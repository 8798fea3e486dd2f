package io.cybershield.hunt;

import java.time.Duration;
import java.util.List;

/**
 * What a hunt came to.
 *
 * @param files in order; those that could not be opened last
 * @param outside events left out by time
 * @param timeless events left out because they have no time to compare
 * @param uncorrelated hits that a correlation should have seen, but that have no time
 * @param forgotten groups and events that correlations had no room for
 */
record Outcome(
        List<EventFile> files,
        long events,
        long hits,
        long outside,
        long timeless,
        long uncorrelated,
        long forgotten,
        Duration took) {

    long damaged() {
        return files.stream().filter(EventFile::isDamaged).count();
    }

    long skipped() {
        return files.stream().filter(EventFile::isSkipped).count();
    }

    /** Whether everything could be read. */
    boolean isWhole() {
        return damaged() == 0 && skipped() == 0;
    }
}
