package io.cybershield.ingest;

import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds the current tenant's events, newest first. */
@Component
class EventSearch {
    private static final String COLUMNS =
            """
            SELECT id, occurred_at, received_at, class_uid, class_name, activity, severity_id, host, user_name, message,
                   source_name, parsed
            """;
    private static final int MOST_BUCKETS = 120;
    private static final List<Integer> STEPS =
            List.of(
                    1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 86_400, 604_800,
                    2_592_000);
    private final JdbcClient jdbc;
    private final Transactions transactions;
    private final Clock clock;

    EventSearch(JdbcClient jdbc, Transactions transactions, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** What to look for; null or blank means any. */
    record Query(
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String q,
            @Nullable Integer classUid,
            @Nullable String host,
            @Nullable String user,
            @Nullable UUID source) {}

    record EventView(
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
            boolean parsed) {}

    record Found(EventView view, Map<String, Object> ocsf, String raw) {}

    @Schema(name = "EventBucket")
    record Bucket(Instant at, long count) {}

    @Schema(name = "EventHistogram")
    record Histogram(List<Bucket> buckets, long seconds) {}

    Page<EventView> find(Query query, @Nullable String cursor, int limit) {
        Place before = cursor == null ? null : place(cursor);
        String words = words(query);
        List<EventView> rows =
                words.isEmpty()
                        ? newest(query, before, limit + 1)
                        : newest(words, query, before, limit + 1);
        return Page.of(rows, limit, EventSearch::cursor);
    }

    private List<EventView> newest(Query query, @Nullable Place before, int most) {
        var where = new Where(query);
        if (before != null) {
            where.add("(occurred_at, id) < (?, ?)", before.at(), before.id());
        }
        where.values.add(most);
        return transactions.call(() ->
                jdbc.sql(
                                COLUMNS
                                        + " FROM telemetry.event WHERE "
                                        + where
                                        + " ORDER BY occurred_at DESC, id DESC LIMIT ?")
                        .params(where.values)
                        .query(EventSearch::view)
                        .list());
    }

    private List<EventView> newest(String words, Query query, @Nullable Place before, int most) {
        var values = asked(words, query.from(), query.to(), query);
        values.add(before == null ? null : before.at());
        values.add(before == null ? null : before.id());
        values.add(most);
        return transactions.call(() ->
                jdbc.sql(
                                COLUMNS
                                        + """
                                         FROM (SELECT e.* FROM telemetry.find_events(?::tsquery, ?::timestamptz,
                                               ?::timestamptz, ?::int, ?::text, ?::text, ?::uuid, ?::timestamptz, ?::uuid,
                                               ?::int) AS f
                                             JOIN telemetry.event e ON e.tenant_id = platform.current_tenant()
                                               AND e.occurred_at = f.occurred_at AND e.id = f.id) AS found
                                         ORDER BY occurred_at DESC, id DESC
                                        """)
                        .params(values)
                        .query(EventSearch::view)
                        .list());
    }

    /** What the functions of search take first; null means any. */
    private static List<@Nullable Object> asked(
            String words, @Nullable Instant from, @Nullable Instant to, Query query) {
        var values = new ArrayList<@Nullable Object>();
        values.add(words);
        values.add(from == null ? null : from.atOffset(ZoneOffset.UTC));
        values.add(to == null ? null : to.atOffset(ZoneOffset.UTC));
        values.add(query.classUid());
        values.add(key(query.host()));
        values.add(key(query.user()));
        values.add(query.source());
        return values;
    }

    private static String words(Query query) {
        return query.q() == null || query.q().isBlank() ? "" : Words.query(query.q());
    }

    private static @Nullable String key(@Nullable String name) {
        return name == null || name.isBlank() ? null : name.strip().toLowerCase(Locale.ROOT);
    }

    private record Place(OffsetDateTime at, UUID id) {}

    private static Place place(String cursor) {
        int dot = cursor.indexOf('.');
        try {
            long micros = Long.parseLong(cursor.substring(0, Math.max(dot, 0)));
            return new Place(
                    Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC),
                    UUID.fromString(cursor.substring(dot + 1)));
        } catch (IllegalArgumentException | ArithmeticException | java.time.DateTimeException e) {
            throw Problems.MALFORMED.because(
                    "The cursor is not one that this list gave out. Leave it out to begin anew.");
        }
    }

