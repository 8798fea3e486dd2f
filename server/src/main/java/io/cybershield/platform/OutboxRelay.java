package io.cybershield.platform;

import io.cybershield.platform.eventlog.AvroWire;
import io.cybershield.platform.eventlog.EventLog;
import io.cybershield.platform.eventlog.EventLogUnavailable;
import io.cybershield.platform.eventlog.LogRecord;
import io.cybershield.platform.eventlog.Wakeups;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;

/**
 * Takes events from the outbox to the log, oldest first. One relay works at a time, by an advisory
 * lock that ends with its transaction; a relay that dies between log and outbox repeats itself, and
 * the inbox of each consumer sees through that.
 */
final class OutboxRelay implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OutboxRelay.class);
    private static final long LOCK = 0x6f75_7462_6f78L;
    private static final int BATCH = 500;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration REST_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration INBOX_KEEPS = Duration.ofDays(8);
    private static final long INBOX_SWEEP_EVERY = Duration.ofMinutes(10).toNanos();

    private record Row(long seq, LogRecord record) {}

    private final EventLog eventLog;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final AvroWire<EventOnWire> wire;
    private final Wakeups wakeups;
    private final MeterRegistry registry;
    private final Thread thread;
    private volatile boolean closing;
    private long lastSweep = System.nanoTime();

    OutboxRelay(
            EventLog eventLog,
            Transactions transactions,
            JdbcClient jdbc,
            AvroWire<EventOnWire> wire,
            Wakeups wakeups,
            MeterRegistry registry) {
        this.eventLog = eventLog;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.wire = wire;
        this.wakeups = wakeups;
        this.registry = registry;
        this.thread = Thread.ofVirtual().name("outbox-relay").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (var wakeup = wakeups.on("outbox")) {
            while (!closing) {
                Duration rest = POLL;
                try {
                    if (Scope.platform("outbox").get(() -> transactions.call(this::relay))
                            == BATCH) {
                        continue;
                    }
                    sweepInbox();
                } catch (EventLogUnavailable | DataAccessException | TransactionException e) {
                    if (!closing) {
                        log.warn("outbox waits cause=\"{}\"", e.toString());
                    }
                    rest = REST_AFTER_FAILURE;
                }
                wakeup.await(rest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int relay() {
        if (!jdbc.sql("SELECT pg_try_advisory_xact_lock(?)")
                .param(LOCK)
                .query(Boolean.class)
                .single()) {
            return 0;
        }
        // A relay whose process hangs must let another take over.
        jdbc.sql("SELECT set_config('idle_in_transaction_session_timeout', '60s', true)")
                .query(String.class)
                .single();
        List<Row> rows =
                jdbc.sql(
                                "SELECT seq, tenant_id, id, aggregate, type, payload, at FROM"
                                        + " platform.outbox ORDER BY seq LIMIT ?")
                        .param(BATCH)
                        .query(this::row)
                        .list();
        if (rows.isEmpty()) {
            return 0;
        }
        eventLog.append(rows.stream().map(Row::record).toList());
        jdbc.sql("DELETE FROM platform.outbox WHERE seq IN (:done)")
                .param("done", rows.stream().map(Row::seq).toList())
                .update();
        registry.counter("outbox.relayed").increment(rows.size());
        return rows.size();
    }

    private Row row(ResultSet row, int number) throws SQLException {
        String tenant = row.getObject("tenant_id", UUID.class).toString();
        String aggregate = row.getString("aggregate");
        var event =
                EventOnWire.newBuilder()
                        .setId(row.getString("id"))
                        .setTenant(tenant)
                        .setAggregate(aggregate)
                        .setAt(row.getTimestamp("at").toInstant())
                        .setType(row.getString("type"))
                        .setPayload(row.getString("payload"))
                        .build();
        return new Row(
                row.getLong("seq"),
                new LogRecord(
                        OutboxDomainEvents.TOPIC, tenant + "|" + aggregate, wire.encode(event)));
    }

    /** An id is needed only as long as the log can still repeat its event. */
    private void sweepInbox() {
        if (System.nanoTime() - lastSweep < INBOX_SWEEP_EVERY) {
            return;
        }
        lastSweep = System.nanoTime();
        Scope.platform("outbox")
                .get(() ->
                        transactions.call(() ->
                                jdbc.sql(
                                                "DELETE FROM platform.inbox WHERE at < now() -"
                                                        + " CAST(? AS interval)")
                                        .param(INBOX_KEEPS.toSeconds() + " seconds")
                                        .update()));
    }

    @Override
    public void close() {
        closing = true;
        try {
            if (thread.isAlive()) {
                thread.join(Duration.ofSeconds(20));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
