package io.cybershield.workflow;

import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Runs that failed and what became of them, in the tenant's schema. */
@Component
final class DeadLetterStore {
    private static final String MATCHES =
            """
             state = 'open' AND (:workflow::uuid IS NULL OR workflow_id = :workflow)
               AND (:type::text IS NULL OR node_type = :type)
               AND (:reason::text IS NULL OR position(lower(:reason) IN lower(reason)) > 0)
               AND (:runs::uuid[] IS NULL OR run_id = ANY(:runs))
            """;
    private final JdbcClient jdbc;

    DeadLetterStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * A failure.
     *
     * @param step that nobody took up; null when it was not a step that failed the run
     */
    record Letter(
            RunView run,
            @Nullable String step,
            @Nullable String type,
            String reason,
            int attempts,
            boolean mayHaveHappened,
            boolean resumable) {}

    /**
     * A failed run, by the id of the run.
     *
     * @param stepName as it is called in the drawing; null where it is not there under its own key
     * @param nodeType of the step
     * @param times how often it has failed by now
     * @param resumable whether it can go on where it failed
     */
    record DeadLetterView(
            UUID run,
            long number,
            UUID workflowId,
            String workflowName,
            int version,
            String subject,
            @Nullable String step,
            @Nullable String stepName,
            @Nullable String nodeType,
            String reason,
            int attempts,
            boolean mayHaveHappened,
            boolean resumable,
            Instant failedAt,
            int times,
            @Schema(allowableValues = {"open", "replaying", "replayed", "discarded"}) String state,
            @Nullable String decidedBy,
            @Nullable Instant decidedAt,
            @Nullable String note) {}

    /**
     * Which letters are meant, open ones only; null means any.
     *
     * @param reason a part of it, in any case
     */
    record Selection(
            @Nullable UUID workflow,
            @Nullable String nodeType,
            @Nullable String reason,
            @Nullable List<UUID> runs) {}

