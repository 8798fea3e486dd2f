package io.cybershield.detection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cybershield.detection.RuleStore.Revision;
import io.cybershield.detection.SeenEvents.Since;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.Coverage;
import io.cybershield.sigma.Event;
import io.cybershield.sigma.EventSource;
import io.cybershield.sigma.Refusal;
import io.cybershield.sigma.Sample;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Which of the tenant's rules could fire on events like those seen so far. */
@Component
class RuleCoverage {
    private final Rules rules;
    private final SeenEvents seen;
    private final Cache<TenantId, Known> byTenant =
            Caffeine.newBuilder().maximumSize(200).softValues().build();

    RuleCoverage(Rules rules, SeenEvents seen) {
        this.rules = rules;
        this.seen = seen;
    }

    /**
     * @param fields without which the rule cannot fire and which were never seen
     * @param why one sentence
     */
    @Schema(name = "RuleCoverage")
    record View(
            @Schema(allowableValues = {"live", "blind-source", "blind-fields", "not-running"})
                    String state,
            String why,
            List<String> fields) {
        boolean isBlind() {
            return !state.equals("live");
        }
    }

    /**
     * @param since when looking began; null before the first event
     * @param byRule of rules that are on, by their own id
     */
    record Answer(@Nullable Instant since, long events, Map<String, View> byRule) {}

    private record Known(Revision revision, long version, Answer answer) {}

    private record SeenEvent(EventSource source, Set<String> fields) implements Event {
        @Override
        public @Nullable Object get(String path) {
            return fields.contains(path) ? "" : null;
        }

        @Override
        public Iterable<?> values() {
            return List.of();
        }
    }

    /** Of the current tenant, in its transaction. */
    Answer current() {
        Revision revision = rules.ensureShipped();
        Since since = seen.since();
        if (since == null) {
            return new Answer(null, 0, Map.of());
        }
        TenantId tenant = Scope.currentTenant();
        Known known = byTenant.getIfPresent(tenant);
        List<SeenEvents.Source> sources = seen.sources();
        long events = sources.stream().mapToLong(SeenEvents.Source::events).sum();
        if (known == null
                || !known.revision().equals(revision)
                || known.version() != since.version()) {
            known =
                    new Known(
                            revision,
                            since.version(),
                            new Answer(since.since(), events, of(rules.current(), sources)));
            byTenant.put(tenant, known);
        }
        return new Answer(since.since(), events, known.answer().byRule());
    }

    static Map<String, View> of(ActiveRules active, List<SeenEvents.Source> sources) {
        Sample sample = active.set().sample();
        sources.forEach(s -> sample.add(new SeenEvent(s.source(), s.fields())));
        Map<String, View> views = new HashMap<>();
        for (Coverage.Entry entry : sample.coverage().rules()) {
            views.put(entry.rule().id(), view(entry));
        }
        active.correlations().forEach(rule -> correlation(active, rule, views));
        active.notLoaded().forEach((id, refusal) -> views.put(id, notLoaded(refusal)));
        return Map.copyOf(views);
    }

    private static View view(Coverage.Entry entry) {
        return new View(
                switch (entry.state()) {
                    case LIVE -> "live";
                    case BLIND_SOURCE -> "blind-source";
                    case BLIND_FIELDS -> "blind-fields";
                    case SWITCHED_OFF -> "not-running";
                },
                entry.why(),
                entry.fields());
    }

    /** References have no cycles, so this ends. */
    private static View correlation(
            ActiveRules active, CorrelationRule rule, Map<String, View> views) {
        View known = views.get(rule.id());
        if (known != null) {
            return known;
        }
        var blind = new ArrayList<String>();
        View first = null;
        for (String id : rule.rules()) {
            View part = part(active, id, views);
            if (part.isBlind()) {
                blind.add("'" + titleOf(active, id) + "': " + part.why());
                first = first == null ? part : first;
            }
        }
        boolean needsAll = rule.bounds().isEmpty();
        View view =
                first != null && (needsAll || blind.size() == rule.rules().size())
                        ? new View(
                                first.state(),
                                (needsAll && blind.size() < rule.rules().size()
                                                ? "It needs all of its rules, and of these cannot"
                                                        + " fire: "
                                                : "None of its rules can fire: ")
                                        + String.join(" ", blind),
                                first.fields())
                        : new View("live", "The rules that it looks at can fire.", List.of());
        views.put(rule.id(), view);
        return view;
    }

    private static View part(ActiveRules active, String id, Map<String, View> views) {
        View known = views.get(id);
        if (known != null) {
            return known;
        }
        for (CorrelationRule rule : active.correlations()) {
            if (rule.id().equals(id)) {
                return correlation(active, rule, views);
            }
        }
        return new View("not-running", "It is disabled or in quarantine.", List.of());
    }

    private static String titleOf(ActiveRules active, String id) {
        var rule = active.known().get(id);
        var correlation = active.allCorrelations().get(id);
        return rule != null ? rule.title() : correlation != null ? correlation.title() : id;
    }

    /** Of a loaded file that together with the others makes no sense any more. */
    private static View notLoaded(Refusal refusal) {
        return new View("not-running", refusal.problem() + " " + refusal.mend(), List.of());
    }
}
