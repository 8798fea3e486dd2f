package io.cybershield.billing;

import io.cybershield.platform.Endpoints;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** How much of its plan a tenant has used. */
@Component
class Standing {
    static final String USERS = "users";
    static final String ENDPOINTS = "endpoints";
    static final String EVENTS = "events";
    static final String RUNS = "runs";
    private static final int HIGH_PERCENT = 80;

    /** A machine of which nothing was heard for so long does not count. */
    private static final Duration HEARD_WITHIN = Duration.ofDays(30);

    private final Subscriptions subscriptions;
    private final UsageStore usage;
    private final Endpoints endpoints;
    private final Transactions transactions;
    private final Clock clock;

    Standing(
            Subscriptions subscriptions,
            UsageStore usage,
            Endpoints endpoints,
            Transactions transactions,
            Clock clock) {
        this.subscriptions = subscriptions;
        this.usage = usage;
        this.endpoints = endpoints;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * One limit and what is used of it.
     *
     * @param used people now, machines of which something was heard within 30 days, events of
     *     today, runs of this month (UTC)
     * @param limit null for none
     * @param refused what was refused today for want of room; of runs, this month; always 0 for
     *     users, who are refused to the face, and for machines, whose events are taken all the same
     * @param resetsAt when it begins anew; null if it does not
     * @param state high from 80 % on, full when nothing more is taken, or would have to be
     */
    @Schema(name = "PlanMeter")
    record Meter(
            @Schema(allowableValues = {USERS, ENDPOINTS, EVENTS, RUNS}) String meter,
            long used,
            @Nullable Long limit,
            long refused,
            @Nullable Instant resetsAt,
            @Schema(allowableValues = {"ok", "high", "full"}) String state) {}

    /** Of the current tenant. */
    List<Meter> meters() {
        return meters(Scope.currentTenant(), subscriptions.planOf(Scope.currentTenant()).limits());
    }

    List<Meter> meters(TenantId tenant, Plan.Limits limits) {
        Instant now = clock.instant();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        LocalDate tomorrow = today.plusDays(1);
        LocalDate month = today.withDayOfMonth(1);
        return transactions.callAs(
                Subscriptions.PLATFORM,
                () -> {
                    var all = new ArrayList<Meter>();
                    all.add(meter(USERS, usage.users(tenant, now), limits.users(), 0, null, false));
                    long machines =
                            transactions.callAs(
                                    Scope.tenant(tenant, Principal.system("billing")),
                                    () -> endpoints.heardSince(now.minus(HEARD_WITHIN)));
                    all.add(meter(ENDPOINTS, machines, limits.endpoints(), 0, null, false));
                    long lost = usage.sum(tenant, UsageStore.EVENTS_REFUSED, today, tomorrow);
                    Long most = limits.eventsPerDay();
                    all.add(
                            meter(
                                    EVENTS,
                                    usage.events(tenant, today, tomorrow),
                                    most,
                                    lost,
                                    start(tomorrow),
                                    most != null && usage.granted(tenant, today) >= most));
                    all.add(
                            meter(
                                    RUNS,
                                    usage.sum(tenant, UsageStore.RUNS, month, tomorrow),
                                    limits.runsPerMonth(),
                                    usage.sum(tenant, UsageStore.RUNS_REFUSED, month, tomorrow),
                                    start(month.plusMonths(1)),
                                    false));
                    return List.copyOf(all);
                });
    }

    private static Meter meter(
            String name,
            long used,
            @Nullable Long limit,
            long refused,
            @Nullable Instant resetsAt,
            boolean shut) {
        String state = "ok";
        if (limit != null) {
            if (used >= limit || shut) {
                state = "full";
            } else if (used * 100 >= limit * HIGH_PERCENT) {
                state = "high";
            }
        }
        return new Meter(name, used, limit, refused, resetsAt, state);
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
