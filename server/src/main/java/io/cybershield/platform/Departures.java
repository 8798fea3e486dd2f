package io.cybershield.platform;

/** Companies that are being deleted or were just now: what was kept of them at hand is void. */
public interface Departures {
    /** Known on every node a quarter of a second after the deletion has begun, at the latest. */
    boolean holds(TenantId tenant);
}
