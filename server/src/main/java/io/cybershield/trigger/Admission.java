package io.cybershield.trigger;

import io.cybershield.trigger.AdmissionStore.Place;
import io.cybershield.trigger.AdmissionStore.Queued;
import io.cybershield.trigger.Limits.WhenFull;
import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whether runs may begin, and which of the queued ones begins next. Decides from what the store
 * counts inside the transaction; keeps nothing itself, so a crash can leave nothing wrong (ADR
 * 015).
 */
final class Admission {
    /** A tenant's queue; beyond it starts are refused. */
    static final int MOST_QUEUED = 1_000_000;

    /** Lines looked at in one turn, the ones with the oldest heads. */
    private static final int MOST_LINES = 1_000;

    private final AdmissionStore store;

    Admission(AdmissionStore store) {
        this.store = store;
    }

    /** What is to become of a run that wants to begin. */
    enum Verdict {
        BEGIN,
        QUEUED,
        REFUSED
    }

    /** Begins and ends runs. */
    interface Starter {
        /** False if the run was cancelled meanwhile. */
        boolean begin(UUID run, String node, Map<String, @Nullable Object> input);

        void stop(UUID run);
    }

    /** Which limit has no room; a higher one is named only if all before have. */
    private enum Full {
        NOTHING,
        TENANT,
        TRIGGER,
        WORKFLOW,
        KEY
    }

    /** The caller holds the lock. */
    Verdict admit(Place place, Limits limits, Map<String, @Nullable Object> input) {
        Full full = full(place, limits);
        boolean behind =
                store.hasQueued(place.line())
                        || (limits.tenantMost() != null && store.queued(1) > 0);
        if (full == Full.NOTHING && !behind) {
            if (place.alone() || limits.mostPerKey() != null) {
                store.hold(place);
            }
            return Verdict.BEGIN;
        }
        boolean own = full == Full.WORKFLOW || full == Full.KEY;
        if ((own && limits.whenFull() == WhenFull.REJECT)
                || store.queued(MOST_QUEUED) >= MOST_QUEUED) {
            return Verdict.REFUSED;
        }
        store.enqueue(place, input);
        return Verdict.QUEUED;
    }

    /** Whether a run that ended may go on, as what is live counts. The caller holds the lock. */
    boolean readmit(Place place, Limits limits) {
        if (full(place, limits) != Full.NOTHING) {
            return false;
        }
        if (place.alone() || limits.mostPerKey() != null) {
            store.hold(place);
        }
        return true;
    }

    /**
     * Begins queued runs, the oldest first, passing over those whose limits have no room. The
     * caller holds the lock.
     *
     * @return how many began
     */
    int admitQueued(int most, Starter starter) {
        var heads = new PriorityQueue<Queued>(Comparator.comparingLong(Queued::seq));
        heads.addAll(store.heads(MOST_LINES));
        int begun = 0;
        while (begun < most) {
            Queued head = heads.poll();
            if (head == null) {
                break;
            }
            Place place = head.place();
            Limits limits = store.limits(place.workflow());
            Full full = full(place, limits);
            if ((full == Full.WORKFLOW || full == Full.KEY)
                    && limits.whenFull() == WhenFull.CANCEL_OLDEST) {
                store.oldestLive(place.workflow(), full == Full.KEY ? place.key() : null)
                        .ifPresent(starter::stop);
                full = full(place, limits);
            }
            if (full == Full.TENANT) {
                break; // no other line can begin either
            }
            if (full != Full.NOTHING) {
                continue;
            }
            var next = store.following(head);
            var input = store.input(place.run());
            store.begun(place.run());
            if (starter.begin(place.run(), place.node(), input)) {
                begun++;
            } else {
                store.remove(place.run());
            }
            next.ifPresent(heads::add);
        }
        return begun;
    }

    private Full full(Place place, Limits limits) {
        Integer tenant = limits.tenantMost();
        if (tenant != null && store.live(tenant) >= tenant) {
            return Full.TENANT;
        }
        if (place.alone() && store.hasLive(place.workflow(), place.node())) {
            return Full.TRIGGER;
        }
        Integer most = limits.most();
        if (most != null && store.live(place.workflow(), most) >= most) {
            return Full.WORKFLOW;
        }
        Integer perKey = limits.mostPerKey();
        if (perKey != null && store.live(place.workflow(), place.key(), perKey) >= perKey) {
            return Full.KEY;
        }
        return Full.NOTHING;
    }
}
