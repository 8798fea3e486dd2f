package io.cybershield.ingest;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The current tenant's stored events, as the stream saw them. */
@Component
public final class StoredEvents {
    private static final UUID UNKNOWN_SOURCE = new UUID(0, 0);
    private final EventSearch search;

    StoredEvents(EventSearch search) {
        this.search = search;
    }

    /**
     * The event, made again from its raw record with today's mappers.
     *
     * @return empty where the tenant has none of that id
     */
    public Optional<Event> find(UUID id) {
        return search.find(id)
                .map(found ->
                        Normaliser.normalise(
                                new Normaliser.Raw(
                                        id,
                                        io.cybershield.platform.Scope.currentTenant(),
                                        UNKNOWN_SOURCE,
                                        found.view().sourceName(),
                                        found.view().receivedAt(),
                                        "stored",
                                        found.raw().getBytes(StandardCharsets.UTF_8))));
    }

    /** Whether the event came with an uploaded file. */
    public static boolean isUploaded(Event event) {
        return event.sourceName().equals(Sources.UPLOADS);
    }
}
