package io.cybershield.connector;

import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One kind of action against the world, offered to workflows as a node type.
 *
 * <p>Called on a virtual thread, inside the tenant's scope and outside any transaction;
 * interrupting it abandons the attempt.
 */
public interface Connector {
    /** The node type as the library, the inspector and the engine know it. */
    Description description();

    /** Whether companies may use it; what is not offered is of the platform's own workflows. */
    default boolean isOffered() {
        return true;
    }

    /**
     * Does it once. Every failure is an outcome; what it throws counts as in doubt.
     *
     * @param call with the rendered configuration and the key that is the same for every attempt at
     *     this step
     */
    Outcome act(Call call);

    /**
     * What the call would go over; calls over one connection are slowed and held together.
     *
     * @param call without secrets
     */
    default Connection connection(Call call) {
        return new Connection(description().type().key(), "");
    }

    /**
     * Whether an earlier attempt took effect; asked only of types with {@link
     * NodeType.Idempotency#CHECK_THEN_ACT}.
     */
    default Probe probe(Call call) {
        return Probe.UNKNOWN;
    }

    /**
     * @param config rendered; shaped by the description's schema
     * @param at when the attempt began
     * @param bodies where large bodies go and come from
     */
    record Call(
            String idempotencyKey,
            Map<String, @Nullable Object> config,
            Instant at,
            Bodies bodies) {
        /** Where all is small. */
        public Call(String idempotencyKey, Map<String, @Nullable Object> config, Instant at) {
            this(idempotencyKey, config, at, Bodies.NONE);
        }

        /** A text from the configuration; empty when absent. */
        public String text(String key) {
            Object value = config.get(key);
            return value == null ? "" : value.toString();
        }
    }

    /** What a probe found. */
    enum Probe {
        HAPPENED,
        DID_NOT_HAPPEN,
        UNKNOWN
    }
}
