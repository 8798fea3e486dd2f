package io.cybershield.ingest;

import java.sql.Connection;
import java.sql.PreparedStatement;
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
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
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

    // Arrays of text and numbers travel in binary, so nothing has to be quoted here and unquoted
    // there.
    private static final String INSERT =
            """
            INSERT INTO telemetry.event (tenant_id, id, occurred_at, received_at, source_id, source_name, class_uid,
                class_name, activity, severity_id, host, user_name, message, parsed, ocsf, raw, words)
            SELECT tenant_id::uuid, id::uuid, to_timestamp(0) + occurred_at * interval '1 microsecond',
                to_timestamp(0) + received_at * interval '1 microsecond', source_id::uuid, source_name, class_uid,
                class_name, activity, severity_id, host, user_name, message, parsed, ocsf::json, raw,
                array_to_tsvector(string_to_array(words, ' '))
            FROM unnest(?::text[], ?::text[], ?::int8[], ?::int8[], ?::text[], ?::text[], ?::int4[],
                ?::text[], ?::text[], ?::int4[], ?::text[], ?::text[], ?::text[], ?::bool[], ?::text[], ?::text[],
                ?::text[])
                AS t (tenant_id, id, occurred_at, received_at, source_id, source_name, class_uid, class_name, activity,
                severity_id, host, user_name, message, parsed, ocsf, raw, words)
            """;

    void insert(List<Event> events) {
        jdbc.execute(
                (ConnectionCallback<Integer>)
                        connection -> {
                            try (var insert = connection.prepareStatement(INSERT)) {
                                var columns = new Columns(connection, insert, events);
                                columns.text(e -> e.tenant().toString());
                                columns.text(e -> e.id().toString());
                                columns.longs(e -> micros(e.occurredAt()));
                                columns.longs(e -> micros(e.receivedAt()));
                                columns.text(e -> e.sourceId().toString());
                                columns.text(Event::sourceName);
                                columns.ints(Event::classUid);
                                columns.text(Event::className);
                                columns.text(Event::activity);
                                columns.ints(Event::severityId);
                                columns.text(Event::host);
                                columns.text(Event::user);
                                columns.text(Event::message);
                                columns.booleans(Event::parsed);
                                columns.text(e -> Normaliser.JSON.writeValueAsString(e.ocsf()));
                                columns.text(Event::raw);
                                columns.text(Words::of);
                                return insert.executeUpdate();
                            }
                        });
    }

    private static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    /** Parameters of one statement, in order: each an array with one element an event. */
    private static final class Columns {
        private final Connection connection;
        private final PreparedStatement statement;
        private final List<Event> events;
        private int at = 1;

        Columns(Connection connection, PreparedStatement statement, List<Event> events) {
            this.connection = connection;
            this.statement = statement;
            this.events = events;
        }

        void text(Function<Event, @Nullable String> part) throws SQLException {
            @Nullable String[] values = new @Nullable String[events.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = part.apply(events.get(i));
            }
            set("text", values);
        }

        void longs(ToLongFunction<Event> part) throws SQLException {
            set("int8", events.stream().mapToLong(part).toArray());
        }

        void ints(ToIntFunction<Event> part) throws SQLException {
            set("int4", events.stream().mapToInt(part).toArray());
        }

        void booleans(Predicate<Event> part) throws SQLException {
            boolean[] values = new boolean[events.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = part.test(events.get(i));
            }
            set("bool", values);
        }

        private void set(String type, Object values) throws SQLException {
            statement.setArray(
                    at++, connection.unwrap(PGConnection.class).createArrayOf(type, values));
        }
    }

    private record SourceKey(UUID tenant, UUID source) {}

    private record MinuteKey(UUID tenant, Instant minute) {}

    private static final class Tally {
        long events;
        long unparsed;
        Instant last = Instant.EPOCH;
    }

    /**
     * Rows are taken in one order by every batch, so that no two wait for each other in a circle.
     * Their locks last to the commit and every batch of a tenant wants them: count last.
     */
    void count(List<Event> events) {
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

    private static java.time.OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
