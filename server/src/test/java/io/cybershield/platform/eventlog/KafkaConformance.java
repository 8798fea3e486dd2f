package io.cybershield.platform.eventlog;

import io.cybershield.platform.TestDatabase;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The promises on Kafka, however many brokers a subclass starts. */
abstract class KafkaConformance extends EventLogConformance {
    private TestDatabase database;

    abstract String servers();

    @BeforeAll
    void openDatabase() {
        database = databaseWithEffects();
    }

    @AfterAll
    void closeDatabase() {
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
        return node(servers(), Duration.ofSeconds(2), Duration.ofMinutes(1));
    }

    @Override
    Node startInattentive() {
        return node(servers(), Duration.ofMillis(900), Duration.ofMillis(900));
    }

    /** How long an append may take, a change of leader included. */
    Duration appendWithin() {
        return Duration.ofSeconds(10);
    }

    private Node node(String servers, Duration lease, Duration handlerWithin) {
        return node(servers, lease, handlerWithin, appendWithin());
    }

    Node node(String servers, Duration lease, Duration handlerWithin, Duration appendWithin) {
        var own = new LogDatabase(database.database());
        var log =
                new KafkaEventLog(
                        servers,
                        own,
                        database.transactions(),
                        JdbcClient.create(database.database().pool()),
                        new EventLogSettings(
                                6,
                                Duration.ofHours(48),
                                lease,
                                Duration.ofMillis(400),
                                Duration.ofMillis(100),
                                3,
                                1 << 20,
                                appendWithin,
                                Map.of()),
                        new LogMeters(registry),
                        handlerWithin);
        return new Node() {
            @Override
            public EventLog log() {
                return log;
            }

            @Override
            public void close() {
                log.close();
                own.close();
            }
        };
    }
}
