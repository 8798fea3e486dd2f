package io.cybershield.report;

import com.fasterxml.jackson.annotation.JsonValue;
import io.cybershield.detection.Severity;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Figures of the current tenant over a time; a handful of bounded, indexed queries. */
@Component
class Overview {
    private static final int BUCKETS = 24;
    private static final Duration SILENT = Duration.ofHours(1);
    private final JdbcClient jdbc;
    private final Transactions transactions;
    private final Clock clock;

    Overview(JdbcClient jdbc, Transactions transactions, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    enum Range {
        HOUR("1h", Duration.ofHours(1), Duration.ofMinutes(5)),
        DAY("24h", Duration.ofDays(1), Duration.ofHours(1)),
        WEEK("7d", Duration.ofDays(7), Duration.ofHours(6)),
        MONTH("30d", Duration.ofDays(30), Duration.ofDays(1));

        private final String wire;
        final Duration length;
        final Duration bucket;

        Range(String wire, Duration length, Duration bucket) {
            this.wire = wire;
            this.length = length;
            this.bucket = bucket;
        }

        @JsonValue
        String wire() {
            return wire;
        }

        static Optional<Range> find(String wire) {
            return Arrays.stream(values()).filter(r -> r.wire.equals(wire)).findFirst();
        }
    }

    record OpenIncidents(long total, Map<Severity, Long> bySeverity) {}

    @Schema(name = "FindingBucket")
    record Bucket(Instant at, long critical, long high, long medium, long low, long info) {}

    @Schema(name = "OverviewFindings")
    record Findings(long total, long previous, List<Bucket> buckets, long bucketSeconds) {}

    /**
     * @param perSecond over the last full minute
     */
    @Schema(name = "OverviewEvents")
    record Events(long total, double perSecond, long unparsed, long refused) {}

    @Schema(name = "OverviewRuns")
    record Runs(long total, long succeeded, long failed, long waiting) {}

    @Schema(name = "OverviewTactic")
    record Tactic(String tactic, List<Long> buckets) {}

    record SourceCount(long total, long silent) {}

    record RuleCount(long live, long refused) {}

    record OverviewView(
            OpenIncidents openIncidents,
            Findings findings,
            Events events,
            @Nullable Long meanTimeToRespondSeconds,
            Runs runs,
            List<Tactic> tactics,
            long approvalsWaiting,
            SourceCount sources,
            RuleCount rules) {}

    OverviewView over(Range range) {
        Instant now = clock.instant();
        long step = range.bucket.toSeconds();
        // Whole buckets, the last one still filling.
        long end = Math.floorDiv(now.getEpochSecond(), step) * step + step;
        Instant to = Instant.ofEpochSecond(end);
        Instant from = to.minus(range.length);
        return transactions.call(() ->
                new OverviewView(
                        openIncidents(),
                        findings(range, from, to),
                        events(from, now),
                        meanTimeToRespond(from),
                        runs(from),
                        tactics(range, from, to),
                        approvalsWaiting(),
                        sources(now),
                        rules()));
    }

    /** Events that the current tenant's sources ever brought. */
    long received() {
        return transactions.call(() ->
                jdbc.sql(
                                "SELECT coalesce(sum(received), 0) FROM telemetry.source_activity"
                                        + " WHERE tenant_id = platform.current_tenant()")
                        .query(Long.class)
                        .single());
    }

    Map<Severity, Long> findingsOfTheDay() {
        Map<Severity, Long> by = zeros();
        transactions.run(() ->
                jdbc.sql("SELECT severity, count(*) FROM finding WHERE created_at >= ? GROUP BY 1")
                        .param(utc(clock.instant().minus(Duration.ofDays(1))))
                        .query(row -> {
                            by.put(Severity.ofId(row.getInt(1)), row.getLong(2));
                        }));
        return by;
    }

    private OpenIncidents openIncidents() {
        Map<Severity, Long> by = zeros();
        jdbc.sql(
                        """
                        SELECT severity, count(*) FROM incident WHERE state NOT IN ('resolved', 'closed') GROUP BY severity
                        """)
                .query(row -> {
                    by.put(Severity.ofId(row.getInt(1)), row.getLong(2));
                });
        return new OpenIncidents(by.values().stream().mapToLong(Long::longValue).sum(), by);
    }

    /**
     * Findings of the last seconds, one bucket a second, oldest first; the last is still filling.
     */
    List<Bucket> lastSeconds(int seconds) {
        Instant to = clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        return transactions.call(() -> buckets(1, to.minusSeconds(seconds), to));
    }

    private Findings findings(Range range, Instant from, Instant to) {
        long step = range.bucket.toSeconds();
        List<Bucket> buckets = buckets(step, from, to);
        long total =
                buckets.stream()
                        .mapToLong(b -> b.critical() + b.high() + b.medium() + b.low() + b.info())
                        .sum();
        long previous =
                jdbc.sql("SELECT count(*) FROM finding WHERE created_at >= ? AND created_at < ?")
                        .params(utc(from.minus(range.length)), utc(from))
                        .query(Long.class)
                        .single();
        return new Findings(total, previous, buckets, step);
    }

    private List<Bucket> buckets(long step, Instant from, Instant to) {
        var buckets = new TreeMap<Instant, Map<Severity, Long>>();
        for (Instant at = from; at.isBefore(to); at = at.plusSeconds(step)) {
            buckets.put(at, zeros());
        }
        jdbc.sql(
                        """
                        SELECT date_bin(make_interval(secs => ?), created_at, ?) AS at, severity, count(*)
                        FROM finding WHERE created_at >= ? AND created_at < ? GROUP BY 1, 2
                        """)
                .params(step, utc(from), utc(from), utc(to))
                .query(row -> {
                    buckets.computeIfAbsent(row.getTimestamp(1).toInstant(), _ -> zeros())
                            .put(Severity.ofId(row.getInt(2)), row.getLong(3));
                });
        var list = new ArrayList<Bucket>();
        buckets.forEach((at, by) ->
                list.add(
                        new Bucket(
                                at,
                                of(by, Severity.CRITICAL),
                                of(by, Severity.HIGH),
                                of(by, Severity.MEDIUM),
                                of(by, Severity.LOW),
                                of(by, Severity.INFO))));
        return list;
    }

    private Events events(Instant from, Instant now) {
        OffsetDateTime minute = utc(now.truncatedTo(ChronoUnit.MINUTES).minusSeconds(60));
        return jdbc.sql(
                        """
                        SELECT coalesce(sum(events), 0), coalesce(sum(unparsed), 0), coalesce(sum(refused), 0),
                               coalesce(sum(events) FILTER (WHERE minute = ?), 0)
                        FROM telemetry.event_minute
                        WHERE tenant_id = platform.current_tenant() AND minute >= date_trunc('minute', ?::timestamptz)
                        """)
                .params(minute, utc(from))
                .query((row, _) ->
                        new Events(
                                row.getLong(1),
                                row.getLong(4) / 60.0,
                                row.getLong(2),
                                row.getLong(3)))
                .single();
    }

    private @Nullable Long meanTimeToRespond(Instant from) {
        return jdbc.sql(
                        """
                        SELECT extract(epoch FROM avg(responded_at - opened_at))::bigint AS seconds
                        FROM incident WHERE opened_at >= ? AND responded_at IS NOT NULL
                        """)
                .param(utc(from))
                .query((row, _) -> {
                    long seconds = row.getLong(1);
                    return row.wasNull() ? Optional.<Long>empty() : Optional.of(seconds);
                })
                .single()
                .orElse(null);
    }

    /** False in a tenant whose schema has no workflows yet. */
    private boolean hasWorkflows() {
        return jdbc.sql("SELECT to_regclass('workflow_approvals') IS NOT NULL")
                .query(Boolean.class)
                .single();
    }

    private long approvalsWaiting() {
        return hasWorkflows()
                ? jdbc.sql("SELECT count(*) FROM workflow_approvals WHERE state = 'waiting'")
                        .query(Long.class)
                        .single()
                : 0;
    }

    private Runs runs(Instant from) {
        if (!hasWorkflows()) {
            return new Runs(0, 0, 0, 0);
        }
        return jdbc.sql(
                        """
                        SELECT count(*), count(*) FILTER (WHERE state = 'succeeded'),
                               count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'waiting')
                        FROM workflow_instances WHERE started_at >= ?
                        """)
                .param(utc(from))
                .query((row, _) ->
                        new Runs(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)))
                .single();
    }

