package io.cybershield.billing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time that one plan at one price held for a tenant.
 *
 * @param seq from 1, without gaps
 * @param monthlyCents as it was agreed, whatever the price list says later
 * @param until null for the one in force
 * @param trialUntil up to when it costs nothing; null without a trial
 */
record Subscription(
        int seq,
        String plan,
        long monthlyCents,
        String currency,
        Instant from,
        @Nullable Instant until,
        @Nullable Instant trialUntil) {}
