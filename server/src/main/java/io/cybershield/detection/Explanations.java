package io.cybershield.detection;

import io.cybershield.ingest.Event;
import io.cybershield.ingest.StoredEvents;
import io.cybershield.platform.Problems;
import io.cybershield.sigma.CorrelationRule;
import io.cybershield.sigma.Explanation;
import io.cybershield.sigma.SigmaRule;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Says in words why a rule of the current tenant fires on one of its events, or does not. */
@Component
class Explanations {
    /** Rules of a correlation that are explained one by one. */
    private static final int MOST_PARTS = 20;

    private final Rules rules;
    private final StoredEvents events;

    Explanations(Rules rules, StoredEvents events) {
        this.rules = rules;
        this.events = events;
    }

    @Schema(name = "ExplainedAnswer")
    record Answer(
            String field,
            String modifiers,
            boolean holds,
            List<String> wanted,
            @Nullable String given,
            String text) {}

    @Schema(name = "ExplainedSelection")
    record Selection(String name, boolean holds, List<Answer> answers) {}

    /** A rule that a correlation looks at. */
    @Schema(name = "ExplainedPart")
    record Part(String ruleId, String title, boolean fires, List<String> why) {}

    @Schema(name = "ExplainedEvent")
    record EventRef(UUID id, Instant occurredAt, @Nullable String host, String message) {}

    /**
     * @param why whole sentences, the first thing first
     * @param absent fields that the rule asks for and this event does not have
     * @param parts of a correlation
     */
    @Schema(name = "RuleExplanation")
    record View(
            @Schema(
                            allowableValues = {
                                "fires",
                                "condition-false",
                                "other-log-source",
                                "switched-off",
                                "refused"
                            })
                    String outcome,
            List<String> why,
            List<String> absent,
            List<Selection> selections,
            List<Part> parts,
            EventRef event) {}

    /**
     * @param ruleId the rule's own id
     * @throws io.cybershield.platform.ProblemException where the tenant has no such rule or event
     */
    View explain(String ruleId, UUID eventId) {
        ActiveRules active = rules.current();
        Event event = events.find(eventId).orElseThrow(() -> events.missing(eventId));
        var ref = new EventRef(event.id(), event.occurredAt(), event.host(), event.message());
        SigmaRule rule = active.known().get(ruleId);
        if (rule != null) {
            return of(active, rule, event, ref);
        }
        CorrelationRule correlation = active.allCorrelations().get(ruleId);
        if (correlation != null) {
            return of(active, correlation, event, ref);
        }
        throw Problems.NOT_FOUND.because(
                "The rule did not load, or is a filter: there is nothing to try on an event.");
    }

    private static View of(ActiveRules active, SigmaRule rule, Event event, EventRef ref) {
        Explanation e = active.set().explain(rule, new StreamEvent(event));
        boolean off = active.set().rules().stream().noneMatch(r -> r.id().equals(rule.id()));
        var why = new ArrayList<String>();
        if (off) {
            why.add(
                    "The rule is not running: it is disabled, refused or in quarantine. On this event it would %s."
                            .formatted(e.fires() ? "fire" : "not fire"));
        }
        why.addAll(e.why());
        if (active.silenced().contains(rule.id()) && e.fires()) {
            why.add("It only feeds correlations, so it raises no finding of its own.");
        }
        return new View(
                off
                        ? "switched-off"
                        : e.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                List.copyOf(why),
                e.absent(),
                e.selections().stream().map(Explanations::selection).toList(),
                List.of(),
                ref);
    }

    private static Selection selection(Explanation.Selection s) {
        return new Selection(
                s.name(),
                s.holds(),
                s.answers().stream()
                        .map(a ->
                                new Answer(
                                        a.field(),
                                        a.modifiers(),
                                        a.holds(),
                                        a.wanted(),
                                        a.given(),
                                        a.text()))
                        .toList());
    }

    private static View of(
            ActiveRules active, CorrelationRule correlation, Event event, EventRef ref) {
        var parts = new ArrayList<Part>();
        Set<String> missing = new LinkedHashSet<>();
        for (SigmaRule base : bases(active, correlation)) {
            Explanation e = active.set().explain(base, new StreamEvent(event));
            parts.add(new Part(base.id(), base.title(), e.fires(), e.why()));
            if (e.fires() && correlation.rules().contains(base.id())) {
                missing.addAll(missing(correlation, base, event));
            }
        }
        boolean counts = parts.stream().anyMatch(Part::fires);
        var why = new ArrayList<String>();
        if (!counts) {
            why.add("None of the rules that the correlation looks at fires on this event.");
        } else if (!missing.isEmpty()) {
            why.add(
                    "A rule of the correlation fires, but the event has no value for %s, by which it groups or counts."
                            .formatted(String.join(", ", missing)));
        } else {
            why.add(
                    "The event counts: %s. Whether the correlation is fulfilled depends on the other events within %s."
                            .formatted(
                                    CorrelationWords.condition(correlation)
                                            + (correlation.groupBy().isEmpty()
                                                    ? ""
                                                    : " for each "
                                                            + String.join(
                                                                    ", ", correlation.groupBy())),
                                    span(correlation)));
        }
        boolean off = active.correlations().stream().noneMatch(r -> r == correlation);
        if (off) {
            why.addFirst("The correlation is not running: it is disabled.");
        }
        return new View(
                off ? "switched-off" : counts && missing.isEmpty() ? "fires" : "condition-false",
                List.copyOf(why),
                List.copyOf(missing),
                List.of(),
                List.copyOf(parts),
                ref);
    }

    private static String span(CorrelationRule rule) {
        long seconds = rule.timespan().toSeconds();
        return seconds % 3_600 == 0
                ? seconds / 3_600 + " h"
                : seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }

    private static List<String> missing(CorrelationRule rule, SigmaRule base, Event event) {
        var missing = new ArrayList<String>();
        var names = new ArrayList<>(rule.groupBy());
        names.addAll(rule.fields());
        for (String name : names) {
            String field =
                    rule.aliases()
                            .getOrDefault(name, java.util.Map.of())
                            .getOrDefault(base.id(), name);
            boolean there =
                    new FieldNames()
                            .paths(base.logSource(), field).stream()
                                    .anyMatch(path -> event.value(path) != null);
            if (!there) {
                missing.add(field);
            }
        }
        return missing;
    }

    /** Also those below correlations that it looks at. */
    private static List<SigmaRule> bases(ActiveRules active, CorrelationRule correlation) {
        var bases = new ArrayList<SigmaRule>();
        var next = new ArrayList<>(correlation.rules());
        var seen = new LinkedHashSet<String>();
        while (!next.isEmpty() && bases.size() < MOST_PARTS) {
            String id = next.removeFirst();
            if (!seen.add(id)) {
                continue;
            }
            SigmaRule base = active.known().get(id);
            CorrelationRule below = active.allCorrelations().get(id);
            if (base != null) {
                bases.add(base);
            } else if (below != null) {
                next.addAll(below.rules());
            }
        }
        return bases;
    }
}
