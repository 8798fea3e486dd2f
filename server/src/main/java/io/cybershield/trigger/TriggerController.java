package io.cybershield.trigger;

import io.cybershield.Role;
import io.cybershield.RunsIn;
import io.cybershield.access.Access;
import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.Page;
import io.cybershield.platform.Problem.Place;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import io.cybershield.workflow.TriggerExpressions;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** What starts a workflow, and how many runs it may have. */
@RestController
@RunsIn(Role.WEB)
class TriggerController {
    private static final int UPCOMING = 5;
    private static final int MOST_SHOWN = 100_000;
    private final PublishedTriggers triggers;
    private final TriggerStore store;
    private final JdbcAdmissionStore admissions;
    private final DueStore dues;
    private final Hooks hooks;
    private final TriggerExpressions expressions;
    private final Transactions transactions;
    private final Access access;
    private final AuditTrail audit;
    private final Settings settings;

    TriggerController(
            PublishedTriggers triggers,
            TriggerStore store,
            JdbcAdmissionStore admissions,
            DueStore dues,
            Hooks hooks,
            TriggerExpressions expressions,
            Transactions transactions,
            Access access,
            AuditTrail audit,
            Settings settings) {
        this.triggers = triggers;
        this.store = store;
        this.admissions = admissions;
        this.dues = dues;
        this.hooks = hooks;
        this.expressions = expressions;
        this.transactions = transactions;
        this.access = access;
        this.audit = audit;
        this.settings = settings;
    }

    /** How often something came of a trigger, or why not. */
    @Schema(name = "TriggerCount")
    record CountView(String what, long count, Instant lastAt) {}

    /**
     * A trigger of the version in use.
     *
     * @param address of a webhook only
     * @param auth who may call a webhook: {@code none, basic, bearer, hmac}
     * @param secretAt when its secret was made; null while it has none
     * @param zone of a schedule only
     * @param nextTimes the next five of a schedule, before its spread
     */
    record TriggerView(
            String node,
            String name,
            String kind,
            int version,
            boolean enabled,
            @Nullable Instant lastFiredAt,
            List<CountView> counts,
            @Nullable String address,
            @Nullable String auth,
            @Nullable Instant secretAt,
            @Nullable String zone,
            List<Instant> nextTimes) {}

    record TriggerChange(@NotNull Boolean enabled) {}

    /** The only answer that carries the secret; it cannot be read again. */
    record TriggerSecret(String secret) {}

    /**
     * @param most null for no limit
     * @param key CEL over trigger that comes to a key
     * @param live runs that are counted now
     */
    record RunLimits(
            @Nullable Integer most,
            @Nullable String key,
            @Nullable Integer mostPerKey,
            @Schema(allowableValues = {"queue", "reject", "cancel-oldest"}) String whenFull,
            int live,
            int queued) {}

    record RunLimitsChange(
            @Nullable @Min(1) @Max(100_000) Integer most,
            @Nullable @Size(max = 4000) String key,
            @Nullable @Min(1) @Max(100_000) Integer mostPerKey,
            @NotNull
                    @Pattern(
                            regexp = "queue|reject|cancel-oldest",
                            message = "must be 'queue', 'reject' or 'cancel-oldest'")
                    String whenFull) {}

    record TenantRunLimit(@Nullable Integer most, int live, int queued) {}

    record TenantRunLimitChange(@Nullable @Min(1) @Max(1_000_000) Integer most) {}

    @GetMapping("/api/v1/workflows/{id}/triggers")
    Page<TriggerView> list(@PathVariable UUID id) {
        access.require("workflow:read");
        return transactions.call(() -> {
            exists(id);
            return new Page<>(triggers.of(id).stream().map(this::view).toList(), null);
        });
    }

    @PatchMapping("/api/v1/workflows/{id}/triggers/{node}")
    TriggerView change(
            @PathVariable UUID id,
            @PathVariable String node,
            @Valid @RequestBody TriggerChange change) {
        access.require("workflow:publish");
        return transactions.call(() -> {
            Trigger trigger = get(id, node);
            store.enable(id, node, change.enabled());
            audit.append(
                    change.enabled() ? "trigger.enabled" : "trigger.disabled",
                    "workflow:" + id,
                    Outcome.PERMITTED,
                    Map.of("trigger", trigger.name()));
            return view(trigger);
        });
    }

    /** Makes a new secret for a webhook; the one before ends at once. */
    @PostMapping("/api/v1/workflows/{id}/triggers/{node}/secret")
    TriggerSecret secret(@PathVariable UUID id, @PathVariable String node) {
        access.require("workflow:publish");
        return transactions.call(() -> {
            Trigger trigger = get(id, node);
            if (!trigger.kind().equals(Kinds.WEBHOOK) || trigger.text("auth").equals("none")) {
                throw Problems.INVALID.because("'" + trigger.name() + "' has no secret.");
            }
            String secret = hooks.newSecret(trigger);
            audit.append(
                    "trigger.secret-made",
                    "workflow:" + id,
                    Outcome.PERMITTED,
                    Map.of("trigger", trigger.name()));
            return new TriggerSecret(secret);
        });
    }

