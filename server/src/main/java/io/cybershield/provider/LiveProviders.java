package io.cybershield.provider;

import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** Which providers a company has now, whoever of them it named; looked up each time anew. */
@Component
public final class LiveProviders {
    private final Transactions transactions;
    private final GrantStore store;
    private final Clock clock;

    LiveProviders(Transactions transactions, GrantStore store, Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.clock = clock;
    }

    /**
     * @param until when its access ends by itself
     */
    public record LiveProvider(TenantId id, String name, Instant until) {}

    /** By name. */
    public List<LiveProvider> of(TenantId customer) {
        return transactions.callAs(
                LiveGrants.PLATFORM, () -> store.providersOf(customer, clock.instant()));
    }

    /** Whether the operator made the company a provider. */
    public boolean isProvider(TenantId company) {
        return transactions.callAs(LiveGrants.PLATFORM, () -> store.isProvider(company));
    }
}
