package io.cybershield.workflow.insight;

import io.cybershield.workflow.insight.Figures.OfApproval;
import io.cybershield.workflow.insight.Figures.OfNode;
import io.cybershield.workflow.insight.Figures.Percentiles;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Figures of one workflow, read by its index of recent runs and the keys of their steps. Every
 * method needs an open transaction in the tenant's scope.
 */
@Component
final class InsightStore {
    /** More runs are not looked at: the newest say enough, and nobody waits for the rest. */
    static final int MOST_RUNS = 10_000;

    private static final String RECENT =
            """
            WITH recent AS (SELECT id, state, started_at, ended_at FROM workflow_instances
                            WHERE workflow_id = :workflow AND started_at >= :since AND state <> 'queued'
                            ORDER BY started_at DESC LIMIT :most)
            """;
    private final JdbcClient jdbc;

    InsightStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private JdbcClient.StatementSpec about(String sql, UUID workflow, Instant since) {
        return jdbc.sql(RECENT + sql)
                .param("workflow", workflow)
                .param("since", since.atOffset(ZoneOffset.UTC))
                .param("most", MOST_RUNS);
    }

    Figures.Runs runs(UUID workflow, Instant since) {
        int total =
                jdbc.sql(
                                "SELECT count(*) FROM workflow_instances WHERE workflow_id ="
                                        + " :workflow AND started_at >= :since AND state <>"
                                        + " 'queued'")
                        .param("workflow", workflow)
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
                        workflow,
                        since)
                .query((row, _) ->
                        new Figures.Runs(
                                total,
                                row.getInt("counted"),
                                row.getInt("succeeded"),
                                row.getInt("failed"),
                                row.getInt("cancelled"),
                                row.getInt("live"),
                                percentiles(row, "times")))
                .single();
    }

    List<OfNode> nodes(UUID workflow, Instant since) {
        return about(
                        """
                        SELECT regexp_replace(e.step, '^.*/', '') AS key,
                               count(*) FILTER (WHERE e.state <> 'skipped') AS steps,
                               count(*) FILTER (WHERE e.state = 'succeeded') AS succeeded,
                               count(*) FILTER (WHERE e.state = 'failed') AS failed,
                               count(*) FILTER (WHERE e.state = 'skipped') AS skipped,
                               count(*) FILTER (WHERE e.state = 'in-doubt') AS in_doubt,
                               count(*) FILTER (WHERE e.attempts > 1) AS retried,
                               count(*) FILTER (WHERE e.attempts > 1 AND e.state = 'succeeded') AS helped,
                               coalesce(sum(greatest(e.attempts - 1, 0)), 0) AS retries,
                               percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM e.ended_at - e.started_at) * 1000)
                                   FILTER (WHERE e.state IN ('succeeded', 'failed')) AS times,
                               (array_agg(r.id ORDER BY r.started_at DESC) FILTER (WHERE e.state = 'failed'))[1\\:3] AS failed_runs
                        FROM recent r JOIN workflow_executions e ON e.run_id = r.id
                        GROUP BY 1 ORDER BY 1
                        """,
                        workflow,
                        since)
                .query((row, _) ->
                        new OfNode(
                                row.getString("key"),
                                row.getInt("steps"),
                                row.getInt("succeeded"),
                                row.getInt("failed"),
                                row.getInt("skipped"),
                                row.getInt("in_doubt"),
                                row.getInt("retried"),
                                row.getInt("helped"),
                                row.getInt("retries"),
                                percentiles(row, "times"),
                                ids(row, "failed_runs")))
                .list();
    }

    List<OfApproval> approvals(UUID workflow, Instant since) {
        return about(
                        """
                        SELECT regexp_replace(a.step, '^.*/', '') AS key, count(*) AS asked,
                               count(*) FILTER (WHERE a.state = 'approved') AS granted,
                               count(*) FILTER (WHERE a.state = 'declined') AS declined,
                               count(*) FILTER (WHERE a.state = 'timed-out') AS timed_out,
                               percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM a.decided_at - a.requested_at) * 1000)
                                   FILTER (WHERE a.state IN ('approved', 'declined')) AS times
                        FROM recent r JOIN workflow_approvals a ON a.run_id = r.id
                        GROUP BY 1 ORDER BY 1
                        """,
                        workflow,
                        since)
                .query((row, _) ->
                        new OfApproval(
                                row.getString("key"),
                                row.getInt("asked"),
                                row.getInt("granted"),
                                row.getInt("declined"),
                                row.getInt("timed_out"),
                                percentiles(row, "times")))
                .list();
    }

    /** As it is now. */
    Figures.Queue queue(UUID workflow, Instant now) {
        record Ages(int count, Percentiles ages) {}
        Ages runs =
                jdbc.sql(
                                """
                                SELECT count(*) AS count,
                                       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM :now - started_at) * 1000) AS ages
                                FROM workflow_instances WHERE workflow_id = :workflow AND ended_at IS NULL AND state = 'queued'
                                """)
                        .param("workflow", workflow)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .query((row, _) -> new Ages(row.getInt("count"), percentiles(row, "ages")))
                        .single();
        Ages steps =
                jdbc.sql(
                                """
                                SELECT count(*) AS count,
                                       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM :now - d.due_at) * 1000) AS ages
                                FROM workflow_instances i JOIN platform.workflow_dispatch d ON d.tenant_id = i.tenant_id AND d.run_id = i.id
                                WHERE i.workflow_id = :workflow AND i.ended_at IS NULL AND d.due_at <= :now
                                  AND (d.lease_until IS NULL OR d.lease_until < :now)
                                """)
                        .param("workflow", workflow)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .query((row, _) -> new Ages(row.getInt("count"), percentiles(row, "ages")))
                        .single();
        return new Figures.Queue(runs.count(), runs.ages(), steps.count(), steps.ages());
    }

    static Percentiles percentiles(ResultSet row, String column) throws SQLException {
        var array = row.getArray(column);
        if (array == null) {
            return Percentiles.NONE;
        }
        var values = (@Nullable Number[]) array.getArray();
        return new Percentiles(rounded(values[0]), rounded(values[1]), rounded(values[2]));
    }

    private static @Nullable Long rounded(@Nullable Number value) {
        return value == null ? null : Math.max(0, Math.round(value.doubleValue()));
    }

    private static List<UUID> ids(ResultSet row, String column) throws SQLException {
        var array = row.getArray(column);
        return array == null ? List.of() : Stream.of((UUID[]) array.getArray()).toList();
    }
}
