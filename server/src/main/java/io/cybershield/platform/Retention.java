package io.cybershield.platform;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long events are kept; asked by the context that stores them, answered by the one that knows
 * what a tenant subscribed to and what it was told. What is answered was announced in time.
 */
public interface Retention {
    /**
     * @param days kept whole, in UTC, besides the present one; at least 1
     * @param from the first day that is kept
     * @param byPlan false where the operator chose it for all
     */
    record Kept(int days, LocalDate from, boolean byPlan) {
        public Instant since() {
            return from.atStartOfDay(ZoneOffset.UTC).toInstant();
        }
    }

    /** As of now, read from the database; empty for ever. */
    Optional<Kept> of(TenantId tenant);

    /** All tenants whose events are not kept for ever. */
    Map<TenantId, Kept> all();

    /** What the operator chose for whom no plan says otherwise; null for ever. */
    @Nullable Integer daysForAll();
}
