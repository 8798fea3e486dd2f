package io.cybershield.custody;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What is tied to a company by something else than {@code tenant_id} under the walls: sessions of
 * its people, mails from before it was there, grants between it and others, records in the log.
 */
@Component
class Ties {
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantSchemas schemas;
    private final AuditTrail audit;
    private final Clock clock;

    Ties(
            Transactions transactions,
            JdbcClient jdbc,
            TenantSchemas schemas,
            AuditTrail audit,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.schemas = schemas;
        this.audit = audit;
        this.clock = clock;
    }

    private static final String ACCOUNTS =
            "(SELECT id FROM platform.account WHERE tenant_id = :tenant)";
    private static final String ADDRESSES =
            """
            (SELECT email FROM platform.account WHERE tenant_id = :tenant
             UNION SELECT email FROM platform.registration WHERE tenant_id = :tenant)
            """;

    /** Sessions end with their attributes; the last two have no tenant that they name. */
    private static final List<String> OF_PEOPLE =
            List.of(
                    """
                    DELETE FROM platform.spring_session
                    WHERE principal_name IN (SELECT id::text FROM platform.account WHERE tenant_id = :tenant)
                    """,
                    "DELETE FROM platform.step_up WHERE account_id IN " + ACCOUNTS,
                    "DELETE FROM platform.passkey_challenge WHERE account_id IN " + ACCOUNTS,
                    "DELETE FROM platform.mail WHERE tenant_id IS NULL AND recipient IN "
                            + ADDRESSES);

    /** Before the accounts go, by which most of this is found. */
    void cut(TenantId tenant, Principal by) {
        @Nullable UUID run =
                transactions.callAs(
                        LegalHolds.PLATFORM,
                        () -> {
                            OF_PEOPLE.forEach(sql -> run(sql, tenant));
                            endGrants(tenant, by);
                            run(
                                    "DELETE FROM platform.registration WHERE tenant_id = :tenant",
                                    tenant);
                            return jdbc.sql(
                                            "SELECT set_up_run FROM platform.tenant WHERE id ="
                                                    + " :tenant AND set_up_run IS NOT NULL")
                                    .param("tenant", tenant.value())
                                    .query(UUID.class)
                                    .optional()
                                    .orElse(null);
                        });
        if (run != null) {
            schemas.forgetRun(run);
        }
    }

    /**
     * What it let others do, and what others let it do: the other side's trail says that it ended.
     */
    private void endGrants(TenantId tenant, Principal by) {
        jdbc.sql(
                        """
                        UPDATE platform.delegation_request
                        SET customer_id = NULL, sent_to = NULL, withdrawn_at = coalesce(withdrawn_at, :now)
                        WHERE customer_id = :tenant OR sent_to IN
                        """
                                + ADDRESSES)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .param("tenant", tenant.value())
                .update();
        var live =
                jdbc.sql(
                                """
                                SELECT id, tenant_id FROM platform.delegation WHERE provider_id = :tenant AND revoked_at IS NULL
                                """)
                        .param("tenant", tenant.value())
                        .query((row, _) ->
                                Map.entry(
                                        row.getObject(1, UUID.class),
                                        new TenantId(row.getObject(2, UUID.class))))
                        .list();
        run(
                """
                DELETE FROM platform.delegation_use u USING platform.delegation d
                WHERE d.id = u.grant_id AND d.provider_id = :tenant
                """,
                tenant);
        run("DELETE FROM platform.delegation WHERE provider_id = :tenant", tenant);
        run("DELETE FROM platform.brand_choice WHERE provider_id = :tenant", tenant);
        live.forEach(grant ->
                transactions.runAs(
                        Scope.tenant(grant.getValue(), by),
                        () ->
                                audit.append(
                                        "provider.left",
                                        "delegation:" + grant.getKey(),
                                        Outcome.PERMITTED,
                                        Map.of("why", "the provider was deleted"))));
    }

    /** Its own, and what the platform's run said that set it up. */
    private static final String IN_LOG =
            """
            starts_with(key, :tenant || '|')
                OR starts_with(key, :house || '|') AND (position(convert_to(:tenant, 'UTF8') IN value) > 0
                    OR position(convert_to((SELECT set_up_run::text FROM platform.tenant WHERE id = :tenant::uuid), 'UTF8') IN value) > 0)
            """;

    /** Where the log lies in the database; records elsewhere go with their retention. */
    void emptyLog(TenantId tenant) {
        transactions.runAs(
                LegalHolds.PLATFORM,
                () -> {
                    for (String table : List.of("eventlog.record", "eventlog.dead_letter")) {
                        jdbc.sql("DELETE FROM " + table + " WHERE " + IN_LOG)
                                .param("tenant", tenant.toString())
                                .param("house", TenantId.HOUSE.toString())
                                .update();
                    }
                });
    }

    /** How many records of it the log has. */
    long inLog(TenantId tenant) {
        return transactions.callAs(
                LegalHolds.PLATFORM,
                () ->
                        jdbc.sql(
                                        """
                                        SELECT (SELECT count(*) FROM eventlog.record WHERE starts_with(key, :tenant || '|'))
                                             + (SELECT count(*) FROM eventlog.dead_letter WHERE starts_with(key, :tenant || '|'))
                                        """)
                                .param("tenant", tenant.toString())
                                .query(Long.class)
                                .single());
    }

    private void run(String sql, TenantId tenant) {
        jdbc.sql(sql).param("tenant", tenant.value()).update();
    }
}
