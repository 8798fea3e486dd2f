package io.cybershield.trigger;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What admission needs to know and keep, of the current tenant. Every method needs an open
 * transaction in the tenant's scope.
 */
interface AdmissionStore {
    /**
     * A run that is queued, or live and counted by more than its workflow.
     *
     * @param key value of the key expression; empty for none
     * @param alone not beside another run of the same trigger
     */
    record Place(UUID run, UUID workflow, String node, String key, boolean alone) {
        /** Runs of one line can begin one after the other only in the order in which they came. */
        String line() {
            return workflow + "|" + (alone ? node : "") + "|" + key;
        }
    }

    /**
     * @param seq order of coming
     */
    record Queued(Place place, long seq) {}

    /** Nobody else of this tenant admits until the transaction ends. */
    void lock();

    Limits limits(UUID workflow);

    /** Counts stop at {@code most}: more is as full as that. */
    int live(int most);

    int live(UUID workflow, int most);

    int live(UUID workflow, String key, int most);

    boolean hasLive(UUID workflow, String node);

    boolean hasQueued(String line);

    int queued(int most);

    void hold(Place place);

    void enqueue(Place place, Map<String, @Nullable Object> input);

    /** The oldest of each line, oldest first. */
    List<Queued> heads(int most);

    /** The next of the same line. */
    Optional<Queued> following(Queued before);

    Map<String, @Nullable Object> input(UUID run);

    /** It begins: out of the queue, but still counted by key or trigger. */
    void begun(UUID run);

    /** Out of the queue and the counts. */
    void remove(UUID run);

    /**
     * The live run to make room with.
     *
     * @param key null for any
     */
    Optional<UUID> oldestLive(UUID workflow, @Nullable String key);
}
