package io.cybershield.detection;

import io.cybershield.sigma.Event;
import io.cybershield.sigma.EventSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event as rules ask about it. */
final class StreamEvent implements Event {
    private final io.cybershield.ingest.Event event;
    private final EventSource source;
    private @Nullable List<Object> values;

    StreamEvent(io.cybershield.ingest.Event event) {
        this.event = event;
        this.source = sourceOf(event);
    }

    static EventSource sourceOf(io.cybershield.ingest.Event event) {
        var origin = event.origin();
        return new EventSource(
                origin.product(),
                origin.category(),
                origin.service(),
                origin.channel(),
                origin.eventId());
    }

    @Override
    public @Nullable Object get(String path) {
        return event.value(path);
    }

    @Override
    public Iterable<?> values() {
        List<Object> all = values;
        if (all == null) {
            all = new ArrayList<>();
            collect(event.fields(), all);
            all.add(event.raw());
            values = all;
        }
        return all;
    }

    private static void collect(@Nullable Object value, List<Object> into) {
        switch (value) {
            case null -> {}
            case Map<?, ?> map -> map.values().forEach(v -> collect(v, into));
            case Collection<?> list -> list.forEach(v -> collect(v, into));
            case Object leaf -> into.add(leaf);
        }
    }

    @Override
    public EventSource source() {
        return source;
    }
}
