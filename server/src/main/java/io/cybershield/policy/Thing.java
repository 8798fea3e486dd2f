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

    /**
     * @param mark null where nobody said anything of the machine that it is about
     */
    public static Thing marked(TenantId tenant, @Nullable Mark mark) {
        return marked(tenant, mark, null);
    }

    /**
     * As {@link #marked(TenantId, Mark)}.
     *
     * @param requestedBy who wants it done; null where nobody else decides
     */
    public static Thing marked(TenantId tenant, @Nullable Mark mark, @Nullable UUID requestedBy) {
        return new Thing(
                tenant,
                tenant.toString(),
                mark == null ? null : (long) mark.classification(),
                mark == null || mark.criticality() == null ? null : (long) mark.criticality(),
                requestedBy);
    }

    /** The company as a whole. */
    public static Thing companyOf(TenantId tenant) {
        return new Thing(tenant, tenant.toString(), null, null, null);
    }
}
