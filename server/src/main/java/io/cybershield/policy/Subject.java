package io.cybershield.policy;

import io.cybershield.platform.TenantId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param tenant the company that the person belongs to, wherever they act
 * @param clearance up to which classification, 0 to 3
 * @param roleEnded the time for which the role was given is over
 * @param delegation what the person acts by elsewhere; null at home
 */
public record Subject(
        UUID account,
        TenantId tenant,
        String role,
        long clearance,
        boolean roleEnded,
        @Nullable Delegation delegation) {

    public Subject(UUID account, TenantId tenant, String role, long clearance, boolean roleEnded) {
        this(account, tenant, role, clearance, roleEnded, null);
    }

    /** Whether something of that company can be asked for at all. */
    public boolean reaches(TenantId other) {
        return tenant.equals(other)
                || (delegation != null
                        && delegation.live()
                        && delegation.from().equals(tenant)
                        && delegation.to().equals(other));
    }
}
