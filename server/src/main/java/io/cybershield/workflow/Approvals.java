package io.cybershield.workflow;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.engine.ActionHash;
import io.cybershield.engine.ApprovalPlan;
import io.cybershield.engine.ApprovalRight.Question;
import io.cybershield.engine.ApprovalVote;
import io.cybershield.engine.StepId;
import io.cybershield.flow.Drawing;
import io.cybershield.flow.Expressions;
import io.cybershield.flow.RunContext;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Page;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Problems;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.ApprovalStore.Asked;
import io.cybershield.workflow.ApprovalStore.Cast;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Questions to people. Each binds to the destructive actions that it lets through, rendered when it
 * is asked: what was not shown is not allowed, and an action whose inputs changed since is stopped.
 */
@Component
final class Approvals implements Asks {
    private static final Set<String> NOT_OF_THE_PLAN = Set.of("title", "message", "template");
    private final Transactions transactions;
    private final ApprovalStore store;
    private final ApprovalActions actions;
    private final ApprovalPeople people;
    private final ApprovalAlarms alarms;
    private final ApprovalMails mails;
    private final Tasks tasks;
    private final RunPeople involved;
    private final NodeKinds kinds;
    private final Expressions expressions;
    private final DomainEvents events;
    private final AuditTrail audit;
    private final Ids ids;
    private final Clock clock;

    Approvals(
            Transactions transactions,
            ApprovalStore store,
            ApprovalActions actions,
            ApprovalPeople people,
            ApprovalAlarms alarms,
            ApprovalMails mails,
            Tasks tasks,
            RunPeople involved,
            NodeKinds kinds,
            Expressions expressions,
            DomainEvents events,
            AuditTrail audit,
            Ids ids,
            Clock clock) {
        this.transactions = transactions;
        this.store = store;
        this.actions = actions;
        this.people = people;
        this.alarms = alarms;
        this.mails = mails;
        this.tasks = tasks;
        this.involved = involved;
        this.kinds = kinds;
        this.expressions = expressions;
        this.events = events;
        this.audit = audit;
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Asks, once per run, step and epoch; mails those who may decide. In the transaction of the
     * run's turn.
     */
    @Override
    public void open(
            RunView run,
            Versions.Ready version,
            String step,
            long epoch,
            @Nullable Instant due,
            RunContext context,
            Instant at) {
        Drawing drawing = version.drawing();
        Drawing.Box asking =
                drawing.nodes().stream()
                        .filter(b -> b.key().equals(StepId.key(step)))
                        .findFirst()
                        .orElseThrow();
        Map<String, @Nullable Object> config = actions.rendered(context, drawing, asking);
        if (kinds.get(asking.type()).type().isTask()) {
            tasks.open(run, asking, config, step, epoch, due, at);
            return;
        }
        var bound = actions.bound(run.id(), version, step, epoch, context);
        var notes = new ArrayList<String>();
        var settings = settings(asking, context, notes);
        var plan = ApprovalPlan.of(settings, bound.destroys());
        UUID id = ids.next();
        var view =
                new ApprovalView(
                        id,
                        run.id(),
                        step,
                        run.workflowName(),
                        String.valueOf(config.getOrDefault("title", asking.name())),
                        bound.sentence(),
                        bound.target(),
                        role(plan),
                        at,
                        due,
                        "waiting",
                        null,
                        null,
                        null,
                        bound.hash(),
                        run.incidentId(),
                        0,
                        plan.stages().size(),
                        0,
                        plan.stages().getFirst().need(),
                        plan.stepUp());
        if (!store.insert(view, epoch, settings, bound.actions(), note(notes))) {
            return;
        }
        Asked asked = store.find(id).orElseThrow();
        Question question = question(run, asked, List.of());
        mails.ask(
                view,
                config.get("message") instanceof String why ? why : "",
                "",
                people.voters(id, question, at));
        alarms.next(asked, question, at);
        events.publish("approval:" + id, new ApprovalChanged(view));
    }

    /** The plan as it is counted: people that an expression names are looked up now, once. */
    private Map<String, @Nullable Object> settings(
            Drawing.Box asking, RunContext context, List<String> notes) {
        var settings = new LinkedHashMap<String, @Nullable Object>();
        settings.putAll(asking.config());
        settings.keySet().removeAll(NOT_OF_THE_PLAN);
        if (settings.get("stages") instanceof List<?> stages) {
            var resolved = new ArrayList<@Nullable Object>();
            for (Object stage : stages) {
                resolved.add(
                        stage instanceof Map<?, ?> map ? resolved(map, context, notes) : stage);
            }
            settings.put("stages", resolved);
        }
        return settings;
    }

    /** Where an expression fails or names nobody, administrators are asked: never nobody. */
    private Map<String, @Nullable Object> resolved(
            Map<?, ?> stage, RunContext context, List<String> notes) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        stage.forEach((key, value) -> copy.put(key.toString(), value));
        if (copy.remove("expression") instanceof String expression && !expression.isBlank()) {
            var users = new ArrayList<@Nullable Object>();
            if (copy.get("users") instanceof List<?> given) {
                users.addAll(given);
            }
            try {
                users.addAll(ApprovalPeople.names(expressions.items(expression, context.values())));
            } catch (Expressions.BadExpression e) {
                notes.add("Whom '" + copy.get("name") + "' asks: " + e.getMessage());
            }
            copy.put("users", users);
        }
        return copy;
    }

