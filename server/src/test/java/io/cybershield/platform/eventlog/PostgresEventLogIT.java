package io.cybershield.platform.eventlog;

import io.cybershield.platform.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.jdbc.core.simple.JdbcClient;

class PostgresEventLogIT extends EventLogConformance {
    private static TestDatabase database;

    @BeforeAll
    static void open() {
        database = databaseWithEffects();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @Override
    TestDatabase database() {
        return database;
    }

    @Override
    LogOperations operations() {
        return new LogOperations(database.transactions(), database.jdbc());
    }

    @Override
    Node start() {
        return node(settings(Duration.ofSeconds(2), Duration.ofMillis(400)));
    }

    @Override
    Node startInattentive() {
        return node(settings(Duration.ofMillis(900), Duration.ofHours(1)));
    }

    static EventLogSettings settings(Duration lease, Duration heartbeat) {
        return new EventLogSettings(
                6,
                Duration.ofHours(48),
                lease,
                heartbeat,
                Duration.ofMillis(100),
                3,
                1 << 20,
                Duration.ofSeconds(10),
                java.util.Map.of());
    }

    private Node node(EventLogSettings settings) {
        var own = new LogDatabase(database.database());
        var hints = new Hints(own);
        var log =
                new PostgresEventLog(
                        own,
                        hints,
                        database.transactions(),
                        JdbcClient.create(database.database().pool()),
                        settings,
                        new LogMeters(registry),
                        Clock.systemUTC());
        return new Node() {
            @Override
            public EventLog log() {
                return log;
            }

            @Override
            public void close() {
                log.close();
                hints.close();
                own.close();
            }
        };
    }
}
