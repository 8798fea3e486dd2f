package io.cybershield.ingest;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.ingest.EventSearch.EventView;
import io.cybershield.ingest.EventSearch.Found;
import io.cybershield.ingest.EventSearch.Histogram;
import io.cybershield.ingest.EventSearch.Query;
import io.cybershield.platform.Page;
import io.cybershield.platform.Retention;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Events, for people. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1/events")
class EventController {
    private final EventSearch search;
    private final StoredEvents stored;
    private final EventFindings findings;
    private final Retention retention;
    private final Access access;

    EventController(
            EventSearch search,
            StoredEvents stored,
            EventFindings findings,
            Retention retention,
            Access access) {
        this.search = search;
        this.stored = stored;
        this.retention = retention;
        this.findings = findings;
        this.access = access;
    }

    record EventDetail(
            UUID id,
            Instant occurredAt,
            Instant receivedAt,
            int classUid,
            String className,
            String activity,
            int severityId,
            @Nullable String host,
            @Nullable String user,
            String message,
            String sourceName,
            boolean parsed,
            Map<String, Object> ocsf,
            String raw,
            List<EventFindings.Reference> findings) {
        static EventDetail of(Found found, List<EventFindings.Reference> findings) {
            EventView v = found.view();
            return new EventDetail(
                    v.id(),
                    v.occurredAt(),
                    v.receivedAt(),
                    v.classUid(),
                    v.className(),
                    v.activity(),
                    v.severityId(),
                    v.host(),
                    v.user(),
                    v.message(),
                    v.sourceName(),
                    v.parsed(),
                    found.ocsf(),
                    found.raw(),
                    findings);
        }
    }

    @GetMapping
    Page<EventView> list(
            @RequestParam @Nullable Instant from,
            @RequestParam @Nullable Instant to,
            @RequestParam @Nullable String q,
            @RequestParam @Nullable Integer classUid,
            @RequestParam @Nullable String host,
            @RequestParam @Nullable String user,
            @RequestParam @Nullable UUID source,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        access.require("event:read");
        return search.find(
                new Query(from, to, q, classUid, host, user, source), cursor, Page.limit(limit));
    }

    @GetMapping("/histogram")
    Histogram histogram(
            @RequestParam @Nullable Instant from,
            @RequestParam @Nullable Instant to,
            @RequestParam @Nullable String q,
            @RequestParam @Nullable Integer classUid,
            @RequestParam @Nullable String host,
            @RequestParam @Nullable String user,
            @RequestParam @Nullable UUID source) {
        access.require("event:read");
        return search.histogram(new Query(from, to, q, classUid, host, user, source));
    }

    /**
     * Since when events are kept; all null where they are for ever.
     *
     * @param keptFrom those that came in before this day (UTC) are gone, but for what findings name
     * @param days kept whole besides the present one
     * @param byPlan false where whoever runs the server chose it
     */
    @Schema(name = "EventsKept")
    record KeptView(
            @Nullable LocalDate keptFrom, @Nullable Integer days, @Nullable Boolean byPlan) {}

    @GetMapping("/kept")
    KeptView kept() {
        return retention
                .of(access.require("event:read").tenant())
                .map(kept -> new KeptView(kept.from(), kept.days(), kept.byPlan()))
                .orElseGet(() -> new KeptView(null, null, null));
    }

    @GetMapping("/{id}")
    EventDetail get(@PathVariable UUID id) {
        access.require("event:read");
        return search.find(id)
                .map(found -> EventDetail.of(found, findings.of(id)))
                .orElseThrow(() -> stored.missing(id));
    }
}
