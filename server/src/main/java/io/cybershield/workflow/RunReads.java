package io.cybershield.workflow;

import io.cybershield.engine.StepId;
import io.cybershield.flow.Drawing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs and their steps for those who look at them. Every method needs an open transaction in the
 * tenant's scope.
 */
@Component
final class RunReads {
    /** A loop of ten thousand rounds is not read in one go. */
    private static final int MOST_STEPS = 2_000;

    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};
    private final JdbcClient jdbc;
    private final JsonMapper json;

    RunReads(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    Optional<String> result(RunId run) {
        return jdbc.sql(
                        "SELECT result FROM workflow_instances WHERE id = :id AND result IS NOT"
                                + " NULL")
                .param("id", run.value())
                .query(String.class)
                .optional();
    }

    /** From which version to which it was moved, the first first. */
    List<RunMove> moves(RunId run) {
        return jdbc.sql("SELECT * FROM workflow_moves WHERE run_id = :run ORDER BY to_version")
                .param("run", run.value())
                .query((row, _) ->
                        new RunMove(
                                row.getInt("from_version"),
                                row.getInt("to_version"),
                                row.getTimestamp("at").toInstant(),
                                row.getString("moved_by"),
                                row.getString("reason")))
                .list();
    }

    int about(UUID incident, UUID workflow, Instant since) {
        return jdbc.sql(
                        "SELECT count(*) FROM workflow_instances WHERE incident_id = :incident AND"
                                + " workflow_id = :workflow AND started_at > :since")
                .param("incident", incident)
                .param("workflow", workflow)
                .param("since", Columns.utc(since))
                .query(Integer.class)
                .single();
    }

    /** Newest first. */
    List<RunView> list(
            @Nullable UUID workflow,
            @Nullable String state,
            @Nullable UUID incident,
            @Nullable UUID after,
            int limit) {
        return jdbc.sql(
                        """
                        SELECT * FROM workflow_instances
                        WHERE (:workflow::uuid IS NULL OR workflow_id = :workflow) AND (:state::text IS NULL OR state = :state)
                          AND (:incident::uuid IS NULL OR incident_id = :incident) AND (:after::uuid IS NULL OR id < :after)
                          AND %s
                        ORDER BY id DESC LIMIT :limit
                        """
                                .formatted(HiddenRuns.SEEN))
                .param("workflow", workflow)
                .param("state", state)
                .param("incident", incident)
                .param("after", after)
                .param("limit", limit)
                .query(SqlRunStore::view)
                .list();
    }

    /**
     * The drawing's nodes in order, each with what the run made of it, and after them the steps of
     * rounds, newest first.
     */
    List<StepView> steps(RunId run, Versions.Ready version) {
        var made = new LinkedHashMap<String, Made>();
        jdbc.sql(
                        """
                        SELECT e.*, a.id AS approval_id FROM workflow_executions e
                        LEFT JOIN workflow_approvals a ON a.run_id = e.run_id AND a.step = e.step AND a.epoch = e.epoch
                        WHERE e.run_id = :run
                        ORDER BY position('/' IN e.step) > 0, e.started_at DESC, e.step DESC LIMIT :most
                        """)
                .param("run", run.value())
                .param("most", MOST_STEPS)
                .query(row -> {
                    made.put(
                            row.getString("step"),
                            new Made(
                                    row.getString("state"),
                                    Columns.instant(row, "started_at"),
                                    Columns.instant(row, "ended_at"),
                                    row.getInt("attempts"),
                                    row.getLong("epoch"),
                                    row.getString("port"),
                                    row.getString("input"),
                                    row.getString("output"),
                                    row.getString("error"),
                                    row.getObject("approval_id", UUID.class)));
                });
        var views = new ArrayList<StepView>();
        for (Drawing.Box box : version.drawing().nodes()) {
            Made m = made.remove(box.key());
            if (m != null) {
                views.add(view(box.key(), box, m));
            } else if (version.engine().loopAround(box.key()).isEmpty()) {
                views.add(
                        StepView.of(
                                box.key(),
                                box.name(),
                                box.type(),
                                "queued",
                                null,
                                null,
                                0,
                                0,
                                null,
                                null,
                                null,
                                null,
                                null));
            }
        }
        made.forEach((id, m) ->
                version.drawing().nodes().stream()
                        .filter(box -> box.key().equals(StepId.key(id)))
                        .findFirst()
                        .ifPresent(box -> views.add(view(id, box, m))));
        return views;
    }

    private StepView view(String id, Drawing.Box box, Made m) {
        return StepView.of(
                id,
                box.name(),
                box.type(),
                m.state(),
                m.started(),
                m.ended(),
                m.attempts(),
                m.epoch(),
                m.port(),
                object(m.input()),
                object(m.output()),
                m.error(),
                m.approval());
    }

    /** What the run made of a step. */
    private record Made(
            String state,
            @Nullable Instant started,
            @Nullable Instant ended,
            int attempts,
            long epoch,
            @Nullable String port,
            @Nullable String input,
            @Nullable String output,
            @Nullable String error,
            @Nullable UUID approval) {}

    /** What {@link #object} reads. */
    String text(Map<String, @Nullable Object> data) {
        return json.writeValueAsString(PayloadForms.stored(data));
    }

    @Nullable Map<String, @Nullable Object> object(@Nullable String text) {
        return text == null ? null : PayloadForms.loaded(json.readValue(text, OBJECT));
    }
}
