package io.cybershield.billing;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * What can be subscribed to.
 *
 * @param name stable, as kept with subscriptions
 * @param title for people
 * @param offered whether it can be chosen; one that is not stays good for who has it
 * @param monthlyCents price of a whole calendar month (UTC)
 * @param stripePrice what Stripe knows the price by; null for what is not collected there
 */
record Plan(
        String name,
        String title,
        boolean offered,
        @JsonProperty(required = true) long monthlyCents,
        @Nullable String stripePrice,
        Limits limits) {
    /**
     * Null is without limit.
     *
     * @param endpoints machines that were heard of within 30 days; above it the company is told,
     *     and nothing is refused
     * @param retentionDays how many whole days events are kept, besides the present one
     */
    record Limits(
            @Nullable Long users,
            @Nullable Long endpoints,
            @Nullable Long eventsPerDay,
            @Nullable Long retentionDays,
            @Nullable Long runsPerMonth) {
        static final Limits NONE = new Limits(null, null, null, null, null);

        boolean isNone() {
            return users == null
                    && endpoints == null
                    && eventsPerDay == null
                    && runsPerMonth == null;
        }
    }
}
