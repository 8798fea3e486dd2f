package io.cybershield.platform.eventlog;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Appends by group commit: while one transaction commits, whatever arrives meanwhile waits and goes
 * into the next, so many small callers cost as little as one large.
 *
 * <p>Each transaction locks its shards' rows in order of id, takes offsets and holds the locks to
 * its commit. So offsets have no gaps, and none becomes visible before a lower one (ADR 004).
 */
final class Appender implements AutoCloseable {
    private static final int ROWS = 1000;
    private static final long BYTES = 8L << 20;
    static final int SEGMENTS = 16;

    private record Request(List<LogRecord> records, int bytes, CompletableFuture<Void> done) {}

    private final LogDatabase database;
    private final Topics topics;
    private final Hints hints;
    private final EventLogSettings settings;
    private final LogMeters meters;
    private final Clock clock;
    private final Semaphore room;
    private final LinkedBlockingQueue<Request> waiting = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closed;

    Appender(
            LogDatabase database,
            Topics topics,
            Hints hints,
            EventLogSettings settings,
            LogMeters meters,
            Clock clock) {
        this.database = database;
        this.topics = topics;
        this.hints = hints;
        this.settings = settings;
        this.meters = meters;
        this.clock = clock;
        this.room = new Semaphore(settings.maxWaitingBytes(), true);
        meters.waiting(() -> settings.maxWaitingBytes() - room.availablePermits());
        this.thread = Thread.ofVirtual().name("eventlog-append").start(this::write);
    }

    void append(List<LogRecord> records) {
        if (records.isEmpty()) {
            return;
        }
        int bytes = Math.min(size(records), settings.maxWaitingBytes());
        long within = settings.appendWithin().toMillis();
        try {
            if (closed) {
                throw refused(records, "it is closing", null);
            }
            if (!room.tryAcquire(bytes, within, TimeUnit.MILLISECONDS)) {
                throw refused(records, "too much is waiting to be written", null);
            }
            var request = new Request(List.copyOf(records), bytes, new CompletableFuture<>());
            waiting.add(request);
            if (closed && waiting.remove(request)) {
                room.release(bytes);
                throw refused(records, "it is closing", null);
            }
            request.done().get(within, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw refused(
                    records, "the database did not commit within " + settings.appendWithin(), e);
        } catch (ExecutionException e) {
            throw refused(records, String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refused(records, "interrupted", e);
        }
    }

    private EventLogUnavailable refused(
            List<LogRecord> records,
            String why,
            @org.jspecify.annotations.Nullable Exception cause) {
        meters.refused(records.size());
        return new EventLogUnavailable(
                "The event log took nothing: " + why + ". Repeat later.", cause);
    }

    /** Also refuses what the table could not hold, before anybody else's records wait with it. */
    static int size(List<LogRecord> records) {
        long bytes = 0;
        for (LogRecord record : records) {
            Topics.checked(record.topic());
            if (record.key().indexOf('\0') >= 0 || record.key().length() > 1024) {
                throw new IllegalArgumentException(
                        "A key has at most 1024 characters and no NUL: " + record.key().length());
            }
            bytes +=
                    64L
                            + record.key().getBytes(StandardCharsets.UTF_8).length
                            + record.value().length;
        }
        if (bytes > Integer.MAX_VALUE / 4) {
            throw new IllegalArgumentException(
                    "One append takes at most 512 MB, this has " + (bytes >> 20) + "; split it.");
        }
        return (int) bytes;
    }

    private void write() {
        var batch = new ArrayList<Request>();
        while (!closed || !waiting.isEmpty()) {
            batch.clear();
            try {
                Request first = waiting.poll(1, TimeUnit.SECONDS);
                if (first == null) {
                    continue;
                }
                batch.add(first);
                gather(batch);
            } catch (InterruptedException e) {
                closed = true; // drain what is there, then end
                continue;
            }
            try {
                store(batch.stream().flatMap(r -> r.records().stream()).toList());
                batch.forEach(r -> r.done().complete(null));
            } catch (SQLException | RuntimeException e) {
                batch.forEach(r -> r.done().completeExceptionally(e));
            } finally {
                batch.forEach(r -> room.release(r.bytes()));
            }
        }
    }

    private void gather(List<Request> batch) {
        int rows = batch.getFirst().records().size();
        long bytes = batch.getFirst().bytes();
        while (rows < ROWS && bytes < BYTES) {
            Request next = waiting.peek();
            if (next == null || rows + next.records().size() > ROWS) {
                return;
            }
            waiting.remove();
            batch.add(next);
            rows += next.records().size();
            bytes += next.bytes();
        }
    }

    private void store(List<LogRecord> records) throws SQLException {
        int n = records.size();
        var touched = new TreeSet<String>();
        Integer[] shard = new Integer[n];
        String[] keys = new String[n];
        byte[][] values = new byte[n][];
        for (int i = 0; i < n; i++) {
            LogRecord record = records.get(i);
            touched.add(record.topic());
            int[] shards = topics.shards(record.topic());
            shard[i] = shards[Topics.partitionOf(record.key(), shards.length)];
            keys[i] = record.key();
            values[i] = record.value();
        }
        try (Connection connection = database.connection()) {
            try {
                var next = lock(connection, new TreeSet<>(List.of(shard)));
                Long[] offsets = new Long[n];
                for (int i = 0; i < n; i++) {
                    offsets[i] = next.merge(shard[i], 1L, Long::sum) - 1;
                }
                insert(connection, shard, offsets, keys, values);
                move(connection, next, touched);
                connection.commit();
            } catch (SQLException e) {
                rollback(connection, e);
                throw e;
            }
        }
        for (String topic : touched) {
            hints.wake(topic);
        }
        records.stream()
                .collect(
                        java.util.stream.Collectors.groupingBy(
                                LogRecord::topic, java.util.stream.Collectors.counting()))
                .forEach(meters::appended);
    }

    private static void rollback(Connection connection, SQLException because) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            because.addSuppressed(e);
        }
    }

