package io.cybershield.workflow;

import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.DeadLetterStore.DeadLetterView;
import io.cybershield.workflow.DeadLetterStore.Failure;
import io.cybershield.workflow.DeadLetterStore.Selection;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Failures as screens show them, in the tenant's schema. */
@Component
final class DeadLetterReads {
    static final String MATCHES =
            """
             state = 'open' AND (:workflow::uuid IS NULL OR workflow_id = :workflow)
               AND (:type::text IS NULL OR node_type = :type)
               AND (:reason::text IS NULL OR position(lower(:reason) IN lower(reason)) > 0)
               AND (:runs::uuid[] IS NULL OR run_id = ANY(:runs))
            """;

    static final String LETTERS =
            """
            SELECT l.*, (SELECT n.name FROM workflow_nodes n
                WHERE n.workflow_id = l.workflow_id AND n.version = l.version AND n.key = l.step) AS step_name
            FROM workflow_dead_letters l\
            """;

    private static final int MOST_KINDS = 10;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final DeadLetterStore store;

    DeadLetterReads(Transactions transactions, JdbcClient jdbc, DeadLetterStore store) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.store = store;
    }

    /** Newest first. */
    Page<DeadLetterView> list(
            String state, Selection selection, @Nullable String cursor, int limit) {
        Instant before = null;
        UUID run = null;
        if (cursor != null) {
            try {
                int cut = cursor.indexOf('_');
                before = Instant.parse(cursor.substring(0, Math.max(cut, 0)));
                run = UUID.fromString(cursor.substring(cut + 1));
            } catch (DateTimeParseException | IllegalArgumentException e) {
                throw Problems.MALFORMED.because("'cursor' is none that a list gave.");
            }
        }
        Instant from = before;
        UUID after = run;
        return transactions.call(() ->
                Page.of(
                        list(state, selection, from, after, limit + 1),
                        limit,
                        letter -> letter.failedAt() + "_" + letter.run()));
    }

    private List<DeadLetterView> list(
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
                                 AND %s
                                ORDER BY failed_at DESC, run_id DESC LIMIT :limit
                                """
                                        .formatted(HiddenRuns.OF_SEEN_RUNS))
                .param("state", state)
                .param("workflow", selection.workflow())
                .param("type", selection.nodeType())
                .param("reason", selection.reason())
                .param("runs", array(selection))
                .param("before", before == null ? null : Columns.utc(before))
                .param("beforeRun", beforeRun)
                .param("limit", limit)
                .query(DeadLetterReads::view)
                .list();
    }

    /**
     * What a bulk action would be about.
     *
     * @param resumable of them can go on where they failed; the others can only be discarded
     * @param mark names the failures that can go on; a replay may ask for just these
     */
    @Schema(name = "DeadLetterPreview")
    record Preview(
            long count, long resumable, String mark, List<Count> workflows, List<Count> reasons) {}

    Preview preview(Selection selection) {
        return transactions.call(() -> {
            long[] total = store.total(selection);
            return new Preview(
                    total[0],
                    total[1],
                    DeadLetters.mark(resumable(selection)),
                    count(selection, false, MOST_KINDS),
                    count(selection, true, MOST_KINDS));
        });
    }

    /** As many as can be taken up at once, and one more. */
    private List<Failure> resumable(Selection selection) {
        return jdbc.sql(
                        "SELECT run_id, times FROM workflow_dead_letters WHERE resumable AND"
                                + MATCHES
                                + " LIMIT :most")
                .param("workflow", selection.workflow())
                .param("type", selection.nodeType())
                .param("reason", selection.reason())
                .param("runs", array(selection))
                .param("most", DeadLetters.MOST_AT_ONCE + 1)
                .query((row, _) -> new Failure(Columns.uuid(row, "run_id"), row.getInt("times")))
                .list();
    }

    /** How many of what is meant there are of one kind. */
    @Schema(name = "DeadLetterCount")
    record Count(String name, long count, long resumable) {}

    /** By workflow and reason, the most first. */
    private List<Count> count(Selection selection, boolean byReason, int most) {
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

    static UUID @Nullable [] array(Selection selection) {
        return selection.runs() == null ? null : selection.runs().toArray(UUID[]::new);
    }

    static DeadLetterView view(ResultSet row, int number) throws SQLException {
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
