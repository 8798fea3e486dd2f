package io.cybershield.workflow;

import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Pointers to due work over all tenants. A tenant's scope may add and take away its own; claiming
 * needs the platform's scope.
 */
interface DispatchStore {
    /** What a pointer is for. */
    enum Kind {
        ATTEMPT,
        PROBE;

        String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * @param claim fresh for each taking; only its holder may drop the pointer
     * @param takes how often it was taken; more than one means that an earlier holder vanished
     */
    record Pointer(
            TenantId tenant,
            RunId run,
            String step,
            long epoch,
            Kind kind,
            String key,
            UUID claim,
            int takes) {}

    record DueTimer(TenantId tenant, RunId run, String timer, Instant due) {}

    /**
     * A pointer to be written.
     *
     * @param claim of the worker that begins it at once; null when anyone may take it
     */
    record Due(
            TenantId tenant,
            RunId run,
            String step,
            long epoch,
            Kind kind,
            String key,
            Instant at,
            @Nullable UUID claim) {
        /** For the worker that takes it at once. */
        Pointer by(UUID worker) {
            return new Pointer(tenant, run, step, epoch, kind, key, worker, 1);
        }
    }

    /**
     * How much may be taken.
     *
     * @param most in all
     * @param each of a tenant that is not in {@code own}; no less than of any that is
     * @param own of these tenants
     */
    record Room(int most, int each, Map<TenantId, Integer> own) {
        static Room of(int most) {
            return new Room(most, most, Map.of());
        }

        int of(TenantId tenant) {
            return own.getOrDefault(tenant, each);
        }
    }

    /**
     * What turns of a tenant's runs came to, in this order.
     *
     * @param dropped pointers to take away, each only while its claim is still the one that stands
     * @param over runs that have ended: nothing of them is due any more
     * @param due as for {@link #add}
     * @param cleared timers whose moment does not matter
     */
    record Changes(
            TenantId tenant,
            List<Pointer> dropped,
            List<RunId> over,
            List<Due> due,
            List<DueTimer> cleared,
            List<DueTimer> set) {}

    void write(Changes changes, Duration lease);

    /** Adds pointers; those that are there already stay as they are. */
    void add(List<Due> due, Duration lease);

    /**
     * Takes free or abandoned pointers for a lease; other nodes pass over what is being taken.
     * Tenants take turns: the first of each goes before the second of any.
     */
    List<Pointer> claim(Room room, Duration lease);

    /** Lengthens the leases of those that are still held and were not renewed just now. */
    void renew(List<Pointer> held, Duration lease);

    void dropStep(TenantId tenant, RunId run, String step, long epoch);

    void setTimers(List<DueTimer> timers);

    void clearTimers(List<DueTimer> timers);

    /** Timers that are due by our clock, taken for this transaction. */
    List<DueTimer> takeDueTimers(Instant now, int most);
}
