package io.cybershield.billing;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Person;
import io.cybershield.access.Users;
import io.cybershield.notification.Mail;
import io.cybershield.notification.Mailer;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Repeated;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Mails a company's administrators when a limit is near or reached, and before the trial ends: once
 * for each limit, period and level, whichever node sees it.
 */
@Component("planNotices") // a bean of workflow has the plain name
@RunsIn(Role.WORKER)
class Notices extends Repeated {
    private static final Logger log = LoggerFactory.getLogger(Notices.class);
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final Duration BEFORE_TRIAL_ENDS = Duration.ofDays(3);
    private final Subscriptions subscriptions;
    private final Standing standing;
    private final Users users;
    private final Mailer mailer;
    private final Settings settings;
    private final Transactions transactions;
    private final JdbcClient jdbc;
    private final Clock clock;

    Notices(
            Subscriptions subscriptions,
            Standing standing,
            Users users,
            Mailer mailer,
            Settings settings,
            Transactions transactions,
            JdbcClient jdbc,
            Clock clock) {
        super("plan-notices", EVERY);
        this.subscriptions = subscriptions;
        this.standing = standing;
        this.users = users;
        this.mailer = mailer;
        this.settings = settings;
        this.transactions = transactions;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Looks at every company that has a subscription. */
    @Override
    protected void tick() {
        subscriptions
                .everybodys()
                .forEach((tenant, history) -> {
                    try {
                        look(tenant, history.getLast());
                    } catch (RuntimeException e) {
                        log.warn("limits not looked at tenant={} cause={}", tenant, e.toString());
                    }
                });
    }

    private void look(TenantId tenant, Subscription now) {
        Plan plan = subscriptions.plans().get(now.plan());
        Instant trial = now.trialUntil();
        if (trial != null
                && clock.instant().isBefore(trial)
                && !clock.instant().isBefore(trial.minus(BEFORE_TRIAL_ENDS))) {
            tell(
                    tenant,
                    "trial",
                    LocalDate.ofInstant(trial, ZoneOffset.UTC),
                    100,
                    "Your CyberShield trial ends soon",
                    "The trial of your plan %s ends at %s. From then on it costs %s a month."
                            .formatted(
                                    plan.title(),
                                    trial,
                                    Money.words(now.monthlyCents(), now.currency())));
        }
        if (plan.limits().isNone()) {
            return;
        }
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        for (var meter : standing.meters(tenant, plan.limits())) {
            LocalDate period =
                    meter.meter().equals(Standing.EVENTS) ? today : today.withDayOfMonth(1);
            switch (meter.state()) {
                case "high" -> warn(tenant, plan, meter, period);
                case "full" -> full(tenant, plan, meter, period);
                default -> {}
            }
        }
    }

    private void warn(TenantId tenant, Plan plan, Standing.Meter meter, LocalDate period) {
        tell(
                tenant,
                meter.meter(),
                period,
                80,
                "80 % of your CyberShield plan's " + what(meter) + " are used",
                "%d of the %d %s of your plan %s are used."
                        .formatted(meter.used(), meter.limit(), what(meter), plan.title()));
    }

    private void full(TenantId tenant, Plan plan, Standing.Meter meter, LocalDate period) {
        String then =
                switch (meter.meter()) {
                    case Standing.USERS ->
                            "Nobody loses access, but nobody can be invited until there is room.";
                    case Standing.ENDPOINTS ->
                            "Events of all of them are still taken: nothing is dropped. Choose a"
                                + " larger plan, or stop sending for machines that you no longer"
                                + " need to watch; 30 days later they do not count.";
                    case Standing.EVENTS ->
                            "Further records are refused at the doors until %s, and the senders are"
                                            .formatted(meter.resetsAt())
                                    + " told so. What is refused is counted.";
                    default ->
                            "Runs that began go on. No further ones start until %s; what would have"
                                            .formatted(meter.resetsAt())
                                    + " started is counted.";
                };
        tell(
                tenant,
                meter.meter(),
                period,
                100,
                "Your CyberShield plan's " + what(meter) + " are used up",
                "The %d %s of your plan %s are used up.%n%n%s"
                        .formatted(meter.limit(), what(meter), plan.title(), then));
    }

    private static String what(Standing.Meter meter) {
        return switch (meter.meter()) {
            case Standing.USERS -> "users";
            case Standing.ENDPOINTS -> "machines";
            case Standing.EVENTS -> "events of the day";
            default -> "workflow runs of the month";
        };
    }

    private void tell(
            TenantId tenant,
            String meter,
            LocalDate period,
            int level,
            String subject,
            String text) {
        transactions.runAs(
                Subscriptions.PLATFORM,
                () -> {
                    if (!first(tenant, meter, period, level)) {
                        return;
                    }
                    transactions.runAs(
                            Scope.tenant(tenant, Principal.system("billing")),
                            () -> mail(meter, period, level, subject, text));
                });
    }

    private boolean first(TenantId tenant, String meter, LocalDate period, int level) {
        return jdbc.sql(
                                """
                                INSERT INTO platform.plan_notice (tenant_id, meter, period, level, at)
                                VALUES (:tenant, :meter, :period, :level, :at) ON CONFLICT DO NOTHING
                                """)
                        .param("tenant", tenant.value())
                        .param("meter", meter)
                        .param("period", period)
                        .param("level", level)
                        .param("at", clock.instant().atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }

    private void mail(String meter, LocalDate period, int level, String subject, String text) {
        List<Person> admins = users.withRole("tenant-admin");
        String all =
                """
                %s

                Plan and usage:
                %s
                """
                        .formatted(text, settings.publicUrl().resolve("/settings/plan"));
        for (Person admin : admins) {
            mailer.send(
                    new Mail(
                            admin.email(),
                            subject,
                            all,
                            null,
                            "plan:" + meter + ":" + period + ":" + level + ":" + admin.id()));
        }
    }

    @Override
    protected boolean isWanted() {
        return subscriptions.enabled();
    }
}
