package io.cybershield.billing;

import io.cybershield.platform.Retention;
import io.cybershield.platform.Safekeeping;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** How long events are kept: as the plan says, or else the operator; shorter only after notice. */
@Component
@EnableConfigurationProperties(RetentionSettings.class)
class PlanRetention implements Retention {
    private final RetentionSettings settings;
    private final Subscriptions subscriptions;
    private final KeepingStore store;
    private final Safekeeping safekeeping;
    private final Transactions transactions;
    private final Clock clock;

    PlanRetention(
            RetentionSettings settings,
            Subscriptions subscriptions,
            KeepingStore store,
            Safekeeping safekeeping,
            Transactions transactions,
            Clock clock) {
        this.settings = settings;
        this.subscriptions = subscriptions;
        this.store = store;
        this.safekeeping = safekeeping;
        this.transactions = transactions;
        this.clock = clock;
    }

    LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    /** Whether anybody's events are to be kept for a time only. */
    boolean limits() {
        return settings.keptDays() != null
                || (subscriptions.enabled()
                        && subscriptions.plans().plans().stream()
                                .anyMatch(plan -> plan.limits().retentionDays() != null));
    }

    private @Nullable Integer byPlan(KeepingStore.Line line) {
        if (!subscriptions.enabled()) {
            return null;
        }
        var plans = subscriptions.plans();
        Long days =
                plans.get(line.plan() == null ? plans.fallback() : line.plan())
                        .limits()
                        .retentionDays();
        return days == null ? null : Math.toIntExact(days);
    }

    /** How many days are to be kept, whatever was announced; null for ever. */
    private @Nullable Integer wanted(KeepingStore.Line line) {
        Integer days = byPlan(line);
        return days == null ? settings.keptDays() : days;
    }

    /**
     * What a tenant's state comes to today. While it is held or stands still, nothing goes and no
     * time runs: afterwards it is told anew.
     */
    Keeping next(KeepingStore.Line line, Safekeeping.@Nullable Reason reason) {
        if (reason == Safekeeping.Reason.HOLD || reason == Safekeeping.Reason.STANDING_STILL) {
            return Keeping.FOR_EVER;
        }
        Integer days = wanted(line);
        return line.keeping().toward(days, today(), days == null || isAtStake(line, days));
    }

    private boolean isAtStake(KeepingStore.Line line, int days) {
        return line.keeping().next() != null
                || Integer.valueOf(days).equals(line.keeping().days())
                || store.cameInBefore(line.tenant(), Keeping.announced(days, today()).keepsFrom());
    }

    private Optional<Kept> kept(KeepingStore.Line line) {
        // What was not announced yet does not hold.
        Integer days = line.keeping().toward(wanted(line), today(), true).days();
        return days == null
                ? Optional.empty()
                : Optional.of(new Kept(days, today().minusDays(days), byPlan(line) != null));
    }

    @Override
    public Optional<Kept> of(TenantId tenant) {
        return limits()
                ? transactions
                        .callAs(Subscriptions.PLATFORM, () -> store.find(tenant))
                        .flatMap(this::kept)
                : Optional.empty();
    }

    @Override
    public Map<TenantId, Kept> all() {
        var all = new HashMap<TenantId, Kept>();
        if (limits()) {
            transactions
                    .callAs(Subscriptions.PLATFORM, store::all)
                    .forEach(line -> kept(line).ifPresent(one -> all.put(line.tenant(), one)));
        }
        return all;
    }

    @Override
    public @Nullable Integer daysForAll() {
        return settings.keptDays();
    }

    /**
     * How long events are kept, and what goes; days are in UTC.
     *
     * @param days kept whole besides the present one; null for ever
     * @param keptFrom the first day that is kept
     * @param nextDays how many will be kept; null where nothing shorter is announced
     * @param nextOn the day from which that holds
     * @param nextFrom the first day that is kept then
     * @param oldest the day on which the oldest events came in; those kept as evidence do not count
     * @param goesOn the day on which the events of that day go
     * @param removed how many went in all
     * @param lastOn when some went last; null where none did
     * @param lastBefore they had come in before this day
     * @param held why nothing goes at present; null where it does
     */
    @Schema(name = "EventRetention")
    record View(
            @Nullable Integer days,
            @Nullable LocalDate keptFrom,
            @Nullable Integer nextDays,
            @Nullable LocalDate nextOn,
            @Nullable LocalDate nextFrom,
            @Nullable LocalDate oldest,
            @Nullable LocalDate goesOn,
            long removed,
            @Nullable LocalDate lastOn,
            @Nullable Long lastEvents,
            @Nullable LocalDate lastBefore,
            @Schema(allowableValues = {"hold", "standing-still", "export"})
                    @Nullable String held) {}

    /** Null where events of all are kept for ever. */
    @Nullable View view(TenantId tenant) {
        if (!limits()) {
            return null;
        }
        return transactions.callAs(
                Subscriptions.PLATFORM,
                () -> {
                    var line = store.find(tenant).orElseThrow();
                    var reason = safekeeping.of(tenant).orElse(null);
                    Keeping keeping = next(line, reason);
                    Integer days = keeping.days();
                    var then = keeping.next();
                    LocalDate oldest = store.oldest(tenant).orElse(null);
                    var removed = store.removed(tenant);
                    return new View(
                            days,
                            days == null ? null : today().minusDays(days),
                            then == null ? null : then.days(),
                            then == null ? null : then.on(),
                            then == null ? null : then.keepsFrom(),
                            oldest,
                            oldest == null ? null : goesOn(oldest, keeping),
                            removed.map(KeepingStore.Removed::events).orElse(0L),
                            removed.map(KeepingStore.Removed::lastOn).orElse(null),
                            removed.map(KeepingStore.Removed::lastEvents).orElse(null),
                            removed.map(KeepingStore.Removed::lastBefore).orElse(null),
                            reason == null
                                    ? null
                                    : reason.name().toLowerCase(Locale.ROOT).replace('_', '-'));
                });
    }

    private @Nullable LocalDate goesOn(LocalDate day, Keeping keeping) {
        Integer days = keeping.days();
        var then = keeping.next();
        LocalDate now = days == null ? null : day.plusDays(days + 1L);
        LocalDate later = then == null ? null : later(then.on(), day.plusDays(then.days() + 1L));
        LocalDate first = now == null || (later != null && later.isBefore(now)) ? later : now;
        return first == null ? null : later(first, today());
    }

    private static LocalDate later(LocalDate a, LocalDate b) {
        return a.isAfter(b) ? a : b;
    }
}
