package io.cybershield.live;

import io.cybershield.platform.DomainEvent;
import io.cybershield.platform.DomainEvents.Envelope;
import io.cybershield.platform.TenantId;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** Tells open screens what changed. Exists in every role; sockets are only in WEB. */
public interface Live {
    /**
     * For one topic of one tenant.
     *
     * @param type such as {@code incident.changed}
     * @param data becomes JSON
     */
    record Message(String topic, String type, Object data) {}

    /**
     * To every screen of the tenant on every node that subscribed to the topic; within a
     * transaction it goes out after the commit, or never if that rolls back. Returns at once.
     */
    void push(TenantId tenant, String topic, String type, Object data);

    /**
     * Whether a push could reach a screen; false only when it surely could not, so that nobody need
     * make the message.
     */
    boolean reaches(TenantId tenant, String topic);

    /** To screens of this node only: for what each node finds out itself, such as ticks. */
    void pushHere(TenantId tenant, String topic, String type, Object data);

    /**
     * Turns a domain event into messages, on each node that has screens of its tenant; runs in a
     * transaction in that tenant's scope.
     */
    <E extends DomainEvent> void on(
            Class<E> type, BiFunction<Envelope, E, List<Message>> translation);

    /** Tenants with a screen on this node that subscribed to the topic. */
    Set<TenantId> watching(String topic);
}
