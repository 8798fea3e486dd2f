package io.cybershield.billing;

import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A provider of payments. Every call may be repeated: with the same arguments it does the same
 * thing once. Outside any transaction.
 */
interface Payments {
    /** Whether there is one; if not, nothing else is asked. */
    boolean connected();

    /** Who is to pay; returns the provider's id. */
    String customer(TenantId tenant, String company);

    /**
     * @param seq of the subscription that it is for
     * @param price the provider's id of the plan's price
     */
    Contract begin(
            TenantId tenant, int seq, String customer, String price, @Nullable Instant trialUntil);

    /** Another price, charged by its part of the time. */
    void change(TenantId tenant, int seq, Contract contract, String price);

    /** One that has ended already is fine. */
    void end(String contract);

    /**
     * What the provider collects by.
     *
     * @param id the provider's
     * @param item the one that has the price
     */
    record Contract(String id, String item) {}

    /** The provider said no, or nothing. */
    final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient @Nullable Duration after;

        /**
         * @param after when to ask again, if the provider said so
         */
        Failed(String message, @Nullable Duration after) {
            super(message);
            this.after = after;
        }

        @Nullable Duration after() {
            return after;
        }
    }
}
