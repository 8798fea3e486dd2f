package io.cybershield.detection;

import io.cybershield.ingest.Event;
import io.cybershield.ingest.StoredEvents;
import io.cybershield.sigma.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An event that fulfilled rules which correlations look at, with nothing else of it than these ask
 * for.
 *
 * @param at when it occurred, by the tenant's line of time, milliseconds since the epoch
 * @param values by path, those there are
 */
record Occurrence(String event, long at, List<String> rules, Map<String, Object> values) {
    /** How late an event may be, at our door and on its line. */
    static final Duration LATENESS = Duration.ofMinutes(15);

    static final String LIVE = "live";
    private static final int LONGEST = 256;

    static Occurrence of(Event event, List<String> rules, Iterable<List<String>> wanted) {
        Map<String, Object> values = new TreeMap<>();
        for (List<String> paths : wanted) {
            for (String path : paths) {
                Object value = event.value(path);
                if (value != null) {
                    values.put(path, bounded(value));
                    break;
                }
            }
        }
        return new Occurrence(event.id().toString(), at(event), rules, values);
    }

    /** No source can make others late by a clock that is ahead. */
    private static long at(Event event) {
        Instant at =
                event.occurredAt().isAfter(event.receivedAt())
                        ? event.receivedAt()
                        : event.occurredAt();
        return at.toEpochMilli();
    }

    /** Which line of time the event is on; an upload's is its own, as is a source's old backlog. */
    static String lineOf(Event event) {
        if (!event.occurredAt().isBefore(event.receivedAt().minus(LATENESS))) {
            return LIVE;
        }
        return StoredEvents.isUploaded(event)
                ? event.sourceId() + "/" + (event.id().getMostSignificantBits() >>> 16)
                : event.sourceId().toString();
    }

    /** As the correlator does: a long value is known by its start and a hash. */
    private static Object bounded(Object value) {
        return switch (value) {
            case String text when text.length() > LONGEST ->
                    text.substring(0, LONGEST)
                            + "..."
                            + HexFormat.of().formatHex(Hashes.of(List.of(text)), 0, 8);
            case List<?> many -> many.stream().limit(16).map(Occurrence::ofMany).toList();
            case String text -> text;
            case Number number -> number;
            case Boolean yes -> yes;
            default -> bounded(value.toString());
        };
    }

    private static Object ofMany(@Nullable Object value) {
        return value == null ? "" : bounded(value);
    }

    /** What the correlator asks of it. */
    io.cybershield.sigma.Event asEvent() {
        return new io.cybershield.sigma.Event() {
            @Override
            public @Nullable Object get(String path) {
                return values.get(path);
            }

            @Override
            public Iterable<?> values() {
                return values.values();
            }

            @Override
            public EventSource source() {
                return EventSource.UNKNOWN;
            }
        };
    }
}