    @GetMapping("/api/v1/workflows/{id}/limits")
    RunLimits limits(@PathVariable UUID id) {
        access.require("workflow:read");
        return transactions.call(() -> {
            exists(id);
            return limitsOf(id);
        });
    }

    /** Takes effect with the next start. Live runs above a lower limit go on. */
    @PutMapping("/api/v1/workflows/{id}/limits")
    RunLimits setLimits(@PathVariable UUID id, @Valid @RequestBody RunLimitsChange change) {
        access.require("workflow:publish");
        String key = change.key() == null ? "" : change.key();
        if (key.isBlank() != (change.mostPerKey() == null)) {
            throw Problems.INVALID.because(
                    "A limit by key needs both the expression and the number.",
                    List.of(new Place("#/key", "Give both, or neither.")));
        }
        if (!key.isBlank()) {
            expressions
                    .problem(key)
                    .ifPresent(why -> {
                        throw Problems.INVALID.because(
                                "The key is no expression.", List.of(new Place("#/key", why)));
                    });
        }
        return transactions.call(() -> {
            exists(id);
            admissions.lock();
            var before = told(admissions.limits(id));
            admissions.setLimits(
                    id,
                    new Limits(
                            null,
                            change.most(),
                            key,
                            change.mostPerKey(),
                            Limits.WhenFull.of(change.whenFull())));
            audit.append(
                    "workflow.limits-set",
                    "workflow:" + id,
                    Outcome.PERMITTED,
                    Map.of("before", before, "after", told(admissions.limits(id))));
            return limitsOf(id);
        });
    }

    @GetMapping("/api/v1/run-limits")
    TenantRunLimit tenantLimit() {
        access.require("workflow:read");
        return transactions.call(this::ofTenant);
    }

    @PutMapping("/api/v1/run-limits")
    TenantRunLimit setTenantLimit(@Valid @RequestBody TenantRunLimitChange change) {
        access.require("settings:manage");
        return transactions.call(() -> {
            admissions.lock();
            Integer before = admissions.tenantMost();
            admissions.setTenantMost(change.most());
            audit.append(
                    "run-limit.set",
                    "tenant",
                    Outcome.PERMITTED,
                    Map.of(
                            "before",
                            Map.of("most", orNone(before)),
                            "after",
                            Map.of("most", orNone(change.most()))));
            return ofTenant();
        });
    }

    /** As the trail has them. */
    private static Map<String, Object> told(Limits limits) {
        return Map.of(
                "most", orNone(limits.most()),
                "key", limits.key(),
                "mostPerKey", orNone(limits.mostPerKey()),
                "whenFull", limits.whenFull().wire());
    }

    private static Object orNone(@Nullable Integer limit) {
        return limit == null ? "none" : limit;
    }

    private TenantRunLimit ofTenant() {
        return new TenantRunLimit(
                admissions.tenantMost(),
                admissions.live(MOST_SHOWN),
                admissions.queued(MOST_SHOWN));
    }

    private RunLimits limitsOf(UUID workflow) {
        Limits limits = admissions.limits(workflow);
        return new RunLimits(
                limits.most(),
                limits.key().isBlank() ? null : limits.key(),
                limits.mostPerKey(),
                limits.whenFull().wire(),
                admissions.live(workflow, MOST_SHOWN),
                admissions.queued(workflow, MOST_SHOWN));
    }

    private void exists(UUID workflow) {
        if (!triggers.exists(workflow)) {
            throw Problems.NOT_FOUND.because("There is no such workflow.");
        }
    }

    private Trigger get(UUID workflow, String node) {
        return triggers.find(workflow, node)
                .orElseThrow(() ->
                        Problems.NOT_FOUND.because(
                                "There is no such trigger in the version in use."));
    }

    private TriggerView view(Trigger trigger) {
        var state = store.state(trigger.workflow(), trigger.node());
        boolean hook = trigger.kind().equals(Kinds.WEBHOOK);
        Schedule schedule =
                trigger.kind().equals(Kinds.SCHEDULE) ? Schedule.of(trigger.config()) : null;
        return new TriggerView(
                trigger.node(),
                trigger.name(),
                trigger.kind(),
                trigger.version(),
                state.enabled(),
                state.firedAt(),
                store.counts(trigger.workflow(), trigger.node()).stream()
                        .map(c -> new CountView(c.what(), c.count(), c.lastAt()))
                        .toList(),
                hook && state.hook() != null
                        ? settings.publicUrl() + "/hooks/" + state.hook()
                        : null,
                hook ? trigger.text("auth") : null,
                state.secretAt(),
                schedule == null ? null : zone(schedule),
                schedule == null ? List.of() : schedule.upcoming(dues.now(), UPCOMING));
    }

    private static String zone(Schedule schedule) {
        return schedule.zone().equals(java.time.ZoneOffset.UTC) ? "UTC" : schedule.zone().getId();
    }
}
