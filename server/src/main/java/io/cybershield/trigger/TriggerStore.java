package io.cybershield.trigger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What triggers keep in the tenant's schema. Every method needs an open transaction in the tenant's
 * scope.
 */
@Component
final class TriggerStore {
    private final JdbcClient jdbc;

    TriggerStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param hook id in its address; null before the first publishing
     * @param secret sealed
     */
    @SuppressWarnings("ArrayRecordComponent") // only carried from column to box
    record State(
            boolean enabled,
            @Nullable Instant firedAt,
            @Nullable String hook,
            byte @Nullable [] secret,
            @Nullable Instant secretAt) {
        static final State FRESH = new State(true, null, null, null, null);
    }

    record Count(String what, long count, Instant lastAt) {}

    State state(UUID workflow, String node) {
        return jdbc.sql(
                        "SELECT enabled, fired_at, hook, secret, secret_at FROM trigger_state WHERE"
                                + " workflow_id = :workflow AND node = :node")
                .param("workflow", workflow)
                .param("node", node)
                .query((row, _) ->
                        new State(
                                row.getBoolean("enabled"),
                                instant(row, "fired_at"),
                                row.getString("hook"),
                                row.getBytes("secret"),
                                instant(row, "secret_at")))
                .optional()
                .orElse(State.FRESH);
    }

    void enable(UUID workflow, String node, boolean enabled) {
        jdbc.sql(
                        """
                        INSERT INTO trigger_state (workflow_id, node, enabled) VALUES (:workflow, :node, :enabled)
                        ON CONFLICT (workflow_id, node) DO UPDATE SET enabled = excluded.enabled
                        """)
                .param("workflow", workflow)
                .param("node", node)
                .param("enabled", enabled)
                .update();
    }

    /** Keeps the first id that it is given. */
    String hook(UUID workflow, String node, String fresh) {
        return jdbc.sql(
                        """
                        INSERT INTO trigger_state (workflow_id, node, hook) VALUES (:workflow, :node, :hook)
                        ON CONFLICT (workflow_id, node) DO UPDATE SET hook = coalesce(trigger_state.hook, excluded.hook)
                        RETURNING hook
                        """)
                .param("workflow", workflow)
                .param("node", node)
                .param("hook", fresh)
                .query(String.class)
                .single();
    }

    void secret(UUID workflow, String node, byte[] sealed, Instant at) {
        jdbc.sql(
                        """
                        INSERT INTO trigger_state (workflow_id, node, secret, secret_at) VALUES (:workflow, :node, :secret, :at)
                        ON CONFLICT (workflow_id, node) DO UPDATE SET secret = excluded.secret, secret_at = excluded.secret_at
                        """)
                .param("workflow", workflow)
                .param("node", node)
                .param("secret", sealed)
                .param("at", utc(at))
                .update();
    }

    List<Count> counts(UUID workflow, String node) {
        return jdbc.sql(
                        "SELECT what, count, last_at FROM trigger_count WHERE workflow_id ="
                                + " :workflow AND node = :node ORDER BY what")
                .param("workflow", workflow)
                .param("node", node)
                .query((row, _) ->
                        new Count(
                                row.getString("what"),
                                row.getLong("count"),
                                row.getTimestamp("last_at").toInstant()))
                .list();
    }

    // ---- runs

    void started(UUID run, UUID workflow, String node, int depth, @Nullable Instant tick) {
        jdbc.sql(
                        "INSERT INTO trigger_run (run_id, workflow_id, node, depth, tick) VALUES"
                                + " (:run, :workflow, :node, :depth, :tick)")
                .param("run", run)
                .param("workflow", workflow)
                .param("node", node)
                .param("depth", depth)
                .param("tick", tick == null ? null : utc(tick))
                .update();
    }

    /** How many runs stand before it in a chain of runs that started one another. */
    int depth(UUID run) {
        return jdbc.sql("SELECT depth FROM trigger_run WHERE run_id = :run")
                .param("run", run)
                .query(Integer.class)
                .optional()
                .orElse(0);
    }

