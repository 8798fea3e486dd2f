package io.cybershield.access;

import io.cybershield.platform.TenantId;
import java.util.Optional;
import java.util.UUID;

/** Who may act in another company; answered by the context that keeps the grants. */
public interface CustomerGrants {
    /** What holds now for this person in that company; empty whatever the reason is. */
    Optional<CustomerGrant> find(UUID account, TenantId customer);

    /** Notes that the person works in the customer; in the customer's scope. */
    void used(UUID grant, UUID account, String personName);

    /** The provider role that the person has at home; empty if none. */
    Optional<String> roleOf(UUID account);

    /** Whether the company is a provider. */
    boolean isProvider(TenantId company);
}
