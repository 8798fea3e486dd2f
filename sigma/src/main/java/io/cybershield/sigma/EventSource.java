package io.cybershield.sigma;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The facts about an event that log sources are told apart by, all lower case: what made it, in the
 * words of the Sigma taxonomy, and for Windows the channel and event id that it came with.
 */
public record EventSource(
        @Nullable String product,
        @Nullable String category,
        @Nullable String service,
        @Nullable String channel,
        @Nullable String eventId) {

    public static final EventSource UNKNOWN = new EventSource(null, null, null, null, null);

    public EventSource {
        product = lower(product);
        category = lower(category);
        service = lower(service);
        channel = lower(channel);
    }

    public static EventSource windows(String channel, String eventId) {
        return new EventSource("windows", null, null, channel, eventId);
    }

    public static EventSource of(
            @Nullable String product, @Nullable String category, @Nullable String service) {
        return new EventSource(product, category, service, null, null);
    }

    static @Nullable String lower(@Nullable String text) {
        return text == null ? null : text.toLowerCase(Locale.ROOT);
    }
}
