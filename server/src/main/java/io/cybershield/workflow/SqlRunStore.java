package io.cybershield.workflow;

import io.cybershield.engine.StepState;
import io.cybershield.platform.Script;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** In PostgreSQL. */
@Component
final class SqlRunStore implements RunStore {
    private final JdbcClient jdbc;
    private static final String STEPS =
            """
            INSERT INTO workflow_executions AS e (run_id, step, state, epoch, attempts, started_at, ended_at, port, input, output, error)
            SELECT * FROM unnest(:runs::uuid[], :steps::text[], :states::text[], :epochs::bigint[], :attempts::int[],
                                 :started::timestamptz[], :ended::timestamptz[], :ports::text[], :inputs::jsonb[],
                                 :outputs::jsonb[], :errors::text[])
            """;

    private final JsonMapper json;

    SqlRunStore(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    @Override
    public List<Long> nextNumbers(int many) {
        return jdbc.sql("SELECT nextval('workflow_run_numbers') FROM generate_series(1, :many)")
                .param("many", many)
                .query((row, _) -> row.getLong(1))
                .list();
    }

    @Override
    public void insert(RunView run) {
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
                .param("at", Columns.utc(run.startedAt()))
                .param("total", run.stepsTotal())
                .update();
    }

    @Override
    public boolean beginQueued(RunId run, Instant at) {
        return jdbc.sql(
                                "UPDATE workflow_instances SET state = 'running', started_at = :at"
                                        + " WHERE id = :id AND state = 'queued'")
                        .param("at", Columns.utc(at))
                        .param("id", run.value())
                        .update()
                == 1;
    }

    @Override
    public boolean endQueued(RunId run, Instant at, String why) {
        return jdbc.sql(
                                "UPDATE workflow_instances SET state = 'cancelled', ended_at = :at,"
                                        + " result = :why WHERE id = :id AND state = 'queued'")
                        .param("at", Columns.utc(at))
                        .param("why", why)
                        .param("id", run.value())
                        .update()
                == 1;
    }

    @Override
    public Map<RunId, Row> lock(Collection<RunId> ids) {
        return lock(ids, "FOR UPDATE");
    }

    @Override
    public Map<RunId, Row> lockFree(Collection<RunId> ids) {
        return lock(ids, "FOR UPDATE SKIP LOCKED");
    }

    private Map<RunId, Row> lock(Collection<RunId> ids, String how) {
        var rows = new LinkedHashMap<RunId, Row>();
        jdbc.sql(
                        """
                        SELECT *, set_config('idle_in_transaction_session_timeout', '3s', true),
                            EXISTS (SELECT 1 FROM workflow_run_people p WHERE p.run_id = workflow_instances.id) AS has_people
                        FROM workflow_instances
                        WHERE id = ANY(:ids) ORDER BY id
                        """
                                + how)
                .param("ids", ids.stream().map(RunId::value).toArray(UUID[]::new))
                .query((row, n) ->
                        new Row(
                                view(row, n),
                                row.getLong("journal_length"),
                                row.getBytes("journal_head"),
                                row.getString("parent_step") == null
                                        ? null
                                        : new Parent(
                                                Columns.uuid(row, "parent_run"),
                                                row.getString("parent_step"),
                                                row.getLong("parent_epoch")),
                                row.getInt("depth"),
                                row.getBoolean("has_people")))
                .list()
                .forEach(row -> rows.put(row.id(), row));
        return rows;
    }

    @Override
    public Set<RunId> known(Collection<RunId> ids) {
        return jdbc.sql("SELECT id FROM workflow_instances WHERE id = ANY(:ids)")
                .param("ids", ids.stream().map(RunId::value).toArray(UUID[]::new))
                .query((row, _) -> new RunId(Columns.uuid(row, "id")))
                .set();
    }

    @Override
    public List<String> journal(RunId run) {
        return jdbc.sql("SELECT event FROM workflow_journal WHERE run_id = :run ORDER BY seq")
                .param("run", run.value())
                .query((row, _) -> row.getString("event"))
                .list();
    }

    @Override
    public Map<RunId, Map<String, String>> write(List<Turned> turns) {
        var fresh = turns.stream().filter(Turned::isNew).toList();
        var later = turns.stream().filter(turn -> !turn.isNew()).toList();
        var script = new Script();
        insert(script, fresh);
        script.add(
                """
                INSERT INTO workflow_journal (run_id, seq, event, hash)
                SELECT * FROM unnest(:runs::uuid[], :seqs::bigint[], :events::text[], :hashes::bytea[])
                """,
                Map.ofEntries(
                        Map.entry(
                                "runs", Columns.column(turns, UUID.class, t -> t.row().run().id())),
                        Map.entry(
                                "seqs",
                                Columns.column(turns, Long.class, t -> t.row().length() + 1)),
                        Map.entry("events", Columns.column(turns, String.class, Turned::entry)),
                        Map.entry(
                                "hashes",
                                turns.stream().map(Turned::head).toArray(byte[][]::new))));
        update(script, later);
        var lines = lines(fresh);
        if (!lines.isEmpty()) {
            script.add(STEPS, steps(lines));
        }
        script.run(jdbc);
        return writeSteps(later);
    }

    private static void insert(Script script, List<Turned> turns) {
        if (turns.isEmpty()) {
            return;
        }
        script.add(
                """
                INSERT INTO workflow_instances (id, number, workflow_id, version, workflow_name, state, subject, incident_id,
                                                started_by, started_at, ended_at, result, steps_done, steps_total,
                                                journal_length, journal_head, parent_run, parent_step, parent_epoch, depth)
                SELECT v.id, v.number, v.workflow, v.version, v.name, v.state, v.subject, v.incident, v.by, v.started, v.ended,
                       v.result, v.done, greatest(v.total, v.done), 1, v.head, v.parent, v.parent_step, v.parent_epoch, v.depth
                FROM unnest(:runs::uuid[], :numbers::bigint[], :workflows::uuid[], :versions::int[], :names::text[], :states::text[],
                            :subjects::text[], :incidents::uuid[], :bys::text[], :starts::timestamptz[], :ends::timestamptz[],
                            :results::text[], :done::int[], :totals::int[], :heads::bytea[], :parents::uuid[],
                            :parentSteps::text[], :parentEpochs::bigint[], :depths::int[])
                     v(id, number, workflow, version, name, state, subject, incident, by, started, ended, result, done, total,
                       head, parent, parent_step, parent_epoch, depth)
                """,
                Map.ofEntries(
                        Map.entry("runs", Columns.column(turns, UUID.class, t -> t.after().id())),
                        Map.entry(
                                "numbers",
                                Columns.column(turns, Long.class, t -> t.after().number())),
                        Map.entry(
                                "workflows",
                                Columns.column(turns, UUID.class, t -> t.after().workflowId())),
                        Map.entry(
                                "versions",
                                Columns.column(turns, Integer.class, t -> t.after().version())),
                        Map.entry(
                                "names",
                                Columns.column(turns, String.class, t -> t.after().workflowName())),
                        Map.entry(
                                "states",
                                Columns.column(turns, String.class, t -> t.after().state())),
                        Map.entry(
                                "subjects",
                                Columns.column(turns, String.class, t -> t.after().subject())),
                        Map.entry(
                                "incidents",
                                Columns.column(turns, UUID.class, t -> t.after().incidentId())),
                        Map.entry(
                                "bys",
                                Columns.column(turns, String.class, t -> t.after().startedBy())),
                        Map.entry(
                                "starts",
                                Columns.column(
                                        turns,
                                        String.class,
                                        t -> Columns.text(t.after().startedAt()))),
                        Map.entry(
                                "ends",
                                Columns.column(
                                        turns,
                                        String.class,
                                        t -> Columns.text(t.after().endedAt()))),
                        Map.entry("results", Columns.column(turns, String.class, Turned::result)),
                        Map.entry(
                                "done",
                                Columns.column(turns, Integer.class, t -> t.after().stepsDone())),
                        Map.entry(
                                "totals",
                                Columns.column(turns, Integer.class, t -> t.after().stepsTotal())),
                        Map.entry("heads", turns.stream().map(Turned::head).toArray(byte[][]::new)),
                        Map.entry(
                                "parents",
                                Columns.column(turns, UUID.class, t -> parent(t, Parent::run))),
                        Map.entry(
                                "parentSteps",
                                Columns.column(turns, String.class, t -> parent(t, Parent::step))),
                        Map.entry(
                                "parentEpochs",
                                Columns.column(turns, Long.class, t -> parent(t, Parent::epoch))),
                        Map.entry(
                                "depths",
                                Columns.column(turns, Integer.class, t -> t.row().depth()))));
    }

    private static <V> @Nullable V parent(Turned turn, Function<Parent, V> part) {
        return turn.row().parent() == null ? null : part.apply(turn.row().parent());
    }

    private static void update(Script script, List<Turned> turns) {
        if (turns.isEmpty()) {
            return;
        }
        script.addByIndex(
                """
                UPDATE workflow_instances i SET state = v.state, ended_at = v.ended, result = v.result, steps_done = v.done,
                       steps_total = greatest(i.steps_total, v.done),
                       journal_length = v.length, journal_head = v.head
                FROM unnest(:runs::uuid[], :states::text[], :ends::timestamptz[], :results::text[], :done::int[],
                            :lengths::bigint[], :heads::bytea[]) v(id, state, ended, result, done, length, head)
                WHERE i.id = v.id
                """,
                Map.ofEntries(
                        Map.entry(
                                "runs", Columns.column(turns, UUID.class, t -> t.row().run().id())),
                        Map.entry(
                                "states",
                                Columns.column(turns, String.class, t -> t.after().state())),
                        Map.entry(
                                "ends",
                                Columns.column(
                                        turns,
                                        String.class,
                                        t -> Columns.text(t.after().endedAt()))),
                        Map.entry("results", Columns.column(turns, String.class, Turned::result)),
                        Map.entry(
                                "done",
                                Columns.column(turns, Integer.class, t -> t.after().stepsDone())),
                        Map.entry(
                                "lengths",
                                Columns.column(turns, Long.class, t -> t.row().length() + 1)),
                        Map.entry(
                                "heads", turns.stream().map(Turned::head).toArray(byte[][]::new))));
    }

    private record Line(UUID run, StepState step, @Nullable String input) {}

    /** Returns the inputs that are stored with the steps. */
    private Map<RunId, Map<String, String>> writeSteps(List<Turned> later) {
        var stored = new HashMap<RunId, Map<String, String>>();
        var lines = lines(later);
        if (!lines.isEmpty()) {
            jdbc.sql(
                            STEPS
                                    + """
                                    ON CONFLICT (run_id, step) DO UPDATE SET state = excluded.state, epoch = excluded.epoch,
                                        attempts = excluded.attempts, started_at = excluded.started_at, ended_at = excluded.ended_at,
                                        port = excluded.port, input = coalesce(excluded.input, e.input),
                                        output = excluded.output, error = excluded.error
                                    RETURNING run_id, step, input::text
                                    """)
                    .params(steps(lines))
                    .query(row -> {
                        String input = row.getString("input");
                        if (input != null) {
                            stored.computeIfAbsent(
                                            new RunId(Columns.uuid(row, "run_id")),
                                            _ -> new HashMap<>())
                                    .put(row.getString("step"), input);
                        }
                    });
        }
        return stored;
    }

    private List<Line> lines(List<Turned> turns) {
        var lines = new ArrayList<Line>();
        for (Turned turn : turns) {
            for (StepState step : turn.steps()) {
                var input = turn.inputs().get(step.id());
                lines.add(
                        new Line(turn.row().run().id(), step, input == null ? null : text(input)));
            }
        }
        return lines;
    }

    private Map<String, Object[]> steps(List<Line> lines) {
        return Map.ofEntries(
                Map.entry("runs", Columns.column(lines, UUID.class, Line::run)),
                Map.entry("steps", Columns.column(lines, String.class, l -> l.step().id())),
                Map.entry(
                        "states",
                        Columns.column(lines, String.class, l -> RunView.wire(l.step().status()))),
                Map.entry("epochs", Columns.column(lines, Long.class, l -> l.step().epoch())),
                Map.entry(
                        "attempts", Columns.column(lines, Integer.class, l -> l.step().attempt())),
                Map.entry(
                        "started",
                        Columns.column(
                                lines, String.class, l -> Columns.text(StepView.began(l.step())))),
                Map.entry(
                        "ended",
                        Columns.column(lines, String.class, l -> Columns.text(l.step().endedAt()))),
                Map.entry("ports", Columns.column(lines, String.class, l -> l.step().port())),
                Map.entry("inputs", Columns.column(lines, String.class, Line::input)),
                Map.entry("outputs", Columns.column(lines, String.class, this::output)),
                Map.entry(
                        "errors",
                        Columns.column(lines, String.class, l -> StepView.error(l.step()))));
    }

    private String text(Map<String, @Nullable Object> data) {
        return json.writeValueAsString(PayloadForms.stored(data));
    }

    private @Nullable String output(Line line) {
        var output = line.step().output();
        return output.isEmpty() ? null : text(output);
    }

    @Override
    public Optional<RunView> find(RunId run) {
        return jdbc.sql("SELECT * FROM workflow_instances WHERE id = :id")
                .param("id", run.value())
                .query(SqlRunStore::view)
                .optional();
    }

    static RunView view(ResultSet row, int number) throws SQLException {
        return new RunView(
                Columns.uuid(row, "id"),
                row.getLong("number"),
                Columns.uuid(row, "workflow_id"),
                row.getString("workflow_name"),
                row.getInt("version"),
                row.getString("state"),
                row.getTimestamp("started_at").toInstant(),
                Columns.instant(row, "ended_at"),
                row.getString("started_by"),
                row.getString("subject"),
                row.getObject("incident_id", UUID.class),
                row.getInt("steps_done"),
                row.getInt("steps_total"));
    }
}
