package io.cybershield.platform;

import java.util.function.BiConsumer;

/**
 * Domain events between contexts: written to the outbox in the caller's transaction, relayed in
 * order per aggregate, taken in through an inbox, so that each consumer's effect happens once.
 */
public interface DomainEvents {
    /**
     * Publishes with the current transaction; nothing leaves if it rolls back.
     *
     * @param aggregate what the event is about, such as {@code incident:<id>}; events of one
     *     aggregate stay in order
     */
    void publish(String aggregate, DomainEvent event);

    /**
     * Subscribes a consumer group to one type of event, for ever; handler runs in the event's
     * tenant scope, in the transaction that also records the event as seen.
     */
    <E extends DomainEvent> void on(String group, Class<E> type, BiConsumer<Envelope, E> handler);

    /** Follows every event live on this node, without guarantees: for the live socket. */
    void follow(BiConsumer<Envelope, DomainEvent> listener);

    /**
     * @param id unique per event; what the inbox remembers
     */
    record Envelope(java.util.UUID id, TenantId tenant, String aggregate, java.time.Instant at) {}
}
