package io.cybershield.workflow;

import io.cybershield.platform.TenantId;
import io.cybershield.workflow.DispatchStore.Room;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How many steps a process does at once. A tenant may hold up to twice as many places as are free:
 * alone two thirds of all, two greedy ones two fifths each. So there are always some free for who
 * comes next, however slow a tenant's own steps are.
 */
final class Places {
    private static final int SOME = 16;
    private final int all;
    private final Map<TenantId, Integer> held = new HashMap<>();
    private int free;

    Places(int all) {
        this.all = all;
        this.free = all;
    }

    /** What may be taken now. */
    synchronized Room room() {
        var own = new HashMap<TenantId, Integer>();
        held.forEach((tenant, places) -> own.put(tenant, room(places)));
        return new Room(Math.max(0, free), room(0), own);
    }

    private int room(int places) {
        return Math.max(0, (2 * free + 2 - places) / 3);
    }

    /**
     * Whether the tenant could take enough to be worth a look: who holds many already is not looked
     * after for each single place.
     */
    synchronized boolean isWorthALook(TenantId tenant) {
        int places = held.getOrDefault(tenant, 0);
        return room(places) >= Math.clamp(places / 2, 1, SOME);
    }

    synchronized boolean tryTake(TenantId tenant) {
        boolean may = room(held.getOrDefault(tenant, 0)) > 0;
        if (may) {
            take(tenant);
        }
        return may;
    }

    /** Takes one that {@link #room} had; others may have been faster, it is then one more. */
    synchronized void take(TenantId tenant) {
        free--;
        held.merge(tenant, 1, Integer::sum);
    }

    synchronized void giveBack(TenantId tenant) {
        free++;
        held.computeIfPresent(tenant, (_, places) -> places == 1 ? null : places - 1);
        if (free == all) {
            notifyAll();
        }
    }

    /** Waits until nobody holds one; false if somebody still does. */
    synchronized boolean awaitEmpty(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (free < all) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }
}
