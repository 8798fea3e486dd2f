package io.cybershield.workflow;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Tasks in the tenant's schema, in the caller's transaction. */
@Component
class TaskStore {
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};
    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final Clock clock;

    TaskStore(JdbcClient jdbc, JsonMapper json, Clock clock) {
        this.jdbc = jdbc;
        this.json = json;
        this.clock = clock;
    }

    /**
     * @param escalate names of those who are told when it is overdue
     */
    record Stored(TaskView view, long epoch, Set<String> escalate, boolean overdueTold) {}

    /** False when this step asked before. */
    boolean insert(TaskView view, long epoch, Set<String> escalate) {
        return jdbc.sql(
                                """
                                INSERT INTO workflow_tasks (id, run_id, step, epoch, workflow_name, title, instructions, form, asked,
                                                            escalate, incident_id, assignee, assignee_name, requested_at, sla_at, due_at, state)
                                VALUES (:id, :run, :step, :epoch, :workflow, :title, :instructions, :form, :asked::text[],
                                        :escalate::text[], :incident, :assignee, :assigneeName, :at, :sla, :due, 'open')
                                ON CONFLICT (run_id, step, epoch) DO NOTHING
                                """)
                        .param("id", view.id())
                        .param("run", view.runId())
                        .param("step", view.stepKey())
                        .param("epoch", epoch)
                        .param("workflow", view.workflowName())
                        .param("title", view.title())
                        .param("instructions", view.instructions())
                        .param("form", view.form())
                        .param("asked", view.asked().toArray(String[]::new))
                        .param("escalate", escalate.toArray(String[]::new))
                        .param("incident", view.incidentId())
                        .param("assignee", view.assignee())
                        .param("assigneeName", view.assigneeName())
                        .param("at", Columns.utc(view.requestedAt()))
                        .param("sla", view.slaAt() == null ? null : Columns.utc(view.slaAt()))
                        .param("due", view.dueAt() == null ? null : Columns.utc(view.dueAt()))
                        .update()
                == 1;
    }

    Optional<Stored> find(UUID id) {
        return jdbc.sql("SELECT * FROM workflow_tasks WHERE id = :id")
                .param("id", id)
                .query(this::stored)
                .optional();
    }

    /** For a change: nobody else changes it until the transaction ends. */
    Optional<Stored> lock(UUID id) {
        return jdbc.sql("SELECT * FROM workflow_tasks WHERE id = :id FOR UPDATE")
                .param("id", id)
                .query(this::stored)
                .optional();
    }

    /** Newest first. */
    List<TaskView> list(
            @Nullable Boolean open,
            @Nullable UUID run,
            @Nullable Set<String> names,
            @Nullable UUID after,
            int limit) {
        return jdbc.sql(
                        """
                        SELECT * FROM workflow_tasks
                        WHERE (:open::boolean IS NULL OR (state = 'open') = :open)
                          AND (:run::uuid IS NULL OR run_id = :run)
                          AND (:names::text[] IS NULL OR asked && :names::text[] OR assignee::text = ANY(:names::text[]))
                          AND (:after::uuid IS NULL OR id < :after) AND %s
                        ORDER BY id DESC LIMIT :limit
                        """
                                .formatted(HiddenRuns.SEEN))
                .param("open", open)
                .param("run", run)
                .param("names", names == null ? null : names.toArray(String[]::new))
                .param("after", after)
                .param("limit", limit)
                .query((row, n) -> stored(row, n).view())
                .list();
    }

    void assign(UUID id, @Nullable UUID to, @Nullable String name) {
        jdbc.sql(
                        "UPDATE workflow_tasks SET assignee = :to, assignee_name = :name WHERE id ="
                                + " :id")
                .param("id", id)
                .param("to", to)
                .param("name", name)
                .update();
    }

    void told(UUID id) {
        jdbc.sql("UPDATE workflow_tasks SET overdue_told = true WHERE id = :id")
                .param("id", id)
                .update();
    }

    /** False when it was not open any more. */
    boolean end(
            UUID id,
            String state,
            @Nullable String by,
            @Nullable String reason,
            @Nullable Map<String, @Nullable Object> fields,
            Instant at) {
        return jdbc.sql(
                                """
                                UPDATE workflow_tasks SET state = :state, done_by = :by, done_at = :at, reason = :reason, fields = :fields::jsonb
                                WHERE id = :id AND state = 'open'
                                """)
                        .param("id", id)
                        .param("state", state)
                        .param("by", by)
                        .param("reason", reason)
                        .param("fields", fields == null ? null : json.writeValueAsString(fields))
                        .param("at", Columns.utc(at))
                        .update()
                == 1;
    }

    Optional<UUID> openOf(UUID run, String step, long epoch) {
        return jdbc.sql(
                        "SELECT id FROM workflow_tasks WHERE run_id = :run AND step = :step AND"
                                + " epoch = :epoch AND state = 'open'")
                .param("run", run)
                .param("step", step)
                .param("epoch", epoch)
                .query(UUID.class)
                .optional();
    }

    private Stored stored(ResultSet row, int number) throws SQLException {
        Instant sla = Columns.instant(row, "sla_at");
        Instant done = Columns.instant(row, "done_at");
        String fields = row.getString("fields");
        var view =
                new TaskView(
                        Columns.uuid(row, "id"),
                        Columns.uuid(row, "run_id"),
                        row.getString("step"),
                        row.getString("workflow_name"),
                        row.getString("title"),
                        row.getString("instructions"),
                        row.getString("form"),
                        texts(row.getArray("asked")),
                        row.getObject("assignee", UUID.class),
                        row.getString("assignee_name"),
                        row.getObject("incident_id", UUID.class),
                        row.getTimestamp("requested_at").toInstant(),
                        sla,
                        sla != null && sla.isBefore(done == null ? clock.instant() : done),
                        Columns.instant(row, "due_at"),
                        row.getString("state"),
                        row.getString("done_by"),
                        done,
                        row.getString("reason"),
                        fields == null ? null : json.readValue(fields, OBJECT));
        return new Stored(
                view,
                row.getLong("epoch"),
                Set.copyOf(texts(row.getArray("escalate"))),
                row.getBoolean("overdue_told"));
    }

    private static List<String> texts(Array array) throws SQLException {
        return Arrays.stream((Object[]) array.getArray()).map(String::valueOf).distinct().toList();
    }
}
