package io.cybershield.sigma;

import org.jspecify.annotations.Nullable;

/**
 * What a rule may ask of an event. Implementations need not be thread safe, but must give the same
 * answers all through one match.
 */
public interface Event {

    /**
     * The value at a path, one of those that the {@link FieldResolver} named: text, a number, a
     * boolean, or a collection of these. Null when the field is missing or null.
     */
    @Nullable Object get(String path);

    /** Whether the field is there at all, be its value empty or null. */
    default boolean has(String path) {
        return get(path) != null;
    }

    /** Every value of the event, for keywords; nested ones too, raw text included. */
    Iterable<?> values();

    /** What kind of event this is. */
    EventSource source();
}
