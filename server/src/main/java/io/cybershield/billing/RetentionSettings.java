package io.cybershield.billing;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the operator chose for all.
 *
 * @param keptDays of events, where no plan says otherwise; for ever when left out
 */
@ConfigurationProperties("cybershield.events")
record RetentionSettings(@Nullable Integer keptDays) {
    static final int MOST = 36_500;

    RetentionSettings {
        if (keptDays != null && (keptDays < 1 || keptDays > MOST)) {
            throw new IllegalArgumentException(
                    "CYBERSHIELD_EVENTS_KEPT_DAYS must be 1 to "
                            + MOST
                            + "; leave it out to keep events for ever.");
        }
    }
}
