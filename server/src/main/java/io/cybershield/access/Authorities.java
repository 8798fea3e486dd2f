package io.cybershield.access;

import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.policy.Thing;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * What somebody may do now who is not here: a person who began something that goes on without them.
 * Nothing is remembered between two questions, so what was taken from them counts at once.
 */
@Component
public final class Authorities {
    private final Transactions transactions;
    private final UserStore people;
    private final ApiKeyStore services;
    private final ObjectProvider<CustomerGrants> grants;
    private final PolicyStore policies;
    private final Policy policy;
    private final Clock clock;

    Authorities(
            Transactions transactions,
            UserStore people,
            ApiKeyStore services,
            ObjectProvider<CustomerGrants> grants,
            PolicyStore policies,
            Policy policy,
            Clock clock) {
        this.transactions = transactions;
        this.people = people;
        this.services = services;
        this.grants = grants;
        this.policies = policies;
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * Whether one of them may do it in the current tenant: as the directory, the policies and a
     * provider's grants stand in the caller's transaction. Who is not here counts as having just
     * given both factors, from no network.
     *
     * @param accounts of people, service accounts, and people of a provider
     * @param permission such as {@code workflow:run}
     */
    public boolean anyMay(Collection<UUID> accounts, String permission) {
        return transactions.call(() -> {
            var tenant = Scope.currentTenant();
            policy.noticed(tenant, policies.epoch());
            return accounts.stream()
                    .anyMatch(account ->
                            acting(account, tenant)
                                    .filter(person ->
                                            policy.decide(
                                                            person,
                                                            permission,
                                                            Thing.companyOf(tenant))
                                                    .permitted())
                                    .isPresent());
        });
    }

    /** What they are called, where that is known here. */
    public Optional<String> name(UUID account) {
        return transactions.call(() ->
                people.find(account)
                        .map(UserStore.User::name)
                        .or(() -> services.service(account, clock.instant()).map(s -> s.name())));
    }

    private Optional<SignedIn> acting(UUID account, TenantId tenant) {
        Instant now = clock.instant();
        return people.find(account)
                .filter(user -> user.state().equals("active"))
                .map(user ->
                        new SignedIn(
                                tenant,
                                account,
                                user.name(),
                                user.email(),
                                user.role(),
                                Set.of(),
                                new Standing(user.roleUntil(), user.clearance(), now, ""),
                                null))
                .or(() ->
                        services.service(account, now)
                                .filter(ApiKeyStore.ServiceAccount::active)
                                .map(service ->
                                        new SignedIn(
                                                tenant,
                                                account,
                                                service.name(),
                                                "",
                                                service.role(),
                                                Set.of(),
                                                new Standing(null, 0, now, ""),
                                                null)))
                .or(() ->
                        Optional.ofNullable(grants.getIfAvailable())
                                .flatMap(kept -> kept.find(account, tenant))
                                .map(grant -> byGrant(grant, now)));
    }

    private static SignedIn byGrant(CustomerGrant grant, Instant now) {
        return new SignedIn(
                grant.customer(),
                grant.account(),
                "",
                "",
                grant.role(),
                Set.of(),
                new Standing(grant.until(), 0, now, ""),
                null,
                new SignedIn.ByGrant(
                        grant.id(),
                        grant.provider(),
                        grant.providerName(),
                        grant.customerName(),
                        grant.until()));
    }
}
