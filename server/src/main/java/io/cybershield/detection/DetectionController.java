package io.cybershield.detection;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.detection.CorrelationStore.Tally;
import io.cybershield.detection.FindingStore.FindingView;
import io.cybershield.detection.RuleStore.CostView;
import io.cybershield.detection.RuleStore.RuleDetail;
import io.cybershield.detection.RuleStore.RuleImportView;
import io.cybershield.detection.RuleStore.RuleView;
import io.cybershield.detection.RuleStore.Summary;
import io.cybershield.platform.Page;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.tenant.Tenants;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** Rules and findings, for people; rules also for the command line. */
@RestController
@RunsIn(Role.WEB)
@RequestMapping("/api/v1")
class DetectionController {
    private final Rules rules;
    private final RuleStore store;
    private final FindingStore findings;
    private final Access access;
    private final Tenants tenants;
    private final AuditTrail audit;
    private final Transactions transactions;
    private final RuleCoverage coverage;
    private final RuleCosts costs;
    private final Explanations explanations;
    private final CorrelationStore correlations;
    private final DetectionSettings settings;

    DetectionController(
            Rules rules,
            RuleStore store,
            FindingStore findings,
            Access access,
            Tenants tenants,
            AuditTrail audit,
            Transactions transactions,
            RuleCoverage coverage,
            RuleCosts costs,
            Explanations explanations,
            CorrelationStore correlations,
            DetectionSettings settings) {
        this.rules = rules;
        this.store = store;
        this.findings = findings;
        this.access = access;
        this.tenants = tenants;
        this.audit = audit;
        this.transactions = transactions;
        this.coverage = coverage;
        this.costs = costs;
        this.explanations = explanations;
        this.correlations = correlations;
        this.settings = settings;
    }

    record SwitchRequest(@NotNull(message = "Say true or false.") Boolean enabled) {}

    @GetMapping("/rules")
    Page<RuleView> rules(
            @RequestParam
                    @Parameter(
                            schema =
                                    @Schema(
                                            allowableValues = {
                                                "live",
                                                "refused",
                                                "disabled",
                                                "quarantined"
                                            }))
                    @Nullable String state,
            @RequestParam("coverage")
                    @Parameter(schema = @Schema(allowableValues = {"live", "blind"}))
                    @Nullable String covered,
            @RequestParam @Nullable String q,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        access.require("rule:read");
        return transactions.call(() -> {
            RuleCoverage.Answer answer = coverage.current();
            Set<String> only =
                    switch (covered == null ? "" : covered) {
                        case "live" -> ids(answer, false);
                        case "blind" -> ids(answer, true);
                        default -> null;
                    };
            return store.list(state, only, q, cursor, Page.limit(limit))
                    .map(rule ->
                            rule.state().equals("live")
                                    ? rule.seen(answer.byRule().get(rule.ruleId()))
                                    : rule);
        });
    }

    @GetMapping("/rules/summary")
    Summary summary() {
        access.require("rule:read");
        return transactions.call(() -> {
            RuleCoverage.Answer answer = coverage.current();
            RuleStore.Counts c = store.counts();
            return new Summary(
                    c.files(),
                    c.loaded(),
                    c.refused(),
                    c.disabled(),
                    c.quarantined(),
                    c.correlations(),
                    c.filters(),
                    ids(answer, false).size(),
                    ids(answer, true).size(),
                    answer.since(),
                    answer.events());
        });
    }

