package io.cybershield.detection;

import io.cybershield.detection.CorrelationLine.Counts;
import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The current tenant's feed, journal and checkpoints of correlations; call in a transaction. */
@Component
class CorrelationStore {
    /** Batches that may wait; what comes then is not correlated. */
    static final int MOST_WAITING = 2_000;

    private final JdbcClient jdbc;
    private final JdbcTemplate template;
    private final JsonMapper json;

    CorrelationStore(JdbcClient jdbc, JdbcTemplate template, JsonMapper json) {
        this.jdbc = jdbc;
        this.template = template;
        this.json = json;
    }

    /** One batch's hits on one line. */
    record Fed(UUID id, String line, Instant at, List<Occurrence> hits, int bytes) {}

    /**
     * A line as kept.
     *
     * @param taken number of the last batch taken
     * @param covered number of the last batch in the checkpoint
     * @param newestCovered time then; {@link Long#MIN_VALUE} before any event
     * @param asked of the correlations whose state it is, see {@link ActiveRules#asked}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Line(
            String line,
            long taken,
            long covered,
            long newestCovered,
            Map<String, String> asked,
            byte[] checkpoint,
            Instant touchedAt) {}

    /** What became of all hits so far. */
    @io.swagger.v3.oas.annotations.media.Schema(name = "CorrelationTally")
    record Tally(
            @Nullable Instant since,
            long taken,
            long late,
            long ungrouped,
            long evicted,
            long overflowed,
            long failed,
            long restarts,
            long forgotten,
            long findings,
            long waiting) {}

    /** One correlates for the tenant at a time, on whatever node. */
    void lock() {
        jdbc.sql(
                        "SELECT"
                            + " pg_advisory_xact_lock(hashtextextended(current_setting('app.tenant')"
                            + " || '|correlation', 0)) IS NULL")
                .query(Boolean.class)
                .single();
    }

    /**
     * @return false where too many wait already; nothing was written then
     */
    boolean feed(UUID id, String line, Instant at, int occurrences, String hits) {
        return jdbc.sql(
                                """
                                INSERT INTO correlation_feed (id, line, fed_at, occurrences, hits)
                                SELECT ?::uuid, ?, ?::timestamptz, ?, ? WHERE
                                    (SELECT count(*) FROM (SELECT 1 FROM correlation_feed WHERE taken IS NULL LIMIT ?) w) < ?
                                """)
                        .params(id, line, utc(at), occurrences, hits, MOST_WAITING, MOST_WAITING)
                        .update()
                == 1;
    }

    List<Fed> waiting(int most) {
        return jdbc.sql(
                        "SELECT id, line, fed_at, hits FROM correlation_feed WHERE taken IS NULL"
                                + " ORDER BY id LIMIT ?")
                .param(most)
                .query(this::fed)
                .list();
    }

    /** What was taken after the checkpoint, in order. */
    List<Fed> journal(Line line) {
        return jdbc.sql(
                        "SELECT id, line, fed_at, hits FROM correlation_feed WHERE line = ? AND"
                                + " taken > ? AND taken <= ? ORDER BY taken")
                .params(line.line(), line.covered(), line.taken())
                .query(this::fed)
                .list();
    }

    private Fed fed(java.sql.ResultSet row, int number) throws java.sql.SQLException {
        String hits = row.getString("hits");
        return new Fed(
                row.getObject("id", UUID.class),
                row.getString("line"),
                row.getTimestamp("fed_at").toInstant(),
                json.readValue(hits, new TypeReference<List<Occurrence>>() {}),
                hits.length());
    }

    Optional<Line> line(String line) {
        return jdbc.sql("SELECT * FROM correlation_line WHERE line = ?")
                .param(line)
                .query((row, _) -> {
                    return new Line(
                            row.getString("line"),
                            row.getLong("taken"),
                            row.getLong("covered"),
                            row.getLong("newest_covered"),
                            json.readValue(
                                    row.getString("rules"),
                                    new TypeReference<HashMap<String, String>>() {}),
                            row.getBytes("checkpoint"),
                            row.getTimestamp("touched_at").toInstant());
                })
                .optional();
    }

    /**
     * Lines other than the live one that nothing came to since, and the longest idle of too many.
     */
    List<String> overHistories(Instant idleSince, int most) {
        return jdbc.sql(
                        """
                        SELECT line FROM (SELECT line, touched_at, row_number() OVER (ORDER BY touched_at DESC) AS place
                                          FROM correlation_line WHERE line <> ?) l
                        WHERE touched_at <= ? OR place > ? ORDER BY line
                        """)
                .params(Occurrence.LIVE, utc(idleSince), most)
                .query((row, _) -> row.getString(1))
                .list();
    }

    Optional<Instant> oldestHistory() {
        return jdbc.sql("SELECT min(touched_at) AS at FROM correlation_line WHERE line <> ?")
                .param(Occurrence.LIVE)
                .query((row, _) -> Optional.ofNullable(row.getTimestamp("at")))
                .single()
                .map(java.sql.Timestamp::toInstant);
    }

    /** Gives batches their numbers, in order, the first one after {@code after}. */
    void take(List<UUID> batches, long after) {
        var rows = new ArrayList<Object[]>();
        for (int i = 0; i < batches.size(); i++) {
            rows.add(new Object[] {after + 1 + i, batches.get(i)});
        }
        template.batchUpdate("UPDATE correlation_feed SET taken = ? WHERE id = ?", rows);
    }

