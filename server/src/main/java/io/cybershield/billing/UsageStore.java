package io.cybershield.billing;

import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What tenants use, by the day in UTC; every method runs in the caller's transaction under the
 * platform's scope. People are counted where they are kept; events by the minute of receipt, as the
 * stream notes them in the transaction that stores them.
 */
@Component
class UsageStore {
    static final String RUNS = "runs";
    static final String RUNS_REFUSED = "runs-refused";
    static final String EVENTS_REFUSED = "events-refused";
    private final JdbcClient jdbc;

    UsageStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Who adds people to this tenant waits until the transaction ends. */
    void lockUsers(TenantId tenant) {
        jdbc.sql("SELECT pg_advisory_xact_lock(hashtextextended('plan-users:' || :tenant, 0))")
                .param("tenant", tenant.toString())
                .query((_, _) -> true)
                .single();
    }

    /** Active people, and invitations that can still be taken. */
    long users(TenantId tenant, Instant now) {
        return jdbc.sql(
                        """
                        SELECT (SELECT count(*) FROM platform.account WHERE tenant_id = :tenant AND state = 'active')
                             + (SELECT count(*) FROM platform.invitation
                                WHERE tenant_id = :tenant AND accepted_at IS NULL AND expires_at > :now)
                        """)
                .param("tenant", tenant.value())
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
    }

    /** Events that were stored, by the day of receipt; the last day is not counted. */
    long events(TenantId tenant, LocalDate from, LocalDate until) {
        return jdbc.sql(
                        """
                        SELECT coalesce(sum(events), 0)::bigint FROM telemetry.event_minute
                        WHERE tenant_id = :tenant AND minute >= :from AND minute < :until
                        """)
                .param("tenant", tenant.value())
                .param("from", from.atStartOfDay().atOffset(ZoneOffset.UTC))
                .param("until", until.atStartOfDay().atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
    }

    /** Counted days; the last is not among them. */
    long sum(TenantId tenant, String meter, LocalDate from, LocalDate until) {
        return jdbc.sql(
                        """
                        SELECT coalesce(sum(amount), 0)::bigint FROM platform.usage_day
                        WHERE tenant_id = :tenant AND meter = :meter AND day >= :from AND day < :until
                        """)
                .param("tenant", tenant.value())
                .param("meter", meter)
                .param("from", from)
                .param("until", until)
                .query(Long.class)
                .single();
    }

    void add(TenantId tenant, LocalDate day, String meter, long more) {
        jdbc.sql(
                        """
                        INSERT INTO platform.usage_day AS u (tenant_id, day, meter, amount)
                        VALUES (:tenant, :day, :meter, :more)
                        ON CONFLICT (tenant_id, day, meter) DO UPDATE SET amount = u.amount + excluded.amount
                        """)
                .param("tenant", tenant.value())
                .param("day", day)
                .param("meter", meter)
                .param("more", more)
                .update();
    }

    /** How much of the day's events the doors have been given. */
    long granted(TenantId tenant, LocalDate day) {
        return jdbc.sql(
                        "SELECT granted FROM platform.event_allowance WHERE tenant_id = :tenant AND"
                                + " day = :day")
                .param("tenant", tenant.value())
                .param("day", day)
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    /**
     * Gives a node a block of the day's events: as many as it wants if there are so many, else what
     * is left, but nothing if that is less than it needs.
     *
     * @return how many; empty for nothing
     */
    Optional<Long> grant(TenantId tenant, LocalDate day, long need, long want, long limit) {
        jdbc.sql(
                        """
                        INSERT INTO platform.event_allowance (tenant_id, day, granted) VALUES (:tenant, :day, 0)
                        ON CONFLICT DO NOTHING
                        """)
                .param("tenant", tenant.value())
                .param("day", day)
                .update();
        long granted =
                jdbc.sql(
                                """
                                SELECT granted FROM platform.event_allowance
                                WHERE tenant_id = :tenant AND day = :day FOR UPDATE
                                """)
                        .param("tenant", tenant.value())
                        .param("day", day)
                        .query(Long.class)
                        .single();
        if (granted + need > limit) {
            return Optional.empty();
        }
        long given = Math.min(want, limit - granted);
        jdbc.sql(
                        """
                        UPDATE platform.event_allowance SET granted = granted + :given
                        WHERE tenant_id = :tenant AND day = :day
                        """)
                .param("given", given)
                .param("tenant", tenant.value())
                .param("day", day)
                .update();
        return Optional.of(given);
    }

    /** Takes back what a node was given and did not hand out. */
    void giveBack(TenantId tenant, LocalDate day, long unused) {
        jdbc.sql(
                        """
                        UPDATE platform.event_allowance SET granted = greatest(granted - :unused, 0)
                        WHERE tenant_id = :tenant AND day = :day
                        """)
                .param("unused", unused)
                .param("tenant", tenant.value())
                .param("day", day)
                .update();
    }
}
