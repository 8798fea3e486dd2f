package io.cybershield.workflow;

import io.cybershield.platform.Script;
import io.cybershield.platform.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** In PostgreSQL. */
@Component
final class SqlDispatchStore implements DispatchStore {
    private final JdbcClient jdbc;
    private final Weights weights;

    SqlDispatchStore(JdbcClient jdbc, Weights weights) {
        this.weights = weights;
        this.jdbc = jdbc;
    }

    @Override
    public void add(List<Due> due, Duration lease) {
        var script = new Script();
        add(script, due, lease);
        script.run(jdbc);
    }

    @Override
    public void write(Changes changes, Duration lease) {
        var script = new Script();
        drop(script, changes.dropped());
        dropRuns(script, changes.tenant(), changes.over());
        add(script, changes.due(), lease);
        clearTimers(script, changes.cleared());
        setTimers(script, changes.set());
        script.run(jdbc);
    }

    private static void add(Script script, List<Due> due, Duration lease) {
        if (due.isEmpty()) {
            return;
        }
        script.add(
                """
                INSERT INTO platform.workflow_dispatch (tenant_id, run_id, step, epoch, kind, idempotency_key, due_at, claim, lease_until, takes)
                SELECT d.*, CASE WHEN d.claim IS NOT NULL THEN now() + make_interval(secs => :lease) END,
                       CASE WHEN d.claim IS NULL THEN 0 ELSE 1 END
                FROM unnest(:tenants::uuid[], :runs::uuid[], :steps::text[], :epochs::bigint[], :kinds::text[], :keys::text[],
                            :ats::timestamptz[], :claims::uuid[]) d(tenant, run, step, epoch, kind, key, at, claim)
                ON CONFLICT DO NOTHING
                """,
                Map.of(
                        "lease",
                        lease.toMillis() / 1000.0,
                        "tenants",
                        Columns.column(due, UUID.class, d -> d.tenant().value()),
                        "runs",
                        Columns.column(due, UUID.class, d -> d.run().value()),
                        "steps",
                        Columns.column(due, String.class, Due::step),
                        "epochs",
                        Columns.column(due, Long.class, Due::epoch),
                        "kinds",
                        Columns.column(due, String.class, d -> d.kind().wire()),
                        "keys",
                        Columns.column(due, String.class, Due::key),
                        "ats",
                        Columns.column(due, String.class, d -> d.at().toString()),
                        "claims",
                        Columns.column(due, UUID.class, Due::claim)));
    }

