package io.cybershield.billing;

import io.cybershield.platform.ProblemException;
import io.cybershield.platform.QuotaProblems;
import io.cybershield.platform.Quotas;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Limits of the plans. A day's events are given to nodes in blocks of a two-hundredth of the limit,
 * so that all nodes together never take more than the limit, and a row is written for a block, not
 * for an event or a request. A node that is killed loses what is left of its block until the next
 * day.
 */
@Component
class PlanQuotas extends Repeated implements Quotas {
    private static final Logger log = LoggerFactory.getLogger(PlanQuotas.class);
    private static final int BLOCKS = 200;
    private static final long LARGEST_BLOCK = 50_000;

    /** How long a refusal stands before the database is asked again for the same. */
    private static final Duration SHUT = Duration.ofSeconds(1);

    private static final Duration FLUSH_EVERY = Duration.ofSeconds(2);
    private final Subscriptions subscriptions;
    private final UsageStore usage;
    private final Transactions transactions;
    private final Clock clock;
    private final Map<TenantId, Block> blocks = new ConcurrentHashMap<>();
    private final Map<Refused, Long> refused = new ConcurrentHashMap<>();

    private record Refused(TenantId tenant, LocalDate day) {}

    /** What this node may still hand out; guarded by itself. */
    private static final class Block {
        LocalDate day = LocalDate.MIN;
        long left;

        /** Fewest events that were refused, as long as that stands. */
        long shutFrom = Long.MAX_VALUE;

        Instant shutUntil = Instant.MIN;
        String shutBy = "";
    }

    PlanQuotas(
            Subscriptions subscriptions, UsageStore usage, Transactions transactions, Clock clock) {
        super("plan-quotas", FLUSH_EVERY);
        this.subscriptions = subscriptions;
        this.usage = usage;
        this.transactions = transactions;
        this.clock = clock;
    }

    @Override
    public void checkUsers() {
        if (!subscriptions.enabled()) {
            return;
        }
        TenantId tenant = Scope.currentTenant();
        Plan plan = subscriptions.planOf(tenant);
        Long limit = plan.limits().users();
        if (limit == null) {
            return;
        }
        long users =
                transactions.callAs(
                        Subscriptions.PLATFORM,
                        () -> {
                            usage.lockUsers(tenant);
                            return usage.users(tenant, clock.instant());
                        });
        if (users > limit) {
            throw QuotaProblems.USERS.because(
                    "Your plan "
                            + plan.title()
                            + " has "
                            + limit
                            + " users, and "
                            + (users - 1)
                            + " are active or invited. Disable somebody, withdraw an invitation, or"
                            + " choose a larger plan under Settings, Plan and usage.",
                    Map.of("limit", limit, "used", users - 1));
        }
    }

    @Override
    public void takeEvents(TenantId tenant, int events) {
        if (!subscriptions.enabled()) {
            return;
        }
        Plan plan = subscriptions.planOf(tenant);
        Long limit = plan.limits().eventsPerDay();
        if (limit == null) {
            return;
        }
        Instant now = clock.instant();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        Block block = blocks.computeIfAbsent(tenant, _ -> new Block());
        synchronized (block) {
            if (!block.day.equals(today)) {
                block.day = today;
                block.left = 0;
                block.shutUntil = Instant.MIN;
            }
            if (block.left < events && !refill(tenant, block, events, plan, limit, now)) {
                throw usedUp(plan, limit, events, now);
            }
            block.left -= events;
        }
    }

    private boolean refill(
            TenantId tenant, Block block, int events, Plan plan, long limit, Instant now) {
        long need = events - block.left;
        if (now.isBefore(block.shutUntil)
                && need >= block.shutFrom
                && plan.name().equals(block.shutBy)) {
            return false;
        }
        long want = Math.max(need, Math.clamp(limit / BLOCKS, 1, LARGEST_BLOCK));
        var given =
                transactions.callAs(
                        Subscriptions.PLATFORM,
                        () -> usage.grant(tenant, block.day, need, want, limit));
        given.ifPresent(more -> block.left += more);
        if (given.isEmpty()) {
            block.shutFrom = need;
            block.shutUntil = now.plus(SHUT);
            block.shutBy = plan.name();
        }
        return given.isPresent();
    }

    private static ProblemException usedUp(Plan plan, long limit, int events, Instant now) {
        Instant tomorrow =
                LocalDate.ofInstant(now, ZoneOffset.UTC)
                        .plusDays(1)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant();
        long seconds = Math.max(1, Duration.between(now, tomorrow).toSeconds() + 1);
        return QuotaProblems.EVENTS.because(
                "The plan "
                        + plan.title()
                        + " has "
                        + limit
                        + " events a day, and what is left of today's is less than these "
                        + events
                        + ". None of them was taken. Repeat after "
                        + tomorrow
                        + ", or have an administrator choose a larger plan under Settings, Plan"
                        + " and usage.",
                Map.of("limit", limit, "retryAfterSeconds", seconds));
    }