    Optional<Found> find(UUID id) {
        return transactions.call(() ->
                jdbc.sql(
                                COLUMNS
                                        + ", ocsf::text AS ocsf, raw FROM telemetry.event"
                                        + " WHERE tenant_id = platform.current_tenant() AND id = ?"
                                        + " LIMIT 1")
                        .param(id)
                        .query((row, n) ->
                                new Found(
                                        view(row, n),
                                        object(row.getString("ocsf")),
                                        row.getString("raw")))
                        .optional());
    }

    /**
     * At most 120 buckets, each as wide as a step that people count in; empty ones are left out.
     */
    Histogram histogram(Query query) {
        Instant to = query.to() == null ? clock.instant() : query.to();
        Instant from = query.from() == null ? to.minus(Duration.ofDays(1)) : query.from();
        long span = Math.max(1, Duration.between(from, to).toSeconds());
        int step =
                STEPS.stream()
                        .filter(s -> span / s < MOST_BUCKETS)
                        .findFirst()
                        .orElse((int) Math.min(Integer.MAX_VALUE, span / MOST_BUCKETS + 1));
        String words = words(query);
        List<Bucket> buckets =
                words.isEmpty()
                        ? count(query, from, to, step)
                        : count(words, query, from, to, step);
        return new Histogram(buckets, step);
    }

    private List<Bucket> count(Query query, Instant from, Instant to, int step) {
        var where =
                new Where(
                        new Query(
                                from,
                                to,
                                null,
                                query.classUid(),
                                query.host(),
                                query.user(),
                                query.source()));
        var values = new ArrayList<Object>();
        values.add(step);
        values.addAll(where.values);
        return transactions.call(() ->
                jdbc.sql(
                                "SELECT date_bin(make_interval(secs => ?), occurred_at, 'epoch')"
                                        + " AS at, count(*) AS events FROM telemetry.event WHERE "
                                        + where
                                        + " GROUP BY 1 ORDER BY 1")
                        .params(values)
                        .query(EventSearch::bucket)
                        .list());
    }

    private List<Bucket> count(String words, Query query, Instant from, Instant to, int step) {
        var values = asked(words, from, to, query);
        values.add(step);
        return transactions.call(() ->
                jdbc.sql(
                                """
                                SELECT at, events FROM telemetry.count_events(?::tsquery, ?::timestamptz, ?::timestamptz,
                                    ?::int, ?::text, ?::text, ?::uuid, make_interval(secs => ?))
                                """)
                        .params(values)
                        .query(EventSearch::bucket)
                        .list());
    }

    private static Bucket bucket(ResultSet row, int number) throws SQLException {
        return new Bucket(row.getTimestamp("at").toInstant(), row.getLong("events"));
    }

    private static EventView view(ResultSet row, int number) throws SQLException {
        return new EventView(
                row.getObject("id", UUID.class),
                row.getTimestamp("occurred_at").toInstant(),
                row.getTimestamp("received_at").toInstant(),
                row.getInt("class_uid"),
                row.getString("class_name"),
                row.getString("activity"),
                row.getInt("severity_id"),
                row.getString("host"),
                row.getString("user_name"),
                row.getString("message"),
                row.getString("source_name"),
                row.getBoolean("parsed"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(String json) {
        return Normaliser.JSON.readValue(json, Map.class);
    }

    private static String cursor(EventView view) {
        Instant at = view.occurredAt();
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000 + "." + view.id();
    }

    /** Conditions but for words, and their values; the tenant comes first, as in every index. */
    private static final class Where {
        private final List<String> conditions = new ArrayList<>();
        final List<Object> values = new ArrayList<>();

        Where(Query query) {
            add("tenant_id = platform.current_tenant()");
            if (query.from() != null) {
                add("occurred_at >= ?", query.from().atOffset(ZoneOffset.UTC));
            }
            if (query.to() != null) {
                add("occurred_at < ?", query.to().atOffset(ZoneOffset.UTC));
            }
            if (query.classUid() != null) {
                add("class_uid = ?", query.classUid());
            }
            String host = key(query.host());
            if (host != null) {
                add("host_key = ?", host);
            }
            String user = key(query.user());
            if (user != null) {
                add("lower(user_name) = ?", user);
            }
            if (query.source() != null) {
                add("source_id = ?", query.source());
            }
        }

        void add(String condition, Object... of) {
            conditions.add(condition);
            values.addAll(List.of(of));
        }

        @Override
        public String toString() {
            return String.join(" AND ", conditions);
        }
    }
}
