package io.cybershield.trigger;

import io.cybershield.audit.AuditTrail;
import io.cybershield.audit.AuditTrail.Outcome;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.QuotaProblems;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.trigger.DueStore.Due;
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.PublishedTriggers.Trigger;
import io.cybershield.workflow.RunId;
import io.cybershield.workflow.RunView;
import io.cybershield.workflow.Runs;
import io.cybershield.workflow.TriggerExpressions;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fires a trigger: filter, what was taken before, groups, then the run. Whatever starts no run is
 * counted with its reason. Every method needs an open transaction in the tenant's scope, and the
 * trigger held.
 */
@Component
final class Firing {
    /** Runs that start runs that start runs: one in the chain refuses to be longer. */
    static final int DEEPEST = 5;

    /** Events that the run of a group gets to see; the rest it gets to know the number of. */
    static final int MOST_KEPT = 500;

    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};
    private final TriggerStore store;
    private final PublishedTriggers triggers;
    private final Transactions transactions;
    private final FiringNotes notes;
    private final DueStore dues;
    private final TriggerExpressions expressions;
    private final Runs runs;
    private final AuditTrail audit;
    private final MeterRegistry meters;
    private final JsonMapper json;

    Firing(
            TriggerStore store,
            PublishedTriggers triggers,
            Transactions transactions,
            FiringNotes notes,
            DueStore dues,
            TriggerExpressions expressions,
            Runs runs,
            AuditTrail audit,
            MeterRegistry meters,
            JsonMapper json) {
        this.store = store;
        this.triggers = triggers;
        this.transactions = transactions;
        this.notes = notes;
        this.dues = dues;
        this.expressions = expressions;
        this.runs = runs;
        this.audit = audit;
        this.meters = meters;
        this.json = json;
    }

    /**
     * One thing that happened.
     *
     * @param depth runs before it in a chain of runs
     * @param tick of a schedule only
     */
    record Shot(
            Map<String, @Nullable Object> data,
            String subject,
            @Nullable UUID incident,
            int depth,
            @Nullable Instant tick,
            Instant at) {}

    /** A key that stands for one thing only. */
    @SuppressWarnings("ArrayRecordComponent") // only passed on
    record Once(byte[] key, byte[] request, Duration remember) {
        static Once of(String what, String key, Duration remember) {
            byte[] hash = HookAuth.sha256((what + "|" + key).getBytes(StandardCharsets.UTF_8));
            return new Once(hash, hash, remember);
        }
    }

    /** What became of it. */
    sealed interface Result {
        record Started(RunView run) implements Result {}

        /**
         * @param run null when the first started none, or waits for its group to end
         * @param same whether the request was the same too
         */
        record Repeated(@Nullable RunView run, boolean same) implements Result {}

        /**
         * @param run null while the group's run waits for the end of the window
         */
        record Folded(@Nullable RunView run) implements Result {}

        record Filtered() implements Result {}

        /**
         * @param what for the counter
         * @param cause the limits' own words, when it was them
         */
        record Refused(String what, String text, @Nullable ProblemException cause)
                implements Result {}
    }

    /** A trigger and its state, as they are until the open transaction ends. */
    record Held(Trigger trigger, TriggerStore.State state) {}

    /**
     * Holds the trigger; what shares the transaction shares the look, too.
     *
     * @return empty if it is not a published workflow's any more
     */
    Optional<Held> hold(UUID workflow, String node) {
        record Key(TenantId tenant, UUID workflow, String node) {}
        return shared(
                        new Key(Scope.currentTenant(), workflow, node),
                        () -> triggers.hold(workflow, node))
                .map(trigger -> new Held(trigger, state(workflow, node)));
    }

    private TriggerStore.State state(UUID workflow, String node) {
        record Key(TenantId tenant, UUID workflow, String node) {}
        return shared(
                new Key(Scope.currentTenant(), workflow, node), () -> store.state(workflow, node));
    }

    /** What was looked up before in the open transaction is not looked up again. */
    private <T> T shared(Object key, Supplier<T> look) {
        return transactions.gather(key, Transactions.Order.ROWS, look, _ -> {}).orElseGet(look);
    }

    /**
     * @param once keys that must all be new
     */
    Result fire(Trigger trigger, Shot shot, List<Once> once) {
        Result result = decide(trigger, shot, once);
        switch (result) {
            case Result.Started _ -> {
                notes.fired(trigger.workflow(), trigger.node(), shot.at());
                count(trigger, "fired", 1, shot.at());
            }
            case Result.Repeated _ -> count(trigger, "deduped", 1, shot.at());
            case Result.Folded _ -> count(trigger, "folded", 1, shot.at());
            case Result.Filtered _ -> meter(trigger.kind(), "filtered", 1);
            case Result.Refused(var what, _, _) -> count(trigger, what, 1, shot.at());
        }
        return result;
    }

    private Result decide(Trigger trigger, Shot shot, List<Once> once) {
        if (!state(trigger.workflow(), trigger.node()).enabled()) {
            return new Result.Refused("disabled", "The trigger is switched off.", null);
        }
        if (shot.depth() > DEEPEST) {
            return new Result.Refused(
                    "too-deep",
                    "A chain of more than " + DEEPEST + " runs that start one another ends here.",
                    null);
        }
        String group = trigger.text("groupBy");
        String dedupe = trigger.text("dedupeKey");
        String groupKey;
        Once deduped;
        try {
            if (!expressions.passes(trigger.text("filter"), shot.data())) {
                return new Result.Filtered();
            }
            groupKey = group.isBlank() ? "" : expressions.key(group, shot.data());
            deduped =
                    dedupe.isBlank()
                            ? null
                            : Once.of(
                                    "key",
                                    expressions.key(dedupe, shot.data()),
                                    Duration.ofSeconds(trigger.number("dedupeSeconds", 86_400)));
        } catch (TriggerExpressions.Failed e) {
            return new Result.Refused("expression-failed", String.valueOf(e.getMessage()), null);
        }
        var keys = new java.util.ArrayList<>(once);
        if (deduped != null) {
            keys.add(deduped);
        }
        for (Once key : keys) {
            var before =
                    store.take(
                            trigger.workflow(),
                            trigger.node(),
                            key.key(),
                            key.request(),
                            shot.at(),
                            key.remember());
            if (before.isPresent()) {
                // What this one noted for itself must not stand: it started nothing.
                keys.subList(0, keys.indexOf(key))
                        .forEach(k -> store.forget(trigger.workflow(), trigger.node(), k.key()));
                return new Result.Repeated(
                        view(before.get().run()),
                        java.security.MessageDigest.isEqual(before.get().request(), key.request()));
            }
        }
        Result result = group.isBlank() ? start(trigger, shot) : fold(trigger, shot, groupKey);
        switch (result) {
            case Result.Started(var run) -> noted(trigger, keys, run.id());
            case Result.Folded(var run) -> {
                if (run != null) {
                    noted(trigger, keys, run.id());
                }
            }
            case Result.Refused _ ->
                    keys.forEach(k -> store.forget(trigger.workflow(), trigger.node(), k.key()));
            case Result.Repeated _, Result.Filtered _ -> {
                // Noted by whoever came first; and a filter is asked before.
            }
        }
        return result;
    }

    private void noted(Trigger trigger, List<Once> keys, UUID run) {
        keys.forEach(k -> store.took(trigger.workflow(), trigger.node(), k.key(), run));
    }

    private Result fold(Trigger trigger, Shot shot, String key) {
        boolean all = trigger.text("groupRun").equals("all");
        var group =
                store.fold(
                        trigger.workflow(),
                        trigger.node(),
                        key,
                        shot.at(),
                        Duration.ofSeconds(trigger.number("groupSeconds", 300)),
                        !all,
                        shot.subject(),
                        shot.depth());
        if (all) {
            if (group.folded() < MOST_KEPT) {
                store.keep(
                        trigger.workflow(),
                        trigger.node(),
                        key,
                        json.writeValueAsString(shot.data()));
            } else {
                count(trigger, "not-kept", 1, shot.at());
            }
            if (group.isFirst()) {
                dues.set(
                        new Due(
                                Scope.currentTenant(),
                                trigger.workflow(),
                                trigger.node(),
                                DueStore.Kind.GROUP,
                                key,
                                group.closesAt(),
                                group.closesAt()));
            }
            return new Result.Folded(null);
        }
        if (!group.isFirst()) {
            return new Result.Folded(view(group.run()));
        }
        Result result = start(trigger, shot);
        if (result instanceof Result.Started(var run)) {
            store.groupRun(trigger.workflow(), trigger.node(), key, run.id());
        } else {
            store.close(trigger.workflow(), trigger.node(), key);
        }
        return result;
    }

    /** The end of a group's window: one run for all of it. */
    Optional<Result> closeGroup(Trigger trigger, String key, Instant now) {
        var closed = store.close(trigger.workflow(), trigger.node(), key);
        if (closed.isEmpty()) {
            return Optional.empty();
        }
        var group = closed.get();
        var events =
                store.kept(trigger.workflow(), trigger.node(), key).stream()
                        .map(this::object)
                        .toList();
        var data = new LinkedHashMap<String, @Nullable Object>();
        data.put("group", key);
        data.put("count", group.folded() + 1);
        data.put("firstAt", group.openedAt().toString());
        data.put("lastAt", group.lastAt().toString());
        data.put("events", events);
        String subject =
                group.folded() == 0
                        ? group.subject()
                        : group.subject() + " and " + group.folded() + " more";
        Result result = start(trigger, new Shot(data, subject, null, group.depth(), null, now));
        if (result instanceof Result.Started) {
            notes.fired(trigger.workflow(), trigger.node(), now);
            count(trigger, "fired", 1, now);
        } else if (result instanceof Result.Refused(var what, _, _)) {
            count(trigger, what, group.folded() + 1, now);
        }
        return Optional.of(result);
    }

    private Result start(Trigger trigger, Shot shot) {
        String overlap = trigger.text("overlap");
        if (overlap.equals("skip") && store.hasLiveRun(trigger.workflow(), trigger.node())) {
            return new Result.Refused("overlap", "The run before goes on.", null);
        }
        RunView run;
        try {
            run =
                    runs.start(
                            new Runs.Start(
                                    trigger.workflow(),
                                    trigger.version(),
                                    trigger.node(),
                                    shot.data(),
                                    cut(shot.subject()),
                                    shot.incident(),
                                    overlap.equals("queue")));
        } catch (ProblemException e) {
            if (e.problem() == QuotaProblems.RUNS) {
                return new Result.Refused("plan", e.detail(), e);
            }
            if (e.problem() != TriggerProblems.RUNS_FULL) {
                throw e;
            }
            return new Result.Refused("full", e.detail(), e);
        }
        if (shot.tick() == null && overlap.isEmpty()) {
            notes.started(run.id(), trigger.workflow(), trigger.node(), shot.depth());
        } else {
            // At once: that a tick was taken before, or that a run goes on, shows in this row.
            store.started(run.id(), trigger.workflow(), trigger.node(), shot.depth(), shot.tick());
        }
        for (UUID cause : causes(trigger, shot.data())) {
            runs.startedBy(run.id(), cause);
        }
        audit.append(
                "run.started",
                "run:" + run.id(),
                Outcome.PERMITTED,
                Map.of(
                        "workflow",
                        run.workflowName(),
                        "version",
                        run.version(),
                        "trigger",
                        trigger.kind()));
        return new Result.Started(run);
    }

    void count(Trigger trigger, String what, long by, Instant at) {
        notes.count(trigger.workflow(), trigger.node(), what, by, at);
        meter(trigger.kind(), what, by);
    }

    void meter(String kind, String what, long by) {
        meters.counter("cybershield.trigger.events", "kind", kind, "outcome", what).increment(by);
    }

    /** The runs whose ends these data tell of. */
    private static List<UUID> causes(Trigger trigger, Map<String, ?> data) {
        if (!trigger.kind().equals(Kinds.RUN_FINISHED)) {
            return List.of();
        }
        var told = data.get("events") instanceof List<?> all ? all : List.of(data);
        return told.stream()
                .map(one -> one instanceof Map<?, ?> m ? m.get("run") : null)
                .map(run -> run instanceof Map<?, ?> m ? m.get("id") : null)
                .filter(Objects::nonNull)
                .map(id -> UUID.fromString(id.toString()))
                .distinct()
                .toList();
    }

    private @Nullable RunView view(@Nullable UUID run) {
        return run == null ? null : runs.find(new RunId(run)).orElse(null);
    }

    @SuppressWarnings("NullAway") // a value may be null
    private Map<String, @Nullable Object> object(String text) {
        return json.readValue(text, OBJECT);
    }

    private static String cut(String subject) {
        return subject.length() <= 200 ? subject : subject.substring(0, 199) + "…";
    }
}
