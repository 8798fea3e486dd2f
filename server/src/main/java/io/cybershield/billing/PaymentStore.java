package io.cybershield.billing;

import io.cybershield.platform.TenantId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How tenants stand with the provider; in the caller's transaction under the platform's scope. */
@Component
class PaymentStore {
    private final JdbcClient jdbc;

    PaymentStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param seq of the subscription that the provider knows; 0 for none
     * @param nextAt not to be tried before
     */
    record Payment(
            TenantId tenant,
            @Nullable String customer,
            Payments.@Nullable Contract contract,
            int seq,
            int attempts,
            Instant nextAt) {}

    Optional<Payment> find(TenantId tenant) {
        return jdbc.sql("SELECT * FROM platform.payment WHERE tenant_id = :tenant")
                .param("tenant", tenant.value())
                .query(PaymentStore::row)
                .optional();
    }

    /** Those that are still collected from, though they have no subscription any more. */
    List<Payment> leftOver() {
        return jdbc.sql(
                        """
                        SELECT * FROM platform.payment p WHERE contract IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM platform.subscription s WHERE s.tenant_id = p.tenant_id)
                        """)
                .query(PaymentStore::row)
                .list();
    }

    void put(Payment payment) {
        var contract = payment.contract();
        jdbc.sql(
                        """
                        INSERT INTO platform.payment (tenant_id, customer, contract, item, seq, attempts, next_at)
                        VALUES (:tenant, :customer, :contract, :item, :seq, :attempts, :next)
                        ON CONFLICT (tenant_id) DO UPDATE SET customer = :customer, contract = :contract, item = :item,
                            seq = :seq, attempts = :attempts, next_at = :next
                        """)
                .param("tenant", payment.tenant().value())
                .param("customer", payment.customer())
                .param("contract", contract == null ? null : contract.id())
                .param("item", contract == null ? null : contract.item())
                .param("seq", payment.seq())
                .param("attempts", payment.attempts())
                .param("next", payment.nextAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    Optional<String> state(TenantId tenant) {
        return jdbc.sql(
                        "SELECT state FROM platform.payment WHERE tenant_id = :tenant AND state IS"
                                + " NOT NULL")
                .param("tenant", tenant.value())
                .query(String.class)
                .optional();
    }

    /** False if it was taken before. */
    boolean take(String event, Instant now) {
        return jdbc.sql(
                                "INSERT INTO platform.payment_event (id, at) VALUES (:id, :now) ON"
                                        + " CONFLICT DO NOTHING")
                        .param("id", event)
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }

    /** Events come in any order: an older one changes nothing. */
    void state(UUID tenant, String contract, String state, Instant at) {
        jdbc.sql(
                        """
                        UPDATE platform.payment SET state = :state, state_at = :at
                        WHERE tenant_id = :tenant AND (contract IS NULL OR contract = :contract)
                        AND (state_at IS NULL OR state_at <= :at)
                        """)
                .param("state", state)
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("tenant", tenant)
                .param("contract", contract)
                .update();
    }

    private static Payment row(ResultSet row, int number) throws SQLException {
        String contract = row.getString("contract");
        return new Payment(
                new TenantId(row.getObject("tenant_id", UUID.class)),
                row.getString("customer"),
                contract == null ? null : new Payments.Contract(contract, row.getString("item")),
                row.getInt("seq"),
                row.getInt("attempts"),
                row.getTimestamp("next_at").toInstant());
    }
}
