package io.cybershield.sigma;

import io.cybershield.sigma.Evaluation.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Turns rules into programs over shared checks and slots. */
final class Compiler {

    private final FieldResolver fields;
    private final Placeholders placeholders;
    private final Map<List<String>, Integer> slots = new HashMap<>();
    private final List<String[]> paths = new ArrayList<>();
    private final Map<Check, Integer> known = new HashMap<>();
    private final List<Check> checks = new ArrayList<>();
    private final Map<Integer, String> names = new HashMap<>();

    Compiler(FieldResolver fields, Placeholders placeholders) {
        this.fields = fields;
        this.placeholders = placeholders;
        paths.add(new String[0]);
    }

    String[][] paths() {
        return paths.toArray(String[][]::new);
    }

    Check[] checks() {
        return checks.toArray(Check[]::new);
    }

    /**
     * @param number the rule's place in its set
     * @param renamed field names of the events that the program is for, by the rule's name
     * @throws Refused when a placeholder has no values
     */
    Program compile(SigmaRule rule, int number, Map<String, String> renamed) {
        names.clear();
        var searches = new LinkedHashMap<String, Node>();
        var asked = new HashMap<String, List<Program.Asked>>();
        rule.detection()
                .searches()
                .forEach((name, search) -> {
                    var fieldsAsked = new ArrayList<Program.Asked>();
                    searches.put(name, node(rule, search, renamed, fieldsAsked));
                    asked.put(name, List.copyOf(fieldsAsked));
                });
        Node condition = node(rule.detection().condition(), searches);
        var told = new LinkedHashSet<String>();
        positive(rule.detection().condition(), told);
        List<Program.Reasons> reasons =
                told.stream()
                        .map(name ->
                                new Program.Reasons(name, get(searches, name), get(asked, name)))
                        .toList();
        return new Program(
                rule, number, condition, reasons, Map.copyOf(names), Witness.of(condition, checks));
    }

    private static <V> V get(Map<String, V> map, String name) {
        V value = map.get(name);
        if (value == null) {
            throw new IllegalStateException("no search '" + name + "'");
        }
        return value;
    }

    private static void positive(Condition condition, LinkedHashSet<String> names) {
        switch (condition) {
            case Condition.Identifier(var name) -> names.add(name);
            case Condition.And(var parts) -> parts.forEach(part -> positive(part, names));
            case Condition.Or(var parts) -> parts.forEach(part -> positive(part, names));
            case Condition.Not _ -> {}
            case Condition.Count(_, var meant, _) -> names.addAll(meant);
        }
    }

    private static Node node(Condition condition, Map<String, Node> searches) {
        return switch (condition) {
            case Condition.Identifier(var name) -> get(searches, name);
            case Condition.And(var parts) ->
                    all(parts.stream().map(part -> node(part, searches)).toList());
            case Condition.Or(var parts) ->
                    any(parts.stream().map(part -> node(part, searches)).toList());
            case Condition.Not(var part) -> new Node.Not(node(part, searches));
            case Condition.Count(var atLeast, var names, _) -> {
                List<Node> parts = names.stream().map(name -> get(searches, name)).toList();
                if (atLeast == 1) {
                    yield any(parts);
                }
                yield atLeast == parts.size() ? all(parts) : new Node.AtLeast(atLeast, parts);
            }
        };
    }

    private Node node(
            SigmaRule rule, Search search, Map<String, String> renamed, List<Program.Asked> asked) {
        return switch (search) {
            case Search.AllOf(var parts) ->
                    all(parts.stream().map(part -> node(rule, part, renamed, asked)).toList());
            case Search.AnyOf(var parts) ->
                    any(parts.stream().map(part -> node(rule, part, renamed, asked)).toList());
            case Search.Match match -> node(rule, match, renamed, asked);
        };
    }

