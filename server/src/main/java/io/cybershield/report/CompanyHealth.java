package io.cybershield.report;

import io.cybershield.detection.Severity;
import io.cybershield.platform.Transactions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How the current tenant stands, in few words; for whoever watches many. */
@Component
public class CompanyHealth {
    private static final Duration SILENT = Duration.ofHours(1);

    /** Nobody waits for one slow company. */
    private static final String PATIENCE_MILLIS = "2000";

    private final JdbcClient jdbc;
    private final Transactions transactions;
    private final Clock clock;

    CompanyHealth(JdbcClient jdbc, Transactions transactions, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * @param open open incidents by severity
     * @param oldestOpenAt when the oldest of them was opened; null if none is open
     */
    public record Health(
            Map<Severity, Long> open,
            @Nullable Instant oldestOpenAt,
            long sources,
            long silentSources,
            long approvalsWaiting) {}

    /**
     * @param after the place behind which to go on; null for the first page
     */
    public record Place(int severity, Instant openedAt, UUID id) {}

    /** An open incident. */
    public record Open(
            UUID id,
            long number,
            String title,
            Severity severity,
            String state,
            @Nullable String owner,
            Instant openedAt) {
        public Place place() {
            return new Place(severity.id(), openedAt, id);
        }
    }

    public Health read() {
        return transactions.call(() -> {
            hurry();
            var open = new EnumMap<Severity, Long>(Severity.class);
            var oldest = new Instant[1];
            jdbc.sql(
                            """
                            SELECT severity, count(*), min(opened_at) FROM incident
                            WHERE state NOT IN ('resolved', 'closed') GROUP BY severity
                            """)
                    .query(row -> {
                        open.put(Severity.ofId(row.getInt(1)), row.getLong(2));
                        Instant first = row.getObject(3, OffsetDateTime.class).toInstant();
                        if (oldest[0] == null || first.isBefore(oldest[0])) {
                            oldest[0] = first;
                        }
                    });
            return jdbc.sql(
                            """
                            SELECT count(*), count(*) FILTER (WHERE a.last_received_at IS NULL OR a.last_received_at < ?),
                                   (SELECT count(*) FROM workflow_approvals WHERE state = 'waiting')
                            FROM telemetry.source s
                            LEFT JOIN telemetry.source_activity a ON a.tenant_id = s.tenant_id AND a.source_id = s.id
                            WHERE s.state = 'active' AND s.kind <> 'upload'
                            """)
                    .param(utc(clock.instant().minus(SILENT)))
                    .query((row, _) ->
                            new Health(
                                    Map.copyOf(open),
                                    oldest[0],
                                    row.getLong(1),
                                    row.getLong(2),
                                    row.getLong(3)))
                    .single();
        });
    }

    /** Open incidents, the gravest first, of equals the newest. */
    public List<Open> open(@Nullable Place after, int limit) {
        return transactions.call(() -> {
            hurry();
            String select =
                    """
                    SELECT id, number, title, severity, state, owner_name, opened_at FROM incident
                    WHERE state NOT IN ('resolved', 'closed')
                    """;
            String order = " ORDER BY severity DESC, opened_at DESC, id DESC LIMIT ?";
            var query =
                    after == null
                            ? jdbc.sql(select + order).param(limit)
                            : jdbc.sql(
                                            select
                                                    + " AND (severity, opened_at, id) < (?, ?, ?)"
                                                    + order)
                                    .params(
                                            after.severity(),
                                            utc(after.openedAt()),
                                            after.id(),
                                            limit);
            return query.query(CompanyHealth::row).list();
        });
    }

    private void hurry() {
        jdbc.sql("SELECT set_config('statement_timeout', ?, true)")
                .param(PATIENCE_MILLIS)
                .query(String.class)
                .single();
    }

    private static Open row(ResultSet row, int at) throws SQLException {
        return new Open(
                row.getObject("id", UUID.class),
                row.getLong("number"),
                row.getString("title"),
                Severity.ofId(row.getInt("severity")),
                row.getString("state"),
                row.getString("owner_name"),
                row.getObject("opened_at", OffsetDateTime.class).toInstant());
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