    private static @Nullable String note(List<String> notes) {
        return notes.isEmpty() ? null : String.join(" ", notes);
    }

    private static String role(ApprovalPlan plan) {
        var asked = plan.stages().getFirst().asked();
        return asked.contains("responder")
                ? "responder"
                : asked.contains("analyst") ? "analyst" : ApprovalPlan.ADMINISTRATOR;
    }

    /** The question no longer matters. */
    @Override
    public void withdraw(RunId run, String step, long epoch, boolean timedOut) {
        String state = timedOut ? "timed-out" : "void";
        store.withdraw(run.value(), step, epoch, state, clock.instant())
                .ifPresent(id -> events.publish("approval:" + id, new ApprovalChanged(get(id))));
        tasks.withdraw(run, step, epoch, state);
    }

    Question question(RunView run, Asked asked, List<Cast> votes) {
        return new Question(
                asked.plan(),
                involved.in(run.id(), run.workflowId(), run.version()),
                votes.stream().map(Cast::vote).toList(),
                asked.hash(),
                asked.opened());
    }

    static List<ApprovalVote> votes(List<Cast> cast) {
        return cast.stream().map(Cast::vote).toList();
    }

    /**
     * Why a destructive step may not run with this configuration; empty when an approval of this
     * run allows exactly it. An approval of something else is void from now on.
     */
    @Override
    public Optional<String> objection(
            RunId run, String node, Map<String, @Nullable Object> config) {
        var changed = new ArrayList<UUID>();
        for (var grant : store.granted(run.value()).entrySet()) {
            Map<String, @Nullable Object> allowed = grant.getValue().get(node);
            if (allowed != null) {
                if (ActionHash.same(allowed, config)) {
                    return Optional.empty();
                }
                changed.add(grant.getKey());
            }
        }
        for (UUID id : changed) {
            store.voidGranted(id);
            audit.append(
                    "approval.voided",
                    "approval:" + id,
                    Outcome.PERMITTED,
                    Map.of("run", run.toString(), "step", node));
            events.publish("approval:" + id, new ApprovalChanged(get(id)));
        }
        return Optional.of(
                changed.isEmpty()
                        ? "No approval of this run covers it."
                        : "Its inputs changed after the approval, so the approval no longer covers"
                                + " it. Run the workflow again.");
    }

    /** Which approval a step asks by. */
    Optional<UUID> idOf(RunId run, String step, long epoch) {
        return store.idOf(run.value(), step, epoch);
    }

    ApprovalView get(UUID id) {
        return store.find(id).map(Asked::view).orElseThrow(Approvals::missing);
    }

    /** Newest first; {@code state} is {@code waiting}, {@code decided} or null for all. */
    Page<ApprovalView> list(@Nullable String state, @Nullable UUID after, int limit) {
        return transactions.call(
                () -> Page.of(store.list(state, after, limit + 1), limit, a -> a.id().toString()));
    }

    static ProblemException missing() {
        return Problems.NOT_FOUND.because("There is no such approval.");
    }
}
