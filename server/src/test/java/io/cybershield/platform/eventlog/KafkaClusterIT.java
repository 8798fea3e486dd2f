package io.cybershield.platform.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same promises on three brokers of which one is killed at a time. */
@Tag("long")
@Timeout(180)
class KafkaClusterIT extends KafkaConformance {
    private TestKafkaCluster kafka;

    @BeforeAll
    void openBrokers() {
        kafka = new TestKafkaCluster(3);
    }

    @AfterAll
    void closeBrokers() {
        kafka.close();
    }

    @Override
    String servers() {
        return kafka.servers();
    }

    @Override
    Duration appendWithin() {
        return Duration.ofSeconds(20);
    }

    @Test
    void aBrokerKilledUnderLoadLosesRepeatsAndReordersNothing() throws Exception {
        Node writer = node();
        Node first = node();
        Node second = node();
        first.log().consume(spec(), batch -> store("first", batch));
        second.log().consume(spec(), batch -> store("second", batch));
        var stop = new CountDownLatch(1);
        var appended = new AtomicInteger();
        try (var background = Executors.newVirtualThreadPerTaskExecutor()) {
            var writing =
                    background.submit(() -> {
                        while (stop.getCount() > 0) {
                            appendKeyed(writer.log(), 5, appended.get(), appended.get() + 20);
                            appended.addAndGet(20);
                        }
                    });
            for (int broker = 1; broker <= 3; broker++) {
                awaitMore(appended);
                kafka.kill(broker);
                awaitMore(appended);
                kafka.restart(broker);
                awaitMore(appended);
            }
            stop.countDown();
            writing.get(60, TimeUnit.SECONDS);
        }
        assertEachOnceAndInOrder(appended.get());
        assertThat(operations().deadLetters(group, 0, 10)).isEmpty();
    }

    /** Writing and reading both go on. */
    private void awaitMore(AtomicInteger appended) {
        int written = appended.get();
        int read = effects().size();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> appended.get() > written + 200 && effects().size() > read + 200);
    }
}
