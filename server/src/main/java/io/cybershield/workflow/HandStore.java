package io.cybershield.workflow;

import io.cybershield.engine.RunState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Rows beside a run that its turns do not write. In the tenant's scope. */
@Component
final class HandStore {
    private final JdbcClient jdbc;

    HandStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What a step did.
     *
     * @param input its settings as they were rendered, in JSON
     */
    record Done(@Nullable String port, @Nullable String input, @Nullable String output) {}

    /** Steps that succeeded, those of rounds that are over included. */
    Map<String, Done> done(RunId run) {
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

    /** The run that goes on in its place; empty while it is its own. */
    Optional<UUID> continuedAs(RunId run) {
        return jdbc.sql(
                        "SELECT continued_as FROM workflow_instances WHERE id = :run AND"
                                + " continued_as IS NOT NULL")
                .param("run", run.value())
                .query((row, _) -> Columns.uuid(row, "continued_as"))
                .optional();
    }

    void continuedAs(RunId run, UUID other) {
        jdbc.sql("UPDATE workflow_instances SET continued_as = :other WHERE id = :run")
                .param("other", other)
                .param("run", run.value())
                .update();
    }

    /** Counts as live from here on, for others that go on in the same transaction. */
    void isLive(RunId run) {
        jdbc.sql(
                        "UPDATE workflow_instances SET ended_at = NULL, state = 'running' WHERE id"
                                + " = :run")
                .param("run", run.value())
                .update();
    }

    /** Steps that were cut off before they were reached, and now may be; those of rounds stay. */
    void forgetUnreached(RunId run, RunState state) {
        jdbc.sql(
                        """
                        DELETE FROM workflow_executions WHERE run_id = :run AND state = 'skipped' AND position('/' IN step) = 0
                          AND NOT step = ANY(:steps)
                        """)
                .param("run", run.value())
                .param("steps", List.copyOf(state.steps().keySet()).toArray(String[]::new))
                .update();
    }
}
