package io.cybershield.workflow;

import io.cybershield.engine.Event;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepId;
import io.cybershield.engine.StepState;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Problems;
import java.lang.reflect.Array;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
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

    /**
     * A run's row, taken for the open transaction.
     *
     * @param length how many entries its journal has
     * @param head hash of its journal, which names its content and so its state
     * @param depth how many runs deep it was started by runs
     */
    record Row(RunView run, long length, byte[] head, @Nullable Parent parent, int depth) {
        RunId id() {
            return new RunId(run.id());
        }
    }

    /** The step that started a run and is told of its end. */
    record Parent(UUID run, String step, long epoch) {}

    /**
     * What one turn adds to a run; each step as it is now, with its input where this turn rendered
     * it.
     *
     * @param isNew whether the run's row is yet to be made
     */
    record Turned(
            Row row,
            boolean isNew,
            String entry,
            byte[] head,
            RunView after,
            @Nullable String result,
            List<StepState> steps,
            Map<String, Map<String, @Nullable Object>> inputs) {}

    /** Rise; a number whose start was rolled back is not given again. */
    List<Long> nextNumbers(int many) {
        return jdbc.sql("SELECT nextval('workflow_run_numbers') FROM generate_series(1, :many)")
                .param("many", many)
                .query((row, _) -> row.getLong(1))
                .list();
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

    /** True if it was queued still, and now is nobody else's to begin or end. */
    boolean beginQueued(RunId run, Instant at) {
        return jdbc.sql(
                                "UPDATE workflow_instances SET state = 'running', started_at = :at"
                                        + " WHERE id = :id AND state = 'queued'")
                        .param("at", utc(at))
                        .param("id", run.value())
                        .update()
                == 1;
    }

    /** True if it was queued still; it ends without having begun. */
    boolean endQueued(RunId run, Instant at, String why) {
        return jdbc.sql(
                                "UPDATE workflow_instances SET state = 'cancelled', ended_at = :at,"
                                        + " result = :why WHERE id = :id AND state = 'queued'")
                        .param("at", utc(at))
                        .param("why", why)
                        .param("id", run.value())
                        .update()
                == 1;
    }

    /**
     * Takes these runs for this transaction, always in the same order; those that are missing are
     * left out.
     */
    Map<RunId, Row> lock(Collection<RunId> ids) {
        var rows = new LinkedHashMap<RunId, Row>();
        jdbc.sql(
                        """
                        SELECT *, set_config('idle_in_transaction_session_timeout', '3s', true) FROM workflow_instances
                        WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
                        """)
                .param("ids", ids.stream().map(RunId::value).toArray(UUID[]::new))
                .query((row, n) ->
                        new Row(
                                view(row, n),
                                row.getLong("journal_length"),
                                row.getBytes("journal_head"),
                                row.getString("parent_step") == null
                                        ? null
                                        : new Parent(
                                                uuid(row, "parent_run"),
                                                row.getString("parent_step"),
                                                row.getLong("parent_epoch")),
                                row.getInt("depth")))
                .list()
                .forEach(row -> rows.put(row.id(), row));
        return rows;
    }

    List<Event> journal(RunId run) {
        return texts(run).stream().flatMap(text -> events.read(text).stream()).toList();
    }

    /** The journal's next entry, and the hash that chains it to those before. */
    record Entry(String text, byte[] head) {}

    Entry entry(byte[] head, List<Event> added) {
        String text = events.write(added);
        return new Entry(text, chain(head, text));
    }

    /**
     * Adds to the journals of several runs and brings their rows up to their new state, in three or
     * four statements whatever their number.
     *
     * @return for each step written of a run that was there before, the input that is now stored
     *     with it, by run and step
     */
    Map<RunId, Map<String, String>> write(List<Turned> turns) {
        insert(turns.stream().filter(Turned::isNew).toList());
        jdbc.sql(
                        """
                        INSERT INTO workflow_journal (run_id, seq, event, hash)
                        SELECT * FROM unnest(:runs::uuid[], :seqs::bigint[], :events::text[], :hashes::bytea[])
                        """)
                .param("runs", column(turns, UUID.class, t -> t.row().run().id()))
                .param("seqs", column(turns, Long.class, t -> t.row().length() + 1))
                .param("events", column(turns, String.class, Turned::entry))
                .param("hashes", turns.stream().map(Turned::head).toArray(byte[][]::new))
                .update();
        update(turns.stream().filter(turn -> !turn.isNew()).toList());
        return writeSteps(turns);
    }

    private void insert(List<Turned> turns) {
        if (turns.isEmpty()) {
            return;
        }
        jdbc.sql(
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
                        """)
                .param("runs", column(turns, UUID.class, t -> t.after().id()))
                .param("numbers", column(turns, Long.class, t -> t.after().number()))
                .param("workflows", column(turns, UUID.class, t -> t.after().workflowId()))
                .param("versions", column(turns, Integer.class, t -> t.after().version()))
                .param("names", column(turns, String.class, t -> t.after().workflowName()))
                .param("states", column(turns, String.class, t -> t.after().state()))
                .param("subjects", column(turns, String.class, t -> t.after().subject()))
                .param("incidents", column(turns, UUID.class, t -> t.after().incidentId()))
                .param("bys", column(turns, String.class, t -> t.after().startedBy()))
                .param("starts", column(turns, String.class, t -> text(t.after().startedAt())))
                .param("ends", column(turns, String.class, t -> text(t.after().endedAt())))
                .param("results", column(turns, String.class, Turned::result))
                .param("done", column(turns, Integer.class, t -> t.after().stepsDone()))
                .param("totals", column(turns, Integer.class, t -> t.after().stepsTotal()))
                .param("heads", turns.stream().map(Turned::head).toArray(byte[][]::new))
                .param("parents", column(turns, UUID.class, t -> parent(t, Parent::run)))
                .param("parentSteps", column(turns, String.class, t -> parent(t, Parent::step)))
                .param("parentEpochs", column(turns, Long.class, t -> parent(t, Parent::epoch)))
                .param("depths", column(turns, Integer.class, t -> t.row().depth()))
                .update();
    }

    private static <V> @Nullable V parent(Turned turn, Function<Parent, V> part) {
        return turn.row().parent() == null ? null : part.apply(turn.row().parent());
    }

    private void update(List<Turned> turns) {
        if (turns.isEmpty()) {
            return;
        }
        jdbc.sql(
                        """
                        UPDATE workflow_instances i SET state = v.state, ended_at = v.ended, result = v.result, steps_done = v.done,
                               steps_total = greatest(i.steps_total, v.done),
                               journal_length = v.length, journal_head = v.head
                        FROM unnest(:runs::uuid[], :states::text[], :ends::timestamptz[], :results::text[], :done::int[],
                                    :lengths::bigint[], :heads::bytea[]) v(id, state, ended, result, done, length, head)
                        WHERE i.id = v.id
                        """)
                .param("runs", column(turns, UUID.class, t -> t.row().run().id()))
                .param("states", column(turns, String.class, t -> t.after().state()))
                .param("ends", column(turns, String.class, t -> text(t.after().endedAt())))
                .param("results", column(turns, String.class, Turned::result))
                .param("done", column(turns, Integer.class, t -> t.after().stepsDone()))
                .param("lengths", column(turns, Long.class, t -> t.row().length() + 1))
                .param("heads", turns.stream().map(Turned::head).toArray(byte[][]::new))
                .update();
    }

    private record Line(UUID run, StepState step, @Nullable String input) {}

    private Map<RunId, Map<String, String>> writeSteps(List<Turned> turns) {
        var fresh = lines(turns.stream().filter(Turned::isNew).toList());
        if (!fresh.isEmpty()) {
            insertSteps(fresh, "").update();
        }
        var stored = new HashMap<RunId, Map<String, String>>();
        var later = lines(turns.stream().filter(turn -> !turn.isNew()).toList());
        if (!later.isEmpty()) {
            insertSteps(
                            later,
                            """
                            ON CONFLICT (run_id, step) DO UPDATE SET state = excluded.state, epoch = excluded.epoch,
                                attempts = excluded.attempts, started_at = excluded.started_at, ended_at = excluded.ended_at,
                                port = excluded.port, input = coalesce(excluded.input, e.input),
                                output = excluded.output, error = excluded.error
                            RETURNING run_id, step, input::text
                            """)
                    .query(row -> {
                        String input = row.getString("input");
                        if (input != null) {
                            stored.computeIfAbsent(
                                            new RunId(uuid(row, "run_id")), _ -> new HashMap<>())
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

    private JdbcClient.StatementSpec insertSteps(List<Line> lines, String then) {
        return jdbc.sql(
                        """
                        INSERT INTO workflow_executions AS e (run_id, step, state, epoch, attempts, started_at, ended_at, port, input, output, error)
                        SELECT * FROM unnest(:runs::uuid[], :steps::text[], :states::text[], :epochs::bigint[], :attempts::int[],
                                             :started::timestamptz[], :ended::timestamptz[], :ports::text[], :inputs::jsonb[],
                                             :outputs::jsonb[], :errors::text[])
                        """
                                + then)
                .param("runs", column(lines, UUID.class, Line::run))
                .param("steps", column(lines, String.class, l -> l.step().id()))
                .param("states", column(lines, String.class, l -> RunView.wire(l.step().status())))
                .param("epochs", column(lines, Long.class, l -> l.step().epoch()))
                .param("attempts", column(lines, Integer.class, l -> l.step().attempt()))
                .param("started", column(lines, String.class, l -> text(began(l.step()))))
                .param("ended", column(lines, String.class, l -> text(l.step().endedAt())))
                .param("ports", column(lines, String.class, l -> l.step().port()))
                .param("inputs", column(lines, String.class, Line::input))
                .param("outputs", column(lines, String.class, this::output))
                .param("errors", column(lines, String.class, l -> error(l.step())));
    }

    private @Nullable String output(Line line) {
        var output = line.step().output();
        return output.isEmpty() ? null : text(output);
    }

    static Instant began(StepState step) {
        return step.startedAt() == null ? step.queuedAt() : step.startedAt();
    }

    /** Why it is not well, where it is not. */
    static @Nullable String error(StepState step) {
        return switch (step.status()) {
            case FAILED, RETRY_AT, IN_DOUBT -> step.note();
            case QUEUED, RUNNING, WAITING, SUCCEEDED, SKIPPED, CANCELLED -> null;
        };
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }

    @SuppressWarnings({
        "unchecked",
        "NullAway"
    }) // of the class that is given; a column may hold nulls
    static <T, V> V[] column(List<T> rows, Class<V> type, Function<T, @Nullable V> of) {
        return rows.stream().map(of).toArray(n -> (V[]) Array.newInstance(type, n));
    }

    /** In words, how a run ended. */
    static @Nullable String result(RunState state) {
        var result = state.result();
        if (result == null) {
            return null;
        }
        return result.notes().isEmpty()
                ? result.summary()
                : result.summary() + " " + String.join(" ", result.notes());
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
        Row row = lock(List.of(run)).get(run);
        if (row == null) {
            throw Problems.NOT_FOUND.because("There is no such run.");
        }
        byte[] head = new byte[0];
        for (String text : texts(run)) {
            head = chain(head, text);
        }
        return MessageDigest.isEqual(head, row.head());
    }

    @Nullable Map<String, @Nullable Object> object(@Nullable String text) {
        return text == null ? null : PayloadForms.loaded(json.readValue(text, OBJECT));
    }

    /** What {@link #object} reads. */
    String text(Map<String, @Nullable Object> data) {
        return json.writeValueAsString(PayloadForms.stored(data));
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
