package io.cybershield.workflow;

import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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

    record DueTimer(TenantId tenant, RunId run, String timer, Instant due) {}

    /**
     * A pointer to be written.
     *
     * @param claim of the worker that begins it at once; null when anyone may take it
     */
    record Due(
            TenantId tenant,
            RunId run,
            String step,
            long epoch,
            Kind kind,
            String key,
            Instant at,
            @Nullable UUID claim) {
        /** For the worker that takes it at once. */
        Pointer by(UUID worker) {
            return new Pointer(tenant, run, step, epoch, kind, key, worker, 1);
        }
    }

    /** Adds pointers; those that are there already stay as they are. */
    void add(List<Due> due, Duration lease) {
        if (due.isEmpty()) {
            return;
        }
        jdbc.sql(
                        """
                        INSERT INTO platform.workflow_dispatch (tenant_id, run_id, step, epoch, kind, idempotency_key, due_at, claim, lease_until, takes)
                        SELECT d.*, CASE WHEN d.claim IS NOT NULL THEN now() + make_interval(secs => :lease) END,
                               CASE WHEN d.claim IS NULL THEN 0 ELSE 1 END
                        FROM unnest(:tenants::uuid[], :runs::uuid[], :steps::text[], :epochs::bigint[], :kinds::text[], :keys::text[],
                                    :ats::timestamptz[], :claims::uuid[]) d(tenant, run, step, epoch, kind, key, at, claim)
                        ON CONFLICT DO NOTHING
                        """)
                .param("lease", lease.toMillis() / 1000.0)
                .param("tenants", RunStore.column(due, UUID.class, d -> d.tenant().value()))
                .param("runs", RunStore.column(due, UUID.class, d -> d.run().value()))
                .param("steps", RunStore.column(due, String.class, Due::step))
                .param("epochs", RunStore.column(due, Long.class, Due::epoch))
                .param("kinds", RunStore.column(due, String.class, d -> d.kind().wire()))
                .param("keys", RunStore.column(due, String.class, Due::key))
                .param("ats", RunStore.column(due, String.class, d -> d.at().toString()))
                .param("claims", RunStore.column(due, UUID.class, Due::claim))
                .update();
    }

    /**
     * Takes free or abandoned pointers for a lease; other nodes pass over what is being taken.
     * Tenants take turns: the first of each goes before the second of any.
     */
    List<Pointer> claim(int most, Duration lease) {
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
                        SET claim = gen_random_uuid(), lease_until = now() + make_interval(secs => :lease), takes = takes + 1
                        FROM due WHERE d.ctid = due.ctid
                        RETURNING d.tenant_id, d.run_id, d.step, d.epoch, d.kind, d.idempotency_key, d.claim, d.takes
                        """)
                .param("most", most)
                .param("lease", lease.toMillis() / 1000.0)
                .query((row, _) ->
                        new Pointer(
                                new TenantId(RunStore.uuid(row, "tenant_id")),
                                new RunId(RunStore.uuid(row, "run_id")),
                                row.getString("step"),
                                row.getLong("epoch"),
                                row.getString("kind").equals("probe") ? Kind.PROBE : Kind.ATTEMPT,
                                row.getString("idempotency_key"),
                                RunStore.uuid(row, "claim"),
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

    /** Takes these away, each only while its claim is still the one that stands. */
    void drop(List<Pointer> pointers) {
        if (pointers.isEmpty()) {
            return;
        }
        jdbc.sql(
                        """
                        DELETE FROM platform.workflow_dispatch d
                        USING unnest(:tenants::uuid[], :runs::uuid[], :steps::text[], :epochs::bigint[], :kinds::text[], :claims::uuid[])
                              p(tenant, run, step, epoch, kind, claim)
                        WHERE d.tenant_id = p.tenant AND d.run_id = p.run AND d.step = p.step AND d.epoch = p.epoch AND d.kind = p.kind
                          AND d.claim = p.claim
                        """)
                .param("tenants", RunStore.column(pointers, UUID.class, p -> p.tenant().value()))
                .param("runs", RunStore.column(pointers, UUID.class, p -> p.run().value()))
                .param("steps", RunStore.column(pointers, String.class, Pointer::step))
                .param("epochs", RunStore.column(pointers, Long.class, Pointer::epoch))
                .param("kinds", RunStore.column(pointers, String.class, p -> p.kind().wire()))
                .param("claims", RunStore.column(pointers, UUID.class, Pointer::claim))
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

    /** Nothing of runs that have ended is due any more. */
    void dropRuns(TenantId tenant, List<RunId> runs) {
        if (runs.isEmpty()) {
            return;
        }
        for (String table : List.of("workflow_dispatch", "workflow_timer")) {
            jdbc.sql(
                            "DELETE FROM platform."
                                    + table
                                    + " WHERE tenant_id = :tenant AND run_id = ANY(:runs)")
                    .param("tenant", tenant.value())
                    .param("runs", RunStore.column(runs, UUID.class, RunId::value))
                    .update();
        }
    }

    void setTimers(List<DueTimer> timers) {
        if (timers.isEmpty()) {
            return;
        }
        jdbc.sql(
                        """
                        INSERT INTO platform.workflow_timer (tenant_id, run_id, timer, due_at)
                        SELECT * FROM unnest(:tenants::uuid[], :runs::uuid[], :timers::text[], :dues::timestamptz[])
                        ON CONFLICT (tenant_id, run_id, timer) DO UPDATE SET due_at = excluded.due_at
                        """)
                .param("tenants", RunStore.column(timers, UUID.class, t -> t.tenant().value()))
                .param("runs", RunStore.column(timers, UUID.class, t -> t.run().value()))
                .param("timers", RunStore.column(timers, String.class, DueTimer::timer))
                .param("dues", RunStore.column(timers, String.class, t -> t.due().toString()))
                .update();
    }

    void clearTimers(List<DueTimer> timers) {
        if (timers.isEmpty()) {
            return;
        }
        jdbc.sql(
                        """
                        DELETE FROM platform.workflow_timer t USING unnest(:tenants::uuid[], :runs::uuid[], :timers::text[]) c(tenant, run, timer)
                        WHERE t.tenant_id = c.tenant AND t.run_id = c.run AND t.timer = c.timer
                        """)
                .param("tenants", RunStore.column(timers, UUID.class, t -> t.tenant().value()))
                .param("runs", RunStore.column(timers, UUID.class, t -> t.run().value()))
                .param("timers", RunStore.column(timers, String.class, DueTimer::timer))
                .update();
    }

    /** Timers that are due by our clock, taken for this transaction. */
    List<DueTimer> takeDueTimers(Instant now, int most) {
        return jdbc.sql(
                        """
                        SELECT tenant_id, run_id, timer, due_at FROM platform.workflow_timer WHERE due_at <= :now
                        ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED
                        """)
                .param("now", RunStore.utc(now))
                .param("most", most)
                .query((row, _) ->
                        new DueTimer(
                                new TenantId(RunStore.uuid(row, "tenant_id")),
                                new RunId(RunStore.uuid(row, "run_id")),
                                row.getString("timer"),
                                row.getTimestamp("due_at").toInstant()))
                .list();
    }
}
