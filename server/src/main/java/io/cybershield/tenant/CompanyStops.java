package io.cybershield.tenant;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.billing.Subscriptions;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Suspends companies and lets them go on. Nothing of theirs is taken away: what opens something
 * asks for the company's state with each request, and what would begin waits.
 */
@Component
public final class CompanyStops {
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantSchemas schemas;
    private final AuditTrail audit;
    private final ObjectProvider<DomainEvents> events;
    private final Suspensions suspensions;
    private final Subscriptions subscriptions;
    private final Clock clock;

    CompanyStops(
            Transactions transactions,
            JdbcClient jdbc,
            TenantSchemas schemas,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            Suspensions suspensions,
            Subscriptions subscriptions,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.schemas = schemas;
        this.audit = audit;
        this.events = events;
        this.suspensions = suspensions;
        this.subscriptions = subscriptions;
        this.clock = clock;
    }

    /**
     * @param reason and {@code since}: null while it is active
     * @param deletionAt when it will be deleted; null where nobody planned that
     */
    public record Company(
            UUID id,
            String name,
            String state,
            @Nullable String reason,
            @Nullable Instant since,
            @Nullable Instant deletionAt) {}

    /** All there are, by name. */
    public List<Company> list() {
        return transactions.callAs(Tenants.SCOPE, () -> read(null));
    }

    private List<Company> read(@Nullable TenantId tenant) {
        return jdbc.sql(
                        """
                        SELECT id, name, state, suspended_reason, suspended_at, deletion_at FROM platform.tenant
                        WHERE :id::uuid IS NULL OR id = :id ORDER BY name, id
                        """)
                .param("id", tenant == null ? null : tenant.value())
                .query((row, _) ->
                        new Company(
                                row.getObject(1, UUID.class),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                instant(row.getObject(5, OffsetDateTime.class)),
                                instant(row.getObject(6, OffsetDateTime.class))))
                .list();
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime at) {
        return at == null ? null : at.toInstant();
    }

    /**
     * Suspends it, or gives a suspended one another reason.
     *
     * @param reason is shown to the company's people
     */
    Company suspend(TenantId tenant, String reason, Principal by) {
        return change(tenant, reason, by);
    }

    /** Lets it go on; of one that is active, nothing changes. */
    Company resume(TenantId tenant, Principal by) {
        return change(tenant, null, by);
    }

    private Company change(TenantId tenant, @Nullable String reason, Principal by) {
        schemas.ensure(TenantId.HOUSE);
        Company changed =
                transactions.callAs(
                        Tenants.SCOPE,
                        () -> {
                            String name = lock(tenant);
                            if (read(tenant).getFirst().deletionAt() != null) {
                                throw TenantProblems.TO_BE_DELETED.because(
                                        "Take the deletion back first.");
                            }
                            if (update(tenant, reason)) {
                                tell(tenant, name, reason, by);
                            }
                            return read(tenant).getFirst();
                        });
        suspensions.tick();
        return changed;
    }

    /**
     * Stands still from now on and is to be deleted then; in the caller's transaction, in the
     * platform's scope.
     *
     * @param reason is shown to the company's people
     */
    public void standUntilDeleted(TenantId tenant, Instant due, String reason, Principal by) {
        String name = lock(tenant);
        update(tenant, reason);
        deletion(tenant, due);
        tell(tenant, name, reason, by);
    }

    /**
     * Is not to be deleted any more; in the caller's transaction, in the platform's scope.
     *
     * @param former why it was suspended before; null to let it go on
     */
    public void keep(TenantId tenant, @Nullable String former, Principal by) {
        String name = lock(tenant);
        deletion(tenant, null);
        update(tenant, former);
        if (former == null) {
            tell(tenant, name, null, by);
        }
    }

    /** Known here at once what the directory says; on other nodes a quarter of a second later. */
    public void look() {
        suspensions.tick();
    }

    /** Whether nobody outside is paid for it any more; asks for the end of that. */
    public boolean paymentsEnded(TenantId tenant) {
        subscriptions.withdraw(tenant);
        return subscriptions.isSettled(tenant);
    }

    private void deletion(TenantId tenant, @Nullable Instant due) {
        jdbc.sql("UPDATE platform.tenant SET deletion_at = :due WHERE id = :id")
                .param("due", due == null ? null : due.atOffset(ZoneOffset.UTC))
                .param("id", tenant.value())
                .update();
    }

    private String lock(TenantId tenant) {
        return jdbc.sql("SELECT name FROM platform.tenant WHERE id = :id FOR UPDATE")
                .param("id", tenant.value())
                .query(String.class)
                .optional()
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no tenant with that id."));
    }

    private boolean update(TenantId tenant, @Nullable String reason) {
        return jdbc.sql(
                                """
                                UPDATE platform.tenant SET state = :state, suspended_reason = :reason,
                                    suspended_at = CASE WHEN :reason::text IS NOT NULL THEN coalesce(suspended_at, :now) END
                                WHERE id = :id AND suspended_reason IS DISTINCT FROM :reason
                                """)
                        .param("state", reason == null ? "active" : "suspended")
                        .param("reason", reason)
                        .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                        .param("id", tenant.value())
                        .update()
                == 1;
    }

    /** Into the company's own trail first, then into the platform's. */
    private void tell(TenantId tenant, String name, @Nullable String reason, Principal by) {
        String action = reason == null ? "tenant.resumed" : "tenant.suspended";
        Map<String, ?> detail =
                reason == null ? Map.of("name", name) : Map.of("name", name, "reason", reason);
        transactions.runAs(
                Scope.tenant(tenant, by),
                () -> {
                    events.ifAvailable(bus ->
                            bus.publish("tenant:" + tenant, new CompanySuspended(reason != null)));
                    audit.append(action, "tenant:" + tenant, Outcome.PERMITTED, detail);
                });
        transactions.runAs(
                Scope.tenant(TenantId.HOUSE, by),
                () -> audit.append(action, "tenant:" + tenant, Outcome.PERMITTED, detail));
    }
}
