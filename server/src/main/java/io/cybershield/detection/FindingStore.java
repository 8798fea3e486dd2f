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
import java.util.List;
import java.util.Map;
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
            List<Finding.Why> why) {}

    /** Inside the stream's transaction. */
    void insert(List<Finding> findings, Map<UUID, UUID> incidents) {
        template.execute(
                (ConnectionCallback<Integer>)
                        connection -> {
                            try (var insert =
                                    connection.prepareStatement(
                                            """
                                            INSERT INTO finding (id, event_id, rule_id, occurred_at, created_at, title, severity, host,
                                                user_name, tags, why, incident_id)
                                            SELECT id, event_id, rule_id, occurred_at, created_at, title, severity, host, user_name,
                                                string_to_array(tags, E'\\n'), why::jsonb, incident_id
                                            FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::text[],
                                                ?::smallint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::uuid[])
                                                AS t (id, event_id, rule_id, occurred_at, created_at, title, severity, host, user_name,
                                                tags, why, incident_id)
                                            ON CONFLICT (event_id, rule_id) DO NOTHING
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
                                        at,
                                        array(
                                                connection,
                                                "uuid",
                                                findings,
                                                f -> incidents.get(f.id())));
                                return insert.executeUpdate();
                            }
                        });
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
                                        "SELECT * FROM finding WHERE "
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
                                "SELECT id, title FROM finding WHERE event_id = ? ORDER BY severity"
                                        + " DESC, id LIMIT 100")
                        .param(event)
                        .query((row, _) ->
                                new Reference(
                                        row.getObject("id", UUID.class), row.getString("title")))
                        .list());
    }

    private FindingView view(ResultSet row, int number) throws SQLException {
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
                List.of(row.getObject("event_id", UUID.class)),
                row.getObject("incident_id", UUID.class),
                json.readValue(row.getString("why"), new TypeReference<List<Finding.Why>>() {}));
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
