package io.cybershield.platform.eventlog;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Measures lag and empties segments that are old and that every group has passed. */
final class Upkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration EVERY = Duration.ofSeconds(10);
    private static final int RETENTION_EVERY = 6;
    private static final long LOCK = 0x6576_656e_746c_6f67L;

    private record Lag(String groupName, String topic, long lag) {}

    private final LogDatabase database;
    private final EventLogSettings settings;
    private final LogMeters meters;
    private final Clock clock;
    private final Thread thread = Thread.ofVirtual().name("eventlog-upkeep").unstarted(this::run);
    private volatile boolean closing;

    Upkeep(LogDatabase database, EventLogSettings settings, LogMeters meters, Clock clock) {
        this.database = database;
        this.settings = settings;
        this.meters = meters;
        this.clock = clock;
    }

    /** From now on by itself, until closed. */
    Upkeep start() {
        thread.start();
        return this;
    }

    private void run() {
        for (int turn = 0; !closing; turn++) {
            try {
                measure();
                if (turn % RETENTION_EVERY == 0) {
                    retire();
                }
            } catch (DataAccessException | TransactionException e) {
                if (!closing) {
                    log.warn("event log upkeep failed cause=\"{}\"", e.toString());
                }
            }
            try {
                Thread.sleep(EVERY);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    void measure() {
        database.jdbc()
                .sql(
                        """
                        SELECT c.group_name, c.topic, sum(s.next_offset - c.next_offset) AS lag
                        FROM eventlog.consumer c JOIN eventlog.shard s USING (topic, partition)
                        GROUP BY 1, 2
                        """)
                .query((row, _) -> new Lag(row.getString(1), row.getString(2), row.getLong(3)))
                .list()
                .forEach(l -> meters.lag(l.groupName(), l.topic(), l.lag()));
    }

    /** Truncates what may go; one node at a time. */
    int retire() {
        int current = Appender.segmentAt(clock.millis(), settings);
        int emptied = 0;
        for (int n = 0; n < Appender.SEGMENTS; n++) {
            if (n != current && isUsed(n) && mayGo(n) && empty(n)) {
                emptied++;
                log.info("event log segment emptied segment={}", n);
            }
        }
        return emptied;
    }

    private boolean isUsed(int segment) {
        return database.jdbc()
                .sql("SELECT EXISTS (SELECT 1 FROM eventlog.record_" + segment + ")")
                .query(Boolean.class)
                .single();
    }

    /** Whether the last record of every shard in it is old and behind every group of its topic. */
    private boolean mayGo(int segment) {
        Instant oldest = clock.instant().minus(settings.retention());
        return database.jdbc()
                .sql(
                        """
                        SELECT NOT EXISTS (
                            SELECT 1 FROM eventlog.shard s
                            CROSS JOIN LATERAL (
                                SELECT at_offset, appended_at FROM eventlog.record_%d r WHERE r.shard = s.id
                                ORDER BY at_offset DESC LIMIT 1) AS l
                            WHERE l.appended_at >= :oldest
                               OR EXISTS (SELECT 1 FROM eventlog.consumer c
                                          WHERE c.topic = s.topic AND c.partition = s.partition
                                            AND c.next_offset <= l.at_offset))
                        """
                                .formatted(segment))
                .param("oldest", java.sql.Timestamp.from(oldest))
                .query(Boolean.class)
                .single();
    }

    private boolean empty(int segment) {
        return database.inTransaction(() -> {
            var jdbc = database.jdbc();
            if (!jdbc.sql("SELECT pg_try_advisory_xact_lock(?)")
                    .param(LOCK)
                    .query(Boolean.class)
                    .single()) {
                return false;
            }
            // Waiting for the lock makes readers and writers wait behind us: not long.
            jdbc.sql("SELECT set_config('lock_timeout', '300ms', true)")
                    .query(String.class)
                    .single();
            jdbc.sql("LOCK TABLE eventlog.record_" + segment + " IN ACCESS EXCLUSIVE MODE")
                    .update();
            if (!mayGo(segment)) {
                return false;
            }
            jdbc.sql("TRUNCATE eventlog.record_" + segment).update();
            return true;
        });
    }

    @Override
    public void close() {
        closing = true;
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
