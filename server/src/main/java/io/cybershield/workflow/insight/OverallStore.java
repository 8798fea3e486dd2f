package io.cybershield.workflow.insight;

import io.cybershield.workflow.insight.Figures.Percentiles;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Figures over all workflows of the current tenant. Every method needs an open transaction in its
 * scope.
 */
@Component
final class OverallStore {
    private static final String RECENT =
            """
            WITH recent AS (SELECT id, workflow_id, workflow_name, version, number, state, started_at, ended_at FROM workflow_instances
                            WHERE started_at >= :since AND state <> 'queued' ORDER BY started_at DESC LIMIT :most)
            """;
    private final JdbcClient jdbc;

    OverallStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private JdbcClient.StatementSpec about(String sql, Instant since) {
        return jdbc.sql(RECENT + sql)
                .param("since", since.atOffset(ZoneOffset.UTC))
                .param("most", InsightStore.MOST_RUNS);
    }

    Figures.Runs runs(Instant since) {
        int total =
                jdbc.sql(
                                "SELECT count(*) FROM workflow_instances WHERE started_at >= :since"
                                        + " AND state <> 'queued'")
                        .param("since", since.atOffset(ZoneOffset.UTC))
                        .query(Integer.class)
                        .single();
        return about(
                        """
                        SELECT count(*) AS counted, count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
                               count(*) FILTER (WHERE state = 'failed') AS failed,
                               count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
                               count(*) FILTER (WHERE ended_at IS NULL) AS live,
                               percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - started_at) * 1000)
                                   FILTER (WHERE state IN ('succeeded', 'failed')) AS times
                        FROM recent
                        """,
                        since)
                .query((row, _) ->
                        new Figures.Runs(
                                total,
                                row.getInt("counted"),
                                row.getInt("succeeded"),
                                row.getInt("failed"),
                                row.getInt("cancelled"),
                                row.getInt("live"),
                                InsightStore.percentiles(row, "times")))
                .single();
    }

    /**
     * @param name as the newest run has it
     */
    record OfWorkflow(
            UUID id, String name, int runs, int failed, int live, Percentiles durations) {}

    /** Those with most runs first. */
    List<OfWorkflow> workflows(Instant since, int most) {
        return about(
                        """
                        SELECT workflow_id, (array_agg(workflow_name ORDER BY started_at DESC))[1] AS name, count(*) AS runs,
                               count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE ended_at IS NULL) AS live,
                               percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - started_at) * 1000)
                                   FILTER (WHERE state IN ('succeeded', 'failed')) AS times
                        FROM recent GROUP BY workflow_id ORDER BY runs DESC, name LIMIT :shown
                        """,
                        since)
                .param("shown", most)
                .query((row, _) ->
                        new OfWorkflow(
                                row.getObject("workflow_id", UUID.class),
                                row.getString("name"),
                                row.getInt("runs"),
                                row.getInt("failed"),
                                row.getInt("live"),
                                InsightStore.percentiles(row, "times")))
                .list();
    }

    /** How many steps there were, and how many took more than one attempt. */
    record Steps(int steps, int retried, int helped) {}

    Steps steps(Instant since) {
        return about(
                        """
                        SELECT count(*) FILTER (WHERE e.state <> 'skipped') AS steps, count(*) FILTER (WHERE e.attempts > 1) AS retried,
                               count(*) FILTER (WHERE e.attempts > 1 AND e.state = 'succeeded') AS helped
                        FROM recent r JOIN workflow_executions e ON e.run_id = r.id
                        """,
                        since)
                .query((row, _) ->
                        new Steps(row.getInt("steps"), row.getInt("retried"), row.getInt("helped")))
                .single();
    }

    /**
     * @param waits of those that are over
     * @param open that go on now
     * @param oldest since when the oldest of these waits
     */
    record Waits(int over, Percentiles waits, int open, @Nullable Instant oldest) {}

    Waits approvals(Instant since) {
        return waits(
                """
                SELECT count(*) FILTER (WHERE a.decided_at IS NOT NULL) AS over, count(*) FILTER (WHERE a.state = 'waiting') AS open,
                       min(a.requested_at) FILTER (WHERE a.state = 'waiting') AS oldest,
                       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM a.decided_at - a.requested_at) * 1000)
                           FILTER (WHERE a.state IN ('approved', 'declined')) AS times
                FROM recent r JOIN workflow_approvals a ON a.run_id = r.id
                """,
                since);
    }

    Waits tasks(Instant since) {
        return waits(
                """
                SELECT count(*) FILTER (WHERE a.done_at IS NOT NULL) AS over, count(*) FILTER (WHERE a.state = 'open') AS open,
                       min(a.requested_at) FILTER (WHERE a.state = 'open') AS oldest,
                       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM a.done_at - a.requested_at) * 1000)
                           FILTER (WHERE a.state IN ('done', 'refused')) AS times
                FROM recent r JOIN workflow_tasks a ON a.run_id = r.id
                """,
                since);
    }

