package io.cybershield.workflow;

import io.cybershield.engine.RunState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** In PostgreSQL. */
@Component
final class SqlHandStore implements HandStore {
    private final JdbcClient jdbc;

    SqlHandStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Map<String, Done> done(RunId run) {
        var found = new LinkedHashMap<String, Done>();
        jdbc.sql(
                        """
                        SELECT step, port, input::text AS input, output::text AS output FROM workflow_executions
                        WHERE run_id = :run AND state = 'succeeded' ORDER BY step
                        """)
                .param("run", run.value())
                .query(row -> {
                    found.put(
                            row.getString("step"),
                            new Done(
                                    row.getString("port"),
                                    row.getString("input"),
                                    row.getString("output")));
                });
        return found;
    }

    @Override
    public Optional<UUID> continuedAs(RunId run) {
        return jdbc.sql(
                        "SELECT continued_as FROM workflow_instances WHERE id = :run AND"
                                + " continued_as IS NOT NULL")
                .param("run", run.value())
                .query((row, _) -> Columns.uuid(row, "continued_as"))
                .optional();
    }

    @Override
    public void continuedAs(RunId run, UUID other) {
        jdbc.sql("UPDATE workflow_instances SET continued_as = :other WHERE id = :run")
                .param("other", other)
                .param("run", run.value())
                .update();
    }

    @Override
    public void isLive(RunId run) {
        jdbc.sql(
                        "UPDATE workflow_instances SET ended_at = NULL, state = 'running' WHERE id"
                                + " = :run")
                .param("run", run.value())
                .update();
    }

    @Override
    public void forgetUnreached(RunId run, RunState state) {
        jdbc.sql(
                        """
                        DELETE FROM workflow_executions WHERE run_id = :run AND state = 'skipped' AND position('/' IN step) = 0
                          AND NOT step = ANY(:steps)
                        """)
                .param("run", run.value())
                .param("steps", List.copyOf(state.steps().keySet()).toArray(String[]::new))
                .update();
    }

    @Override
    public void moved(RunId run, RunMove move, int steps) {
        jdbc.sql(
                        "UPDATE workflow_instances SET version = :version, steps_total ="
                                + " greatest(:total, steps_done) WHERE id = :id")
                .param("version", move.to())
                .param("total", steps)
                .param("id", run.value())
                .update();
        jdbc.sql(
                        """
                        INSERT INTO workflow_moves (run_id, from_version, to_version, at, moved_by, reason)
                        VALUES (:run, :from, :to, :at, :by, :reason)
                        """)
                .param("run", run.value())
                .param("from", move.from())
                .param("to", move.to())
                .param("at", Columns.utc(move.at()))
                .param("by", move.by())
                .param("reason", move.reason())
                .update();
    }
}
