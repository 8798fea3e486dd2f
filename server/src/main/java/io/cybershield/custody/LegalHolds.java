package io.cybershield.custody;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Holds: while one stands, the company is not deleted, whoever asks. */
@Component
class LegalHolds {
    static final Scope PLATFORM = Scope.platform("custody");
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantSchemas schemas;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    LegalHolds(
            Transactions transactions,
            JdbcClient jdbc,
            TenantSchemas schemas,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.schemas = schemas;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * @param byOperator whether only the operator lifts it
     * @param liftedAt null while it stands
     */
    @Schema(name = "LegalHoldView")
    record Hold(
            UUID id,
            String reason,
            boolean byOperator,
            String setBy,
            Instant setAt,
            @Nullable String liftedBy,
            @Nullable Instant liftedAt,
            @Nullable String liftedReason) {}

    /** The newest first. */
    List<Hold> of(TenantId tenant) {
        return transactions.callAs(
                PLATFORM,
                () ->
                        jdbc.sql(
                                        """
                                        SELECT * FROM platform.legal_hold WHERE tenant_id = :tenant ORDER BY id DESC LIMIT 200
                                        """)
                                .param("tenant", tenant.value())
                                .query(LegalHolds::hold)
                                .list());
    }

    /** Why the company must not be deleted; empty if it may be. */
    List<Hold> standing(TenantId tenant) {
        return transactions.callAs(
                PLATFORM,
                () ->
                        jdbc.sql(
                                        """
                                        SELECT * FROM platform.legal_hold
                                        WHERE tenant_id = :tenant AND lifted_at IS NULL ORDER BY id
                                        """)
                                .param("tenant", tenant.value())
                                .query(LegalHolds::hold)
                                .list());
    }

    Hold set(TenantId tenant, String reason, Principal by) {
        boolean operator = by.kind() == Principal.Kind.OPERATOR;
        schemas.ensure(TenantId.HOUSE);
        return transactions.callAs(
                PLATFORM,
                () -> {
                    lock(tenant);
                    UUID id = ids.next();
                    jdbc.sql(
                                    """
                                    INSERT INTO platform.legal_hold (id, tenant_id, reason, by_operator, set_by, set_at)
                                    VALUES (:id, :tenant, :reason, :operator, :by, :now)
                                    """)
                            .param("id", id)
                            .param("tenant", tenant.value())
                            .param("reason", reason)
                            .param("operator", operator)
                            .param("by", by.name())
                            .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                            .update();
                    tell("tenant.hold-set", tenant, by, Map.of("hold", id, "reason", reason));
                    return get(tenant, id);
                });
    }

    /**
     * @throws io.cybershield.platform.ProblemException {@code not-found} of one that is not this
     *     company's, {@code company-on-hold} of the operator's own when somebody else lifts it
     */
    Hold lift(TenantId tenant, UUID id, String reason, Principal by) {
        schemas.ensure(TenantId.HOUSE);
        return transactions.callAs(
                PLATFORM,
                () -> {
                    lock(tenant);
                    Hold hold = get(tenant, id);
                    if (hold.byOperator() && by.kind() != Principal.Kind.OPERATOR) {
                        throw CustodyProblems.ON_HOLD.because(
                                "Whoever runs the server set this hold, and lifts it.");
                    }
                    if (hold.liftedAt() != null) {
                        return hold;
                    }
                    jdbc.sql(
                                    """
                                    UPDATE platform.legal_hold SET lifted_by = :by, lifted_at = :now, lifted_reason = :reason
                                    WHERE id = :id
                                    """)
                            .param("id", id)
                            .param("by", by.name())
                            .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                            .param("reason", reason)
                            .update();
                    tell("tenant.hold-lifted", tenant, by, Map.of("hold", id, "reason", reason));
                    return get(tenant, id);
                });
    }

    /** One after the other with whoever begins a deletion. */
    private void lock(TenantId tenant) {
        if (jdbc.sql("SELECT id FROM platform.tenant WHERE id = :id FOR UPDATE")
                .param("id", tenant.value())
                .query(UUID.class)
                .optional()
                .isEmpty()) {
            throw Problems.NOT_FOUND.because("There is no tenant with that id.");
        }
    }

    private Hold get(TenantId tenant, UUID id) {
        return jdbc.sql("SELECT * FROM platform.legal_hold WHERE id = :id AND tenant_id = :tenant")
                .param("id", id)
                .param("tenant", tenant.value())
                .query(LegalHolds::hold)
                .optional()
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no hold with that id."));
    }

    /** Into the company's trail, and into the platform's. */
    private void tell(String action, TenantId tenant, Principal by, Map<String, ?> detail) {
        for (TenantId trail : List.of(tenant, TenantId.HOUSE)) {
            transactions.runAs(
                    Scope.tenant(trail, by),
                    () -> audit.append(action, "tenant:" + tenant, Outcome.PERMITTED, detail));
        }
    }

    private static Hold hold(ResultSet row, int number) throws SQLException {
        var lifted = row.getObject("lifted_at", OffsetDateTime.class);
        return new Hold(
                row.getObject("id", UUID.class),
                row.getString("reason"),
                row.getBoolean("by_operator"),
                row.getString("set_by"),
                row.getObject("set_at", OffsetDateTime.class).toInstant(),
                row.getString("lifted_by"),
                lifted == null ? null : lifted.toInstant(),
                row.getString("lifted_reason"));
    }
}
