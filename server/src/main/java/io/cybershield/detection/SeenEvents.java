package io.cybershield.detection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.ingest.Event;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.sigma.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Remembers which kinds of event the current tenant has and which fields they ever had; no values.
 * The first events of a kind are looked at one by one, later ones now and then, so a field that is
 * rare may be learnt late. Written when something is new, otherwise once a minute.
 */
@Component
class SeenEvents {
    /** Beyond these, events and fields are counted but not told apart. */
    static final int MOST_SOURCES = 2_000;

    static final int MOST_FIELDS = 500;
    private static final int LONGEST_NAME = 200;
    private static final int DEEPEST = 8;
    private static final int FIRST = 200;
    private static final int ONE_OF = 32;
    private static final Duration WRITE_EVERY = Duration.ofMinutes(1);

    private final JdbcClient jdbc;
    private final JdbcTemplate template;
    private final Cache<TenantId, Seen> byTenant = Caffeine.newBuilder().maximumSize(500).build();

    SeenEvents(JdbcClient jdbc, JdbcTemplate template) {
        this.jdbc = jdbc;
        this.template = template;
    }

    /** A kind of event and what it ever had. */
    record Source(EventSource source, Set<String> fields, long events) {}

    /**
     * @param version rises when a kind or a field is new
     */
    record Since(Instant since, long version, long overflowed) {}

    private static final class Kind {
        final Set<String> fields = new HashSet<>();
        long looked;
        long pending;
        boolean changed;
    }

    /** What this node knows of one tenant; guarded by itself. */
    private static final class Seen {
        final Map<EventSource, Kind> kinds = new HashMap<>();
        long overflowed;
        boolean changed;
        @Nullable Instant written;
    }

    /** In the transaction that stores the events. */
    void look(List<Event> events, Instant now) {
        TenantId tenant = Scope.currentTenant();
        Seen known = byTenant.getIfPresent(tenant);
        if (known == null) {
            known = load();
            byTenant.put(tenant, known);
        }
        Seen seen = known;
        synchronized (seen) {
            events.forEach(event -> look(seen, event));
            Instant written = seen.written;
            if (seen.changed || written == null || !now.isBefore(written.plus(WRITE_EVERY))) {
                write(seen, now);
            }
        }
        // What was written may be rolled back: then the database knows best.
        TransactionSynchronizationManager.registerSynchronization(
                new TransactionSynchronization() {
                    @Override
                    public void afterCompletion(int status) {
                        if (status != STATUS_COMMITTED) {
                            byTenant.invalidate(tenant);
                        }
                    }
                });
    }

    private static void look(Seen seen, Event event) {
        EventSource source = StreamEvent.sourceOf(event);
        Kind kind = seen.kinds.get(source);
        if (kind == null) {
            if (seen.kinds.size() >= MOST_SOURCES) {
                seen.overflowed++;
                return;
            }
            kind = new Kind();
            kind.changed = true;
            seen.changed = true;
            seen.kinds.put(source, kind);
        }
        kind.pending++;
        if (kind.looked++ < FIRST || kind.looked % ONE_OF == 0) {
            if (add(kind, "", event.fields(), 0) | add(kind, "ocsf.", event.ocsf(), 0)) {
                kind.changed = true;
                seen.changed = true;
            }
        }
    }

    private static boolean add(Kind kind, String prefix, Map<?, ?> fields, int depth) {
        boolean fresh = false;
        for (var field : fields.entrySet()) {
            Object value = field.getValue();
            String name = prefix + field.getKey();
            if (value == null || name.length() > LONGEST_NAME || name.indexOf('\0') >= 0) {
                continue;
            }
            if (name.equals("ocsf.unmapped")) {
                continue; // the source's own fields, seen already
            }
            if (value instanceof Map<?, ?> map) {
                fresh |= depth < DEEPEST && add(kind, name + ".", map, depth + 1);
            } else if (!kind.fields.contains(name) && kind.fields.size() < MOST_FIELDS) {
                kind.fields.add(name);
                fresh = true;
            }
        }
        return fresh;
    }

    private Seen load() {
        var seen = new Seen();
        for (Source source : sources()) {
            var kind = new Kind();
            kind.fields.addAll(source.fields());
            kind.looked = source.events();
            seen.kinds.put(source.source(), kind);
        }
        return seen;
    }

    private void write(Seen seen, Instant now) {
        OffsetDateTime at = now.atOffset(ZoneOffset.UTC);
        // In one order, so that two batches never wait for each other.
        var rows = new TreeMap<String, Object[]>();
        seen.kinds.forEach((source, kind) -> {
            if (kind.changed || kind.pending > 0) {
                rows.put(
                        source.toString(),
                        new Object[] {
                            source.toString(),
                            source.product(),
                            source.category(),
                            source.service(),
                            source.channel(),
                            source.eventId(),
                            kind.changed ? kind.fields.toArray(new String[0]) : new String[0],
                            kind.pending,
                            at,
                            at
                        });
                kind.pending = 0;
                kind.changed = false;
            }
        });
        jdbc.sql(
                        """
                        INSERT INTO seen_since AS s (since, version, overflowed) VALUES (?, ?, ?)
                        ON CONFLICT (only_one) DO UPDATE SET version = s.version + excluded.version,
                            overflowed = s.overflowed + excluded.overflowed
                        """)
                .params(at, seen.changed ? 1 : 0, seen.overflowed)
                .update();
        template.batchUpdate(
                """
                INSERT INTO seen_source AS s (source, product, category, service, channel, event_id, fields, events,
                    first_seen_at, last_seen_at)
                VALUES (?, ?, ?, ?, ?, ?, ?::text[], ?, ?, ?)
                ON CONFLICT (source) DO UPDATE SET events = s.events + excluded.events,
                    last_seen_at = greatest(s.last_seen_at, excluded.last_seen_at),
                    fields = CASE WHEN excluded.fields <@ s.fields THEN s.fields
                        ELSE (SELECT array_agg(DISTINCT f) FROM unnest(s.fields || excluded.fields) AS f) END
                """,
                List.copyOf(rows.values()));
        seen.changed = false;
        seen.overflowed = 0;
        seen.written = now;
    }

    List<Source> sources() {
        return jdbc.sql("SELECT * FROM seen_source")
                .query((row, _) ->
                        new Source(
                                new EventSource(
                                        row.getString("product"),
                                        row.getString("category"),
                                        row.getString("service"),
                                        row.getString("channel"),
                                        row.getString("event_id")),
                                Set.copyOf(RuleStore.strings(row.getArray("fields"))),
                                row.getLong("events")))
                .list();
    }

    /** Null before the first event. */
    @Nullable Since since() {
        return jdbc.sql("SELECT since, version, overflowed FROM seen_since")
                .query((row, _) ->
                        new Since(
                                row.getTimestamp("since").toInstant(),
                                row.getLong("version"),
                                row.getLong("overflowed")))
                .optional()
                .orElse(null);
    }
}
