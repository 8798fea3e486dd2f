package io.cybershield.billing;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/** Which plan a tenant has. */
@Component
@EnableConfigurationProperties(BillingSettings.class)
public final class Subscriptions {
    static final Scope PLATFORM = Scope.platform("billing");

    /** How long another node may go on with a plan that was changed. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final boolean enabled;
    private final Plans plans;
    private final Transactions transactions;
    private final SubscriptionStore store;
    private final AuditTrail audit;
    private final Clock clock;
    private final Cache<TenantId, Plan> known =
            Caffeine.newBuilder().maximumSize(50_000).expireAfterWrite(FRESH).build();

    Subscriptions(
            BillingSettings settings,
            Transactions transactions,
            SubscriptionStore store,
            AuditTrail audit,
            Clock clock,
            JsonMapper json) {
        this.enabled = settings.enabled();
        this.plans = Plans.read(settings, json);
        this.transactions = transactions;
        this.store = store;
        this.audit = audit;
        this.clock = clock;
    }

    /** Whether there are plans at all, and limits that bind. */
    boolean enabled() {
        return enabled;
    }

    Plans plans() {
        return plans;
    }

    /**
     * Refuses a plan that cannot be chosen; none is fine.
     *
     * @throws io.cybershield.platform.ProblemException {@code invalid}
     */
    public void check(@Nullable String plan) {
        if (plan != null
                && (!enabled || plans.offered().stream().noneMatch(p -> p.name().equals(plan)))) {
            throw Problems.INVALID.because(
                    enabled ? "There is no such plan." : "This server has no plans.",
                    List.of(
                            new Place(
                                    "#/plan",
                                    enabled
                                            ? "is none of "
                                                    + plans.offered().stream()
                                                            .map(Plan::name)
                                                            .collect(Collectors.joining(", "))
                                            : "leave it out")));
        }
    }

    /**
     * Subscribes a new tenant, with a trial. Repeating it changes nothing; nor does it do anything
     * where there are no plans. Joins the caller's transaction, or begins its own.
     *
     * @param plan null for the first one offered
     */
    public void subscribe(TenantId tenant, @Nullable String plan) {
        if (!enabled) {
            return;
        }
        transactions.runAs(
                PLATFORM,
                () -> {
                    store.lock(tenant);
                    if (store.current(tenant).isPresent()) {
                        return;
                    }
                    Plan chosen =
                            plan == null
                                    ? plans.offered().getFirst()
                                    : plans.find(plan).orElseGet(plans.offered()::getFirst);
                    Instant now = now();
                    store.add(
                            tenant,
                            new Subscription(
                                    1,
                                    chosen.name(),
                                    chosen.monthlyCents(),
                                    plans.currency(),
                                    now,
                                    null,
                                    plans.trialDays() == 0
                                            ? null
                                            : now.plus(Duration.ofDays(plans.trialDays()))));
                });
        forget(tenant);
    }

    /**
     * Undoes {@link #subscribe} for a tenant that came to nothing; repeating it changes nothing.
     * Invoices stay: a tenant that has one did not come to nothing.
     */
    public void withdraw(TenantId tenant) {
        transactions.runAs(
                PLATFORM,
                () -> {
                    store.lock(tenant);
                    store.deleteAll(tenant);
                });
        forget(tenant);
    }

    /** Whether the provider of payments collects nothing for this tenant any more. */
    public boolean isSettled(TenantId tenant) {
        return !enabled || transactions.callAs(PLATFORM, () -> store.isSettled(tenant));
    }

    /** The plan that holds now; what other nodes changed is seen within seconds. */
    Plan planOf(TenantId tenant) {
        return known.get(
                tenant,
                id ->
                        transactions
                                .callAs(PLATFORM, () -> store.current(id))
                                .map(one -> plans.get(one.plan()))
                                .orElseGet(() -> plans.get(plans.fallback())));
    }

    /**
     * Another plan for the current tenant, at once. The trial goes on as it was: there is one, at
     * the beginning.
     */
    void change(String plan) {
        check(plan);
        TenantId tenant = Scope.currentTenant();
        transactions.run(() -> {
            String before =
                    transactions.callAs(
                            PLATFORM,
                            () -> {
                                store.lock(tenant);
                                var current = store.current(tenant);
                                String had =
                                        current.map(Subscription::plan).orElse(plans.fallback());
                                if (!had.equals(plan)) {
                                    replace(tenant, current.orElse(null), plan);
                                }
                                return had;
                            });
            if (!before.equals(plan)) {
                audit.append(
                        "billing.plan-changed",
                        "settings:plan",
                        Outcome.PERMITTED,
                        Map.of("before", before, "after", plan));
            }
        });
        forget(tenant);
    }

    private void replace(TenantId tenant, @Nullable Subscription current, String plan) {
        Instant now = now();
        if (current != null) {
            store.end(tenant, current.seq(), now);
        }
        store.add(
                tenant,
                new Subscription(
                        current == null ? 1 : current.seq() + 1,
                        plan,
                        plans.get(plan).monthlyCents(),
                        plans.currency(),
                        now,
                        null,
                        current == null ? null : current.trialUntil()));
    }

    List<Subscription> historyOf(TenantId tenant) {
        return transactions.callAs(PLATFORM, () -> store.all(tenant));
    }

    Map<TenantId, List<Subscription>> everybodys() {
        return transactions.callAs(PLATFORM, store::everybodys);
    }

    /** As PostgreSQL keeps it. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /** At once for who asks within the transaction, and again when others can see the change. */
    private void forget(TenantId tenant) {
        known.invalidate(tenant);
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(
                    new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                            known.invalidate(tenant);
                        }
                    });
        }
    }
}
