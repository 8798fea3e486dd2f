package io.cybershield.trigger;

import io.cybershield.platform.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Admission's tables; whether a run is live is what {@code workflow_instances} says. */
@Component
final class JdbcAdmissionStore implements AdmissionStore {
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};
    private static final String LIVE = " i.ended_at IS NULL AND i.state <> 'queued'";
    private final JdbcClient jdbc;
    private final JsonMapper json;

    JdbcAdmissionStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    @Override
    public void lock() {
        jdbc.sql(
                        "SELECT pg_advisory_xact_lock(hashtextextended('cybershield.admission ' ||"
                                + " platform.current_tenant()::text, 0))")
                .query((_, _) -> true)
                .single();
    }

    @Override
    public Limits limits(UUID workflow) {
        return jdbc.sql(
                        """
                        SELECT a.most AS tenant_most, l.most, l.key_expression, l.most_per_key, l.when_full
                        FROM (SELECT 1) one LEFT JOIN run_limit_all a ON true LEFT JOIN run_limit l ON l.workflow_id = :workflow
                        """)
                .param("workflow", workflow)
                .query((row, _) -> {
                    String key = row.getString("key_expression");
                    String full = row.getString("when_full");
                    return new Limits(
                            row.getObject("tenant_most", Integer.class),
                            row.getObject("most", Integer.class),
                            key == null ? "" : key,
                            row.getObject("most_per_key", Integer.class),
                            full == null ? Limits.WhenFull.QUEUE : Limits.WhenFull.of(full));
                })
                .single();
    }

    void setLimits(UUID workflow, Limits limits) {
        jdbc.sql(
                        """
                        INSERT INTO run_limit (workflow_id, most, key_expression, most_per_key, when_full)
                        VALUES (:workflow, :most, :key, :perKey, :full)
                        ON CONFLICT (workflow_id) DO UPDATE SET most = excluded.most, key_expression = excluded.key_expression,
                            most_per_key = excluded.most_per_key, when_full = excluded.when_full
                        """)
                .param("workflow", workflow)
                .param("most", limits.most())
                .param("key", limits.key().isBlank() ? null : limits.key())
                .param("perKey", limits.mostPerKey())
                .param("full", limits.whenFull().wire())
                .update();
    }

    @Nullable Integer tenantMost() {
        return jdbc.sql("SELECT most FROM run_limit_all")
                .query(Integer.class)
                .optional()
                .orElse(null);
    }

    void setTenantMost(@Nullable Integer most) {
        if (most == null) {
            jdbc.sql("DELETE FROM run_limit_all").update();
        } else {
            jdbc.sql(
                            "INSERT INTO run_limit_all (most) VALUES (:most) ON CONFLICT"
                                    + " (tenant_id) DO UPDATE SET most = excluded.most")
                    .param("most", most)
                    .update();
        }
    }

    @Override
    public int live(int most) {
        return counted("FROM workflow_instances i WHERE" + LIVE, Map.of(), most);
    }

    @Override
    public int live(UUID workflow, int most) {
        return counted(
                "FROM workflow_instances i WHERE i.workflow_id = :workflow AND" + LIVE,
                Map.of("workflow", workflow),
                most);
    }

    @Override
    public int live(UUID workflow, String key, int most) {
        return counted(
                "FROM run_place p JOIN workflow_instances i ON i.id = p.run_id WHERE p.workflow_id"
                        + " = :workflow AND p.key = :key AND NOT p.queued AND"
                        + LIVE,
                Map.of("workflow", workflow, "key", key),
                most);
    }

    @Override
    public boolean hasLive(UUID workflow, String node) {
        // A run of this very transaction is live before its place in trigger_run is written.
        return counted(
                        "FROM workflow_instances i LEFT JOIN run_place p ON p.run_id = i.id LEFT"
                                + " JOIN trigger_run r ON r.run_id = i.id WHERE i.workflow_id ="
                                + " :workflow AND (p.node = :node AND NOT p.queued OR r.node ="
                                + " :node) AND"
                                + LIVE,
                        Map.of("workflow", workflow, "node", node),
                        1)
                > 0;
    }

    @Override
    public boolean hasQueued(String line) {
        return counted("FROM run_place WHERE queued AND line = :line", Map.of("line", line), 1) > 0;
    }

    @Override
    public int queued(int most) {
        return counted("FROM run_place WHERE queued", Map.of(), most);
    }

    int queued(UUID workflow, int most) {
        return counted(
                "FROM run_place WHERE queued AND workflow_id = :workflow",
                Map.of("workflow", workflow),
                most);
    }

    private int counted(String from, Map<String, ?> params, int most) {
        return jdbc.sql("SELECT count(*) FROM (SELECT 1 " + from + " LIMIT :most) counted")
                .params(params)
                .param("most", most)
                .query(Integer.class)
                .single();
    }

    @Override
    public void hold(Place place) {
        insert(place, false, null);
    }

    @Override
    public void enqueue(Place place, Map<String, @Nullable Object> input) {
        insert(place, true, json.writeValueAsString(input));
        jdbc.sql(
                        """
                        INSERT INTO platform.run_queue (tenant_id, served_at, look_at)
                        VALUES (:tenant, clock_timestamp(), clock_timestamp()) ON CONFLICT DO NOTHING
                        """)
                .param("tenant", Scope.currentTenant().value())
                .update();
    }

    private void insert(Place place, boolean queued, @Nullable String input) {
        jdbc.sql(
                        """
                        INSERT INTO run_place (run_id, workflow_id, node, key, alone, line, queued, queued_at, input)
                        VALUES (:run, :workflow, :node, :key, :alone, :line, :queued, clock_timestamp(), :input)
                        """)
                .param("run", place.run())
                .param("workflow", place.workflow())
                .param("node", place.node())
                .param("key", place.key())
                .param("alone", place.alone())
                .param("line", place.line())
                .param("queued", queued)
                .param("input", input)
                .update();
    }

    @Override
    public List<Queued> heads(int most) {
        return jdbc.sql(
                        """
                        WITH RECURSIVE head AS (
                            (SELECT * FROM run_place WHERE queued ORDER BY line, seq LIMIT 1)
                            UNION ALL
                            SELECT next.* FROM head CROSS JOIN LATERAL (
                                SELECT * FROM run_place WHERE queued AND line > head.line ORDER BY line, seq LIMIT 1) next)
                        SELECT run_id, workflow_id, node, key, alone, seq FROM head ORDER BY seq LIMIT :most
                        """)
                .param("most", most)
                .query(JdbcAdmissionStore::queued)
                .list();
    }

    @Override
    public Optional<Queued> following(Queued before) {
        return jdbc.sql(
                        "SELECT run_id, workflow_id, node, key, alone, seq FROM run_place WHERE"
                                + " queued AND line = :line AND seq > :seq ORDER BY seq LIMIT 1")
                .param("line", before.place().line())
                .param("seq", before.seq())
                .query(JdbcAdmissionStore::queued)
                .optional();
    }

    @Override
    @SuppressWarnings("NullAway") // a value may be null
    public Map<String, @Nullable Object> input(UUID run) {
        return json.readValue(
                jdbc.sql("SELECT input FROM run_place WHERE run_id = :run")
                        .param("run", run)
                        .query(String.class)
                        .single(),
                OBJECT);
    }

    @Override
    public void begun(UUID run) {
        jdbc.sql("UPDATE run_place SET queued = false, input = NULL WHERE run_id = :run")
                .param("run", run)
                .update();
    }

    @Override
    public void remove(UUID run) {
        jdbc.sql("DELETE FROM run_place WHERE run_id = :run").param("run", run).update();
    }

    void removeAll(List<UUID> runs) {
        jdbc.sql("DELETE FROM run_place WHERE run_id = ANY(:runs)")
                .param("runs", runs.toArray(UUID[]::new))
                .update();
    }

    @Override
    public Optional<UUID> oldestLive(UUID workflow, @Nullable String key) {
        return jdbc.sql(
                        "SELECT i.id FROM workflow_instances i LEFT JOIN run_place p ON p.run_id ="
                                + " i.id WHERE i.workflow_id = :workflow AND (:key::text IS NULL OR"
                                + " p.key = :key) AND"
                                + LIVE
                                + " ORDER BY i.started_at, i.id LIMIT 1")
                .param("workflow", workflow)
                .param("key", key)
                .query(UUID.class)
                .optional();
    }

    /** To the end of its line: others go first. */
    void last(UUID run) {
        jdbc.sql("UPDATE run_place SET seq = DEFAULT WHERE run_id = :run AND queued")
                .param("run", run)
                .update();
    }

    // ---- turns of tenants, in the platform's scope

    /**
     * @param weight how many times the usual number of runs it may begin in its turn
     */
    record Turn(io.cybershield.platform.TenantId tenant, int weight) {}

    /** The tenant whose turn was longest ago, for this transaction; other nodes pass over it. */
    Optional<Turn> takeTurn() {
        return jdbc.sql(
                        """
                        SELECT tenant_id, weight FROM platform.run_queue q WHERE look_at <= clock_timestamp()
                          AND NOT EXISTS (SELECT 1 FROM platform.tenant s WHERE s.id = q.tenant_id AND s.state = 'suspended')
                        ORDER BY served_at, tenant_id LIMIT 1 FOR UPDATE SKIP LOCKED
                        """)
                .query((row, _) ->
                        new Turn(
                                new io.cybershield.platform.TenantId(
                                        row.getObject("tenant_id", UUID.class)),
                                row.getInt("weight")))
                .optional();
    }

    void endTurn(Turn turn, boolean empty, Duration pause) {
        if (empty) {
            jdbc.sql("DELETE FROM platform.run_queue WHERE tenant_id = :tenant")
                    .param("tenant", turn.tenant().value())
                    .update();
        } else {
            jdbc.sql(
                            """
                            UPDATE platform.run_queue SET served_at = clock_timestamp(),
                                look_at = clock_timestamp() + make_interval(secs => :pause)
                            WHERE tenant_id = :tenant
                            """)
                    .param("pause", pause.toMillis() / 1000.0)
                    .param("tenant", turn.tenant().value())
                    .update();
        }
    }

    /** Since when the tenant's oldest queued run waits. */
    Optional<Instant> oldestQueued() {
        return jdbc.sql("SELECT queued_at FROM run_place WHERE queued ORDER BY line, seq LIMIT 1")
                .query((row, _) -> row.getTimestamp("queued_at").toInstant())
                .optional();
    }

    private static Queued queued(ResultSet row, int number) throws SQLException {
        return new Queued(
                new Place(
                        row.getObject("run_id", UUID.class),
                        row.getObject("workflow_id", UUID.class),
                        row.getString("node"),
                        row.getString("key"),
                        row.getBoolean("alone")),
                row.getLong("seq"));
    }
}
