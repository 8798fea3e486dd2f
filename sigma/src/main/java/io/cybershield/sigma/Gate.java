package io.cybershield.sigma;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets an event through to a rule when every fact given here is the event's own. Texts are lower
 * case.
 *
 * @param eventIds empty lets every id through
 * @param renamed field names of these events that differ from those in rules, by the rule's name
 */
public record Gate(
        @Nullable String product,
        @Nullable String category,
        @Nullable String service,
        @Nullable String channel,
        Set<String> eventIds,
        Map<String, String> renamed) {

    /** Lets everything through. */
    public static final Gate OPEN = new Gate(null, null, null, null, Set.of(), Map.of());

    public static Gate of(
            @Nullable String product, @Nullable String category, @Nullable String service) {
        return new Gate(product, category, service, null, Set.of(), Map.of());
    }

    public Gate {
        product = EventSource.lower(product);
        category = EventSource.lower(category);
        service = EventSource.lower(service);
        channel = EventSource.lower(channel);
        eventIds = Set.copyOf(eventIds);
        renamed = Map.copyOf(renamed);
    }

    boolean lets(EventSource source) {
        return fits(product, source.product())
                && fits(category, source.category())
                && fits(service, source.service())
                && fits(channel, source.channel())
                && (eventIds.isEmpty()
                        || source.eventId() != null && eventIds.contains(source.eventId()));
    }

    private static boolean fits(@Nullable String wanted, @Nullable String given) {
        return wanted == null || wanted.equals(given);
    }
}
