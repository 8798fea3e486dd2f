package io.cybershield.workflow.debug;

import io.cybershield.flow.DraftRun;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Benches of workflows. Every method needs an open transaction in the tenant's scope. */
@Component
final class BenchStore {
    private static final TypeReference<TreeMap<String, DraftRun.Pin>> PINS =
            new TypeReference<>() {};
    private final JdbcClient jdbc;
    private final JsonMapper json;

    BenchStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /**
     * @param gate whether the workflow is published only while its tests pass
     * @param revision 0 while there is no bench yet
     */
    record Bench(
            Map<String, DraftRun.Pin> pins,
            String tests,
            boolean gate,
            int revision,
            @Nullable Instant updatedAt,
            @Nullable String updatedBy) {
        static final Bench EMPTY = new Bench(Map.of(), "", false, 0, null, null);
    }

    Bench get(UUID workflow) {
        return jdbc.sql("SELECT * FROM workflow_bench WHERE workflow_id = :id")
                .param("id", workflow)
                .query((row, _) ->
                        new Bench(
                                json.readValue(row.getString("pins"), PINS),
                                row.getString("tests"),
                                row.getBoolean("gate"),
                                row.getInt("revision"),
                                row.getTimestamp("updated_at").toInstant(),
                                row.getString("updated_by")))
                .optional()
                .orElse(Bench.EMPTY);
    }

    /** The caller holds the workflow, so that nobody else changes its bench. */
    void put(UUID workflow, Bench bench, Instant at, String by) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_bench (workflow_id, pins, tests, gate, updated_at, updated_by)
                        VALUES (:id, :pins::jsonb, :tests, :gate, :at, :by)
                        ON CONFLICT (workflow_id) DO UPDATE SET pins = excluded.pins, tests = excluded.tests, gate = excluded.gate,
                            revision = workflow_bench.revision + 1, updated_at = excluded.updated_at, updated_by = excluded.updated_by
                        """)
                .param("id", workflow)
                .param("pins", json.writeValueAsString(bench.pins()))
                .param("tests", bench.tests())
                .param("gate", bench.gate())
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("by", by)
                .update();
    }
}
