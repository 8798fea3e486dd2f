package io.cybershield.platform.eventlog;

import java.util.List;
import java.util.function.Consumer;

/**
 * An ordered, durable log of records in topics and partitions.
 *
 * <p>Order holds per key. Consumers keep their offset in PostgreSQL and commit it in the same
 * transaction as their effects, so whatever the transport, each record takes effect in the database
 * exactly once.
 */
public interface EventLog {
    /**
     * Appends all records durably before it returns. In PostgreSQL all or none become visible;
     * Kafka may keep some of a failed append, so whoever cannot bear a repeat carries an id.
     *
     * @throws EventLogUnavailable if the log cannot take them now; nothing was promised then,
     *     repeat later
     */
    void append(List<LogRecord> records);

    /**
     * Starts consuming as a member of a group: partitions are shared out over live members and fail
     * over when one dies. The handler runs under the platform's scope inside the transaction that
     * also commits the offset.
     */
    Subscription consume(ConsumerSpec spec, BatchHandler handler);

    /**
     * Follows a topic from its present end, on every node, without offsets: for live views, which
     * may miss and refetch.
     */
    Subscription follow(String topic, Consumer<Delivery> listener);

    /**
     * Called with deliveries of one partition in order. A throw rolls back; after the spec's
     * attempts the poison record goes to dead letters.
     */
    @FunctionalInterface
    interface BatchHandler {
        void handle(List<Delivery> batch);
    }

    /** A running consumer. */
    interface Subscription extends AutoCloseable {
        /** Stops after the batch in hand; returns when it has. */
        @Override
        void close();
    }
}
