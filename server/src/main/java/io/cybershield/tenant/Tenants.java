package io.cybershield.tenant;

import io.cybershield.access.Accounts;
import io.cybershield.access.Role;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TenantSchemas;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The directory of tenants. */
@Component
public final class Tenants {
    static final Scope SCOPE = Scope.platform("tenant");

    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final TenantSchemas schemas;
    private final Accounts accounts;
    private final AuditTrail audit;
    private final ObjectProvider<DomainEvents> events;
    private final Clock clock;

    Tenants(
            Transactions transactions,
            JdbcClient jdbc,
            TenantSchemas schemas,
            Accounts accounts,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.schemas = schemas;
        this.accounts = accounts;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
    }

    /** A line of the directory. */
    public record Tenant(TenantId id, String name) {}

    /**
     * Who becomes a new tenant's first administrator.
     *
     * @param passwordHash as made by {@link io.cybershield.access.Passwords}
     */
    record FirstAdmin(String email, String name, String passwordHash) {}

    /** All active tenants, by name. */
    public List<Tenant> list() {
        return transactions.callAs(
                SCOPE,
                () ->
                        jdbc.sql(
                                        "SELECT id, name FROM platform.tenant WHERE state ="
                                                + " 'active' ORDER BY name, id")
                                .query((row, _) ->
                                        new Tenant(
                                                new TenantId(row.getObject(1, UUID.class)),
                                                row.getString(2)))
                                .list());
    }

    public Optional<Tenant> find(TenantId id) {
        return list().stream().filter(tenant -> tenant.id().equals(id)).findFirst();
    }

    /** Makes role, schema and walls; repeating it changes nothing. Outside any transaction. */
    void ensureSchema(TenantId tenant) {
        schemas.ensure(tenant);
    }

    /** Takes role and schema of a tenant away that nobody entered. Outside any transaction. */
    void dropSchema(TenantId tenant) {
        boolean entered =
                transactions.callAs(
                        SCOPE,
                        () ->
                                jdbc.sql("SELECT count(*) FROM platform.tenant WHERE id = :id")
                                                .param("id", tenant.value())
                                                .query(Integer.class)
                                                .single()
                                        > 0);
        if (entered) {
            throw new IllegalStateException("Tenant " + tenant + " is there; its schema stays");
        }
        schemas.drop(tenant);
    }

    /**
     * Enters the tenant, its administrator, the trail's first entry and the event, in the caller's
     * transaction.
     *
     * @return the administrator's account; empty, with nothing entered, if the address has an
     *     account already
     */
    Optional<UUID> enter(TenantId tenant, String name, FirstAdmin admin) {
        if (accounts.isKnown(admin.email())) {
            return Optional.empty();
        }
        jdbc.sql("INSERT INTO platform.tenant (id, name, created_at) VALUES (:id, :name, :now)")
                .param("id", tenant.value())
                .param("name", name)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        UUID account =
                accounts.add(
                                tenant,
                                admin.email(),
                                admin.name(),
                                Role.TENANT_ADMIN,
                                admin.passwordHash())
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "The address was taken while its tenant was made"));
        var by = new Principal(Principal.Kind.USER, account.toString(), admin.name());
        Scope.tenant(tenant, by)
                .run(() ->
                        transactions.run(() -> {
                            events.ifAvailable(bus ->
                                    bus.publish(
                                            "tenant:" + tenant,
                                            new TenantProvisioned(tenant.value(), name, account)));
                            audit.append(
                                    "tenant.provisioned",
                                    "tenant:" + tenant,
                                    Outcome.PERMITTED,
                                    Map.of("name", name));
                        }));
        return Optional.of(account);
    }
}
