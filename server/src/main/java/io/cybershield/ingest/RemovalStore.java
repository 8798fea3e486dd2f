package io.cybershield.ingest;

import io.cybershield.platform.TenantId;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Events that are older than they are kept, and how far their removal is; in the caller's scope.
 */
@Component
class RemovalStore {
    private final JdbcClient jdbc;

    RemovalStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A place in the order of events. */
    record Place(OffsetDateTime at, UUID id) {}

    /**
     * One look at all events that occurred before a day.
     *
     * @param after what was looked at; null at the beginning
     * @param untold events that were removed since the trail was last told
     */
    record Pass(
            LocalDate before,
            boolean ended,
            @Nullable Place after,
            long untold,
            @Nullable LocalDate toldOn) {
        boolean isDone(LocalDate from) {
            return ended && before.equals(from);
        }

        Pass toward(LocalDate from) {
            return before.equals(from) ? this : new Pass(from, false, null, untold, toldOn);
        }
    }

    record Old(Place place, Instant receivedAt) {}

    /** Under the platform's scope: this tenant's pass, unless another node has it just now. */
    Optional<Pass> take(TenantId tenant, LocalDate before) {
        jdbc.sql(
                        """
                        INSERT INTO telemetry.removal (tenant_id, before) VALUES (:tenant, :before) ON CONFLICT DO NOTHING
                        """)
                .param("tenant", tenant.value())
                .param("before", before)
                .update();
        return lock(tenant);
    }

    private Optional<Pass> lock(TenantId tenant) {
        return jdbc.sql(
                        """
                        SELECT before, ended, after_at, after_id, untold, told_on FROM telemetry.removal
                        WHERE tenant_id = :tenant FOR UPDATE SKIP LOCKED
                        """)
                .param("tenant", tenant.value())
                .query((row, _) -> {
                    UUID id = row.getObject("after_id", UUID.class);
                    return new Pass(
                            row.getObject("before", LocalDate.class),
                            row.getBoolean("ended"),
                            id == null
                                    ? null
                                    : new Place(
                                            row.getObject("after_at", OffsetDateTime.class), id),
                            row.getLong("untold"),
                            row.getObject("told_on", LocalDate.class));
                })
                .optional();
    }

    /** Of whom events went that the trail has not been told of. */
    List<TenantId> untold() {
        return jdbc.sql("SELECT tenant_id FROM telemetry.removal WHERE untold > 0")
                .query((row, _) -> new TenantId(row.getObject(1, UUID.class)))
                .list();
    }

    /** As {@link #take}, of a tenant that has a pass. */
    Optional<Pass> takeUntold(TenantId tenant) {
        return lock(tenant).filter(pass -> pass.untold() > 0);
    }

    /** Whether there is nothing to do for a tenant; without a lock. */
    boolean isDone(TenantId tenant, LocalDate before) {
        return jdbc.sql(
                        """
                        SELECT EXISTS (SELECT FROM telemetry.removal WHERE tenant_id = :tenant AND before = :before AND ended)
                        """)
                .param("tenant", tenant.value())
                .param("before", before)
                .query(Boolean.class)
                .single();
    }

    void save(TenantId tenant, Pass pass, long removed) {
        var after = pass.after();
        jdbc.sql(
                        """
                        UPDATE telemetry.removal SET before = :before, ended = :ended, after_at = :at, after_id = :id,
                            untold = :untold, removed = removed + :removed
                        WHERE tenant_id = :tenant
                        """)
                .param("tenant", tenant.value())
                .param("before", pass.before())
                .param("ended", pass.ended())
                .param("at", after == null ? null : after.at())
                .param("id", after == null ? null : after.id())
                .param("untold", pass.untold())
                .param("removed", removed)
                .update();
    }

    /** The trail has been told of all that went. */
    void told(TenantId tenant, LocalDate on, long events, LocalDate before) {
        jdbc.sql(
                        """
                        UPDATE telemetry.removal SET untold = 0, told_on = :on, told_events = :events, told_before = :before
                        WHERE tenant_id = :tenant
                        """)
                .param("tenant", tenant.value())
                .param("on", on)
                .param("events", events)
                .param("before", before)
                .update();
    }

    /** In custody of the tenant: its next events that occurred before then. */
    List<Old> next(TenantId tenant, Instant before, @Nullable Place after, int most) {
        return jdbc.sql(
                        """
                        SELECT occurred_at, id, received_at FROM telemetry.event
                        WHERE tenant_id = :tenant AND occurred_at < :before
                          AND occurred_at >= coalesce(:at::timestamptz, '-infinity')
                          AND (occurred_at, id) > (coalesce(:at::timestamptz, '-infinity'), coalesce(:id::uuid, :none))
                        ORDER BY occurred_at, id LIMIT :most
                        """)
                .param("tenant", tenant.value())
                .param("before", utc(before))
                .param("at", after == null ? null : after.at())
                .param("id", after == null ? null : after.id())
                .param("none", new UUID(0, 0))
                .param("most", most)
                .query((row, _) ->
                        new Old(
                                new Place(
                                        row.getObject(1, OffsetDateTime.class),
                                        row.getObject(2, UUID.class)),
                                row.getObject(3, OffsetDateTime.class).toInstant()))
                .list();
    }

    /** In custody of the tenant; asks once more for both times, whatever the ids are. */
    int remove(TenantId tenant, Place first, Place last, Collection<UUID> ids, Instant before) {
        return jdbc.sql(
                        """
                        DELETE FROM telemetry.event
                        WHERE tenant_id = :tenant AND occurred_at >= :first AND occurred_at <= :last AND id = ANY (:ids)
                          AND occurred_at < :before AND received_at < :before
                        """)
                .param("tenant", tenant.value())
                .param("first", first.at())
                .param("last", last.at())
                .param("ids", ids.toArray(new UUID[0]))
                .param("before", utc(before))
                .update();
    }

    /** In custody of the tenant: counts of what came in then, which nobody can open any more. */
    int removeMinutes(TenantId tenant, Instant before, int most) {
        return jdbc.sql(
                        """
                        DELETE FROM telemetry.event_minute WHERE tenant_id = :tenant AND minute < (
                            SELECT max(minute) + interval '1 minute' FROM (
                                SELECT minute FROM telemetry.event_minute WHERE tenant_id = :tenant AND minute < :before
                                ORDER BY minute LIMIT :most) oldest)
                        """)
                .param("tenant", tenant.value())
                .param("before", utc(before))
                .param("most", most)
                .update();
    }

    /**
     * Under the platform's scope: drops the oldest day's table if nothing is in it.
     *
     * @return its name; empty where there is none, or somebody was in the way
     */
    Optional<String> dropEmptyDay(LocalDate before) {
        return Optional.ofNullable(
                        jdbc.sql("SELECT coalesce(telemetry.drop_empty_day(:before), '')")
                                .param("before", before)
                                .query(String.class)
                                .single())
                .filter(name -> !name.isEmpty());
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
