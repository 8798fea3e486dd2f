package io.cybershield.provider;

import io.cybershield.access.AccessChanged;
import io.cybershield.access.DelegationChanged;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The middle of the tree: platform, provider, customer. Nothing is deeper than that. */
@Component
final class ProviderCompanies {
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final GrantStore store;
    private final AuditTrail audit;
    private final ObjectProvider<DomainEvents> events;
    private final Clock clock;

    ProviderCompanies(
            Transactions transactions,
            JdbcClient jdbc,
            GrantStore store,
            AuditTrail audit,
            ObjectProvider<DomainEvents> events,
            Clock clock) {
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.store = store;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
    }

    /**
     * Makes a company a provider, or no provider any more.
     *
     * @throws io.cybershield.platform.ProblemException {@code not-found}, or {@code
     *     providers-have-no-provider}
     */
    void change(UUID company, boolean provider) {
        var tenant = new TenantId(company);
        var by = Scope.current().principal();
        transactions.runAs(
                LiveGrants.PLATFORM,
                () -> {
                    // Who agrees to a provider reads this row for sharing, so one of both waits.
                    String before =
                            jdbc.sql("SELECT kind FROM platform.tenant WHERE id = :id FOR UPDATE")
                                    .param("id", company)
                                    .query(String.class)
                                    .optional()
                                    .orElseThrow(() ->
                                            Problems.NOT_FOUND.because("There is no such tenant."));
                    if (before.equals("provider") == provider) {
                        return;
                    }
                    if (provider && store.hasProvider(tenant, clock.instant())) {
                        throw ProviderProblems.PROVIDERS_HAVE_NO_PROVIDER.because(
                                "This company has a provider itself.");
                    }
                    jdbc.sql("UPDATE platform.tenant SET kind = :kind WHERE id = :id")
                            .param("kind", provider ? "provider" : "company")
                            .param("id", company)
                            .update();
                    var people = store.members(tenant);
                    // So do screens in its customers, which may show its label.
                    store.given(tenant)
                            .forEach(given ->
                                    transactions.runAs(
                                            Scope.tenant(given.customer(), by),
                                            () ->
                                                    events.ifAvailable(bus ->
                                                            bus.publish(
                                                                    "delegation:" + given.id(),
                                                                    new DelegationChanged(
                                                                            given.id())))));
                    transactions.runAs(
                            Scope.tenant(tenant, by),
                            () -> {
                                // Sockets of its people in customers are asked for.
                                people.forEach(person ->
                                        events.ifAvailable(bus ->
                                                bus.publish(
                                                        "account:" + person.account(),
                                                        new AccessChanged(person.account()))));
                                audit.append(
                                        provider
                                                ? "tenant.became-provider"
                                                : "tenant.stopped-being-provider",
                                        "tenant:" + company,
                                        Outcome.PERMITTED,
                                        Map.of());
                            });
                });
    }
}
