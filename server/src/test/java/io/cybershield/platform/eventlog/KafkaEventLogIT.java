package io.cybershield.platform.eventlog;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KafkaEventLogIT extends KafkaConformance {
    private TestKafka kafka;

    @BeforeAll
    void openBroker() {
        kafka = new TestKafka();
    }

    @AfterAll
    void closeBroker() {
        kafka.close();
    }

    @Override
    String servers() {
        return kafka.servers();
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
