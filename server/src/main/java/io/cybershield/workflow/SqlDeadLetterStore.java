package io.cybershield.workflow;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** In PostgreSQL. */
@Component
final class SqlDeadLetterStore implements DeadLetterStore {
    private final JdbcClient jdbc;

    SqlDeadLetterStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public void open(Letter letter) {
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

    @Override
    public Optional<DeadLetterView> find(RunId run) {
        return jdbc.sql(DeadLetterReads.LETTERS + " WHERE run_id = :run")
                .param("run", run.value())
                .query(DeadLetterReads::view)
                .optional();
    }

    @Override
    public long[] total(Selection selection) {
        return jdbc.sql(
                        "SELECT count(*) AS count, count(*) FILTER (WHERE resumable) AS resumable"
                                + " FROM workflow_dead_letters WHERE"
                                + DeadLetterReads.MATCHES)
                .param("workflow", selection.workflow())
                .param("type", selection.nodeType())
                .param("reason", selection.reason())
                .param("runs", DeadLetterReads.array(selection))
                .query((row, _) -> new long[] {row.getLong("count"), row.getLong("resumable")})
                .single();
    }

    @Override
    public List<Failure> decide(
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
                                + DeadLetterReads.MATCHES
                                + " RETURNING run_id, failed_at, times) SELECT run_id, times FROM"
                                + " decided ORDER BY failed_at, run_id")
                .param("state", state)
                .param("by", by)
                .param("at", Columns.utc(at))
                .param("note", note.isBlank() ? null : note)
                .param("only", resumableOnly)
                .param("workflow", selection.workflow())
                .param("type", selection.nodeType())
                .param("reason", selection.reason())
                .param("runs", DeadLetterReads.array(selection))
                .query((row, _) -> new Failure(Columns.uuid(row, "run_id"), row.getInt("times")))
                .list();
    }

    @Override
    public void replayed(RunId run, String by, Instant at) {
        jdbc.sql(
                        "UPDATE workflow_dead_letters SET state = 'replayed', decided_by = :by,"
                                + " decided_at = :at, note = NULL WHERE run_id = :run AND state <>"
                                + " 'replayed'")
                .param("by", by)
                .param("at", Columns.utc(at))
                .param("run", run.value())
                .update();
    }

    @Override
    public void reopen(RunId run, String why) {
        jdbc.sql(
                        "UPDATE workflow_dead_letters SET state = 'open', resumable = false, note ="
                                + " :why WHERE run_id = :run AND state = 'replaying'")
                .param("why", why)
                .param("run", run.value())
                .update();
    }
}
