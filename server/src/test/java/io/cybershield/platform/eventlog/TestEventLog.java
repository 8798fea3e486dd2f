package io.cybershield.platform.eventlog;

import io.cybershield.platform.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One node's event log in PostgreSQL, impatient, for tests of what is built on it. */
public final class TestEventLog implements AutoCloseable {
    private final LogDatabase own;
    private final Hints hints;
    private final PostgresEventLog log;
    private final AvroSchemas schemas;
    private final MeterRegistry registry = new SimpleMeterRegistry();

    private TestEventLog(TestDatabase database, EventLogSettings settings) {
        own = new LogDatabase(database.database());
        hints = new Hints(own);
        log =
                new PostgresEventLog(
                        own,
                        hints,
                        database.transactions(),
                        JdbcClient.create(database.database().pool()),
                        settings,
                        new LogMeters(registry),
                        Clock.systemUTC());
        schemas = new AvroSchemas(database.jdbc(), database.transactions());
    }

    public static TestEventLog start(TestDatabase database) {
        return start(database, Duration.ofSeconds(2), Duration.ofMillis(400));
    }

    static TestEventLog start(TestDatabase database, Duration lease, Duration heartbeat) {
        return new TestEventLog(
                database,
                new EventLogSettings(
                        6,
                        Duration.ofHours(48),
                        lease,
                        heartbeat,
                        Duration.ofMillis(100),
                        3,
                        1 << 20,
                        Duration.ofSeconds(10),
                        java.util.Map.of()));
    }

    public EventLog log() {
        return log;
    }

    public AvroSchemas schemas() {
        return schemas;
    }

    public Wakeups wakeups() {
        return hints;
    }

    public MeterRegistry registry() {
        return registry;
    }

    @Override
    public void close() {
        log.close();
        hints.close();
        own.close();
    }
}