    /** Tactics that rules name in their tags, most found first; at most twelve. */
    private List<Tactic> tactics(Range range, Instant from, Instant to) {
        long step = range.bucket.toSeconds();
        int buckets = (int) Math.min(BUCKETS * 2L, range.length.toSeconds() / step);
        Map<String, long[]> by = new TreeMap<>();
        jdbc.sql(
                        """
                        SELECT replace(substr(lower(tag), 8), '_', '-') AS tactic,
                               floor(extract(epoch FROM created_at - ?) / ?)::int AS bucket, count(*)
                        FROM finding, unnest(tags) AS tag
                        WHERE created_at >= ? AND created_at < ? AND lower(tag) ~ '^attack\\.[a-z-]+[a-z_-]*$'
                        GROUP BY 1, 2
                        """)
                .params(utc(from), step, utc(from), utc(to))
                .query(row -> {
                    int bucket = Math.clamp(row.getInt(2), 0, buckets - 1);
                    by.computeIfAbsent(row.getString(1), _ -> new long[buckets])[bucket] +=
                            row.getLong(3);
                });
        return by.entrySet().stream()
                .sorted((a, b) ->
                        Long.compare(
                                Arrays.stream(b.getValue()).sum(),
                                Arrays.stream(a.getValue()).sum()))
                .limit(12)
                .map(e -> new Tactic(e.getKey(), Arrays.stream(e.getValue()).boxed().toList()))
                .toList();
    }

    private SourceCount sources(Instant now) {
        return jdbc.sql(
                        """
                        SELECT count(*),
                               count(*) FILTER (WHERE a.last_received_at IS NULL OR a.last_received_at < ?)
                        FROM telemetry.source s
                        LEFT JOIN telemetry.source_activity a ON a.tenant_id = s.tenant_id AND a.source_id = s.id
                        WHERE s.state = 'active' AND s.kind <> 'upload'
                        """)
                .param(utc(now.minus(SILENT)))
                .query((row, _) -> new SourceCount(row.getLong(1), row.getLong(2)))
                .single();
    }

    private RuleCount rules() {
        return jdbc.sql(
                        """
                        SELECT count(*) FILTER (WHERE enabled AND problem IS NULL AND quarantined_at IS NULL),
                               count(*) FILTER (WHERE problem IS NOT NULL)
                        FROM rule
                        """)
                .query((row, _) -> new RuleCount(row.getLong(1), row.getLong(2)))
                .single();
    }

    private static Map<Severity, Long> zeros() {
        var zeros = new EnumMap<Severity, Long>(Severity.class);
        for (Severity severity : Severity.values()) {
            zeros.put(severity, 0L);
        }
        return zeros;
    }

    private static long of(Map<Severity, Long> by, Severity severity) {
        return by.getOrDefault(severity, 0L);
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
