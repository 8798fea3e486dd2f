package io.cybershield.billing;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Person;
import io.cybershield.access.Users;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Safekeeping;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Sees whose events are to be kept shorter than before, tells their administrators, and lets it
 * hold when it was told for long enough; whichever node sees it first.
 */
@Component
@RunsIn(Role.WORKER)
class RetentionWatch extends Repeated {
    private static final Logger log = LoggerFactory.getLogger(RetentionWatch.class);
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);
    private final PlanRetention retention;
    private final KeepingStore store;
    private final Safekeeping safekeeping;
    private final Users users;
    private final Mailer mailer;
    private final AuditTrail audit;
    private final Settings settings;
    private final Transactions transactions;
    private final Clock clock;

    RetentionWatch(
            PlanRetention retention,
            KeepingStore store,
            Safekeeping safekeeping,
            Users users,
            Mailer mailer,
            AuditTrail audit,
            Settings settings,
            Transactions transactions,
            Clock clock) {
        super("event-retention", EVERY);
        this.retention = retention;
        this.store = store;
        this.safekeeping = safekeeping;
        this.users = users;
        this.mailer = mailer;
        this.audit = audit;
        this.settings = settings;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** Also where nothing is limited any more: what was told must not hold when it is again. */
    @Override
    protected void tick() {
        var reasons = safekeeping.all();
        List<TenantId> changing =
                transactions.callAs(
                        Subscriptions.PLATFORM,
                        () ->
                                store.all().stream()
                                        .filter(line ->
                                                !retention
                                                        .next(line, reasons.get(line.tenant()))
                                                        .equals(line.keeping()))
                                        .map(KeepingStore.Line::tenant)
                                        .toList());
        for (TenantId tenant : changing) {
            try {
                change(tenant);
            } catch (RuntimeException e) {
                log.warn("retention not seen to tenant={} cause={}", tenant, e.toString());
            }
        }
    }

    private void change(TenantId tenant) {
        transactions.runAs(
                Subscriptions.PLATFORM,
                () -> {
                    store.lock(tenant);
                    var line = store.find(tenant).orElse(null);
                    if (line == null) {
                        return;
                    }
                    Keeping next = retention.next(line, safekeeping.of(tenant).orElse(null));
                    if (next.equals(line.keeping())) {
                        return;
                    }
                    store.put(tenant, next, clock.instant());
                    var told = next.next();
                    if (told != null && !told.equals(line.keeping().next())) {
                        transactions.runAs(
                                Scope.tenant(tenant, Principal.system("billing")),
                                () -> tell(next.days(), told));
                    }
                });
    }

    private void tell(@Nullable Integer days, Keeping.Next then) {
        LocalDate from = then.keepsFrom();
        String text =
                """
                From %s (UTC) on, CyberShield keeps your company's events for %d days%s. On that day, events that came in
                before %s are removed, and from then on those of one more day each day. They cannot be brought back.

                What findings name stays, and so do incidents. If you need the rest, take it out before that day, in Settings,
                Company data; or choose a plan that keeps events longer.

                What goes when:
                %s
                """
                        .formatted(
                                DAY.format(then.on()),
                                then.days(),
                                days == null ? "" : ", instead of %d".formatted(days),
                                DAY.format(from),
                                settings.publicUrl().resolve("/settings/plan"));
        for (Person admin : users.withRole("tenant-admin")) {
            mailer.send(
                    new Mail(
                            admin.email(),
                            "CyberShield will remove events from before " + DAY.format(from),
                            text,
                            null,
                            "retention:" + then.on() + ":" + then.days() + ":" + admin.id()));
        }
        audit.append(
                "billing.retention-announced",
                "settings:plan",
                Outcome.PERMITTED,
                Map.of(
                        "days",
                        then.days(),
                        "on",
                        then.on().toString(),
                        "keptFrom",
                        from.toString()));
    }
}
