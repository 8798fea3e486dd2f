package io.cybershield.trigger;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What is to fire later, and addresses of hooks, over all tenants. A tenant's scope may write its
 * own; taking and finding need the platform's scope.
 */
@Component
final class DueStore {
    private final JdbcClient jdbc;

    DueStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    enum Kind {
        SCHEDULE("schedule"),
        GROUP("group"),
        RUN_ENDED("run-ended");

        final String wire;

        Kind(String wire) {
            this.wire = wire;
        }

        static Kind of(String wire) {
            for (Kind kind : values()) {
                if (kind.wire.equals(wire)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException(wire);
        }
    }

    /**
     * @param key of a group its key, of an ended run its id, else empty
     * @param tick the moment that a schedule names; it may fire later
     */
    record Due(
            TenantId tenant,
            UUID workflow,
            String node,
            Kind kind,
            String key,
            Instant tick,
            Instant dueAt) {}

    /** Sets or moves. */
    void set(Due due) {
        jdbc.sql(
                        """
                        INSERT INTO platform.trigger_due (tenant_id, workflow_id, node, kind, key, tick, due_at)
                        VALUES (:tenant, :workflow, :node, :kind, :key, :tick, :due)
                        ON CONFLICT (tenant_id, workflow_id, node, kind, key) DO UPDATE SET tick = excluded.tick, due_at = excluded.due_at
                        """)
                .param("tenant", due.tenant().value())
                .param("workflow", due.workflow())
                .param("node", due.node())
                .param("kind", due.kind().wire)
                .param("key", due.key())
                .param("tick", TriggerStore.utc(due.tick()))
                .param("due", TriggerStore.utc(due.dueAt()))
                .update();
    }

    void remove(Due due) {
        jdbc.sql(
                        "DELETE FROM platform.trigger_due WHERE tenant_id = :tenant AND workflow_id"
                                + " = :workflow AND node = :node AND kind = :kind AND key = :key")
                .param("tenant", due.tenant().value())
                .param("workflow", due.workflow())
                .param("node", due.node())
                .param("kind", due.kind().wire)
                .param("key", due.key())
                .update();
    }

    /** Only while it is as it was taken. */
    void putOff(Due due, Instant until) {
        jdbc.sql(
                        """
                        UPDATE platform.trigger_due SET due_at = :until
                        WHERE tenant_id = :tenant AND workflow_id = :workflow AND node = :node AND kind = :kind AND key = :key
                          AND tick = :tick AND due_at = :due
                        """)
                .param("until", TriggerStore.utc(until))
                .param("tenant", due.tenant().value())
                .param("workflow", due.workflow())
                .param("node", due.node())
                .param("kind", due.kind().wire)
                .param("key", due.key())
                .param("tick", TriggerStore.utc(due.tick()))
                .param("due", TriggerStore.utc(due.dueAt()))
                .update();
    }

    /** The schedule's row of a trigger of the current tenant. */
    Optional<Due> schedule(TenantId tenant, UUID workflow, String node) {
        return jdbc.sql(
                        "SELECT * FROM platform.trigger_due WHERE tenant_id = :tenant AND"
                                + " workflow_id = :workflow AND node = :node AND kind ="
                                + " 'schedule'")
                .param("tenant", tenant.value())
                .param("workflow", workflow)
                .param("node", node)
                .query(DueStore::due)
                .optional();
    }

    void removeSchedules(TenantId tenant, UUID workflow) {
        jdbc.sql(
                        "DELETE FROM platform.trigger_due WHERE tenant_id = :tenant AND workflow_id"
                                + " = :workflow AND kind = 'schedule'")
                .param("tenant", tenant.value())
                .param("workflow", workflow)
                .update();
    }

    /**
     * One that is due and whose company is not suspended, locked until the transaction ends; others
     * pass over it.
     *
     * @param now null for the database's clock, which is the same for all nodes
     */
    Optional<Due> take(@Nullable Instant now) {
        return jdbc.sql(
                        """
                        SELECT * FROM platform.trigger_due d WHERE due_at <= coalesce(:now::timestamptz, clock_timestamp())
                          AND NOT EXISTS (SELECT 1 FROM platform.tenant s WHERE s.id = d.tenant_id AND s.state = 'suspended')
                        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
                        """)
                .param("now", now == null ? null : TriggerStore.utc(now))
                .query(DueStore::due)
                .optional();
    }

    private static Due due(ResultSet row, int number) throws SQLException {
        return new Due(
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getObject("workflow_id", UUID.class),
                row.getString("node"),
                Kind.of(row.getString("kind")),
                row.getString("key"),
                row.getTimestamp("tick").toInstant(),
                row.getTimestamp("due_at").toInstant());
    }

    /**
     * A node that freezes with the lock in its hands loses it after this; then its transaction
     * cannot commit any more.
     */
    void boundIdleness() {
        jdbc.sql("SELECT set_config('idle_in_transaction_session_timeout', '10s', true)")
                .query(String.class)
                .single();
    }

    Instant now() {
        return jdbc.sql("SELECT clock_timestamp() AS now")
                .query((row, _) -> row.getTimestamp("now").toInstant())
                .single();
    }

    // ---- hooks

    record Hook(TenantId tenant, UUID workflow, String node) {}

    void addHook(String id, Hook hook) {
        jdbc.sql(
                        "INSERT INTO platform.hook (id, tenant_id, workflow_id, node) VALUES (:id,"
                                + " :tenant, :workflow, :node) ON CONFLICT DO NOTHING")
                .param("id", id)
                .param("tenant", hook.tenant().value())
                .param("workflow", hook.workflow())
                .param("node", hook.node())
                .update();
    }

    Optional<Hook> findHook(String id) {
        return jdbc.sql("SELECT tenant_id, workflow_id, node FROM platform.hook WHERE id = :id")
                .param("id", id)
                .query((row, _) ->
                        new Hook(
                                new TenantId(row.getObject("tenant_id", UUID.class)),
                                row.getObject("workflow_id", UUID.class),
                                row.getString("node")))
                .optional();
    }
}