    private static Set<String> ids(RuleCoverage.Answer answer, boolean blind) {
        return answer.byRule().entrySet().stream()
                .filter(e -> e.getValue().isBlind() == blind)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** What became of the hits that correlations wanted. */
    @GetMapping("/rules/correlation")
    Tally correlation() {
        access.require("rule:read");
        return transactions.call(correlations::tally);
    }

    /** Why the rule fires on the event, or why it does not. */
    @GetMapping("/rules/{id}/explanation")
    Explanations.View explain(@PathVariable UUID id, @RequestParam UUID event) {
        access.require("rule:read");
        access.require("event:read");
        return transactions.call(() ->
                explanations.explain(
                        store.ruleIdOf(id)
                                .orElseThrow(() ->
                                        Problems.NOT_FOUND.because(
                                                "There is no loaded rule with that id.")),
                        event));
    }

    /** As the rule's, for the last event of the finding, with today's rule. */
    @GetMapping("/findings/{id}/explanation")
    Explanations.View explainFinding(@PathVariable UUID id) {
        access.require("finding:read");
        access.require("rule:read");
        access.require("event:read");
        return transactions.call(() -> {
            FindingView finding =
                    findings.find(id)
                            .orElseThrow(() ->
                                    Problems.NOT_FOUND.because(
                                            "There is no finding with that id."));
            if (finding.eventIds().isEmpty()) {
                throw Problems.NOT_FOUND.because(
                        "The finding's window grew too large to remember its events.");
            }
            return explanations.explain(finding.ruleId(), finding.eventIds().getLast());
        });
    }

    /** Puts a rule back into the stream; it goes again if it still costs too much. */
    @PostMapping("/rules/{id}/release")
    RuleDetail release(@PathVariable UUID id) {
        access.require("rule:manage");
        return transactions.call(() -> {
            RuleDetail before = get(id);
            if (!store.release(id)) {
                throw DetectionProblems.NOT_IN_QUARANTINE.because(
                        "'" + before.title() + "' is " + before.state() + ".");
            }
            store.raiseRevision();
            audit.append(
                    "rule.released",
                    "rule:" + id,
                    Outcome.PERMITTED,
                    Map.of("rule", before.ruleId(), "title", before.title()));
            return get(id);
        });
    }

    @GetMapping("/rules/{id}")
    RuleDetail rule(@PathVariable UUID id) {
        access.require("rule:read");
        return transactions.call(() -> get(id));
    }

    /** Loaded and refused files together are all files; refused ones stay in the list. */
    @PostMapping("/rules/import")
    RuleImportView take(@RequestParam MultipartFile file) throws IOException {
        access.require("rule:manage");
        String name = file.getOriginalFilename();
        try (InputStream in = file.getInputStream()) {
            return take(name == null || name.isBlank() ? "rules.zip" : name, in);
        }
    }

    /** As {@link #take(MultipartFile)}, the file as the body, for the operator's command line. */
    @PostMapping("/operator/tenants/{tenant}/rules/import")
    RuleImportView takeForOperator(
            @PathVariable UUID tenant, @RequestParam String name, HttpServletRequest request) {
        TenantId id = new TenantId(tenant);
        if (tenants.find(id).isEmpty()) {
            throw Problems.NOT_FOUND.because("There is no tenant with that id.");
        }
        return Scope.tenant(id, new Principal(Principal.Kind.OPERATOR, "operator", "Operator"))
                .get(() -> {
                    try {
                        return take(name, request.getInputStream());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private RuleImportView take(String name, InputStream in) throws IOException {
        RuleImportView view = rules.take(name, in);
        audit.append(
                "rules.imported",
                "rule-import:" + view.id(),
                Outcome.PERMITTED,
                Map.of(
                        "file",
                        name,
                        "loaded",
                        view.loaded(),
                        "refused",
                        view.refused(),
                        "unchanged",
                        view.unchanged()));
        return view;
    }

    @PatchMapping("/rules/{id}")
    RuleDetail enable(@PathVariable UUID id, @Valid @RequestBody SwitchRequest request) {
        access.require("rule:manage");
        return transactions.call(() -> {
            RuleDetail before = get(id);
            if (before.state().equals("refused")) {
                throw DetectionProblems.REFUSED_RULE.because(
                        "'" + before.file() + "' was refused: " + before.problem());
            }
            store.enable(id, request.enabled());
            store.raiseRevision();
            audit.append(
                    request.enabled() ? "rule.enabled" : "rule.disabled",
                    "rule:" + id,
                    Outcome.PERMITTED,
                    Map.of("rule", before.ruleId(), "title", before.title()));
            return get(id);
        });
    }

    private RuleDetail get(UUID id) {
        return store.find(
                        id,
                        rule -> coverage.current().byRule().get(rule),
                        rule ->
                                costs.of(rule)
                                        .map(c ->
                                                new CostView(
                                                        c.runs(),
                                                        c.steps() / Math.max(1, c.runs()),
                                                        c.cutOff(),
                                                        settings.stepBudget(),
                                                        c.since(),
                                                        c.measuredAt()))
                                        .orElse(null))
                .orElseThrow(() -> Problems.NOT_FOUND.because("There is no rule with that id."));
    }

    @GetMapping("/findings")
    Page<FindingView> findings(
            @RequestParam @Nullable UUID incident,
            @RequestParam @Parameter(schema = @Schema(implementation = Severity.class))
                    @Nullable String severity,
            @RequestParam @Nullable String cursor,
            @RequestParam @Nullable Integer limit) {
        access.require("finding:read");
        return findings.list(
                incident,
                severity == null
                        ? null
                        : Severity.find(severity)
                                .orElseThrow(() ->
                                        Problems.MALFORMED.because(
                                                "There is no severity '"
                                                        + severity
                                                        + "'. Use info, low, medium, high or"
                                                        + " critical.")),
                cursor,
                Page.limit(limit));
    }
}