    private static TreeMap<Integer, Long> lock(Connection connection, TreeSet<Integer> shards)
            throws SQLException {
        var next = new TreeMap<Integer, Long>();
        try (var sql =
                connection.prepareStatement(
                        "SELECT id, next_offset FROM eventlog.shard WHERE id = ANY(?) ORDER BY id"
                                + " FOR UPDATE")) {
            sql.setArray(1, connection.createArrayOf("int4", shards.toArray()));
            try (var rows = sql.executeQuery()) {
                while (rows.next()) {
                    next.put(rows.getInt(1), rows.getLong(2));
                }
            }
        }
        if (next.size() != shards.size()) {
            throw new SQLException("A shard of the event log is gone: " + shards);
        }
        return next;
    }

    private void insert(
            Connection connection, Integer[] shard, Long[] offsets, String[] keys, byte[][] values)
            throws SQLException {
        try (var sql =
                connection.prepareStatement(
                        """
                        INSERT INTO eventlog.record (shard, at_offset, segment, key, value)
                        SELECT r.shard, r.at_offset, ?, r.key, r.value
                        FROM unnest(?::int[], ?::bigint[], ?::text[], ?::bytea[]) AS r (shard, at_offset, key, value)
                        """)) {
            sql.setInt(1, segmentAt(clock.millis(), settings));
            sql.setArray(2, connection.createArrayOf("int4", shard));
            sql.setArray(3, connection.createArrayOf("int8", offsets));
            sql.setArray(4, connection.createArrayOf("text", keys));
            sql.setArray(5, connection.createArrayOf("bytea", values));
            sql.executeUpdate();
        }
    }

    private static void move(
            Connection connection, TreeMap<Integer, Long> next, TreeSet<String> touched)
            throws SQLException {
        try (var sql =
                connection.prepareStatement(
                        """
                        UPDATE eventlog.shard s SET next_offset = m.next
                        FROM unnest(?::int[], ?::bigint[]) AS m (id, next) WHERE s.id = m.id
                        """)) {
            sql.setArray(1, connection.createArrayOf("int4", next.keySet().toArray()));
            sql.setArray(2, connection.createArrayOf("int8", next.values().toArray()));
            sql.executeUpdate();
        }
        try (var sql =
                connection.prepareStatement(
                        "SELECT pg_notify('"
                                + Hints.CHANNEL
                                + "', t) FROM unnest(?::text[]) AS t")) {
            sql.setArray(1, connection.createArrayOf("text", touched.toArray()));
            sql.execute();
        }
    }

    /**
     * The ring turns twice in a retention time and a bit, so a segment ages before it comes up
     * again.
     */
    static int segmentAt(long millis, EventLogSettings settings) {
        long width = Math.max(1000, settings.retention().toMillis() / (SEGMENTS / 2));
        return (int) Math.floorMod(millis / width, (long) SEGMENTS);
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(settings.appendWithin());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
