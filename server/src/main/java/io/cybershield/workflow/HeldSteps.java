package io.cybershield.workflow;

import io.cybershield.connector.Connection;
import io.cybershield.platform.Scope;
import io.cybershield.workflow.DispatchStore.Pointer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The rows of steps that were put off: they stay queued, use up no attempt and hold no place; their
 * pointer is due later, and a row says why. In the caller's transaction.
 */
@Component
class HeldSteps {
    /** What a step of a run that nobody answers for waits for, in place of a connection. */
    static final Connection SOMEBODY = new Connection("somebody", "");

    private final JdbcClient jdbc;

    HeldSteps(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    boolean hasSlot(Pointer by) {
        return jdbc.sql(
                        "SELECT EXISTS (SELECT 1 FROM workflow_holds WHERE run_id = :run AND step ="
                                + " :step AND epoch = :epoch AND has_slot)")
                .param("run", by.run().value())
                .param("step", by.step())
                .param("epoch", by.epoch())
                .query(Boolean.class)
                .single();
    }

    void forget(Pointer by) {
        jdbc.sql("DELETE FROM workflow_holds WHERE run_id = :run AND step = :step")
                .param("run", by.run().value())
                .param("step", by.step())
                .update();
    }

    /**
     * Forgets those whose time came before and that are no longer queued: their runs were stopped.
     */
    void sweep(Instant before) {
        jdbc.sql(
                        """
                        DELETE FROM workflow_holds h WHERE until < :before AND NOT EXISTS (
                            SELECT 1 FROM platform.workflow_dispatch d
                            WHERE d.tenant_id = h.tenant_id AND d.run_id = h.run_id AND d.step = h.step)
                        """)
                .param("before", Columns.utc(before))
                .update();
    }

    void put(Pointer by, Connection connection, Instant until, boolean hasSlot, String why) {
        jdbc.sql(
                        """
                        INSERT INTO workflow_holds (run_id, step, epoch, connector, target, until, has_slot, why)
                        VALUES (:run, :step, :epoch, :connector, :target, :until, :slot, :why)
                        ON CONFLICT (run_id, step) DO UPDATE SET epoch = excluded.epoch, connector = excluded.connector,
                            target = excluded.target, until = excluded.until, has_slot = excluded.has_slot, why = excluded.why
                        """)
                .param("run", by.run().value())
                .param("step", by.step())
                .param("epoch", by.epoch())
                .param("connector", connection.connector())
                .param("target", connection.target())
                .param("until", Columns.utc(until))
                .param("slot", hasSlot)
                .param("why", why)
                .update();
    }

    /**
     * A step that is due and waits.
     *
     * @param unanswered whether it waits for somebody who answers for the run; otherwise for its
     *     connection
     */
    @Schema(name = "HeldStep")
    record Held(String step, Instant until, String why, boolean unanswered) {}

    /** Those of a run, the next first. */
    List<Held> of(RunId run) {
        return jdbc.sql(
                        """
                        SELECT h.step, d.due_at, h.why, h.connector FROM workflow_holds h
                        JOIN platform.workflow_dispatch d ON d.run_id = h.run_id AND d.step = h.step AND d.epoch = h.epoch
                        WHERE h.run_id = :run AND d.due_at > now() ORDER BY d.due_at LIMIT 200
                        """)
                .param("run", run.value())
                .query((row, _) ->
                        new Held(
                                row.getString("step"),
                                row.getTimestamp("due_at").toInstant(),
                                row.getString("why"),
                                row.getString("connector").equals(SOMEBODY.connector())))
                .list();
    }

    boolean waitsForSomebody(RunId run) {
        return jdbc.sql(
                        "SELECT EXISTS (SELECT 1 FROM workflow_holds WHERE run_id = :run AND"
                                + " connector = :connector)")
                .param("run", run.value())
                .param("connector", SOMEBODY.connector())
                .query(Boolean.class)
                .single();
    }

    /** How many wait for that connection. */
    long count(Connection connection) {
        return jdbc.sql(
                        """
                        SELECT count(*) FROM workflow_holds h
                        JOIN platform.workflow_dispatch d ON d.run_id = h.run_id AND d.step = h.step AND d.epoch = h.epoch
                        WHERE h.connector = :connector AND h.target = :target AND d.due_at > now()
                        """)
                .param("connector", connection.connector())
                .param("target", connection.target())
                .query((row, _) -> row.getLong(1))
                .single();
    }

    /** Those of a run that wait for somebody go on at once. */
    void goOn(RunId run) {
        jdbc.sql(
                        """
                        UPDATE platform.workflow_dispatch d SET due_at = now() FROM workflow_holds h
                        WHERE h.connector = :connector AND h.run_id = :run
                          AND d.tenant_id = :tenant AND d.run_id = h.run_id AND d.step = h.step AND d.epoch = h.epoch AND d.due_at > now()
                        """)
                .param("connector", SOMEBODY.connector())
                .param("run", run.value())
                .param("tenant", Scope.currentTenant().value())
                .update();
    }

    /** Those that wait for that connection, and have no time of their own there, go on at once. */
    void goOn(Connection connection) {
        jdbc.sql(
                        """
                        UPDATE platform.workflow_dispatch d SET due_at = now() FROM workflow_holds h
                        WHERE h.connector = :connector AND h.target = :target AND NOT h.has_slot
                          AND d.tenant_id = :tenant AND d.run_id = h.run_id AND d.step = h.step AND d.epoch = h.epoch AND d.due_at > now()
                        """)
                .param("tenant", Scope.currentTenant().value())
                .param("connector", connection.connector())
                .param("target", connection.target())
                .update();
    }
}
