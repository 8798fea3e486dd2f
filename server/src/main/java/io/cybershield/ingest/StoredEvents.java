package io.cybershield.ingest;

import io.cybershield.platform.Ids;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Retention;
import io.cybershield.platform.Scope;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The current tenant's stored events, as the stream saw them. */
@Component
public final class StoredEvents {
    private static final UUID UNKNOWN_SOURCE = new UUID(0, 0);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    private final EventSearch search;
    private final Retention retention;

    StoredEvents(EventSearch search, Retention retention) {
        this.search = search;
        this.retention = retention;
    }

    /**
     * Why the current tenant has no event of that id. An id has the time in it at which its event
     * came in, so one that was removed by age is told from one that never was; whose it was is not.
     */
    public ProblemException missing(UUID id) {
        String why =
                retention
                        .of(Scope.currentTenant())
                        .filter(kept -> id.version() == 7 && Ids.madeAt(id).isBefore(kept.since()))
                        .map(kept ->
                                " It is one of %s. Events that came in before %s are not kept: %s %d days."
                                        .formatted(
                                                DAY.format(Ids.madeAt(id).atOffset(ZoneOffset.UTC)),
                                                DAY.format(kept.from()),
                                                kept.byPlan()
                                                        ? "your plan keeps"
                                                        : "this server keeps",
                                                kept.days()))
                        .orElse("");
        return Problems.NOT_FOUND.because("There is no event with that id." + why);
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
                                        Scope.currentTenant(),
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
