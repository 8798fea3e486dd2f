package io.cybershield.platform.eventlog;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.platform.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class KafkaEventLogIT extends EventLogConformance {
    private static TestDatabase database;
    private static TestKafka kafka;

    @BeforeAll
    static void open() {
        database = databaseWithEffects();
        kafka = new TestKafka();
    }

    @AfterAll
    static void close() {
        kafka.close();
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
        return node(kafka.servers(), Duration.ofSeconds(2), Duration.ofMinutes(1));
    }

    @Override
    Node startInattentive() {
        return node(kafka.servers(), Duration.ofMillis(900), Duration.ofMillis(900));
    }

    private Node node(String servers, Duration lease, Duration handlerWithin) {
        return node(servers, lease, handlerWithin, Duration.ofSeconds(10));
    }

    private Node node(
            String servers, Duration lease, Duration handlerWithin, Duration appendWithin) {
        return node(servers, database, registry, lease, handlerWithin, appendWithin);
    }

    /** One process's view of the log at these servers. */
    static Node node(
            String servers,
            TestDatabase database,
            MeterRegistry registry,
            Duration lease,
            Duration handlerWithin,
            Duration appendWithin) {
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

    @Test
    void aBrokerThatIsAwayIsSaidSo() {
        try (Node node =
                node(
                        "127.0.0.1:1",
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(2))) {
            assertThatThrownBy(() -> node.log().append(List.of(record("k", 1))))
                    .isInstanceOf(EventLogUnavailable.class)
                    .hasMessageContaining("127.0.0.1:1");
        }
    }
}