    boolean hasLiveRun(UUID workflow, String node) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT 1 FROM workflow_instances i JOIN trigger_run r ON r.run_id = i.id
                                       WHERE i.workflow_id = :workflow AND i.ended_at IS NULL AND r.node = :node)
                        """)
                .param("workflow", workflow)
                .param("node", node)
                .query(Boolean.class)
                .single();
    }

    // ---- what was taken before

    /**
     * @param request hash of what came with the key
     * @param run null when it started none
     */
    @SuppressWarnings("ArrayRecordComponent") // only compared, by content
    record Delivery(byte[] request, @Nullable UUID run) {}

    /**
     * Notes a key; empty when it is new. The first of two at the same time wins, the second waits
     * until the first's transaction ended.
     */
    Optional<Delivery> take(
            UUID workflow,
            String node,
            byte[] key,
            byte[] request,
            Instant now,
            Duration remember) {
        jdbc.sql(
                        """
                        DELETE FROM trigger_delivery WHERE ctid IN (
                            SELECT ctid FROM trigger_delivery WHERE expires_at <= :now LIMIT 20 FOR UPDATE SKIP LOCKED)
                        """)
                .param("now", utc(now))
                .update();
        boolean fresh =
                jdbc.sql(
                                        """
                                        INSERT INTO trigger_delivery (workflow_id, node, key, request, expires_at)
                                        VALUES (:workflow, :node, :key, :request, :expires)
                                        ON CONFLICT (workflow_id, node, key) DO UPDATE
                                            SET request = excluded.request, run_id = NULL, expires_at = excluded.expires_at
                                            WHERE trigger_delivery.expires_at <= :now
                                        """)
                                .param("workflow", workflow)
                                .param("node", node)
                                .param("key", key)
                                .param("request", request)
                                .param("expires", utc(now.plus(remember)))
                                .param("now", utc(now))
                                .update()
                        == 1;
        if (fresh) {
            return Optional.empty();
        }
        return jdbc.sql(
                        "SELECT request, run_id FROM trigger_delivery WHERE workflow_id = :workflow"
                                + " AND node = :node AND key = :key")
                .param("workflow", workflow)
                .param("node", node)
                .param("key", key)
                .query((row, _) ->
                        new Delivery(row.getBytes("request"), row.getObject("run_id", UUID.class)))
                .optional();
    }

    void took(UUID workflow, String node, byte[] key, UUID run) {
        jdbc.sql(
                        "UPDATE trigger_delivery SET run_id = :run WHERE workflow_id = :workflow"
                                + " AND node = :node AND key = :key")
                .param("run", run)
                .param("workflow", workflow)
                .param("node", node)
                .param("key", key)
                .update();
    }

    void forget(UUID workflow, String node, byte[] key) {
        jdbc.sql(
                        "DELETE FROM trigger_delivery WHERE workflow_id = :workflow AND node ="
                                + " :node AND key = :key")
                .param("workflow", workflow)
                .param("node", node)
                .param("key", key)
                .update();
    }

    // ---- groups

    /**
     * @param folded how many came after the first
     */
    record Group(
            long folded,
            Instant openedAt,
            Instant lastAt,
            Instant closesAt,
            String subject,
            int depth,
            @Nullable UUID run) {
        boolean isFirst() {
            return folded == 0;
        }
    }

    /**
     * Adds one to its group; whoever adds at the same time waits.
     *
     * @param endsByItself whether a group that is past its end begins anew; otherwise closing it
     *     takes it away
     */
    Group fold(
            UUID workflow,
            String node,
            String key,
            Instant now,
            Duration window,
            boolean endsByItself,
            String subject,
            int depth) {
        return jdbc.sql(
                        """
                        INSERT INTO trigger_group AS g (workflow_id, node, key, opened_at, last_at, closes_at, folded, subject, depth)
                        VALUES (:workflow, :node, :key, :now, :now, :closes, 0, :subject, :depth)
                        ON CONFLICT (workflow_id, node, key) DO UPDATE SET
                            opened_at = CASE WHEN :ends AND g.closes_at <= :now THEN excluded.opened_at ELSE g.opened_at END,
                            closes_at = CASE WHEN :ends AND g.closes_at <= :now THEN excluded.closes_at ELSE g.closes_at END,
                            run_id = CASE WHEN :ends AND g.closes_at <= :now THEN NULL ELSE g.run_id END,
                            folded = CASE WHEN :ends AND g.closes_at <= :now THEN 0 ELSE g.folded + 1 END,
                            depth = greatest(g.depth, excluded.depth), last_at = excluded.last_at
                        RETURNING *
                        """)
                .param("workflow", workflow)
                .param("node", node)
                .param("key", key)
                .param("now", utc(now))
                .param("closes", utc(now.plus(window)))
                .param("ends", endsByItself)
                .param("subject", subject)
                .param("depth", depth)
                .query(TriggerStore::group)
                .single();
    }

    void groupRun(UUID workflow, String node, String key, UUID run) {
        jdbc.sql(
                        "UPDATE trigger_group SET run_id = :run WHERE workflow_id = :workflow AND"
                                + " node = :node AND key = :key")
                .param("run", run)
                .param("workflow", workflow)
                .param("node", node)
                .param("key", key)
                .update();
    }

    void keep(UUID workflow, String node, String key, String event) {
        jdbc.sql(
                        "INSERT INTO trigger_group_event (workflow_id, node, key, event) VALUES"
                                + " (:workflow, :node, :key, :event)")
                .param("workflow", workflow)
                .param("node", node)
                .param("key", key)
                .param("event", event)
                .update();
    }

    /** Takes a group away; what comes later begins another. */
    Optional<Group> close(UUID workflow, String node, String key) {
        return jdbc.sql(
                        "DELETE FROM trigger_group WHERE workflow_id = :workflow AND node = :node"
                                + " AND key = :key RETURNING *")
                .param("workflow", workflow)
                .param("node", node)
                .param("key", key)
                .query(TriggerStore::group)
                .optional();
    }

    /** Takes the kept events of a group away, oldest first. */
    List<String> kept(UUID workflow, String node, String key) {
        return jdbc.sql(
                        """
                        WITH gone AS (DELETE FROM trigger_group_event WHERE workflow_id = :workflow AND node = :node AND key = :key
                                      RETURNING seq, event)
                        SELECT event FROM gone ORDER BY seq
                        """)
                .param("workflow", workflow)
                .param("node", node)
                .param("key", key)
                .query((row, _) -> row.getString("event"))
                .list();
    }

    private static Group group(ResultSet row, int number) throws SQLException {
        return new Group(
                row.getLong("folded"),
                row.getTimestamp("opened_at").toInstant(),
                row.getTimestamp("last_at").toInstant(),
                row.getTimestamp("closes_at").toInstant(),
                row.getString("subject"),
                row.getInt("depth"),
                row.getObject("run_id", UUID.class));
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var value = row.getTimestamp(column);
        return value == null ? null : value.toInstant();
    }

    static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
