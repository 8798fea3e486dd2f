package io.cybershield.access;

import java.time.Instant;
import java.util.Optional;

/** Failures in a row, by key; shared by whoever is to delay by them. */
interface FailedTries {
    /**
     * @param failures in a row
     * @param lastAt when the last one was
     */
    record Row(int failures, Instant lastAt) {}

    /**
     * @param since older ones are forgotten
     */
    Optional<Row> find(String key, Instant since);

    /** Counts one more; anew where the last one is forgotten. */
    void add(String key, Instant now, Instant since);

    void clear(String key);
}
