package io.cybershield.billing;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problems;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Plan, usage and invoices of one's company; and what is on offer, for all. */
@RestController
@RunsIn(Role.WEB)
class BillingController {
    private static final String PERMISSION = "settings:manage";
    private final Access access;
    private final Subscriptions subscriptions;
    private final Standing standing;
    private final PlanRetention retention;
    private final Invoices invoices;
    private final PaymentStore payments;
    private final Transactions transactions;
    private final Clock clock;

    BillingController(
            Access access,
            Subscriptions subscriptions,
            Standing standing,
            PlanRetention retention,
            Invoices invoices,
            PaymentStore payments,
            Transactions transactions,
            Clock clock) {
        this.access = access;
        this.subscriptions = subscriptions;
        this.standing = standing;
        this.retention = retention;
        this.invoices = invoices;
        this.payments = payments;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * A plan on offer; what has no number is not limited.
     *
     * @param monthlyCents price of a whole calendar month
     */
    @Schema(name = "PlanOffer")
    record OfferView(
            String name,
            String title,
            long monthlyCents,
            @Nullable Long users,
            @Nullable Long endpoints,
            @Nullable Long eventsPerDay,
            @Nullable Long retentionDays,
            @Nullable Long runsPerMonth) {
        static OfferView of(Plan plan) {
            return new OfferView(
                    plan.name(),
                    plan.title(),
                    plan.monthlyCents(),
                    plan.limits().users(),
                    plan.limits().endpoints(),
                    plan.limits().eventsPerDay(),
                    plan.limits().retentionDays(),
                    plan.limits().runsPerMonth());
        }
    }

    /**
     * @param trialDays how long a new subscription costs nothing
     * @param plans none where the server has no plans
     */
    @Schema(name = "PlanOffers")
    record OffersView(String currency, int trialDays, List<OfferView> plans) {}

    /**
     * A plan that may be changed to, or the present one.
     *
     * @param offered whether it can be chosen; who leaves one that cannot does not come back
     * @param thisMonthCents what the present month will cost in all if it is changed to now
     * @param over what is used more of than the plan has: users, endpoints, events, runs
     */
    @Schema(name = "PlanChoice")
    record ChoiceView(
            OfferView plan,
            boolean current,
            boolean offered,
            long thisMonthCents,
            List<String> over) {}

    /**
     * @param enabled whether the server has plans at all; if not, the rest is empty and nothing is
     *     limited
     * @param monthlyCents as agreed, whatever the price list says now
     * @param trialUntil up to when it costs nothing; null if that is over, or never was
     * @param payment how the provider of payments says it stands, in its words; null without one
     * @param retention null where events of all are kept for ever; there without plans too, if the
     *     operator chose a time
     */
    @Schema(name = "BillingView")
    record BillingView(
            boolean enabled,
            String plan,
            String title,
            long monthlyCents,
            String currency,
            @Nullable Instant trialUntil,
            @Nullable String payment,
            List<Standing.Meter> meters,
            List<ChoiceView> choices,
            PlanRetention.@Nullable View retention) {}

    @Schema(name = "PlanChange")
    record ChangeRequest(@NotBlank @Size(max = 40) String plan) {}

    /** What can be chosen when signing up; needs no session. */
    @GetMapping("/api/v1/plans")
    OffersView offers() {
        var plans = subscriptions.plans();
        return new OffersView(
                plans.currency(),
                plans.trialDays(),
                subscriptions.enabled()
                        ? plans.offered().stream().map(OfferView::of).toList()
                        : List.of());
    }

    @GetMapping("/api/v1/billing")
    BillingView get() {
        return view(access.require(PERMISSION).tenant());
    }

    /** Holds at once; the month is charged for each plan by its time. */
    @PutMapping("/api/v1/billing/plan")
    BillingView change(@Valid @RequestBody ChangeRequest body) {
        TenantId tenant = access.require(PERMISSION).tenant();
        subscriptions.change(body.plan());
        return view(tenant);
    }

    /** Newest first. */
    @GetMapping("/api/v1/billing/invoices")
    Page<Invoice> list(
            @RequestParam @Nullable Integer cursor, @RequestParam @Nullable Integer limit) {
        access.require(PERMISSION);
        return invoices.list(cursor, Page.limit(limit));
    }

    @GetMapping("/api/v1/billing/invoices/{id}")
    Invoice invoice(@PathVariable UUID id) {
        access.require(PERMISSION);
        return found(id);
    }

    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "text/csv", schema = @Schema(type = "string")))
    @GetMapping(value = "/api/v1/billing/invoices/{id}/csv", produces = "text/csv")
    void csv(@PathVariable UUID id, HttpServletResponse response) throws IOException {
        access.require(PERMISSION);
        Invoice invoice = found(id);
        response.setContentType("text/csv; charset=utf-8");
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                "attachment; filename=\"invoice-" + invoice.number() + ".csv\"");
        response.getOutputStream().write(invoice.csv().getBytes(StandardCharsets.UTF_8));
    }

    private Invoice found(UUID id) {
        return invoices.find(id)
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no such invoice."));
    }

    private BillingView view(TenantId tenant) {
        var plans = subscriptions.plans();
        if (!subscriptions.enabled()) {
            return new BillingView(
                    false,
                    "",
                    "",
                    0,
                    plans.currency(),
                    null,
                    null,
                    List.of(),
                    List.of(),
                    retention.view(tenant));
        }
        var history = subscriptions.historyOf(tenant);
        Subscription now = history.isEmpty() ? null : history.getLast();
        Plan plan = now == null ? plans.get(plans.fallback()) : plans.get(now.plan());
        var meters = standing.meters(tenant, plan.limits());
        Instant trial = now == null ? null : now.trialUntil();
        var choices = new ArrayList<ChoiceView>();
        for (Plan one : plans.plans()) {
            boolean current = one.name().equals(plan.name());
            if (one.offered() || current) {
                choices.add(
                        new ChoiceView(
                                OfferView.of(one),
                                current,
                                one.offered(),
                                thisMonth(history, one, current),
                                over(meters, one.limits())));
            }
        }
        return new BillingView(
                true,
                plan.name(),
                plan.title(),
                now == null ? plan.monthlyCents() : now.monthlyCents(),
                now == null ? plans.currency() : now.currency(),
                trial != null && clock.instant().isBefore(trial) ? trial : null,
                transactions
                        .callAs(Subscriptions.PLATFORM, () -> payments.state(tenant))
                        .orElse(null),
                meters,
                List.copyOf(choices),
                retention.view(tenant));
    }

    private long thisMonth(List<Subscription> history, Plan plan, boolean current) {
        Instant at = clock.instant().truncatedTo(ChronoUnit.MICROS);
        var month = YearMonth.from(at.atOffset(ZoneOffset.UTC));
        if (current) {
            return Charges.total(Charges.of(month, history));
        }
        var changed = new ArrayList<>(history);
        Subscription last = history.isEmpty() ? null : changed.removeLast();
        if (last != null) {
            changed.add(
                    new Subscription(
                            last.seq(),
                            last.plan(),
                            last.monthlyCents(),
                            last.currency(),
                            last.from(),
                            at,
                            last.trialUntil()));
        }
        changed.add(
                new Subscription(
                        0,
                        plan.name(),
                        plan.monthlyCents(),
                        subscriptions.plans().currency(),
                        at,
                        null,
                        last == null ? null : last.trialUntil()));
        return Charges.total(Charges.of(month, changed));
    }

    private static List<String> over(List<Standing.Meter> meters, Plan.Limits limits) {
        return meters.stream()
                .filter(meter -> {
                    Long limit =
                            switch (meter.meter()) {
                                case Standing.USERS -> limits.users();
                                case Standing.ENDPOINTS -> limits.endpoints();
                                case Standing.EVENTS -> limits.eventsPerDay();
                                default -> limits.runsPerMonth();
                            };
                    return limit != null && meter.used() > limit;
                })
                .map(Standing.Meter::meter)
                .toList();
    }
}
