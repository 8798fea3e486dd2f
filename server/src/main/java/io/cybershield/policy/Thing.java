package io.cybershield.policy;

import io.cybershield.platform.TenantId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is acted on.
 *
 * @param requestedBy who wants it done, where somebody else decides
 */
public record Thing(
        TenantId tenant,
        String id,
        @Nullable Long classification,
        @Nullable Long criticality,
        @Nullable UUID requestedBy) {

    /** The company as a whole. */
    public static Thing companyOf(TenantId tenant) {
        return new Thing(tenant, tenant.toString(), null, null, null);
    }
}
