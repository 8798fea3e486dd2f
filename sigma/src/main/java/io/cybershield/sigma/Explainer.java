package io.cybershield.sigma;

import io.cybershield.sigma.Evaluation.Node;
import io.cybershield.sigma.Explanation.Answer;
import io.cybershield.sigma.Explanation.Outcome;
import io.cybershield.sigma.Explanation.Selection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tries one rule on one event value by value and keeps every answer. Takes the rule apart as it is
 * written, with none of the shortcuts of matching, so that its words follow the text of the rule.
 */
final class Explainer {

    private static final int MOST_SENTENCES = 6;

    private final SigmaRule rule;
    private final Map<String, String> renamed;
    private final Event event;
    private final FieldResolver fields;
    private final Placeholders placeholders;
    private final Map<String, Search> searches;
    private final Map<Search, Tried> tried = new LinkedHashMap<>();
    private final Set<String> absent = new LinkedHashSet<>();

    /** What came of one part of a search. */
    private record Tried(boolean holds, @Nullable Answer answer, List<Tried> parts) {}

    private Explainer(
            SigmaRule rule,
            Map<String, String> renamed,
            Event event,
            FieldResolver fields,
            Placeholders placeholders) {
        this.rule = rule;
        this.renamed = renamed;
        this.event = event;
        this.fields = fields;
        this.placeholders = placeholders;
        this.searches = rule.detection().searches();
    }

    static Explanation explain(
            SigmaRule rule,
            Event event,
            FieldResolver fields,
            LogSourceResolver sources,
            Placeholders placeholders) {
        List<Gate> gates = sources.gates(rule.logSource());
        List<Map<String, String>> names =
                gates.stream()
                        .filter(gate -> gate.lets(event.source()))
                        .map(Gate::renamed)
                        .distinct()
                        .toList();
        boolean looks = !names.isEmpty();
        if (!looks) {
            names = gates.stream().map(Gate::renamed).distinct().limit(1).toList();
        }
        if (names.isEmpty()) {
            names = List.of(Map.of());
        }
        try {
            Explanation first = null;
            for (Map<String, String> renamed : names) {
                var explainer = new Explainer(rule, renamed, event, fields, placeholders);
                Explanation explanation =
                        explainer.explain(looks ? null : elsewhere(gates, rule, event));
                if (explanation.fires() || first == null) {
                    first = explanation;
                }
                if (first.fires()) {
                    break;
                }
            }
            return first == null ? refused(rule, "") : first;
        } catch (Refused e) {
            return refused(rule, e.in(rule.path()).toString());
        }
    }

    private static Explanation refused(SigmaRule rule, String why) {
        return new Explanation(rule, Outcome.REFUSED, List.of(why), List.of(), List.of());
    }

    private static String elsewhere(List<Gate> gates, SigmaRule rule, Event event) {
        String wanted =
                gates.isEmpty()
                        ? "which no event has here"
                        : "that is "
                                + String.join(
                                        ", or ",
                                        gates.stream().map(Explainer::words).distinct().toList());
        return "The rule's log source is %s, %s; the event is of %s."
                .formatted(rule.logSource(), wanted, words(event.source()));
    }

    private static String words(Gate gate) {
        var facts = new ArrayList<String>();
        fact(facts, "product", gate.product());
        fact(facts, "category", gate.category());
        fact(facts, "service", gate.service());
        fact(facts, "channel", gate.channel());
        if (!gate.eventIds().isEmpty()) {
            fact(facts, "event id", String.join("/", gate.eventIds().stream().sorted().toList()));
        }
        return facts.isEmpty() ? "any event" : String.join(" ", facts);
    }

    private static String words(EventSource source) {
        var facts = new ArrayList<String>();
        fact(facts, "product", source.product());
        fact(facts, "category", source.category());
        fact(facts, "service", source.service());
        fact(facts, "channel", source.channel());
        fact(facts, "event id", source.eventId());
        return facts.isEmpty() ? "an unknown source" : String.join(" ", facts);
    }

