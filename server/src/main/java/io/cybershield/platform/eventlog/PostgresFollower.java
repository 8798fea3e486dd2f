package io.cybershield.platform.eventlog;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** Reads a topic from its present end for one listener on this node; keeps no offset. */
final class PostgresFollower implements EventLog.Subscription {
    private static final Logger log = LoggerFactory.getLogger(PostgresFollower.class);
    private static final int BATCH = 500;

    private record End(int partition, int id, long end) {}

    private final String topic;
    private final Consumer<Delivery> listener;
    private final LogDatabase database;
    private final EventLogSettings settings;
    private final LogMeters meters;
    private final Hints.Waiter waiter;
    private final Consumer<EventLog.Subscription> onClose;
    private final Map<Integer, Long> next = new HashMap<>();
    private final Thread thread;
    private volatile boolean closing;

    PostgresFollower(
            String topic,
            Consumer<Delivery> listener,
            LogDatabase database,
            EventLogSettings settings,
            LogMeters meters,
            Hints.Waiter waiter,
            Consumer<EventLog.Subscription> onClose) {
        this.topic = topic;
        this.listener = listener;
        this.database = database;
        this.settings = settings;
        this.meters = meters;
        this.waiter = waiter;
        this.onClose = onClose;
        this.thread = Thread.ofVirtual().name("eventlog-follow-" + topic).unstarted(this::follow);
    }

    /** What is appended after this returns will be seen. */
    void start() {
        ends().forEach(end -> next.put(end.partition(), end.end()));
        thread.start();
    }

    private List<End> ends() {
        return database.jdbc()
                .sql(
                        "SELECT partition, id, next_offset AS end FROM eventlog.shard WHERE topic ="
                                + " ? ORDER BY partition")
                .param(topic)
                .query((row, _) -> new End(row.getInt(1), row.getInt(2), row.getLong(3)))
                .list();
    }

    private void follow() {
        while (!closing) {
            try {
                waiter.await(settings.poll());
                for (End end : ends()) {
                    catchUp(end);
                }
            } catch (InterruptedException e) {
                closing = true;
            } catch (DataAccessException e) {
                log.warn("follower waits topic={} cause=\"{}\"", topic, e.toString());
                pause();
            }
        }
    }

    private void catchUp(End end) {
        long from = next.getOrDefault(end.partition(), 0L);
        while (!closing && from < end.end()) {
            List<Delivery> batch =
                    PostgresEventLog.read(database, topic, end.partition(), end.id(), from, BATCH);
            batch.forEach(this::tell);
            from = batch.isEmpty() ? end.end() : batch.getLast().offset() + 1;
            next.put(end.partition(), from);
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

    private void pause() {
        try {
            Thread.sleep(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            closing = true;
        }
    }

    @Override
    public void close() {
        closing = true;
        waiter.wake();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiter.close();
            onClose.accept(this);
        }
    }
}
