package io.cybershield.workflow;

import io.cybershield.engine.RunState;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Rows beside a run that its turns do not write. In the tenant's scope. */
@Component
final class HandStore {
    private final JdbcClient jdbc;

    HandStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
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
