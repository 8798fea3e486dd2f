package io.cybershield.sigma;

import io.cybershield.sigma.Evaluation.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Turns rules into programs over shared checks and slots. */
final class Compiler {

    private static final Comparator<Node> CHEAPEST_FIRST = Comparator.comparingInt(Node::cost);

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
        var searches = new HashMap<String, Program.Reasons>();
        for (Map.Entry<String, Search> search : rule.detection().searches().entrySet()) {
            var asked = new ArrayList<Program.Asked>();
            Node node = node(rule, search.getValue(), renamed, asked);
            searches.put(
                    search.getKey(),
                    new Program.Reasons(search.getKey(), node, List.copyOf(asked)));
        }
        Node condition = node(rule.detection().condition(), searches);
        var told = new LinkedHashSet<String>();
        positive(rule.detection().condition(), told);
        var reasons = new ArrayList<Program.Reasons>(told.size());
        for (String name : told) {
            reasons.add(get(searches, name));
        }
        return new Program(rule, number, condition, List.copyOf(reasons), Map.copyOf(names));
    }

    private static Program.Reasons get(Map<String, Program.Reasons> searches, String name) {
        Program.Reasons search = searches.get(name);
        if (search == null) {
            throw new IllegalStateException("no search '" + name + "'");
        }
        return search;
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

    private static Node node(Condition condition, Map<String, Program.Reasons> searches) {
        return switch (condition) {
            case Condition.Identifier(var name) -> get(searches, name).holds();
            case Condition.And(var parts) -> all(nodes(parts, searches));
            case Condition.Or(var parts) -> any(nodes(parts, searches));
            case Condition.Not(var part) -> new Node.Not(node(part, searches));
            case Condition.Count(var atLeast, var names, _) -> {
                var parts = new ArrayList<Node>(names.size());
                for (String name : names) {
                    parts.add(get(searches, name).holds());
                }
                if (atLeast == 1) {
                    yield any(parts);
                }
                yield atLeast == parts.size()
                        ? all(parts)
                        : new Node.AtLeast(atLeast, List.copyOf(parts));
            }
        };
    }

    private static List<Node> nodes(
            List<Condition> conditions, Map<String, Program.Reasons> searches) {
        var nodes = new ArrayList<Node>(conditions.size());
        for (Condition condition : conditions) {
            nodes.add(node(condition, searches));
        }
        return nodes;
    }

    private Node node(
            SigmaRule rule, Search search, Map<String, String> renamed, List<Program.Asked> asked) {
        return switch (search) {
            case Search.AllOf(var parts) -> all(nodes(rule, parts, renamed, asked));
            case Search.AnyOf(var parts) -> any(nodes(rule, parts, renamed, asked));
            case Search.Match match -> node(rule, match, renamed, asked);
        };
    }

    private List<Node> nodes(
            SigmaRule rule,
            List<Search> searches,
            Map<String, String> renamed,
            List<Program.Asked> asked) {
        var nodes = new ArrayList<Node>(searches.size());
        for (Search search : searches) {
            nodes.add(node(rule, search, renamed, asked));
        }
        return nodes;
    }

    Node node(
            SigmaRule rule,
            Search.Match match,
            Map<String, String> renamed,
            List<Program.Asked> asked) {
        Demands demands = match.demands(placeholders);
        int slot =
                match.isKeywords()
                        ? Evaluation.EVERYTHING
                        : slot(rule.logSource(), match.field(), renamed);
        var used = new ArrayList<Integer>();
        var nodes = new ArrayList<Node>(demands.groups().size());
        for (Demands.OneOf group : demands.groups()) {
            nodes.add(oneOf(rule, slot, group, renamed, used));
        }
        if (!demands.negated()) {
            asked.add(new Program.Asked(match.field(), List.copyOf(used)));
        }
        Node node = all(nodes);
        return demands.negated() ? new Node.Not(node) : node;
    }

    private Node oneOf(
            SigmaRule rule,
            int slot,
            Demands.OneOf group,
            Map<String, String> renamed,
            List<Integer> used) {
        var nodes = new ArrayList<Node>(group.others().size() + 2);
        for (Demand demand : group.others()) {
            if (demand instanceof Demand.Exists(var wanted)) {
                Node exists = ask(new Check.Exists(slot), used);
                nodes.add(wanted ? exists : new Node.Not(exists));
            } else {
                nodes.add(ask(check(rule, slot, demand, renamed), used));
            }
        }
        if (group.folded() != null) {
            nodes.add(ask(new Check.TextIn(slot, group.folded()), used));
        }
        if (group.cased() != null) {
            nodes.add(ask(new Check.TextIn(slot, group.cased()), used));
        }
        return any(nodes);
    }

    private Check check(SigmaRule rule, int slot, Demand test, Map<String, String> renamed) {
        return switch (test) {
            case Demand.Regex regex -> new Check.Matches(slot, regex);
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
        Integer slot = slots.get(candidates);
        if (slot == null) {
            slot = paths.size();
            slots.put(candidates, slot);
            paths.add(candidates.toArray(String[]::new));
        }
        names.putIfAbsent(slot, field);
        return slot;
    }

    private Node ask(Check check, List<Integer> used) {
        Integer number = known.putIfAbsent(check, checks.size());
        if (number == null) {
            number = checks.size();
            checks.add(check);
        }
        used.add(number);
        return new Node.Ask(number, check.cost());
    }

    private static Node all(List<Node> parts) {
        return parts.size() == 1 ? parts.getFirst() : new Node.All(cheapestFirst(parts));
    }

    private static Node any(List<Node> parts) {
        return parts.size() == 1 ? parts.getFirst() : new Node.Any(cheapestFirst(parts));
    }

    private static List<Node> cheapestFirst(List<Node> parts) {
        Node[] sorted = parts.toArray(Node[]::new);
        Arrays.sort(sorted, CHEAPEST_FIRST);
        return List.of(sorted);
    }
}
