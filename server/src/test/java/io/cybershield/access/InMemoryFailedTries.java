package io.cybershield.access;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The same for tests without a database. */
final class InMemoryFailedTries implements FailedTries {
    private final Map<String, Row> rows = new ConcurrentHashMap<>();

    @Override
    public Optional<Row> find(String key, Instant since) {
        return Optional.ofNullable(rows.get(key)).filter(row -> row.lastAt().isAfter(since));
    }

    @Override
    public void add(String key, Instant now, Instant since) {
        rows.merge(
                key,
                new Row(1, now),
                (before, first) ->
                        before.lastAt().isAfter(since)
                                ? new Row(before.failures() + 1, now)
                                : first);
    }

    @Override
    public void clear(String key) {
        rows.remove(key);
    }
}
