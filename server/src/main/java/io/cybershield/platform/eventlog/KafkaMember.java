package io.cybershield.platform.eventlog;

import io.cybershield.platform.Transactions;
import io.cybershield.platform.eventlog.BatchRunner.Claim;
import io.cybershield.platform.eventlog.BatchRunner.Result;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;

/**
 * One member of a consumer group in Kafka. Kafka says which partitions are ours; for each we take
 * the next epoch in PostgreSQL and begin where PostgreSQL says. One thread polls and handles, so a
 * rebalance never meets a batch in hand, and a member that Kafka gave up finds its epoch taken.
 */
final class KafkaMember implements EventLog.Subscription {
    private static final Logger log = LoggerFactory.getLogger(KafkaMember.class);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final class Lane {
        final BatchRunner runner;
        final Deque<Delivery> waiting = new ArrayDeque<>();
        @Nullable Claim claim;
        long notBefore = System.nanoTime();

        Lane(BatchRunner runner) {
            this.runner = runner;
        }
    }

    private record Standing(int partition, long epoch, long next) {}

    private final UUID id = UUID.randomUUID();
    private final ConsumerSpec spec;
    private final EventLog.BatchHandler handler;
    private final KafkaConsumer<String, byte[]> consumer;
    private final LogDatabase database;
    private final Transactions transactions;
    private final JdbcClient effects;
    private final EventLogSettings settings;
    private final LogMeters meters;
    private final Consumer<EventLog.Subscription> onClose;
    private final Map<Integer, Lane> lanes = new HashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closing;
    private long nextLook = System.nanoTime();

    KafkaMember(
            ConsumerSpec spec,
            EventLog.BatchHandler handler,
            KafkaConsumer<String, byte[]> consumer,
            LogDatabase database,
            Transactions transactions,
            JdbcClient effects,
            EventLogSettings settings,
            LogMeters meters,
            Consumer<EventLog.Subscription> onClose) {
        this.spec = spec;
        this.handler = handler;
        this.consumer = consumer;
        this.database = database;
        this.transactions = transactions;
        this.effects = effects;
        this.settings = settings;
        this.meters = meters;
        this.onClose = onClose;
        this.thread =
                Thread.ofPlatform().daemon().name("eventlog-" + spec.group()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (consumer) {
            consumer.subscribe(List.of(spec.topic()), new Assignment());
            while (!closing) {
                turn();
            }
            release();
        } catch (WakeupException e) {
            log.debug("woken to close");
        } finally {
            ended.countDown();
        }
    }

    private void turn() {
        try {
            if (System.nanoTime() - nextLook >= 0) {
                look();
                nextLook = System.nanoTime() + LOOK.toNanos();
            }
            for (ConsumerRecord<String, byte[]> record : consumer.poll(patience())) {
                take(record);
            }
            for (var lane : Map.copyOf(lanes).entrySet()) {
                handle(lane.getKey(), lane.getValue());
            }
        } catch (WakeupException e) {
            if (!closing) {
                throw e;
            }
        } catch (KafkaException | DataAccessException | TransactionException e) {
            log.warn("consumer waits group={} cause=\"{}\"", spec.group(), e.toString());
            rest();
        }
    }

    private void rest() {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException e) {
            closing = true;
        }
    }

    /** Until the next record, or until something that waits may be tried again. */
    private Duration patience() {
        long now = System.nanoTime();
        long shortest = settings.poll().toNanos();
        for (Lane lane : lanes.values()) {
            if (!lane.waiting.isEmpty()) {
                shortest = Math.min(shortest, lane.notBefore - now);
            }
        }
        return Duration.ofNanos(Math.max(0, shortest));
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        Lane lane = lanes.get(record.partition());
        if (lane != null && lane.claim != null) {
            lane.waiting.add(KafkaEventLog.delivery(record));
        }
    }

