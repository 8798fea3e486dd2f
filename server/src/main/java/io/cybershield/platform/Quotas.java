package io.cybershield.platform;

/**
 * How much a tenant may use; asked by the contexts that hand it out, answered by the one that knows
 * what the tenant subscribed to. Where no limits are configured, everything is allowed and nothing
 * is asked of the database.
 */
public interface Quotas {
    /**
     * Whether the people and invitations that the current tenant has now are within its limit.
     * Asked in the transaction that added one, after it did; others who add wait until it ends.
     *
     * @throws ProblemException {@code plan-users-used-up}
     */
    void checkUsers();

    /**
     * Takes that many of the day's events, all or none; outside any transaction. What is taken and
     * then not used goes back by {@link #returnEvents}.
     *
     * @throws ProblemException {@code plan-events-used-up}, with the seconds until the next day
     */
    void takeEvents(TenantId tenant, int events);

    void returnEvents(TenantId tenant, int events);

    /**
     * Events that were refused for good, or lost, because there was no room; people see the count.
     */
    void countRefusedEvents(TenantId tenant, int events);

    /**
     * Whether one more run may start this month, in the current tenant. In the caller's
     * transaction; a refusal is counted if that commits.
     *
     * @throws ProblemException {@code plan-runs-used-up}
     */
    void checkRun();

    /** A run of the current tenant was made; counted if the caller's transaction commits. */
    void countRun();
}