    @Override
    public List<Pointer> claim(Room room, Duration lease) {
        var own = List.copyOf(room.own().entrySet());
        var heavy = List.copyOf(weights.named().entrySet());
        return jdbc.sql(
                        """
                        WITH RECURSIVE tenant AS (
                            (SELECT tenant_id FROM platform.workflow_dispatch ORDER BY tenant_id LIMIT 1)
                            UNION ALL
                            SELECT next.tenant_id FROM tenant CROSS JOIN LATERAL (
                                SELECT w.tenant_id FROM platform.workflow_dispatch w WHERE w.tenant_id > tenant.tenant_id
                                ORDER BY w.tenant_id LIMIT 1) next),
                        room AS (
                            SELECT t.tenant_id, coalesce(own.most, :each) AS most, coalesce(heavy.weight, 1) AS weight
                            FROM tenant t LEFT JOIN unnest(:tenants::uuid[], :own::integer[]) own(tenant_id, most) USING (tenant_id)
                                          LEFT JOIN unnest(:heavy::uuid[], :weights::integer[]) heavy(tenant_id, weight) USING (tenant_id)
                            WHERE NOT EXISTS (SELECT 1 FROM platform.tenant s WHERE s.id = t.tenant_id AND s.state = 'suspended')),
                        free AS (
                            SELECT own.*, room.most, room.weight FROM room CROSS JOIN LATERAL (
                                SELECT w.ctid, w.tenant_id, w.due_at FROM platform.workflow_dispatch w
                                WHERE w.tenant_id = room.tenant_id AND room.most > 0 AND w.due_at <= now()
                                  AND (w.lease_until IS NULL OR w.lease_until < now())
                                ORDER BY w.due_at LIMIT :each FOR UPDATE SKIP LOCKED) own),
                        turn AS (
                            SELECT ctid, due_at, most, weight, row_number() OVER (PARTITION BY tenant_id ORDER BY due_at) AS place FROM free),
                        due AS (SELECT ctid FROM turn WHERE place <= most ORDER BY (place - 1) / weight, due_at LIMIT :most)
                        UPDATE platform.workflow_dispatch d
                        SET claim = gen_random_uuid(), lease_until = now() + make_interval(secs => :lease), takes = takes + 1
                        FROM due WHERE d.ctid = due.ctid
                        RETURNING d.tenant_id, d.run_id, d.step, d.epoch, d.kind, d.idempotency_key, d.claim, d.takes
                        """)
                .param("most", room.most())
                .param("each", room.each())
                .param("tenants", Columns.column(own, UUID.class, e -> e.getKey().value()))
                .param("own", Columns.column(own, Integer.class, Map.Entry::getValue))
                .param("heavy", Columns.column(heavy, UUID.class, e -> e.getKey().value()))
                .param("weights", Columns.column(heavy, Integer.class, Map.Entry::getValue))
                .param("lease", lease.toMillis() / 1000.0)
                .query((row, _) ->
                        new Pointer(
                                new TenantId(Columns.uuid(row, "tenant_id")),
                                new RunId(Columns.uuid(row, "run_id")),
                                row.getString("step"),
                                row.getLong("epoch"),
                                row.getString("kind").equals("probe") ? Kind.PROBE : Kind.ATTEMPT,
                                row.getString("idempotency_key"),
                                Columns.uuid(row, "claim"),
                                row.getInt("takes")))
                .list();
    }

    /** Who has a row locked is at work on it: waiting for him could only end in a deadlock. */
    @Override
    public void renew(List<Pointer> pointers, Duration lease) {
        if (pointers.isEmpty()) {
            return;
        }
        var parameters = new HashMap<String, Object>(keys(pointers));
        parameters.put("lease", lease.toMillis() / 1000.0);
        new Script()
                .addByIndex(
                        """
                        UPDATE platform.workflow_dispatch d SET lease_until = now() + make_interval(secs => :lease)
                        FROM (SELECT w.ctid
                              FROM unnest(:tenants::uuid[], :runs::uuid[], :steps::text[], :epochs::bigint[], :kinds::text[], :claims::uuid[])
                                   p(tenant, run, step, epoch, kind, claim)
                              JOIN platform.workflow_dispatch w
                                ON w.tenant_id = p.tenant AND w.run_id = p.run AND w.step = p.step AND w.epoch = p.epoch AND w.kind = p.kind
                              WHERE w.claim = p.claim AND w.lease_until < now() + 0.9 * make_interval(secs => :lease)
                              FOR UPDATE OF w SKIP LOCKED) held
                        WHERE d.ctid = held.ctid
                        """,
                        parameters)
                .run(jdbc);
    }

    private static void drop(Script script, List<Pointer> pointers) {
        if (pointers.isEmpty()) {
            return;
        }
        script.addByIndex(
                """
                DELETE FROM platform.workflow_dispatch d
                USING unnest(:tenants::uuid[], :runs::uuid[], :steps::text[], :epochs::bigint[], :kinds::text[], :claims::uuid[])
                      p(tenant, run, step, epoch, kind, claim)
                WHERE d.tenant_id = p.tenant AND d.run_id = p.run AND d.step = p.step AND d.epoch = p.epoch AND d.kind = p.kind
                  AND d.claim = p.claim
                """,
                keys(pointers));
    }