    private static void fact(List<String> facts, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            facts.add(name + " '" + value + "'");
        }
    }

    /**
     * @param elsewhere why the rule does not look at the event at all; null when it does
     */
    private Explanation explain(@Nullable String elsewhere) {
        var selections = new ArrayList<Selection>();
        searches.forEach((name, search) -> {
            Tried all = tried(search);
            var answers = new ArrayList<Answer>();
            gather(all, answers);
            selections.add(new Selection(name, all.holds, List.copyOf(answers)));
        });
        Condition condition = rule.detection().condition();
        boolean holds = holds(condition);
        List<String> sentences = holds ? hit(condition) : misses(condition);
        var why = new ArrayList<String>();
        if (elsewhere != null) {
            why.add(elsewhere);
            why.add(holds ? "Its condition would hold." : "Its condition would not hold either.");
        }
        why.addAll(sentences.stream().limit(MOST_SENTENCES).toList());
        if (sentences.size() > MOST_SENTENCES) {
            why.add("And %d more.".formatted(sentences.size() - MOST_SENTENCES));
        }
        Outcome outcome =
                elsewhere != null
                        ? Outcome.OTHER_LOG_SOURCE
                        : holds ? Outcome.FIRES : Outcome.CONDITION_FALSE;
        return new Explanation(
                rule, outcome, List.copyOf(why), List.copyOf(selections), List.copyOf(absent));
    }

    private static void gather(Tried tried, List<Answer> answers) {
        if (tried.answer != null) {
            answers.add(tried.answer);
        }
        tried.parts.forEach(part -> gather(part, answers));
    }

    private boolean holds(Condition condition) {
        return switch (condition) {
            case Condition.Identifier(var name) -> holds(name);
            case Condition.And(var parts) -> parts.stream().allMatch(this::holds);
            case Condition.Or(var parts) -> parts.stream().anyMatch(this::holds);
            case Condition.Not(var part) -> !holds(part);
            case Condition.Count(var least, var names, _) ->
                    names.stream().filter(this::holds).count() >= least;
        };
    }

    private boolean holds(String name) {
        return tried(search(name)).holds;
    }

    private Search search(String name) {
        Search search = searches.get(name);
        if (search == null) {
            throw new IllegalStateException("no search '" + name + "'");
        }
        return search;
    }

    /** What is told of a hit: what the condition asks for; of absence only if there is no else. */
    private List<String> hit(Condition condition) {
        var told = new ArrayList<String>();
        holdsBecause(condition, told, false);
        if (told.isEmpty()) {
            holdsBecause(condition, told, true);
        }
        return told;
    }

    private void holdsBecause(Condition condition, List<String> told, boolean absence) {
        switch (condition) {
            case Condition.Identifier(var name) -> tell(name, told);
            case Condition.And(var parts) ->
                    parts.forEach(part -> holdsBecause(part, told, absence));
            case Condition.Or(var parts) ->
                    parts.stream()
                            .filter(this::holds)
                            .forEach(part -> holdsBecause(part, told, absence));
            case Condition.Not(var part) -> {
                if (absence) {
                    told.add("The condition wants 'not %s'.".formatted(words(part)));
                    told.addAll(misses(part));
                }
            }
            case Condition.Count(_, var names, _) ->
                    names.stream().filter(this::holds).forEach(name -> tell(name, told));
        }
    }

    private List<String> misses(Condition condition) {
        var told = new ArrayList<String>();
        switch (condition) {
            case Condition.Identifier(var name) -> tell(name, told);
            case Condition.And(var parts) ->
                    parts.stream()
                            .filter(part -> !holds(part))
                            .findFirst()
                            .ifPresent(part -> told.addAll(misses(part)));
            case Condition.Or(var parts) -> parts.forEach(part -> told.addAll(misses(part)));
            case Condition.Not(var part) -> {
                told.add("The condition wants 'not %s', but that holds.".formatted(words(part)));
                holdsBecause(part, told, true);
            }
            case Condition.Count(var least, var names, var written) -> {
                List<String> silent = names.stream().filter(name -> !holds(name)).toList();
                int held = names.size() - silent.size();
                if (least == names.size()) {
                    tell(silent.getFirst(), told);
                } else {
                    told.add(
                            held == 0
                                    ? "The condition wants '%s', none of %d holds."
                                            .formatted(written, names.size())
                                    : "The condition wants '%s', only %d of %d hold."
                                            .formatted(written, held, names.size()));
                    silent.forEach(name -> tell(name, told));
                }
            }
        }
        return told;
    }

    private static String words(Condition condition) {
        return switch (condition) {
            case Condition.Identifier(var name) -> name;
            case Condition.And(var parts) -> joined(parts, " and ");
            case Condition.Or(var parts) -> joined(parts, " or ");
            case Condition.Not(var part) -> "not " + words(part);
            case Condition.Count(_, _, var written) -> written;
        };
    }

    private static String joined(List<Condition> parts, String by) {
        return "(" + String.join(by, parts.stream().map(Explainer::words).toList()) + ")";
    }

    /** Says why a search holds, or what first keeps it from it. */
    private void tell(String name, List<String> told) {
        var answers = new ArrayList<Answer>();
        deciding(search(name), answers);
        answers.forEach(answer -> told.add(name + ": " + answer.text()));
    }

    private void deciding(Search search, List<Answer> answers) {
        Tried found = tried(search);
        if (found.answer != null) {
            answers.add(found.answer);
            return;
        }
        List<Search> parts =
                switch (search) {
                    case Search.AllOf(var all) -> all;
                    case Search.AnyOf(var any) -> any;
                    case Search.Match _ -> List.of();
                };
        boolean all = search instanceof Search.AllOf;
        for (Search part : parts) {
            if (tried(part).holds == found.holds) {
                deciding(part, answers);
                if (all != found.holds) {
                    return;
                }
            }
        }
    }

    private Tried tried(Search search) {
        Tried known = tried.get(search);
        if (known == null) {
            known =
                    switch (search) {
                        case Search.AllOf(var parts) -> {
                            List<Tried> each = parts.stream().map(this::tried).toList();
                            yield new Tried(each.stream().allMatch(Tried::holds), null, each);
                        }
                        case Search.AnyOf(var parts) -> {
                            List<Tried> each = parts.stream().map(this::tried).toList();
                            yield new Tried(each.stream().anyMatch(Tried::holds), null, each);
                        }
                        case Search.Match match -> {
                            Answer answer = answer(match);
                            yield new Tried(answer.holds(), answer, List.of());
                        }
                    };
            tried.put(search, known);
        }
        return known;
    }

    private Answer answer(Search.Match match) {
        boolean all = match.modifiers().contains(Modifier.ALL);
        boolean negated = match.modifiers().contains(Modifier.NEQ);
        List<Modifier> each =
                match.modifiers().stream()
                        .filter(modifier -> modifier != Modifier.ALL && modifier != Modifier.NEQ)
                        .toList();
        var fulfilled = new ArrayList<String>();
        var others = new ArrayList<String>();
        String found = null;
        for (Search.Value value : match.values()) {
            var one = new Search.Match(match.field(), each, List.of(value), match.line());
            String by = found(one);
            (by == null ? others : fulfilled).add(Phrase.written(value));
            found = found == null ? by : found;
        }
        boolean inner = all ? others.isEmpty() : !fulfilled.isEmpty();
        boolean holds = inner != negated;
        List<String> telling = List.copyOf(inner ? fulfilled : others);
        String given = given(match, inner ? found : null);
        String wish = (negated ? "not " : "") + Phrase.wish(each, telling, all);
        return new Answer(
                match.field(),
                String.join("|", match.modifiers().stream().map(Modifier::word).toList()),
                holds,
                telling,
                given,
                match.isKeywords()
                        ? Phrase.keywords(each, telling, all, given, inner)
                        : "%s, %s the rule wants it %s%s."
                                .formatted(
                                        subject(match.field(), given),
                                        holds ? "and" : "but",
                                        wish,
                                        reference(each, telling)));
    }

    /** The value that answers one value of the rule; null when the answer is no. */
    private @Nullable String found(Search.Match one) {
        var compiler = new Compiler(fields, placeholders);
        var asked = new ArrayList<Program.Asked>();
        Node node = compiler.node(rule, one, renamed, asked);
        var evaluation = new Evaluation(compiler.paths(), compiler.checks(), 0);
        evaluation.start(event);
        if (!node.holds(evaluation)) {
            return null;
        }
        for (Program.Asked by : asked) {
            for (int check : by.checks()) {
                String found = evaluation.found(check);
                if (found != null) {
                    return found;
                }
            }
        }
        return "";
    }

    private List<String> paths(String field) {
        return fields.paths(rule.logSource(), renamed.getOrDefault(field, field));
    }

    private @Nullable String given(Search.Match match, @Nullable String found) {
        if (found != null && !found.isEmpty()) {
            return cut(found, Program.LONGEST_VALUE);
        }
        return match.isKeywords() ? null : given(match.field());
    }

    private @Nullable String given(String field) {
        for (String path : paths(field)) {
            Object value = event.get(path);
            if (value != null) {
                var cell = new Cell();
                cell.set(value);
                return cut(String.join(", ", cell.texts()), Program.LONGEST_VALUE);
            }
        }
        if (paths(field).stream().noneMatch(event::has)) {
            absent.add(field);
        }
        return null;
    }

    private String subject(String field, @Nullable String given) {
        String here = renamed.getOrDefault(field, field);
        String name = here.equals(field) ? field : field + " (here " + here + ")";
        if (given != null) {
            return "%s is '%s'".formatted(name, cut(given, Phrase.LONGEST));
        }
        return absent.contains(field) ? "This event has no field " + name : name + " is null";
    }

    /** What another field, that this one is compared with, holds. */
    private String reference(List<Modifier> modifiers, List<String> names) {
        if (!modifiers.contains(Modifier.FIELDREF)) {
            return "";
        }
        var values = new ArrayList<String>();
        for (String name : names) {
            String given = given(name);
            values.add(given == null ? "nothing" : "'" + cut(given, Phrase.LONGEST) + "'");
        }
        return ", which is " + String.join(", ", values);
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest) + "...";
    }
}
