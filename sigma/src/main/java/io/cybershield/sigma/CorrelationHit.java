package io.cybershield.sigma;

import java.util.List;
import java.util.Map;

/**
 * A correlation rule that is fulfilled.
 *
 * @param group values of the group-by fields, by the names that the rule uses, in its order
 * @param firstMillis time of the first event of the window, since the epoch
 * @param lastMillis time of the last one
 * @param value what was compared with the rule's bounds: events, values, rules, sum or average
 * @param eventIds events of the window as the caller named them, oldest first, at most {@value
 *     #MOST_EVENTS}, the latest of them
 */
public record CorrelationHit(
        CorrelationRule rule,
        Map<String, String> group,
        long firstMillis,
        long lastMillis,
        String value,
        List<String> eventIds) {

    static final int MOST_EVENTS = 100;
}
