package io.cybershield.trigger;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How many runs may be live at once; null is without limit. What is live is counted when it is
 * asked, never kept in a counter.
 *
 * @param tenantMost of the tenant; what is above it always queues
 * @param most of the workflow
 * @param key CEL over {@code trigger}; blank for none
 * @param mostPerKey of the workflow with one value of the key
 */
record Limits(
        @Nullable Integer tenantMost,
        @Nullable Integer most,
        String key,
        @Nullable Integer mostPerKey,
        WhenFull whenFull) {
    static final Limits NONE = new Limits(null, null, "", null, WhenFull.QUEUE);

    enum WhenFull {
        QUEUE,
        REJECT,
        CANCEL_OLDEST;

        static WhenFull of(String wire) {
            return valueOf(wire.toUpperCase(Locale.ROOT).replace('-', '_'));
        }

        String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    boolean isNone() {
        return tenantMost == null && most == null && mostPerKey == null;
    }
}
