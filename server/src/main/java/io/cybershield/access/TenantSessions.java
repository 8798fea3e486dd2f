package io.cybershield.access;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How long a tenant lets sessions live, within the platform's bounds. */
@Component
final class TenantSessions {
    /** Minutes; shorter ones end while somebody reads. */
    static final int IDLE_LEAST = 5;

    static final int ABSOLUTE_LEAST = 30;
    private static final Scope PLATFORM = Scope.platform("access");
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final AuditTrail audit;
    private final AccessSettings settings;

    TenantSessions(
            Transactions transactions, JdbcClient jdbc, AuditTrail audit, AccessSettings settings) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.audit = audit;
        this.settings = settings;
    }

    SessionBounds most() {
        return settings.most();
    }

    /** What holds for the current tenant. */
    SessionBounds bounds() {
        return transactions.call(this::read);
    }

    private SessionBounds read() {
        return settings.bounds(
                jdbc.sql("SELECT idle_minutes, absolute_minutes FROM platform.session_bounds")
                        .query((row, _) ->
                                new SessionBounds(
                                        Duration.ofMinutes(row.getInt(1)),
                                        Duration.ofMinutes(row.getInt(2))))
                        .optional()
                        .orElse(null));
    }

    /**
     * Sets them, in the tenant's own scope; sessions that are open keep to them from now on.
     *
     * @throws io.cybershield.platform.ProblemException {@code invalid} outside the bounds
     */
    void set(TenantId tenant, int idleMinutes, int absoluteMinutes) {
        check(idleMinutes, absoluteMinutes);
        transactions.run(() -> {
            SessionBounds before = read();
            jdbc.sql(
                            """
                            INSERT INTO platform.session_bounds (tenant_id, idle_minutes, absolute_minutes)
                            VALUES (:tenant, :idle, :absolute)
                            ON CONFLICT (tenant_id) DO UPDATE
                            SET idle_minutes = :idle, absolute_minutes = :absolute
                            """)
                    .param("tenant", tenant.value())
                    .param("idle", idleMinutes)
                    .param("absolute", absoluteMinutes)
                    .update();
            PLATFORM.run(() -> transactions.run(() -> shorten(tenant, idleMinutes * 60)));
            audit.append(
                    "access.session-bounds-changed",
                    "settings:sessions",
                    Outcome.PERMITTED,
                    Map.of(
                            "before", inWords(before.idle(), before.absolute()),
                            "after",
                                    inWords(
                                            Duration.ofMinutes(idleMinutes),
                                            Duration.ofMinutes(absoluteMinutes))));
        });
    }

    private void shorten(TenantId tenant, int idleSeconds) {
        jdbc.sql(
                        """
                        UPDATE platform.spring_session s
                        SET max_inactive_interval = :idle, expiry_time = s.last_access_time + :idle * 1000::bigint
                        FROM platform.account a
                        WHERE a.tenant_id = :tenant AND s.principal_name = a.id::text
                        """)
                .param("idle", idleSeconds)
                .param("tenant", tenant.value())
                .update();
    }

    private void check(int idleMinutes, int absoluteMinutes) {
        var places = new ArrayList<Place>();
        within(places, "#/idleMinutes", idleMinutes, IDLE_LEAST, most().idle());
        within(places, "#/absoluteMinutes", absoluteMinutes, ABSOLUTE_LEAST, most().absolute());
        if (places.isEmpty() && idleMinutes > absoluteMinutes) {
            places.add(new Place("#/idleMinutes", "is more than the whole life of a session"));
        }
        if (!places.isEmpty()) {
            throw Problems.INVALID.because("Sessions cannot live so.", List.copyOf(places));
        }
    }

    private static void within(
            List<Place> places, String place, int minutes, int least, Duration most) {
        if (minutes < least || minutes > most.toMinutes()) {
            places.add(
                    new Place(
                            place,
                            "is "
                                    + minutes
                                    + ", but must be "
                                    + least
                                    + " to "
                                    + most.toMinutes()));
        }
    }

    private static String inWords(Duration idle, Duration absolute) {
        return idle.toMinutes() + " min unused, " + absolute.toMinutes() + " min at most";
    }
}
