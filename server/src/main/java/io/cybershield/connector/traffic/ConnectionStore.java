package io.cybershield.connector.traffic;

import io.cybershield.connector.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What is known about a tenant's connections. In the tenant's scope. */
@Component
final class ConnectionStore {
    /** The tables are over all tenants; the wall shows each its own. */
    private static final String ONE = " WHERE connector = :connector AND target = :target";

    private final JdbcClient jdbc;

    ConnectionStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param until nobody goes before, while it is open
     * @param times it was opened in a row
     * @param opened how often it was ever opened
     * @param tryingUntil somebody tries whether it works again, and is to be waited for until then
     * @param nextSlot see {@link Slots}
     */
    record Row(
            Connection connection,
            boolean open,
            @Nullable String reason,
            @Nullable Instant openedAt,
            @Nullable Instant until,
            int times,
            long opened,
            @Nullable Instant tryingUntil,
            @Nullable Integer perMinute,
            @Nullable Integer burst,
            @Nullable Instant nextSlot) {}

    List<Row> list() {
        return jdbc.sql("SELECT * FROM platform.connection ORDER BY connector, target")
                .query(ConnectionStore::row)
                .list();
    }

    /** Takes it for the open transaction; empty when somebody else has it, or there is none. */
    Optional<Row> take(Connection connection) {
        return jdbc.sql("SELECT * FROM platform.connection" + ONE + " FOR UPDATE SKIP LOCKED")
                .param("connector", connection.connector())
                .param("target", connection.target())
                .query(ConnectionStore::row)
                .optional();
    }

    void trying(Connection connection, Instant until) {
        jdbc.sql("UPDATE platform.connection SET trying_until = :until" + ONE)
                .param("until", utc(until))
                .param("connector", connection.connector())
                .param("target", connection.target())
                .update();
    }

    void slot(Connection connection, Instant next) {
        jdbc.sql("UPDATE platform.connection SET next_slot = :next" + ONE)
                .param("next", utc(next))
                .param("connector", connection.connector())
                .param("target", connection.target())
                .update();
    }

    /**
     * Opens it, unless it is open and its time is not over: what was under way when it opened says
     * nothing new.
     *
     * @param until null for the usual pause, which doubles each time
     * @return whether this opened it
     */
    boolean open(Connection connection, String reason, Instant now, @Nullable Instant until) {
        Integer times =
                jdbc.sql("SELECT times FROM platform.connection" + ONE)
                        .param("connector", connection.connector())
                        .param("target", connection.target())
                        .query(Integer.class)
                        .optional()
                        .orElse(0);
        Duration pause = Breaker.pause(times == null ? 0 : times);
        return jdbc.sql(
                                """
                                INSERT INTO platform.connection AS c (connector, target, state, reason, opened_at, until, times, opened)
                                VALUES (:connector, :target, 'open', :reason, :now, :until, 1, 1)
                                ON CONFLICT (tenant_id, connector, target) DO UPDATE SET state = 'open', reason = excluded.reason,
                                    opened_at = CASE WHEN c.state = 'open' THEN c.opened_at ELSE excluded.opened_at END,
                                    until = excluded.until, times = c.times + 1, opened = c.opened + 1, trying_until = NULL
                                WHERE c.state = 'closed' OR c.until <= :now
                                """)
                        .param("connector", connection.connector())
                        .param("target", connection.target())
                        .param("reason", reason)
                        .param("now", utc(now))
                        .param("until", utc(until == null ? now.plus(pause) : until))
                        .update()
                == 1;
    }

    /** Closes it, if its pause is over or somebody says so. */
    boolean close(Connection connection, Instant now, boolean atOnce) {
        return jdbc.sql(
                                "UPDATE platform.connection SET state = 'closed', times = 0,"
                                        + " trying_until = NULL, until = NULL"
                                        + ONE
                                        + " AND state = 'open' AND (:atOnce OR until <= :now)")
                        .param("atOnce", atOnce)
                        .param("now", utc(now))
                        .param("connector", connection.connector())
                        .param("target", connection.target())
                        .update()
                == 1;
    }

    void limit(Connection connection, @Nullable Integer perMinute, @Nullable Integer burst) {
        jdbc.sql(
                        """
                        INSERT INTO platform.connection (connector, target, per_minute, burst)
                        VALUES (:connector, :target, :perMinute, :burst)
                        ON CONFLICT (tenant_id, connector, target) DO UPDATE SET per_minute = excluded.per_minute, burst = excluded.burst,
                            next_slot = NULL
                        """)
                .param("connector", connection.connector())
                .param("target", connection.target())
                .param("perMinute", perMinute)
                .param("burst", burst)
                .update();
    }

    private static Row row(ResultSet row, int number) throws SQLException {
        return new Row(
                new Connection(row.getString("connector"), row.getString("target")),
                row.getString("state").equals("open"),
                row.getString("reason"),
                instant(row, "opened_at"),
                instant(row, "until"),
                row.getInt("times"),
                row.getLong("opened"),
                instant(row, "trying_until"),
                row.getObject("per_minute", Integer.class),
                row.getObject("burst", Integer.class),
                instant(row, "next_slot"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var value = row.getTimestamp(column);
        return value == null ? null : value.toInstant();
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