    /** Open again, if it was there before. */
    void open(Letter letter) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_dead_letters AS l (run_id, number, workflow_id, workflow_name, version, subject, step, node_type,
                            reason, attempts, may_have_happened, resumable, failed_at, state)
                        VALUES (:run, :number, :workflow, :name, :version, :subject, :step, :type, :reason, :attempts, :may, :resumable,
                            :at, 'open')
                        ON CONFLICT (run_id) DO UPDATE SET step = excluded.step, node_type = excluded.node_type, reason = excluded.reason,
                            attempts = excluded.attempts, may_have_happened = excluded.may_have_happened, resumable = excluded.resumable,
                            failed_at = excluded.failed_at, times = l.times + 1, state = 'open', decided_by = NULL, decided_at = NULL,
                            note = NULL
                        """)
                .param("run", letter.run().id())
                .param("number", letter.run().number())
                .param("workflow", letter.run().workflowId())
                .param("name", letter.run().workflowName())
                .param("version", letter.run().version())
                .param("subject", letter.run().subject())
                .param("step", letter.step())
                .param("type", letter.type())
                .param("reason", letter.reason())
                .param("attempts", letter.attempts())
                .param("may", letter.mayHaveHappened())
                .param("resumable", letter.resumable())
                .param("at", Columns.utc(endOf(letter.run())))
                .update();
    }

    private static Instant endOf(RunView run) {
        return run.endedAt() == null ? run.startedAt() : run.endedAt();
    }

    private static final String LETTERS =
            """
            SELECT l.*, (SELECT n.name FROM workflow_nodes n
                WHERE n.workflow_id = l.workflow_id AND n.version = l.version AND n.key = l.step) AS step_name
            FROM workflow_dead_letters l\
            """;

    /** Newest first. */
    List<DeadLetterView> list(
            String state,
            Selection selection,
            @Nullable Instant before,
            @Nullable UUID beforeRun,
            int limit) {
        return jdbc.sql(
                        LETTERS
                                + " WHERE"
                                + MATCHES.replace("'open'", ":state")
                                + """
                                 AND (:before::timestamptz IS NULL OR (failed_at, run_id) < (:before, :beforeRun))
                                ORDER BY failed_at DESC, run_id DESC LIMIT :limit
                                """)
                .param("state", state)
                .param("workflow", selection.workflow())
                .param("type", selection.nodeType())
                .param("reason", selection.reason())
                .param("runs", array(selection))
                .param("before", before == null ? null : Columns.utc(before))
                .param("beforeRun", beforeRun)
                .param("limit", limit)
                .query(DeadLetterStore::view)
                .list();
    }

    Optional<DeadLetterView> find(RunId run) {
        return jdbc.sql(LETTERS + " WHERE run_id = :run")
                .param("run", run.value())
                .query(DeadLetterStore::view)
                .optional();
    }

    /** How many of what is meant there are of one kind. */
    @Schema(name = "DeadLetterCount")
    record Count(String name, long count, long resumable) {}

    /** By workflow and reason, the most first. */
    List<Count> count(Selection selection, boolean byReason, int most) {
        return jdbc.sql(
                        "SELECT "
                                + (byReason ? "left(reason, 200)" : "workflow_name")
                                + " AS name, count(*) AS count, count(*) FILTER (WHERE resumable)"
                                + " AS resumable FROM workflow_dead_letters WHERE"
                                + MATCHES
                                + " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :most")
                .param("workflow", selection.workflow())
                .param("type", selection.nodeType())
                .param("reason", selection.reason())
                .param("runs", array(selection))
                .param("most", most)
                .query((row, _) ->
                        new Count(
                                row.getString("name"),
                                row.getLong("count"),
                                row.getLong("resumable")))
                .list();
    }

    long[] total(Selection selection) {
        return jdbc.sql(
                        "SELECT count(*) AS count, count(*) FILTER (WHERE resumable) AS resumable"
                                + " FROM workflow_dead_letters WHERE"
                                + MATCHES)
                .param("workflow", selection.workflow())
                .param("type", selection.nodeType())
                .param("reason", selection.reason())
                .param("runs", array(selection))
                .query((row, _) -> new long[] {row.getLong("count"), row.getLong("resumable")})
                .single();
    }

    /** Decides on what is meant; returns the runs, the oldest failure first. */
    List<UUID> decide(
            Selection selection,
            boolean resumableOnly,
            String state,
            String by,
            Instant at,
            String note) {
        return jdbc.sql(
                        "WITH decided AS (UPDATE workflow_dead_letters SET state = :state,"
                            + " decided_by = :by, decided_at = :at, note = :note WHERE (resumable"
                            + " OR NOT :only) AND"
                                + MATCHES
                                + " RETURNING run_id, failed_at) SELECT run_id FROM decided ORDER"
                                + " BY failed_at, run_id")
                .param("state", state)
                .param("by", by)
                .param("at", Columns.utc(at))
                .param("note", note.isBlank() ? null : note)
                .param("only", resumableOnly)
                .param("workflow", selection.workflow())
                .param("type", selection.nodeType())
                .param("reason", selection.reason())
                .param("runs", array(selection))
                .query((row, _) -> Columns.uuid(row, "run_id"))
                .list();
    }

    /** Its run was taken up again. */
    void replayed(RunId run, String by, Instant at) {
        jdbc.sql(
                        "UPDATE workflow_dead_letters SET state = 'replayed', decided_by = :by,"
                                + " decided_at = :at, note = NULL WHERE run_id = :run AND state <>"
                                + " 'replayed'")
                .param("by", by)
                .param("at", Columns.utc(at))
                .param("run", run.value())
                .update();
    }

    /** Its run could not be taken up after all. */
    void reopen(RunId run, String why) {
        jdbc.sql(
                        "UPDATE workflow_dead_letters SET state = 'open', resumable = false, note ="
                                + " :why WHERE run_id = :run AND state = 'replaying'")
                .param("why", why)
                .param("run", run.value())
                .update();
    }

    private static UUID @Nullable [] array(Selection selection) {
        return selection.runs() == null ? null : selection.runs().toArray(UUID[]::new);
    }

    private static DeadLetterView view(ResultSet row, int number) throws SQLException {
        return new DeadLetterView(
                Columns.uuid(row, "run_id"),
                row.getLong("number"),
                Columns.uuid(row, "workflow_id"),
                row.getString("workflow_name"),
                row.getInt("version"),
                row.getString("subject"),
                row.getString("step"),
                row.getString("step_name"),
                row.getString("node_type"),
                row.getString("reason"),
                row.getInt("attempts"),
                row.getBoolean("may_have_happened"),
                row.getBoolean("resumable"),
                row.getTimestamp("failed_at").toInstant(),
                row.getInt("times"),
                row.getString("state"),
                row.getString("decided_by"),
                Columns.instant(row, "decided_at"),
                row.getString("note"));
    }
}
