package io.cybershield.workflow;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.access.Authorities;
import io.cybershield.connector.Connection;
import io.cybershield.connector.Connector;
import io.cybershield.connector.traffic.Traffic;
import io.cybershield.connector.traffic.WaitingSteps;
import io.cybershield.engine.Outcome;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.workflow.DispatchStore.Pointer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Puts steps off whose connection takes nothing now, and those of runs for which nobody answers any
 * more. They stay queued, use up no attempt and hold no place: their pointer is due later, and a
 * row says why.
 */
@Component
class Holds implements Pace, WaitingSteps {
    private static final Logger log = LoggerFactory.getLogger(Holds.class);
    private static final Duration OLD = Duration.ofMinutes(10);
    private static final Duration ASKED_AGAIN = Duration.ofMinutes(1);
    private static final String PERMISSION = "workflow:run";

    /** What such a step waits for, in place of a connection. */
    private static final Connection SOMEBODY = new Connection("somebody", "");

    private final Traffic traffic;
    private final RunPeople people;
    private final Authorities authorities;
    private final RunEcho echo;
    private final JdbcClient jdbc;
    private final Cache<TenantId, Instant> swept =
            Caffeine.newBuilder().maximumSize(5_000).expireAfterWrite(OLD).build();

    Holds(
            Traffic traffic,
            RunPeople people,
            Authorities authorities,
            RunEcho echo,
            JdbcClient jdbc) {
        this.traffic = traffic;
        this.people = people;
        this.authorities = authorities;
        this.echo = echo;
        this.jdbc = jdbc;
    }

    /**
     * A person who started a run, or took it up, answers for what it does to the world. Once none
     * of them may run workflows any more, it waits for somebody who does.
     */
    @Override
    public boolean unanswered(RunTurn turn, Pointer by, Instant now) {
        RunStore.Row run = turn.now().row();
        if (!run.hasPeople()) {
            return false;
        }
        var accounts = people.of(run.run().id());
        if (accounts.isEmpty() || authorities.anyMay(accounts, PERMISSION)) {
            if (by.takes() > 1) {
                forget(by);
            }
            return false;
        }
        String why = nobody(accounts);
        if (!waitsForSomebody(run.run().id())) {
            echo.unanswered(turn.now(), by.step(), why);
        }
        write(by, SOMEBODY, now.plus(ASKED_AGAIN), false, why);
        turn.putOff(by, now.plus(ASKED_AGAIN));
        return true;
    }

    private String nobody(List<UUID> accounts) {
        var names = accounts.stream().map(authorities::name).flatMap(Optional::stream).toList();
        return (names.isEmpty() ? "Whoever started it" : String.join(" and ", names))
                + " may not run workflows any more. Somebody who may must answer for the run, or"
                + " stop it.";
    }

    private boolean waitsForSomebody(UUID run) {
        return jdbc.sql(
                        "SELECT EXISTS (SELECT 1 FROM workflow_holds WHERE run_id = :run AND"
                                + " connector = :connector)")
                .param("run", run)
                .param("connector", SOMEBODY.connector())
                .query(Boolean.class)
                .single();
    }

    /** Somebody answers for it now: its steps go on at once. */
    void answered(RunId run) {
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

    @Override
    public boolean hold(
            RunTurn turn,
            Pointer by,
            Connector connector,
            Map<String, @Nullable Object> config,
            Instant now) {
        Connection connection = connector.connection(new Connector.Call(by.key(), config, now));
        if (!traffic.isWatched(connection)) {
            return false;
        }
        boolean hasSlot = hasSlot(by);
        return switch (traffic.ask(connection, hasSlot, now)) {
            case Traffic.Answer.Go _ -> {
                forget(by);
                yield false;
            }
            case Traffic.Answer.Wait(var until, var keepsSlot, var why) -> {
                sweep(now);
                write(by, connection, until, keepsSlot, why);
                turn.putOff(by, until);
                yield true;
            }
        };
    }

    @Override
    public void told(Connector connector, Connector.Call call, Outcome outcome) {
        try {
            traffic.told(connector.connection(call), outcome);
        } catch (RuntimeException e) {
            // What the world said must reach the run, whatever becomes of this.
            log.warn("outcome is not counted for its connection cause=\"{}\"", e.getMessage());
        }
    }

    private boolean hasSlot(Pointer by) {
        return jdbc.sql(
                        "SELECT EXISTS (SELECT 1 FROM workflow_holds WHERE run_id = :run AND step ="
                                + " :step AND epoch = :epoch AND has_slot)")
                .param("run", by.run().value())
                .param("step", by.step())
                .param("epoch", by.epoch())
                .query(Boolean.class)
                .single();
    }

    private void forget(Pointer by) {
        jdbc.sql("DELETE FROM workflow_holds WHERE run_id = :run AND step = :step")
                .param("run", by.run().value())
                .param("step", by.step())
                .update();
    }

    /** Those of runs that were stopped while they waited. */
    private void sweep(Instant now) {
        var tenant = Scope.currentTenant();
        if (swept.getIfPresent(tenant) == null) {
            swept.put(tenant, now);
            jdbc.sql(
                            """
                            DELETE FROM workflow_holds h WHERE until < :before AND NOT EXISTS (
                                SELECT 1 FROM platform.workflow_dispatch d
                                WHERE d.tenant_id = h.tenant_id AND d.run_id = h.run_id AND d.step = h.step)
                            """)
                    .param("before", Columns.utc(now.minus(OLD)))
                    .update();
        }
    }

    private void write(
            Pointer by, Connection connection, Instant until, boolean hasSlot, String why) {
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

    @Override
    public long count(Connection connection) {
        return Optional.ofNullable(
                        jdbc.sql(
                                        """
                                        SELECT count(*) FROM workflow_holds h
                                        JOIN platform.workflow_dispatch d ON d.run_id = h.run_id AND d.step = h.step AND d.epoch = h.epoch
                                        WHERE h.connector = :connector AND h.target = :target AND d.due_at > now()
                                        """)
                                .param("connector", connection.connector())
                                .param("target", connection.target())
                                .query(Long.class)
                                .single())
                .orElse(0L);
    }

    @Override
    public void goOn(Connection connection) {
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