    Node node(
            SigmaRule rule,
            Search.Match match,
            Map<String, String> renamed,
            List<Program.Asked> asked) {
        Modifiers.Resolved resolved = Modifiers.apply(match, placeholders);
        int slot =
                match.isKeywords()
                        ? Evaluation.EVERYTHING
                        : slot(rule.logSource(), match.field(), renamed);
        var used = new ArrayList<Integer>();
        List<List<Demand>> groups =
                resolved.all()
                        ? resolved.tests().stream().map(List::of).toList()
                        : List.of(resolved.tests());
        var nodes = new ArrayList<Node>();
        for (List<Demand> alternatives : groups) {
            nodes.add(alternatives(rule, match, slot, alternatives, renamed, used));
        }
        if (!resolved.negated()) {
            asked.add(new Program.Asked(match.field(), List.copyOf(used)));
        }
        Node node = all(nodes);
        return resolved.negated() ? new Node.Not(node) : node;
    }

    private Node alternatives(
            SigmaRule rule,
            Search.Match match,
            int slot,
            List<Demand> tests,
            Map<String, String> renamed,
            List<Integer> used) {
        var flat = new ArrayList<Demand>();
        for (Demand test : tests) {
            if (test instanceof Demand.AnyOf(var several)) {
                flat.addAll(several);
            } else {
                flat.add(test);
            }
        }
        var folded = new ArrayList<Glob>();
        var cased = new ArrayList<Glob>();
        var nodes = new ArrayList<Node>();
        for (Demand test : flat) {
            if (test instanceof Demand.Text(var glob)) {
                Glob sought = match.isKeywords() ? within(glob) : glob;
                (sought.cased() ? cased : folded).add(sought);
            } else if (test instanceof Demand.Exists(var wanted)) {
                Node exists = ask(new Check.Exists(slot), used);
                nodes.add(wanted ? exists : new Node.Not(exists));
            } else {
                nodes.add(ask(check(rule, slot, test, renamed), used));
            }
        }
        if (!folded.isEmpty()) {
            nodes.add(ask(new Check.TextIn(slot, new TextSet(folded)), used));
        }
        if (!cased.isEmpty()) {
            nodes.add(ask(new Check.TextIn(slot, new TextSet(cased)), used));
        }
        return any(nodes);
    }

    /** Keywords are looked for anywhere in a value. */
    private static Glob within(Glob glob) {
        var pieces = new ArrayList<Glob.Piece>();
        pieces.add(Glob.RUN);
        pieces.addAll(glob.pieces());
        pieces.add(Glob.RUN);
        return Glob.of(pieces, glob.cased());
    }

    private Check check(SigmaRule rule, int slot, Demand test, Map<String, String> renamed) {
        return switch (test) {
            case Demand.Regex regex ->
                    new Check.Matches(
                            slot, regex, Regexes.compile(regex), RegexLiteral.of(regex.pattern()));
            case Demand.In(var network) -> new Check.InNetwork(slot, network);
            case Demand.Compare(var comparison, var number) ->
                    new Check.Compares(slot, comparison, number);
            case Demand.Part(var part, var comparison, var number) ->
                    new Check.HasPart(slot, part, comparison, number);
            case Demand.Null() -> new Check.IsNull(slot);
            case Demand.Reference(var field, var starts, var ends, var cased) ->
                    new Check.SameAs(
                            slot, slot(rule.logSource(), field, renamed), starts, ends, cased);
            case Demand.Text _, Demand.Exists _, Demand.AnyOf _ ->
                    throw new IllegalStateException("handled before: " + test);
        };
    }

    private int slot(LogSource source, String field, Map<String, String> renamed) {
        List<String> candidates =
                List.copyOf(fields.paths(source, renamed.getOrDefault(field, field)));
        int slot =
                slots.computeIfAbsent(
                        candidates,
                        key -> {
                            paths.add(key.toArray(String[]::new));
                            return paths.size() - 1;
                        });
        names.putIfAbsent(slot, field);
        return slot;
    }

    private Node ask(Check check, List<Integer> used) {
        int number =
                known.computeIfAbsent(
                        check,
                        key -> {
                            checks.add(key);
                            return checks.size() - 1;
                        });
        used.add(number);
        return new Node.Ask(number, check.cost());
    }

    private static Node all(List<Node> parts) {
        return parts.size() == 1
                ? parts.getFirst()
                : new Node.All(parts.stream().sorted(Comparator.comparing(Node::cost)).toList());
    }

    private static Node any(List<Node> parts) {
        return parts.size() == 1
                ? parts.getFirst()
                : new Node.Any(parts.stream().sorted(Comparator.comparing(Node::cost)).toList());
    }
}
