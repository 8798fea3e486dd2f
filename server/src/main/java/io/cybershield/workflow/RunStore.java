package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Problems;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
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
 * Runs, their journals and steps in the tenant's schema. Every method needs an open transaction in
 * the tenant's scope.
 */
@Component
final class RunStore {
    /** A loop of ten thousand rounds is not read in one go. */
    private static final int MOST_STEPS = 2_000;

    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};
    private final JdbcClient jdbc;
    private final EventJson events;
    private final JsonMapper json;

    RunStore(JdbcClient jdbc, EventJson events, JsonMapper json) {
        this.jdbc = jdbc;
        this.events = events;
        this.json = json;
    }

    /** A run's row, as far as deciding needs it. */
    record Row(
            UUID id,
            long number,
            UUID workflow,
            int version,
            String workflowName,
            @Nullable UUID incident,
            long length,
            byte[] head,
            @Nullable Parent parent,
            int depth) {}

    /** The step that started a run and is told of its end. */
    record Parent(UUID run, String step, long epoch) {}

    long nextNumber() {
        return jdbc.sql(
                        """
                        INSERT INTO workflow_counters (last_run) VALUES (1)
                        ON CONFLICT (tenant_id) DO UPDATE SET last_run = workflow_counters.last_run + 1
                        RETURNING last_run
                        """)
                .query(Long.class)
                .single();
    }

    void insert(RunView run) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_instances (id, number, workflow_id, version, workflow_name, state, subject, incident_id,
                                                        started_by, started_at, steps_total)
                        VALUES (:id, :number, :workflow, :version, :name, :state, :subject, :incident, :by, :at, :total)
                        """)
                .param("id", run.id())
                .param("number", run.number())
                .param("workflow", run.workflowId())
                .param("version", run.version())
                .param("name", run.workflowName())
                .param("state", run.state())
                .param("subject", run.subject())
                .param("incident", run.incidentId())
                .param("by", run.startedBy())
                .param("at", utc(run.startedAt()))
                .param("total", run.stepsTotal())
                .update();
    }

    /** Says who is to be told when a run ends, if anybody is. */
    void setParent(RunId run, @Nullable Parent parent, int depth) {
        jdbc.sql(
                        """
                        UPDATE workflow_instances SET parent_run = :parent, parent_step = :step, parent_epoch = :epoch, depth = :depth
                        WHERE id = :id
                        """)
                .param("parent", parent == null ? null : parent.run())
                .param("step", parent == null ? null : parent.step())
                .param("epoch", parent == null ? null : parent.epoch())
                .param("depth", depth)
                .param("id", run.value())
                .update();
    }

    /** Takes the run for this transaction. */
    Optional<Row> lock(RunId run) {
        return jdbc.sql(
                        """
                        SELECT id, number, workflow_id, version, workflow_name, incident_id, journal_length, journal_head,
                               parent_run, parent_step, parent_epoch, depth
                        FROM workflow_instances WHERE id = :id FOR UPDATE
                        """)
                .param("id", run.value())
                .query((row, _) ->
                        new Row(
                                uuid(row, "id"),
                                row.getLong("number"),
                                uuid(row, "workflow_id"),
                                row.getInt("version"),
                                row.getString("workflow_name"),
                                row.getObject("incident_id", UUID.class),
                                row.getLong("journal_length"),
                                row.getBytes("journal_head"),
                                row.getString("parent_step") == null
                                        ? null
                                        : new Parent(
                                                uuid(row, "parent_run"),
                                                row.getString("parent_step"),
                                                row.getLong("parent_epoch")),
                                row.getInt("depth")))
                .optional();
    }

    List<Event> journal(RunId run) {
        return texts(run).stream().map(events::read).toList();
    }

    /**
     * Appends to the journal, each entry chained to the one before, and brings the run's row up to
     * its new state.
     */
    void append(Row row, List<Event> added, RunState state) {
        byte[] head = row.head();
        long seq = row.length();
        for (Event event : added) {
            String text = events.write(event);
            head = chain(head, text);
            seq++;
            jdbc.sql(
                            "INSERT INTO workflow_journal (run_id, seq, event, hash) VALUES (:run,"
                                    + " :seq, :event, :hash)")
                    .param("run", row.id())
                    .param("seq", seq)
                    .param("event", text)
                    .param("hash", head)
                    .update();
        }
        boolean inDoubt = !state.status().isFinal() && state.tally().inDoubt() > 0;
        jdbc.sql(
                        """
                        UPDATE workflow_instances SET state = :state, ended_at = :ended, result = :result,
                               steps_done = :done, steps_total = greatest(steps_total, :done), journal_length = :length, journal_head = :head
                        WHERE id = :id
                        """)
                .param("state", inDoubt ? "in-doubt" : RunView.wire(state.status()))
                .param("ended", state.endedAt() == null ? null : utc(state.endedAt()))
                .param("result", state.result() == null ? null : result(state))
                .param("done", state.tally().ended())
                .param("length", seq)
                .param("head", head)
                .param("id", row.id())
                .update();
    }

    private static @Nullable String result(RunState state) {
        var result = state.result();
        if (result == null) {
            return null;
        }
        return result.notes().isEmpty()
                ? result.summary()
                : result.summary() + " " + String.join(" ", result.notes());
    }

    /** Writes a step's new state; its input only when given. */
    void step(RunId run, StepState step, @Nullable Map<String, @Nullable Object> input) {
        boolean failed =
                step.status() == StepStatus.FAILED
                        || step.status() == StepStatus.RETRY_AT
                        || step.status() == StepStatus.IN_DOUBT;
        jdbc.sql(
                        """
                        INSERT INTO workflow_executions (run_id, step, state, epoch, attempts, started_at, ended_at, port, input, output, error)
                        VALUES (:run, :step, :state, :epoch, :attempts, :started, :ended, :port, :input::jsonb, :output::jsonb, :error)
                        ON CONFLICT (run_id, step) DO UPDATE SET state = excluded.state, epoch = excluded.epoch,
                            attempts = excluded.attempts, started_at = excluded.started_at, ended_at = excluded.ended_at,
                            port = excluded.port, input = coalesce(excluded.input, workflow_executions.input),
                            output = excluded.output, error = excluded.error
                        """)
                .param("run", run.value())
                .param("step", step.id())
                .param("state", RunView.wire(step.status()))
                .param("epoch", step.epoch())
                .param("attempts", step.attempt())
                .param(
                        "started",
                        utc(step.startedAt() == null ? step.queuedAt() : step.startedAt()))
                .param("ended", step.endedAt() == null ? null : utc(step.endedAt()))
                .param("port", step.port())
                .param("input", input == null ? null : json.writeValueAsString(input))
                .param(
                        "output",
                        step.output().isEmpty() ? null : json.writeValueAsString(step.output()))
                .param("error", failed ? step.note() : null)
                .update();
    }

    Optional<RunView> find(RunId run) {
        return jdbc.sql("SELECT * FROM workflow_instances WHERE id = :id")
                .param("id", run.value())
                .query(RunStore::view)
                .optional();
    }

    RunView get(RunId run) {
        return find(run).orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run."));
    }

    Optional<String> result(RunId run) {
        return jdbc.sql(
                        "SELECT result FROM workflow_instances WHERE id = :id AND result IS NOT"
                                + " NULL")
                .param("id", run.value())
                .query(String.class)
                .optional();
    }

    /**
     * Events about one incident come in order, so that nobody else starts one between this question
     * and the start.
     */
    boolean hasRunAbout(UUID workflow, UUID incident) {
        return jdbc.sql(
                        "SELECT EXISTS (SELECT 1 FROM workflow_instances WHERE workflow_id ="
                                + " :workflow AND incident_id = :incident)")
                .param("workflow", workflow)
                .param("incident", incident)
                .query(Boolean.class)
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
                        ORDER BY id DESC LIMIT :limit
                        """)
                .param("workflow", workflow)
                .param("state", state)
                .param("incident", incident)
                .param("after", after)
                .param("limit", limit)
                .query(RunStore::view)
                .list();
    }

    /**
     * The drawing's nodes in order, each with what the run made of it, and after them the steps of
     * rounds, newest first.
     *
     * @param only ids of the steps wanted; all when null
     */
    List<StepView> steps(
            RunId run, Versions.Ready version, @Nullable Collection<String> only) {
        var made = new LinkedHashMap<String, Made>();
        jdbc.sql(
                        """
                        SELECT e.*, a.id AS approval_id FROM workflow_executions e
                        LEFT JOIN workflow_approvals a ON a.run_id = e.run_id AND a.step = e.step AND a.epoch = e.epoch
                        WHERE e.run_id = :run AND (:only::text[] IS NULL OR e.step = ANY(:only::text[]))
                        ORDER BY position('/' IN e.step) > 0, e.started_at DESC, e.step DESC LIMIT :most
                        """)
                .param("run", run.value())
                .param("only", only == null ? null : only.toArray(String[]::new))
                .param("most", MOST_STEPS)
                .query(row -> {
                    made.put(
                            row.getString("step"),
                            new Made(
                                    row.getString("state"),
                                    instant(row, "started_at"),
                                    instant(row, "ended_at"),
                                    row.getInt("attempts"),
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
                views.add(stepView(box.key(), box, m));
            } else if (only == null && version.engine().loopAround(box.key()).isEmpty()) {
                views.add(
                        new StepView(
                                box.key(),
                                box.name(),
                                box.type(),
                                "queued",
                                null,
                                null,
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
                        .ifPresent(box -> views.add(stepView(id, box, m))));
        return views;
    }

    private StepView stepView(String id, Drawing.Box box, Made m) {
        return new StepView(
                id,
                box.name(),
                box.type(),
                m.state(),
                m.started(),
                m.ended(),
                m.attempts(),
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
            @Nullable String port,
            @Nullable String input,
            @Nullable String output,
            @Nullable String error,
            @Nullable UUID approval) {}

    private List<String> texts(RunId run) {
        return jdbc.sql("SELECT event FROM workflow_journal WHERE run_id = :run ORDER BY seq")
                .param("run", run.value())
                .query((row, _) -> row.getString("event"))
                .list();
    }

    /** Whether the journal still says what it said: recomputes its chain. */
    boolean isIntact(RunId run) {
        Row row = lock(run).orElseThrow(() -> Problems.NOT_FOUND.because("There is no such run."));
        byte[] head = new byte[0];
        for (String text : texts(run)) {
            head = chain(head, text);
        }
        return MessageDigest.isEqual(head, row.head());
    }

    private @Nullable Map<String, @Nullable Object> object(@Nullable String text) {
        return text == null ? null : json.readValue(text, OBJECT);
    }

    private static byte[] chain(byte[] before, String event) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(before);
            return digest.digest(event.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RunView view(ResultSet row, int number) throws SQLException {
        return new RunView(
                uuid(row, "id"),
                row.getLong("number"),
                uuid(row, "workflow_id"),
                row.getString("workflow_name"),
                row.getInt("version"),
                row.getString("state"),
                row.getTimestamp("started_at").toInstant(),
                instant(row, "ended_at"),
                row.getString("started_by"),
                row.getString("subject"),
                row.getObject("incident_id", UUID.class),
                row.getInt("steps_done"),
                row.getInt("steps_total"));
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var value = row.getTimestamp(column);
        return value == null ? null : value.toInstant();
    }

    static UUID uuid(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
