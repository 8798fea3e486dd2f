package io.cybershield.workflow;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Signals that were sent by key, and the steps that wait for one. In the tenant's scope. */
interface SignalStore {
    /**
     * @param signal name and key, as {@link io.cybershield.flow.SignalName#text} writes them
     * @param told how many runs heard of it
     */
    record Kept(
            String id,
            String signal,
            Map<String, @Nullable Object> payload,
            Instant receivedAt,
            Instant keptUntil,
            int told) {}

    /** False if one with this id was sent before. */
    boolean insert(
            String id,
            String signal,
            Map<String, @Nullable Object> payload,
            String by,
            Instant at,
            Duration keep);

    Optional<Kept> find(String id);

    void told(String id, int runs);

    /** The oldest that nobody has heard of; from now on somebody has. */
    Optional<String> takeKept(String signal, Instant now);

    /** Runs in which a step waits for it now, whatever else is remembered of earlier waits. */
    List<UUID> waiting(String signal, int most);

    void waits(RunId run, String step, long epoch, String signal);

    void waitsNoMore(RunId run, String step);

    Optional<String> awaited(RunId run, String step);
}
