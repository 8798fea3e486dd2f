package io.cybershield.ingest;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.ingest.RemovalStore.Old;
import io.cybershield.ingest.RemovalStore.Pass;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Retention;
import io.cybershield.platform.Retention.Kept;
import io.cybershield.platform.Safekeeping;
import io.cybershield.platform.Safekeeping.Reason;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Removes events that are older than they are kept (ADR 038): by company, some at a time, each
 * batch a transaction that also keeps how far it is. Any node goes on where another one stopped.
 */
@Component
@RunsIn(Role.WORKER)
class EventRemoval extends Repeated {
    private static final Logger log = LoggerFactory.getLogger(EventRemoval.class);
    private static final Scope PLATFORM = Scope.platform("retention");
    private static final Principal BY = Principal.system("retention");
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration EVERY = Duration.ofMinutes(5);

    /** Looked at in one transaction. */
    private static final int MOST = 2_000;

    /** Days that are made ahead for events that come late are no older. */
    private static final int LATE_DAYS = 9;

    private final Retention retention;
    private final Safekeeping safekeeping;
    private final RemovalStore store;
    private final EventFindings findings;
    private final AuditTrail audit;
    private final Transactions transactions;
    private final Clock clock;
    private final Counter removed;
    private final int most;

    @Autowired
    EventRemoval(
            Retention retention,
            Safekeeping safekeeping,
            RemovalStore store,
            EventFindings findings,
            AuditTrail audit,
            Transactions transactions,
            Clock clock,
            MeterRegistry meters) {
        this(retention, safekeeping, store, findings, audit, transactions, clock, meters, MOST);
    }

    EventRemoval(
            Retention retention,
            Safekeeping safekeeping,
            RemovalStore store,
            EventFindings findings,
            AuditTrail audit,
            Transactions transactions,
            Clock clock,
            MeterRegistry meters,
            int most) {
        super("event-removal", FIRST, EVERY);
        this.retention = retention;
        this.safekeeping = safekeeping;
        this.store = store;
        this.findings = findings;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
        this.most = most;
        this.removed =
                Counter.builder("cybershield.events.removed")
                        .description("Events that were removed because of their age")
                        .register(meters);
    }

    /** What a batch came to. */
    enum Came {
        /** There is more. */
        ON,
        /** The last of a pass. */
        ENDED,
        /** Nothing to do, or not now. */
        NOTHING
    }

    /** Companies take turns, a batch each, until none has more. */
    @Override
    protected void tick() {
        List<TenantId> left = new ArrayList<>(retention.all().keySet());
        boolean ended = false;
        while (!left.isEmpty()) {
            var more = new ArrayList<TenantId>();
            for (TenantId tenant : left) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                Came came = tryBatch(tenant);
                ended |= came == Came.ENDED;
                if (came == Came.ON) {
                    more.add(tenant);
                }
            }
            left = more;
        }
        tellOfBrokenOff();
        if (ended) {
            dropEmptyDays();
        }
    }

    private Came tryBatch(TenantId tenant) {
        try {
            return batch(tenant);
        } catch (RuntimeException e) {
            log.warn("events not removed, trying again tenant={} cause={}", tenant, e.toString());
            return Came.NOTHING;
        }
    }

    private record Step(Came came, int gone) {
        static final Step NOTHING = new Step(Came.NOTHING, 0);
    }

    Came batch(TenantId tenant) {
        Step step = transactions.callAs(PLATFORM, () -> step(tenant));
        removed.increment(step.gone());
        return step.came();
    }

    /**
     * Asked anew each time: a longer plan, a hold or a stand-still counts from the next batch on.
     */
    private Step step(TenantId tenant) {
        Kept kept = retention.of(tenant).orElse(null);
        if (kept == null || store.isDone(tenant, kept.from())) {
            return Step.NOTHING;
        }
        if (safekeeping.lock(tenant).isPresent()) {
            return Step.NOTHING;
        }
        Pass taken = store.take(tenant, kept.from()).orElse(null);
        if (taken == null || taken.isDone(kept.from())) {
            return Step.NOTHING;
        }
        Pass pass = taken.toward(kept.from());
        var custody = new Scope.Custody(tenant, BY);
        List<Old> old =
                transactions.callAs(
                        custody, () -> store.next(tenant, kept.since(), pass.after(), most));
        int gone = remove(tenant, old, kept.since());
        boolean last =
                old.size() < most
                        && transactions.callAs(
                                        custody,
                                        () -> store.removeMinutes(tenant, kept.since(), most))
                                < most;
        var now =
                new Pass(
                        pass.before(),
                        last,
                        old.isEmpty() ? pass.after() : old.getLast().place(),
                        pass.untold() + gone,
                        pass.toldOn());
        store.save(tenant, now, gone);
        if (last) {
            tell(tenant, now);
        }
        return new Step(last ? Came.ENDED : Came.ON, gone);
    }

    /** All that is of age but for what findings name. */
    private int remove(TenantId tenant, List<Old> old, Instant since) {
        List<UUID> ofAge =
                old.stream()
                        .filter(event -> event.receivedAt().isBefore(since))
                        .map(event -> event.place().id())
                        .toList();
        if (ofAge.isEmpty()) {
            return 0;
        }
        var evidence = transactions.callAs(Scope.tenant(tenant, BY), () -> findings.named(ofAge));
        List<UUID> ids =
                ofAge.stream().filter(id -> !evidence.contains(id)).collect(Collectors.toList());
        return ids.isEmpty()
                ? 0
                : transactions.callAs(
                        new Scope.Custody(tenant, BY),
                        () ->
                                store.remove(
                                        tenant,
                                        old.getFirst().place(),
                                        old.getLast().place(),
                                        ids,
                                        since));
    }

    /** One entry a day; what goes besides is told with the next day's. */
    private void tell(TenantId tenant, Pass pass) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        if (pass.untold() == 0 || today.equals(pass.toldOn())) {
            return;
        }
        store.told(tenant, today, pass.untold(), pass.before());
        transactions.runAs(
                Scope.tenant(tenant, BY),
                () ->
                        audit.append(
                                "event.removed",
                                "settings:plan",
                                Outcome.PERMITTED,
                                Map.of(
                                        "events",
                                        pass.untold(),
                                        "until",
                                        pass.before().minusDays(1).toString())));
    }

    /** Of passes that a longer plan or a hold broke off: what went before is told all the same. */
    private void tellOfBrokenOff() {
        for (TenantId tenant : transactions.callAs(PLATFORM, store::untold)) {
            transactions.runAs(
                    PLATFORM,
                    () -> {
                        // Nothing is written into the trail of who stands still: it may be closed.
                        var reason = safekeeping.lock(tenant).orElse(null);
                        var kept = retention.of(tenant);
                        if (reason != Reason.STANDING_STILL && (reason != null || kept.isEmpty())) {
                            store.takeUntold(tenant).ifPresent(pass -> tell(tenant, pass));
                        }
                    });
        }
    }

    /** One after the other, each in a transaction of its own: nobody waits for long. */
    private void dropEmptyDays() {
        LocalDate before =
                LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(LATE_DAYS);
        var dropped = transactions.callAs(PLATFORM, () -> store.dropEmptyDay(before));
        while (dropped.isPresent()) {
            log.info("empty day of events dropped table={}", dropped.get());
            dropped = transactions.callAs(PLATFORM, () -> store.dropEmptyDay(before));
        }
    }
}