    /** Steps of nodes that wait for a time or a signal. */
    Waits machines(Instant since) {
        return waits(
                """
                SELECT count(*) FILTER (WHERE e.ended_at IS NOT NULL) AS over, count(*) FILTER (WHERE e.state = 'waiting') AS open,
                       min(e.started_at) FILTER (WHERE e.state = 'waiting') AS oldest,
                       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM e.ended_at - e.started_at) * 1000)
                           FILTER (WHERE e.state = 'succeeded') AS times
                FROM recent r JOIN workflow_executions e ON e.run_id = r.id AND e.state <> 'skipped'
                JOIN workflow_nodes n ON n.workflow_id = r.workflow_id AND n.version = r.version AND n.type = 'wait'
                     AND n.key = regexp_replace(e.step, '^.*/', '')
                """,
                since);
    }

    private Waits waits(String sql, Instant since) {
        return about(sql, since)
                .query((row, _) -> {
                    var oldest = row.getTimestamp("oldest");
                    return new Waits(
                            row.getInt("over"),
                            InsightStore.percentiles(row, "times"),
                            row.getInt("open"),
                            oldest == null ? null : oldest.toInstant());
                })
                .single();
    }

    /** A node of a workflow, over all versions that have it. */
    record Slow(
            UUID workflow,
            String workflowName,
            String key,
            String name,
            String type,
            int steps,
            Percentiles durations) {}

    /** Of some types, those whose 95th percentile is longest first. */
    List<Slow> slowest(Instant since, List<String> types, int most) {
        return about(
                        """
                        SELECT r.workflow_id, max(r.workflow_name) AS workflow, n.key, max(n.name) AS name, n.type, count(*) AS steps,
                               percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM e.ended_at - e.started_at) * 1000) AS times
                        FROM recent r JOIN workflow_executions e ON e.run_id = r.id AND e.state IN ('succeeded', 'failed')
                        JOIN workflow_nodes n ON n.workflow_id = r.workflow_id AND n.version = r.version AND n.type = ANY(:types)
                             AND n.key = regexp_replace(e.step, '^.*/', '')
                        GROUP BY r.workflow_id, n.key, n.type
                        ORDER BY (percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM e.ended_at - e.started_at))) DESC NULLS LAST, n.key
                        LIMIT :shown
                        """,
                        since)
                .param("types", types.toArray(String[]::new))
                .param("shown", most)
                .query((row, _) ->
                        new Slow(
                                row.getObject("workflow_id", UUID.class),
                                row.getString("workflow"),
                                row.getString("key"),
                                row.getString("name"),
                                row.getString("type"),
                                row.getInt("steps"),
                                InsightStore.percentiles(row, "times")))
                .list();
    }

    /**
     * Steps that failed in the same way.
     *
     * @param run the newest in which it was
     */
    record Failure(
            UUID workflow,
            String workflowName,
            String key,
            String name,
            String reason,
            int count,
            UUID run,
            long number) {}

    /** Those that happened most first. */
    List<Failure> failures(Instant since, int most) {
        return about(
                        """
                        SELECT r.workflow_id, max(r.workflow_name) AS workflow, regexp_replace(e.step, '^.*/', '') AS key,
                               coalesce(max(n.name), regexp_replace(e.step, '^.*/', '')) AS name, left(e.error, 300) AS reason, count(*) AS count,
                               (array_agg(r.id ORDER BY r.started_at DESC))[1] AS run, (array_agg(r.number ORDER BY r.started_at DESC))[1] AS number
                        FROM recent r JOIN workflow_executions e ON e.run_id = r.id AND e.state = 'failed'
                        LEFT JOIN workflow_nodes n ON n.workflow_id = r.workflow_id AND n.version = r.version
                             AND n.key = regexp_replace(e.step, '^.*/', '')
                        GROUP BY r.workflow_id, 3, left(e.error, 300) ORDER BY count DESC, workflow, key LIMIT :shown
                        """,
                        since)
                .param("shown", most)
                .query((row, _) ->
                        new Failure(
                                row.getObject("workflow_id", UUID.class),
                                row.getString("workflow"),
                                row.getString("key"),
                                row.getString("name"),
                                row.getString("reason") == null ? "" : row.getString("reason"),
                                row.getInt("count"),
                                row.getObject("run", UUID.class),
                                row.getLong("number")))
                .list();
    }

    /** As it is now. */
    Figures.Queue queue(Instant now) {
        record Ages(int count, Percentiles ages) {}
        Ages runs =
                jdbc.sql(
                                """
                                SELECT count(*) AS count,
                                       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM :now - started_at) * 1000) AS ages
                                FROM workflow_instances WHERE ended_at IS NULL AND state = 'queued'
                                """)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .query((row, _) ->
                                new Ages(
                                        row.getInt("count"), InsightStore.percentiles(row, "ages")))
                        .single();
        Ages steps =
                jdbc.sql(
                                """
                                SELECT count(*) AS count,
                                       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM :now - due_at) * 1000) AS ages
                                FROM platform.workflow_dispatch
                                WHERE tenant_id = platform.current_tenant() AND due_at <= :now AND (lease_until IS NULL OR lease_until < :now)
                                """)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .query((row, _) ->
                                new Ages(
                                        row.getInt("count"), InsightStore.percentiles(row, "ages")))
                        .single();
        return new Figures.Queue(runs.count(), runs.ages(), steps.count(), steps.ages());
    }
}
