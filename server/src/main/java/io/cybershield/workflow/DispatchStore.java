package io.cybershield.workflow;

import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Pointers to due work over all tenants. A tenant's scope may add and take away its own; claiming
 * needs the platform's scope.
 */
@Component
final class DispatchStore {
    private final JdbcClient jdbc;

    DispatchStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What a pointer is for. */
    enum Kind {
        ATTEMPT,
        PROBE;

        String wire() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * @param claim fresh for each taking; only its holder may drop the pointer
     * @param takes how often it was taken; more than one means that an earlier holder vanished
     */
    record Pointer(
            TenantId tenant,
            RunId run,
            String step,
            long epoch,
            Kind kind,
            String key,
            UUID claim,
            int takes) {}

    record DueTimer(TenantId tenant, RunId run, String timer) {}

    void add(
            TenantId tenant,
            RunId run,
            String step,
            long epoch,
            Kind kind,
            String key,
            Instant due) {
        jdbc.sql(
                        """
                        INSERT INTO platform.workflow_dispatch (tenant_id, run_id, step, epoch, kind, idempotency_key, due_at)
                        VALUES (:tenant, :run, :step, :epoch, :kind, :key, :due) ON CONFLICT DO NOTHING
                        """)
                .param("tenant", tenant.value())
                .param("run", run.value())
                .param("step", step)
                .param("epoch", epoch)
                .param("kind", kind.wire())
                .param("key", key)
                .param("due", RunStore.utc(due))
                .update();
    }

    /**
     * Takes free or abandoned pointers for a lease; other nodes pass over what is being taken.
     * Tenants take turns: the first of each goes before the second of any.
     */
    List<Pointer> claim(int most, Duration lease, UUID claim) {
        return jdbc.sql(
                        """
                        WITH RECURSIVE tenant AS (
                            (SELECT tenant_id FROM platform.workflow_dispatch ORDER BY tenant_id LIMIT 1)
                            UNION ALL
                            SELECT next.tenant_id FROM tenant CROSS JOIN LATERAL (
                                SELECT w.tenant_id FROM platform.workflow_dispatch w WHERE w.tenant_id > tenant.tenant_id
                                ORDER BY w.tenant_id LIMIT 1) next),
                        free AS (
                            SELECT own.* FROM tenant CROSS JOIN LATERAL (
                                SELECT w.ctid, w.tenant_id, w.due_at FROM platform.workflow_dispatch w
                                WHERE w.tenant_id = tenant.tenant_id AND w.due_at <= now()
                                  AND (w.lease_until IS NULL OR w.lease_until < now())
                                ORDER BY w.due_at LIMIT :most FOR UPDATE SKIP LOCKED) own),
                        turn AS (
                            SELECT ctid, due_at, row_number() OVER (PARTITION BY tenant_id ORDER BY due_at) AS round FROM free),
                        due AS (SELECT ctid FROM turn ORDER BY round, due_at LIMIT :most)
                        UPDATE platform.workflow_dispatch d
                        SET claim = :claim, lease_until = now() + make_interval(secs => :lease), takes = takes + 1
                        FROM due WHERE d.ctid = due.ctid
                        RETURNING d.tenant_id, d.run_id, d.step, d.epoch, d.kind, d.idempotency_key, d.takes
                        """)
                .param("most", most)
                .param("claim", claim)
                .param("lease", lease.toMillis() / 1000.0)
                .query((row, _) ->
                        new Pointer(
                                new TenantId(RunStore.uuid(row, "tenant_id")),
                                new RunId(RunStore.uuid(row, "run_id")),
                                row.getString("step"),
                                row.getLong("epoch"),
                                row.getString("kind").equals("probe") ? Kind.PROBE : Kind.ATTEMPT,
                                row.getString("idempotency_key"),
                                claim,
                                row.getInt("takes")))
                .list();
    }

    /** Lengthens the leases of these claims; returns how many are still held. */
    int renew(List<UUID> claims, Duration lease) {
        return jdbc.sql(
                        "UPDATE platform.workflow_dispatch SET lease_until = now() +"
                                + " make_interval(secs => :lease) WHERE claim = ANY(:claims)")
                .param("lease", lease.toMillis() / 1000.0)
                .param("claims", claims.toArray(UUID[]::new))
                .update();
    }

    void drop(Pointer pointer) {
        jdbc.sql(
                        """
                        DELETE FROM platform.workflow_dispatch
                        WHERE tenant_id = :tenant AND run_id = :run AND step = :step AND epoch = :epoch AND kind = :kind AND claim = :claim
                        """)
                .param("tenant", pointer.tenant().value())
                .param("run", pointer.run().value())
                .param("step", pointer.step())
                .param("epoch", pointer.epoch())
                .param("kind", pointer.kind().wire())
                .param("claim", pointer.claim())
                .update();
    }

    void dropStep(TenantId tenant, RunId run, String step, long epoch) {
        jdbc.sql(
                        "DELETE FROM platform.workflow_dispatch WHERE tenant_id = :tenant AND"
                                + " run_id = :run AND step = :step AND epoch <= :epoch")
                .param("tenant", tenant.value())
                .param("run", run.value())
                .param("step", step)
                .param("epoch", epoch)
                .update();
    }

    void dropRun(TenantId tenant, RunId run) {
        for (String table : List.of("workflow_dispatch", "workflow_timer")) {
            jdbc.sql(
                            "DELETE FROM platform."
                                    + table
                                    + " WHERE tenant_id = :tenant AND run_id = :run")
                    .param("tenant", tenant.value())
                    .param("run", run.value())
                    .update();
        }
    }

    void setTimer(TenantId tenant, RunId run, String timer, Instant due) {
        jdbc.sql(
                        """
                        INSERT INTO platform.workflow_timer (tenant_id, run_id, timer, due_at) VALUES (:tenant, :run, :timer, :due)
                        ON CONFLICT (tenant_id, run_id, timer) DO UPDATE SET due_at = excluded.due_at
                        """)
                .param("tenant", tenant.value())
                .param("run", run.value())
                .param("timer", timer)
                .param("due", RunStore.utc(due))
                .update();
    }

    void clearTimer(TenantId tenant, RunId run, String timer) {
        jdbc.sql(
                        "DELETE FROM platform.workflow_timer WHERE tenant_id = :tenant AND run_id ="
                                + " :run AND timer = :timer")
                .param("tenant", tenant.value())
                .param("run", run.value())
                .param("timer", timer)
                .update();
    }

    /** One timer that is due by our clock, taken for this transaction. */
    Optional<DueTimer> takeDueTimer(Instant now) {
        return jdbc.sql(
                        """
                        SELECT tenant_id, run_id, timer FROM platform.workflow_timer WHERE due_at <= :now
                        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
                        """)
                .param("now", RunStore.utc(now))
                .query((row, _) ->
                        new DueTimer(
                                new TenantId(RunStore.uuid(row, "tenant_id")),
                                new RunId(RunStore.uuid(row, "run_id")),
                                row.getString("timer")))
                .optional();
    }
}