    private static Map<String, Object> keys(List<Pointer> pointers) {
        return Map.of(
                "tenants",
                Columns.column(pointers, UUID.class, p -> p.tenant().value()),
                "runs",
                Columns.column(pointers, UUID.class, p -> p.run().value()),
                "steps",
                Columns.column(pointers, String.class, Pointer::step),
                "epochs",
                Columns.column(pointers, Long.class, Pointer::epoch),
                "kinds",
                Columns.column(pointers, String.class, p -> p.kind().wire()),
                "claims",
                Columns.column(pointers, UUID.class, Pointer::claim));
    }

    @Override
    public void dropStep(TenantId tenant, RunId run, String step, long epoch) {
        jdbc.sql(
                        "DELETE FROM platform.workflow_dispatch WHERE tenant_id = :tenant AND"
                                + " run_id = :run AND step = :step AND epoch <= :epoch")
                .param("tenant", tenant.value())
                .param("run", run.value())
                .param("step", step)
                .param("epoch", epoch)
                .update();
    }

    private static void dropRuns(Script script, TenantId tenant, List<RunId> runs) {
        if (runs.isEmpty()) {
            return;
        }
        for (String table : List.of("workflow_dispatch", "workflow_timer")) {
            script.addByIndex(
                    "DELETE FROM platform."
                            + table
                            + " WHERE tenant_id = :tenant AND run_id = ANY(:runs)",
                    Map.of(
                            "tenant",
                            tenant.value(),
                            "runs",
                            Columns.column(runs, UUID.class, RunId::value)));
        }
    }

    @Override
    public void setTimers(List<DueTimer> timers) {
        var script = new Script();
        setTimers(script, timers);
        script.run(jdbc);
    }

    private static void setTimers(Script script, List<DueTimer> timers) {
        if (timers.isEmpty()) {
            return;
        }
        script.add(
                """
                INSERT INTO platform.workflow_timer (tenant_id, run_id, timer, due_at)
                SELECT * FROM unnest(:tenants::uuid[], :runs::uuid[], :timers::text[], :dues::timestamptz[])
                ON CONFLICT (tenant_id, run_id, timer) DO UPDATE SET due_at = excluded.due_at
                """,
                Map.of(
                        "tenants",
                        Columns.column(timers, UUID.class, t -> t.tenant().value()),
                        "runs",
                        Columns.column(timers, UUID.class, t -> t.run().value()),
                        "timers",
                        Columns.column(timers, String.class, DueTimer::timer),
                        "dues",
                        Columns.column(timers, String.class, t -> t.due().toString())));
    }

    @Override
    public void clearTimers(List<DueTimer> timers) {
        var script = new Script();
        clearTimers(script, timers);
        script.run(jdbc);
    }

    private static void clearTimers(Script script, List<DueTimer> timers) {
        if (timers.isEmpty()) {
            return;
        }
        script.addByIndex(
                """
                DELETE FROM platform.workflow_timer t USING unnest(:tenants::uuid[], :runs::uuid[], :timers::text[]) c(tenant, run, timer)
                WHERE t.tenant_id = c.tenant AND t.run_id = c.run AND t.timer = c.timer
                """,
                Map.of(
                        "tenants",
                        Columns.column(timers, UUID.class, t -> t.tenant().value()),
                        "runs",
                        Columns.column(timers, UUID.class, t -> t.run().value()),
                        "timers",
                        Columns.column(timers, String.class, DueTimer::timer)));
    }

    @Override
    public List<DueTimer> takeDueTimers(Instant now, int most) {
        return jdbc.sql(
                        """
                        SELECT tenant_id, run_id, timer, due_at FROM platform.workflow_timer t WHERE due_at <= :now
                          AND NOT EXISTS (SELECT 1 FROM platform.tenant s WHERE s.id = t.tenant_id AND s.state = 'suspended')
                        ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED
                        """)
                .param("now", Columns.utc(now))
                .param("most", most)
                .query((row, _) ->
                        new DueTimer(
                                new TenantId(Columns.uuid(row, "tenant_id")),
                                new RunId(Columns.uuid(row, "run_id")),
                                row.getString("timer"),
                                row.getTimestamp("due_at").toInstant()))
                .list();
    }
}
