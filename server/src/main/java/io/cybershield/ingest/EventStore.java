package io.cybershield.ingest;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Keeps events and their counters; writes under the platform's scope, all tenants at once. */
@Component
class EventStore {
    private final JdbcTemplate jdbc;

    EventStore(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    private static final String INSERT =
            """
            INSERT INTO telemetry.event (tenant_id, id, occurred_at, received_at, source_id, source_name, class_uid,
                class_name, activity, severity_id, host, user_name, message, parsed, ocsf, raw, words)
            SELECT tenant_id, id, occurred_at, received_at, source_id, source_name, class_uid, class_name, activity,
                severity_id, host, user_name, message, parsed, ocsf::jsonb, raw,
                array_to_tsvector(string_to_array(words, ' '))
            FROM unnest(?::uuid[], ?::uuid[], ?::timestamptz[], ?::timestamptz[], ?::uuid[], ?::text[], ?::int[],
                ?::text[], ?::text[], ?::smallint[], ?::text[], ?::text[], ?::text[], ?::bool[], ?::text[], ?::text[],
                ?::text[])
                AS t (tenant_id, id, occurred_at, received_at, source_id, source_name, class_uid, class_name, activity,
                severity_id, host, user_name, message, parsed, ocsf, raw, words)
            """;

    void insert(List<Event> events) {
        jdbc.execute(
                (ConnectionCallback<Integer>)
                        connection -> {
                            try (var insert = connection.prepareStatement(INSERT)) {
                                int at = 1;
                                insert.setArray(
                                        at++,
                                        array(connection, "uuid", events, e -> e.tenant().value()));
                                insert.setArray(at++, array(connection, "uuid", events, Event::id));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "timestamptz",
                                                events,
                                                e -> utc(e.occurredAt())));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "timestamptz",
                                                events,
                                                e -> utc(e.receivedAt())));
                                insert.setArray(
                                        at++, array(connection, "uuid", events, Event::sourceId));
                                insert.setArray(
                                        at++, array(connection, "text", events, Event::sourceName));
                                insert.setArray(
                                        at++, array(connection, "int4", events, Event::classUid));
                                insert.setArray(
                                        at++, array(connection, "text", events, Event::className));
                                insert.setArray(
                                        at++, array(connection, "text", events, Event::activity));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "int2",
                                                events,
                                                e -> (short) e.severityId()));
                                insert.setArray(
                                        at++, array(connection, "text", events, Event::host));
                                insert.setArray(
                                        at++, array(connection, "text", events, Event::user));
                                insert.setArray(
                                        at++, array(connection, "text", events, Event::message));
                                insert.setArray(
                                        at++, array(connection, "bool", events, Event::parsed));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "text",
                                                events,
                                                e -> Normaliser.JSON.writeValueAsString(e.ocsf())));
                                insert.setArray(
                                        at++, array(connection, "text", events, Event::raw));
                                insert.setArray(at, array(connection, "text", events, Words::of));
                                return insert.executeUpdate();
                            }
                        });
        count(events);
    }

    private record SourceKey(UUID tenant, UUID source) {}

    private record MinuteKey(UUID tenant, Instant minute) {}

    private static final class Tally {
        long events;
        long unparsed;
        Instant last = Instant.EPOCH;
    }

    /**
     * Rows are taken in one order by every batch, so that two batches never wait for each other.
     */
    private void count(List<Event> events) {
        Map<SourceKey, Tally> bySource = new HashMap<>();
        Map<MinuteKey, Tally> byMinute = new HashMap<>();
        for (Event event : events) {
            UUID tenant = event.tenant().value();
            add(
                    bySource.computeIfAbsent(
                            new SourceKey(tenant, event.sourceId()), _ -> new Tally()),
                    event);
            add(
                    byMinute.computeIfAbsent(
                            new MinuteKey(
                                    tenant, event.receivedAt().truncatedTo(ChronoUnit.MINUTES)),
                            _ -> new Tally()),
                    event);
        }
        var sources = new TreeMap<String, Object[]>();
        bySource.forEach((key, tally) ->
                sources.put(
                        key.tenant() + "|" + key.source(),
                        new Object[] {
                            key.tenant(),
                            key.source(),
                            tally.events,
                            tally.unparsed,
                            utc(tally.last)
                        }));
        jdbc.batchUpdate(
                """
                INSERT INTO telemetry.source_activity AS a (tenant_id, source_id, received, unparsed, last_received_at)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (tenant_id, source_id) DO UPDATE SET
                    received = a.received + excluded.received, unparsed = a.unparsed + excluded.unparsed,
                    last_received_at = greatest(a.last_received_at, excluded.last_received_at)
                """,
                List.copyOf(sources.values()));
        var minutes = new TreeMap<String, Object[]>();
        byMinute.forEach((key, tally) ->
                minutes.put(
                        key.tenant() + "|" + key.minute(),
                        new Object[] {
                            key.tenant(), utc(key.minute()), tally.events, tally.unparsed
                        }));
        jdbc.batchUpdate(
                """
                INSERT INTO telemetry.event_minute AS m (tenant_id, minute, events, unparsed) VALUES (?, ?, ?, ?)
                ON CONFLICT (tenant_id, minute) DO UPDATE SET
                    events = m.events + excluded.events, unparsed = m.unparsed + excluded.unparsed
                """,
                List.copyOf(minutes.values()));
    }

    private static void add(Tally tally, Event event) {
        tally.events++;
        tally.unparsed += event.parsed() ? 0 : 1;
        if (event.receivedAt().isAfter(tally.last)) {
            tally.last = event.receivedAt();
        }
    }

    private static Array array(
            Connection connection,
            String type,
            List<Event> events,
            Function<Event, @Nullable Object> part)
            throws SQLException {
        @Nullable Object[] values = new @Nullable Object[events.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = part.apply(events.get(i));
        }
        return connection.createArrayOf(type, values);
    }

    private static java.time.OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
