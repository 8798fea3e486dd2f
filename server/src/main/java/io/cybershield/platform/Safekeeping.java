package io.cybershield.platform;

import java.util.Map;
import java.util.Optional;

/** Of which tenants nothing may be removed by age just now. */
public interface Safekeeping {
    enum Reason {
        /** A legal hold stands. */
        HOLD,
        /** Suspended; that includes who is being deleted, brought in or moved. */
        STANDING_STILL,
        /** Everything is being taken out just now. */
        EXPORT
    }

    /** In any scope; may change the next moment. */
    Map<TenantId, Reason> all();

    Optional<Reason> of(TenantId tenant);

    /**
     * As {@link #of}, in the caller's transaction under the platform's scope: until that ends, no
     * hold begins and the tenant does not come to stand still.
     */
    Optional<Reason> lock(TenantId tenant);
}
