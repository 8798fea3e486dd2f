package io.cybershield.billing;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Subscriptions; every method runs in the caller's transaction under the platform's scope. */
@Component
class SubscriptionStore {
    private static final String COLUMNS =
            "seq, plan, monthly_cents, currency, from_at, until_at, trial_until";
    private final JdbcClient jdbc;

    SubscriptionStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Nobody else changes what this tenant is subscribed to until the transaction ends. */
    void lock(TenantId tenant) {
        jdbc.sql("SELECT pg_advisory_xact_lock(hashtextextended('subscription:' || :tenant, 0))")
                .param("tenant", tenant.toString())
                .query((_, _) -> true)
                .single();
    }

    Optional<Subscription> current(TenantId tenant) {
        return jdbc.sql(
                        "SELECT "
                                + COLUMNS
                                + " FROM platform.subscription WHERE tenant_id = :tenant AND"
                                + " until_at IS NULL")
                .param("tenant", tenant.value())
                .query(SubscriptionStore::row)
                .optional();
    }

    /** Oldest first. */
    List<Subscription> all(TenantId tenant) {
        return jdbc.sql(
                        "SELECT "
                                + COLUMNS
                                + " FROM platform.subscription WHERE tenant_id = :tenant ORDER BY"
                                + " seq")
                .param("tenant", tenant.value())
                .query(SubscriptionStore::row)
                .list();
    }

    /** Of every tenant that has one, oldest first. */
    Map<TenantId, List<Subscription>> everybodys() {
        var all = new LinkedHashMap<TenantId, List<Subscription>>();
        jdbc.sql("SELECT DISTINCT tenant_id FROM platform.subscription ORDER BY tenant_id")
                .query(UUID.class)
                .list()
                .forEach(id -> all.put(new TenantId(id), all(new TenantId(id))));
        return all;
    }

    void add(TenantId tenant, Subscription one) {
        jdbc.sql(
                        """
                        INSERT INTO platform.subscription (tenant_id, seq, plan, monthly_cents, currency, from_at, trial_until)
                        VALUES (:tenant, :seq, :plan, :cents, :currency, :from, :trial)
                        """)
                .param("tenant", tenant.value())
                .param("seq", one.seq())
                .param("plan", one.plan())
                .param("cents", one.monthlyCents())
                .param("currency", one.currency())
                .param("from", one.from().atOffset(ZoneOffset.UTC))
                .param(
                        "trial",
                        one.trialUntil() == null ? null : one.trialUntil().atOffset(ZoneOffset.UTC))
                .update();
    }

    void end(TenantId tenant, int seq, Instant at) {
        jdbc.sql(
                        "UPDATE platform.subscription SET until_at = :at WHERE tenant_id = :tenant"
                                + " AND seq = :seq")
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("tenant", tenant.value())
                .param("seq", seq)
                .update();
    }

    void deleteAll(TenantId tenant) {
        jdbc.sql("DELETE FROM platform.subscription WHERE tenant_id = :tenant")
                .param("tenant", tenant.value())
                .update();
    }

    private static Subscription row(ResultSet row, int number) throws SQLException {
        return new Subscription(
                row.getInt("seq"),
                row.getString("plan"),
                row.getLong("monthly_cents"),
                row.getString("currency"),
                row.getTimestamp("from_at").toInstant(),
                instant(row, "until_at"),
                instant(row, "trial_until"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    boolean isSettled(TenantId tenant) {
        return jdbc.sql(
                                """
                                SELECT count(*) FROM platform.payment WHERE tenant_id = :tenant AND contract IS NOT NULL
                                """)
                        .param("tenant", tenant.value())
                        .query(Integer.class)
                        .single()
                == 0;
    }
}