    private void handle(int partition, Lane lane) {
        TopicPartition where = new TopicPartition(spec.topic(), partition);
        if (lane.claim == null) {
            claim(partition, lane);
        }
        while (!closing
                && lane.claim != null
                && !lane.waiting.isEmpty()
                && System.nanoTime() - lane.notBefore >= 0) {
            switch (lane.runner.run(
                    lane.claim, lane.waiting.stream().limit(spec.maxBatch()).toList())) {
                case Result.Done(long next) -> {
                    while (!lane.waiting.isEmpty() && lane.waiting.getFirst().offset() < next) {
                        lane.waiting.removeFirst();
                    }
                    lane.claim = lane.claim.at(next);
                }
                case Result.Again(Duration after) ->
                        lane.notBefore = System.nanoTime() + after.toNanos();
                case Result.Lost() -> {
                    lane.claim = null;
                    lane.waiting.clear();
                }
            }
        }
        if (!consumer.assignment().contains(where)) {
            return;
        }
        if (lane.claim == null || !lane.waiting.isEmpty()) {
            consumer.pause(List.of(where));
        } else {
            consumer.resume(List.of(where));
        }
    }

    /**
     * Makes the partition ours in PostgreSQL too: a new epoch, and on from the offset there. Only
     * while Kafka says so; a member that lost it learns that in its next poll.
     */
    private void claim(int partition, Lane lane) {
        if (!consumer.assignment().contains(new TopicPartition(spec.topic(), partition))) {
            return;
        }
        database.jdbc()
                .sql(
                        """
                        INSERT INTO eventlog.consumer (group_name, topic, partition) VALUES (?, ?, ?)
                        ON CONFLICT DO NOTHING
                        """)
                .params(spec.group(), spec.topic(), partition)
                .update();
        Standing standing =
                database.jdbc()
                        .sql(
                                """
                                UPDATE eventlog.consumer SET owner = ?, epoch = epoch + 1, lease_until = NULL
                                WHERE group_name = ? AND topic = ? AND partition = ?
                                RETURNING partition, epoch, next_offset
                                """)
                        .params(id, spec.group(), spec.topic(), partition)
                        .query((row, _) ->
                                new Standing(row.getInt(1), row.getLong(2), row.getLong(3)))
                        .single();
        begin(lane, standing);
    }

    private void begin(Lane lane, Standing at) {
        lane.waiting.clear();
        lane.claim = new Claim(at.partition(), id, at.epoch(), at.next());
        consumer.seek(new TopicPartition(spec.topic(), at.partition()), at.next());
    }

    /** Sees whether an operator moved an offset, measures lag, replays dead letters. */
    private void look() {
        Set<Integer> ours = new HashSet<>();
        for (Standing at :
                database.jdbc()
                        .sql(
                                """
                                SELECT partition, epoch, next_offset FROM eventlog.consumer
                                WHERE group_name = ? AND topic = ? AND owner = ?
                                """)
                        .params(spec.group(), spec.topic(), id)
                        .query((row, _) ->
                                new Standing(row.getInt(1), row.getLong(2), row.getLong(3)))
                        .list()) {
            ours.add(at.partition());
            Lane lane = lanes.get(at.partition());
            if (lane != null && lane.claim != null && lane.claim.epoch() != at.epoch()) {
                begin(lane, at);
            }
        }
        long lag = 0;
        for (var lane : lanes.entrySet()) {
            TopicPartition where = new TopicPartition(spec.topic(), lane.getKey());
            if (consumer.assignment().contains(where)) {
                lag += consumer.currentLag(where).orElse(0) + lane.getValue().waiting.size();
            }
        }
        meters.lag(spec.group(), spec.topic(), lag);
        while (!closing && DeadLetters.replayOne(transactions, effects, spec, handler, meters)) {
            continue;
        }
    }

    private final class Assignment implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            for (TopicPartition one : assigned) {
                lanes.put(
                        one.partition(),
                        new Lane(new BatchRunner(spec, handler, transactions, effects, meters)));
            }
            consumer.pause(assigned); // until claimed: the position is PostgreSQL's to say
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            revoked.forEach(one -> lanes.remove(one.partition()));
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> lost) {
            onPartitionsRevoked(lost);
        }
    }

    private void release() {
        try {
            database.jdbc()
                    .sql(
                            "UPDATE eventlog.consumer SET owner = NULL WHERE group_name = ? AND"
                                    + " topic = ? AND owner = ?")
                    .params(spec.group(), spec.topic(), id)
                    .update();
        } catch (DataAccessException e) {
            log.debug("left without saying so", e);
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            if (!ended.await(60, TimeUnit.SECONDS)) {
                log.warn("consumer did not end group={}", spec.group());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            onClose.accept(this);
        }
    }
}