    @Override
    public void returnEvents(TenantId tenant, int events) {
        Block block = blocks.get(tenant);
        if (block != null) {
            synchronized (block) {
                block.left += events;
            }
        }
    }

    @Override
    public void countRefusedEvents(TenantId tenant, int events) {
        if (subscriptions.enabled()) {
            var key = new Refused(tenant, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
            refused.merge(key, (long) events, Long::sum);
        }
    }

    @Override
    public void checkRun() {
        if (!subscriptions.enabled()) {
            return;
        }
        TenantId tenant = Scope.currentTenant();
        Plan plan = subscriptions.planOf(tenant);
        Long limit = plan.limits().runsPerMonth();
        if (limit == null) {
            return;
        }
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        LocalDate month = today.withDayOfMonth(1);
        record Key(TenantId tenant) {}
        // Read once in a transaction: those that share one see what they start themselves.
        long before =
                transactions
                        .<Long>gather(
                                new Key(tenant),
                                Transactions.Order.ROWS,
                                () ->
                                        transactions.callAs(
                                                Subscriptions.PLATFORM,
                                                () ->
                                                        usage.sum(
                                                                tenant,
                                                                UsageStore.RUNS,
                                                                month,
                                                                today.plusDays(1))),
                                _ -> {})
                        .orElseThrow();
        long used = before + noted(tenant).runs;
        if (used >= limit) {
            noted(tenant).refused++;
            throw QuotaProblems.RUNS.because(
                    "Your plan "
                            + plan.title()
                            + " has "
                            + limit
                            + " workflow runs a month, and "
                            + used
                            + " have started since "
                            + month
                            + ". Nothing was started. Choose a larger plan under Settings, Plan and"
                            + " usage, or wait for "
                            + month.plusMonths(1)
                            + ".",
                    Map.of("limit", limit, "used", used));
        }
    }

    @Override
    public void countRun() {
        if (subscriptions.enabled()) {
            noted(Scope.currentTenant()).runs++;
        }
    }

    /** What a transaction started and was refused. */
    private static final class Noted {
        long runs;
        long refused;
    }

    /**
     * Written at the end of the transaction, after all rows and before the trail: in one order, so
     * that starts that share the row wait for each other shortly, and never in a circle.
     */
    private Noted noted(TenantId tenant) {
        record Key(TenantId tenant) {}
        return Subscriptions.PLATFORM
                .get(() ->
                        transactions.<Noted>gather(
                                new Key(tenant),
                                Transactions.Order.COUNTS,
                                Noted::new,
                                noted -> write(tenant, noted)))
                .orElseThrow(() -> new IllegalStateException("Runs start in a transaction"));
    }

    private void write(TenantId tenant, Noted noted) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        if (noted.runs > 0) {
            usage.add(tenant, today, UsageStore.RUNS, noted.runs);
        }
        if (noted.refused > 0) {
            usage.add(tenant, today, UsageStore.RUNS_REFUSED, noted.refused);
        }
    }

    /** Writes how many events were refused since the last time. */
    void flush() {
        for (Refused key : Set.copyOf(refused.keySet())) {
            Long more = refused.remove(key);
            if (more == null) {
                continue;
            }
            try {
                transactions.runAs(
                        Subscriptions.PLATFORM,
                        () -> usage.add(key.tenant(), key.day(), UsageStore.EVENTS_REFUSED, more));
            } catch (RuntimeException e) {
                refused.merge(key, more, Long::sum);
                throw e;
            }
        }
    }

    private void giveBack() {
        blocks.forEach((tenant, block) -> {
            synchronized (block) {
                if (block.left > 0) {
                    transactions.runAs(
                            Subscriptions.PLATFORM,
                            () -> usage.giveBack(tenant, block.day, block.left));
                    block.left = 0;
                }
            }
        });
    }

    @Override
    protected void tick() {
        flush();
    }

    /** Before the doors open, and after they are shut. */
    @Override
    public int getPhase() {
        return -100;
    }

    @Override
    public void stop() {
        super.stop();
        try {
            flush();
            giveBack();
        } catch (RuntimeException e) {
            log.warn("the rest of the day's events was not given back cause={}", e.toString());
        }
    }

    @Override
    protected boolean isWanted() {
        return subscriptions.enabled();
    }
}
