package io.cybershield.billing;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * How long each tenant's events are kept, and what is known of them by the day; every method runs
 * in the caller's transaction under the platform's scope. A tenant without a row keeps them for
 * ever.
 */
@Component
class KeepingStore {
    private final JdbcClient jdbc;

    KeepingStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param plan null without a subscription
     */
    record Line(TenantId tenant, @Nullable String plan, Keeping keeping) {}

    private static final String LINES =
            """
            SELECT t.id, s.plan, r.kept_days, r.next_days, r.next_on
            FROM platform.tenant t
            LEFT JOIN platform.subscription s ON s.tenant_id = t.id AND s.until_at IS NULL
            LEFT JOIN platform.event_retention r ON r.tenant_id = t.id
            """;

    List<Line> all() {
        return jdbc.sql(LINES).query(KeepingStore::line).list();
    }

    Optional<Line> find(TenantId tenant) {
        return jdbc.sql(LINES + " WHERE t.id = :tenant")
                .param("tenant", tenant.value())
                .query(KeepingStore::line)
                .optional();
    }

    /** Who changes this tenant's waits until the transaction ends. */
    void lock(TenantId tenant) {
        jdbc.sql("SELECT pg_advisory_xact_lock(hashtextextended('event-retention:' || :tenant, 0))")
                .param("tenant", tenant.toString())
                .query((_, _) -> true)
                .single();
    }

    void put(TenantId tenant, Keeping keeping, Instant at) {
        if (keeping.equals(Keeping.FOR_EVER)) {
            jdbc.sql("DELETE FROM platform.event_retention WHERE tenant_id = :tenant")
                    .param("tenant", tenant.value())
                    .update();
            return;
        }
        var next = keeping.next();
        jdbc.sql(
                        """
                        INSERT INTO platform.event_retention AS r (tenant_id, kept_days, next_days, next_on, changed_at)
                        VALUES (:tenant, :days, :nextDays, :on, :at)
                        ON CONFLICT (tenant_id) DO UPDATE SET kept_days = excluded.kept_days, next_days = excluded.next_days,
                            next_on = excluded.next_on, changed_at = excluded.changed_at
                        """)
                .param("tenant", tenant.value())
                .param("days", keeping.days())
                .param("nextDays", next == null ? null : next.days())
                .param("on", next == null ? null : next.on())
                .param("at", at.atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Whether events came in before that day; counted by the minute, so that none is read. */
    boolean cameInBefore(TenantId tenant, LocalDate day) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT FROM telemetry.event_minute
                                       WHERE tenant_id = :tenant AND minute < :day AND events > 0)
                        """)
                .param("tenant", tenant.value())
                .param("day", day.atStartOfDay().atOffset(ZoneOffset.UTC))
                .query(Boolean.class)
                .single();
    }

    /** Of which day of receipt the oldest events are. */
    Optional<LocalDate> oldest(TenantId tenant) {
        return jdbc.sql(
                        """
                        SELECT minute FROM telemetry.event_minute WHERE tenant_id = :tenant AND events > 0
                        ORDER BY minute LIMIT 1
                        """)
                .param("tenant", tenant.value())
                .query((row, _) ->
                        LocalDate.ofInstant(
                                row.getObject(1, OffsetDateTime.class).toInstant(), ZoneOffset.UTC))
                .optional();
    }

    /**
     * What was removed by age.
     *
     * @param events in all
     * @param lastOn when some were last
     * @param lastEvents how many then
     * @param lastBefore of before which day
     */
    record Removed(long events, LocalDate lastOn, long lastEvents, LocalDate lastBefore) {}

    Optional<Removed> removed(TenantId tenant) {
        return jdbc.sql(
                        """
                        SELECT removed, told_on, told_events, told_before FROM telemetry.removal
                        WHERE tenant_id = :tenant AND told_on IS NOT NULL
                        """)
                .param("tenant", tenant.value())
                .query((row, _) ->
                        new Removed(
                                row.getLong(1),
                                row.getObject(2, LocalDate.class),
                                row.getLong(3),
                                row.getObject(4, LocalDate.class)))
                .optional();
    }

    private static Line line(ResultSet row, int number) throws SQLException {
        Integer next = row.getObject("next_days", Integer.class);
        return new Line(
                new TenantId(row.getObject("id", UUID.class)),
                row.getString("plan"),
                new Keeping(
                        row.getObject("kept_days", Integer.class),
                        next == null
                                ? null
                                : new Keeping.Next(
                                        next, row.getObject("next_on", LocalDate.class))));
    }
}
