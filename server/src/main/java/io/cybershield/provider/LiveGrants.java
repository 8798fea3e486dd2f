package io.cybershield.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.access.CustomerGrant;
import io.cybershield.access.CustomerGrants;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Looks grants up, each time anew: nothing of them is remembered. */
@Component
final class LiveGrants implements CustomerGrants {
    static final Scope PLATFORM = Scope.platform("provider");

    /** A use after that long is worth another entry in the trail. */
    private static final Duration QUIET = Duration.ofMinutes(15);

    private final Transactions transactions;
    private final GrantStore store;
    private final AuditTrail audit;
    private final Clock clock;
    private final Cache<Use, Boolean> noted =
            Caffeine.newBuilder()
                    .expireAfterWrite(Duration.ofMinutes(1))
                    .maximumSize(50_000)
                    .build();

    private record Use(UUID grant, UUID account) {}

    LiveGrants(Transactions transactions, GrantStore store, AuditTrail audit, Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public Optional<CustomerGrant> find(UUID account, TenantId customer) {
        return transactions.callAs(PLATFORM, () -> store.live(account, customer, clock.instant()));
    }

    @Override
    public void used(UUID grant, UUID account, String personName) {
        if (noted.asMap().putIfAbsent(new Use(grant, account), true) != null) {
            return;
        }
        Instant now = clock.instant();
        Optional<Instant> before =
                PLATFORM.get(() ->
                        transactions.callSeparately(
                                () -> store.used(grant, account, personName, now)));
        if (before.isEmpty() || before.get().isBefore(now.minus(QUIET))) {
            audit.appendSeparately(
                    "provider.used",
                    "delegation:" + grant,
                    Outcome.PERMITTED,
                    Map.of("account", account.toString()));
        }
    }

    @Override
    public Optional<String> roleOf(UUID account) {
        return transactions.callAs(PLATFORM, () -> store.roleOf(account));
    }

    @Override
    public boolean isProvider(TenantId company) {
        return transactions.callAs(PLATFORM, () -> store.isProvider(company));
    }
}