    void advance(String line, long taken, Instant at) {
        jdbc.sql("UPDATE correlation_line SET taken = ?, touched_at = ? WHERE line = ?")
                .params(taken, utc(at), line)
                .update();
    }

    /** Keeps the checkpoint and drops the journal that it covers. */
    void cover(Line line) {
        jdbc.sql(
                        """
                        INSERT INTO correlation_line (line, taken, covered, newest_covered, rules, checkpoint, touched_at)
                        VALUES (?, ?, ?, ?, ?::jsonb, ?, ?)
                        ON CONFLICT (line) DO UPDATE SET taken = excluded.taken, covered = excluded.covered,
                            newest_covered = excluded.newest_covered, rules = excluded.rules,
                            checkpoint = excluded.checkpoint, touched_at = excluded.touched_at
                        """)
                .params(
                        line.line(),
                        line.taken(),
                        line.covered(),
                        line.newestCovered(),
                        json.writeValueAsString(line.asked()),
                        line.checkpoint(),
                        utc(line.touchedAt()))
                .update();
        jdbc.sql("DELETE FROM correlation_feed WHERE line = ? AND taken <= ?")
                .params(line.line(), line.covered())
                .update();
    }

    void end(String line) {
        jdbc.sql("DELETE FROM correlation_line WHERE line = ?").param(line).update();
        jdbc.sql("DELETE FROM correlation_feed WHERE line = ? AND taken IS NOT NULL")
                .param(line)
                .update();
    }

    /** No correlation is left: what waits or is remembered is of no use. */
    void clear() {
        jdbc.sql("DELETE FROM correlation_line").update();
        jdbc.sql("DELETE FROM correlation_feed").update();
    }

    void addOverflowed(long hits, Instant now) {
        tally(now);
        jdbc.sql("UPDATE correlation_tally SET overflowed = overflowed + ?").param(hits).update();
    }

    void add(Counts counts, long forgotten, long findings, Instant now) {
        tally(now);
        jdbc.sql(
                        """
                        UPDATE correlation_tally SET taken = taken + ?, late = late + ?, ungrouped = ungrouped + ?,
                            evicted = evicted + ?, failed = failed + ?, restarts = restarts + ?,
                            forgotten = forgotten + ?, findings = findings + ?
                        """)
                .params(
                        counts.taken(),
                        counts.late(),
                        counts.ungrouped(),
                        counts.evicted(),
                        counts.failed(),
                        counts.restarts(),
                        forgotten,
                        findings)
                .update();
    }

    private void tally(Instant now) {
        jdbc.sql("INSERT INTO correlation_tally (since) VALUES (?) ON CONFLICT DO NOTHING")
                .param(utc(now))
                .update();
    }

    Tally tally() {
        long waiting =
                jdbc.sql(
                                "SELECT coalesce(sum(occurrences), 0) FROM correlation_feed WHERE"
                                        + " taken IS NULL")
                        .query(Long.class)
                        .single();
        return jdbc.sql("SELECT * FROM correlation_tally")
                .query((row, _) ->
                        new Tally(
                                row.getTimestamp("since").toInstant(),
                                row.getLong("taken"),
                                row.getLong("late"),
                                row.getLong("ungrouped"),
                                row.getLong("evicted"),
                                row.getLong("overflowed"),
                                row.getLong("failed"),
                                row.getLong("restarts"),
                                row.getLong("forgotten"),
                                row.getLong("findings"),
                                waiting))
                .optional()
                .orElse(new Tally(null, 0, 0, 0, 0, 0, 0, 0, 0, 0, waiting));
    }

    /** Somebody looks at the tenant's lines at that time. */
    void wakeAt(TenantId tenant, Instant due) {
        jdbc.sql(
                        """
                        INSERT INTO platform.correlation_clock (tenant_id, due_at) VALUES (?, ?)
                        ON CONFLICT (tenant_id) DO UPDATE SET due_at = excluded.due_at
                        """)
                .params(tenant.value(), utc(due))
                .update();
    }

    /** Under the platform's scope: tenants whose time has come; each is taken once. */
    List<TenantId> due(Instant now, int most) {
        return jdbc.sql(
                        """
                        DELETE FROM platform.correlation_clock WHERE tenant_id = ANY (ARRAY(
                            SELECT tenant_id FROM platform.correlation_clock WHERE due_at <= ?
                            ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED))
                        RETURNING tenant_id
                        """)
                .params(utc(now), most)
                .query((row, _) -> new TenantId(row.getObject(1, UUID.class)))
                .list();
    }

    /** Where an event came from. */
    record Origin(@Nullable String host, @Nullable String user) {}

    Map<UUID, Origin> origins(Collection<UUID> events, Instant first, Instant last) {
        Map<UUID, Origin> origins = new HashMap<>();
        jdbc.sql(
                        """
                        SELECT id, host, user_name FROM telemetry.event
                        WHERE tenant_id = platform.current_tenant() AND id = ANY (?)
                          AND occurred_at BETWEEN ? AND ?
                        """)
                .params(
                        events.toArray(new UUID[0]),
                        utc(first.minusSeconds(1)),
                        utc(last.plus(java.time.Duration.ofDays(1))))
                .query(row -> {
                    origins.put(
                            row.getObject(1, UUID.class),
                            new Origin(row.getString(2), row.getString(3)));
                });
        return origins;
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
