package io.cybershield.report;

import io.cybershield.platform.Transactions;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a new workspace still lacks, read from what it has: nobody ticks a step by hand. */
@Component
class FirstSteps {
    private final Transactions transactions;
    private final JdbcClient jdbc;

    FirstSteps(Transactions transactions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    /** In the order in which they pay. */
    enum Step {
        SOURCE(
                """
                EXISTS (SELECT 1 FROM telemetry.source_activity
                    WHERE tenant_id = platform.current_tenant() AND received > 0)
                """),
        RULES("EXISTS (SELECT 1 FROM rule WHERE origin = 'imported' AND problem IS NULL)"),
        COLLEAGUE(
                """
                (SELECT count(*) FROM platform.account WHERE tenant_id = platform.current_tenant()) > 1
                    OR EXISTS (SELECT 1 FROM platform.invitation
                        WHERE tenant_id = platform.current_tenant() AND accepted_at IS NULL)
                """),
        WORKFLOW("EXISTS (SELECT 1 FROM workflow_versions)");

        private final String isDone;

        Step(String isDone) {
            this.isDone = isDone;
        }
    }

    record Standing(Step step, boolean done) {}

    List<Standing> standing() {
        return transactions.call(() ->
                List.of(Step.values()).stream()
                        .map(step ->
                                new Standing(
                                        step,
                                        jdbc.sql("SELECT " + step.isDone)
                                                .query(Boolean.class)
                                                .single()))
                        .toList());
    }
}
