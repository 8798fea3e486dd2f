package io.cybershield.platform.eventlog;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a topic from its present end for one listener on this node; no group, no offset. */
final class KafkaFollower implements EventLog.Subscription {
    private static final Logger log = LoggerFactory.getLogger(KafkaFollower.class);
    private final String topic;
    private final int partitions;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Consumer<Delivery> listener;
    private final EventLogSettings settings;
    private final LogMeters meters;
    private final CompletableFuture<Void> ready;
    private final Consumer<EventLog.Subscription> onClose;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closing;

    KafkaFollower(
            String topic,
            int partitions,
            KafkaConsumer<String, byte[]> consumer,
            Consumer<Delivery> listener,
            EventLogSettings settings,
            LogMeters meters,
            CompletableFuture<Void> ready,
            Consumer<EventLog.Subscription> onClose) {
        this.topic = topic;
        this.partitions = partitions;
        this.consumer = consumer;
        this.listener = listener;
        this.settings = settings;
        this.meters = meters;
        this.ready = ready;
        this.onClose = onClose;
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("eventlog-follow-" + topic)
                        .unstarted(this::follow);
    }

    void start() {
        thread.start();
    }

    private void follow() {
        try (consumer) {
            List<TopicPartition> all =
                    IntStream.range(0, partitions)
                            .mapToObj(p -> new TopicPartition(topic, p))
                            .toList();
            consumer.assign(all);
            consumer.seekToEnd(all);
            all.forEach(consumer::position); // seeking is lazy; the end is now
            ready.complete(null);
            while (!closing) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(settings.poll())) {
                    tell(KafkaEventLog.delivery(record));
                }
            }
        } catch (WakeupException e) {
            log.debug("woken to close");
        } catch (KafkaException e) {
            ready.completeExceptionally(e);
            log.error("follower ended topic={}", topic, e);
        } finally {
            ended.countDown();
        }
    }

    private void tell(Delivery delivery) {
        try {
            listener.accept(delivery);
        } catch (RuntimeException e) {
            meters.followFailed(topic);
            log.warn("listener failed topic={} offset={}", topic, delivery.offset(), e);
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            if (Thread.currentThread() != thread && !ended.await(30, TimeUnit.SECONDS)) {
                log.warn("follower did not end topic={}", topic);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            onClose.accept(this);
        }
    }
}
