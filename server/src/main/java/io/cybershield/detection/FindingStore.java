package io.cybershield.detection;

import io.cybershield.ingest.EventFindings;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The current tenant's findings. */
@Component
class FindingStore implements EventFindings {
    private final JdbcClient jdbc;
    private final JdbcTemplate template;
    private final Transactions transactions;
    private final JsonMapper json;

    FindingStore(
            JdbcClient jdbc, JdbcTemplate template, Transactions transactions, JsonMapper json) {
        this.jdbc = jdbc;
        this.template = template;
        this.transactions = transactions;
        this.json = json;
    }

    record FindingView(
            UUID id,
            Instant occurredAt,
            Instant createdAt,
            String title,
            Severity severity,
            String ruleId,
            @Nullable String host,
            @Nullable String user,
            List<String> tags,
            List<UUID> eventIds,
            @Nullable UUID incidentId,
            List<Finding.Why> why,
            Finding.@Nullable Correlation correlation) {}

    /** Inside the stream's transaction. */
    void insert(List<Finding> findings, Map<UUID, UUID> incidents) {
        template.execute(
                (ConnectionCallback<Integer>)
                        connection -> {
                            try (var insert =
                                    connection.prepareStatement(
                                            """
                                            INSERT INTO finding (id, event_id, rule_id, occurred_at, created_at, title, severity, host,
                                                user_name, tags, why, incident_id, about, correlation)
                                            SELECT id, event_id, rule_id, occurred_at, created_at, title, severity, host, user_name,
                                                string_to_array(tags, E'\\n'), why::jsonb, incident_id, about, correlation::jsonb
                                            FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[],
                                                ?::smallint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::uuid[], ?::text[], ?::text[])
                                                AS t (id, event_id, rule_id, occurred_at, created_at, title, severity, host, user_name,
                                                tags, why, incident_id, about, correlation)
                                            ON CONFLICT (event_id, rule_id, about) DO NOTHING
                                            """)) {
                                int at = 1;
                                insert.setArray(
                                        at++, array(connection, "uuid", findings, Finding::id));
                                insert.setArray(
                                        at++,
                                        array(connection, "uuid", findings, Finding::eventId));
                                insert.setArray(
                                        at++, array(connection, "text", findings, Finding::ruleId));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "timestamptz",
                                                findings,
                                                f -> f.occurredAt().atOffset(ZoneOffset.UTC)));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "timestamptz",
                                                findings,
                                                f -> f.createdAt().atOffset(ZoneOffset.UTC)));
                                insert.setArray(
                                        at++, array(connection, "text", findings, Finding::title));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "int2",
                                                findings,
                                                f -> (short) f.severity().id()));
                                insert.setArray(
                                        at++, array(connection, "text", findings, Finding::host));
                                insert.setArray(
                                        at++, array(connection, "text", findings, Finding::user));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "text",
                                                findings,
                                                f -> String.join("\n", f.tags())));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "text",
                                                findings,
                                                f -> json.writeValueAsString(f.why())));
                                insert.setArray(
                                        at++,
                                        array(
                                                connection,
                                                "uuid",
                                                findings,
                                                f -> incidents.get(f.id())));
                                insert.setArray(
                                        at++, array(connection, "text", findings, Finding::about));
                                insert.setArray(
                                        at,
                                        array(
                                                connection,
                                                "text",
                                                findings,
                                                f ->
                                                        f.correlation() == null
                                                                ? null
                                                                : json.writeValueAsString(
                                                                        f.correlation())));
                                return insert.executeUpdate();
                            }
                        });
        insertEvents(findings);
    }

    private void insertEvents(List<Finding> findings) {
        var rows = new ArrayList<Object[]>();
        for (Finding finding : findings) {
            if (finding.correlation() != null) {
                List<UUID> events = finding.eventIds();
                for (int i = 0; i < events.size(); i++) {
                    rows.add(new Object[] {finding.id(), i, events.get(i)});
                }
            }
        }
        if (!rows.isEmpty()) {
            template.batchUpdate(
                    "INSERT INTO finding_event (finding_id, place, event_id) VALUES (?, ?, ?)",
                    rows);
        }
    }

    private static final String SELECT =
            """
            SELECT *, (SELECT array_agg(e.event_id ORDER BY e.place) FROM finding_event e
                       WHERE f.correlation IS NOT NULL AND e.finding_id = f.id) AS event_ids
            FROM finding f
            """;

    Optional<FindingView> find(UUID id) {
        return jdbc.sql(SELECT + " WHERE id = ?").param(id).query(this::view).optional();
    }

    Page<FindingView> list(
            @Nullable UUID incident,
            @Nullable Severity severity,
            @Nullable String cursor,
            int limit) {
        var where = new ArrayList<String>(List.of("true"));
        var values = new ArrayList<Object>();
        if (incident != null) {
            where.add("incident_id = ?");
            values.add(incident);
        }
        if (severity != null) {
            where.add("severity = ?");
            values.add(severity.id());
        }
        if (cursor != null) {
            where.add("id < ?");
            try {
                values.add(UUID.fromString(cursor));
            } catch (IllegalArgumentException e) {
                throw Problems.MALFORMED.because("The cursor is not one that this list gave out.");
            }
        }
        values.add(limit + 1);
        return transactions.call(() ->
                Page.of(
                        jdbc.sql(
                                        SELECT
                                                + " WHERE "
                                                + String.join(" AND ", where)
                                                + " ORDER BY id DESC LIMIT ?")
                                .params(values)
                                .query(this::view)
                                .list(),
                        limit,
                        v -> v.id().toString()));
    }

    @Override
    public List<Reference> of(UUID event) {
        return transactions.call(() ->
                jdbc.sql(
                                """
                                SELECT id, title FROM (
                                    SELECT id, title, severity FROM finding WHERE event_id = ?
                                    UNION SELECT f.id, f.title, f.severity FROM finding_event e JOIN finding f ON f.id = e.finding_id
                                    WHERE e.event_id = ?) found
                                ORDER BY severity DESC, id LIMIT 100
                                """)
                        .params(event, event)
                        .query((row, _) ->
                                new Reference(
                                        row.getObject("id", UUID.class), row.getString("title")))
                        .list());
    }

    @Override
    public Set<UUID> named(Collection<UUID> events) {
        UUID[] ids = events.toArray(new UUID[0]);
        return transactions.call(() ->
                Set.copyOf(
                        jdbc.sql(
                                        """
                                        SELECT event_id FROM finding WHERE event_id = ANY (?)
                                        UNION SELECT event_id FROM finding_event WHERE event_id = ANY (?)
                                        """)
                                .params(ids, ids)
                                .query((row, _) -> row.getObject(1, UUID.class))
                                .list()));
    }

    private FindingView view(ResultSet row, int number) throws SQLException {
        String correlation = row.getString("correlation");
        Array events = row.getArray("event_ids");
        return new FindingView(
                row.getObject("id", UUID.class),
                row.getTimestamp("occurred_at").toInstant(),
                row.getTimestamp("created_at").toInstant(),
                row.getString("title"),
                Severity.ofId(row.getInt("severity")),
                row.getString("rule_id"),
                row.getString("host"),
                row.getString("user_name"),
                RuleStore.strings(row.getArray("tags")),
                correlation == null
                        ? List.of(row.getObject("event_id", UUID.class))
                        : events == null ? List.of() : List.of((UUID[]) events.getArray()),
                row.getObject("incident_id", UUID.class),
                json.readValue(row.getString("why"), new TypeReference<List<Finding.Why>>() {}),
                correlation == null
                        ? null
                        : json.readValue(correlation, Finding.Correlation.class));
    }

    private static Array array(
            Connection connection,
            String type,
            List<Finding> findings,
            Function<Finding, @Nullable Object> part)
            throws SQLException {
        @Nullable Object[] values = new @Nullable Object[findings.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = part.apply(findings.get(i));
        }
        return connection.createArrayOf(type, values);
    }
}
