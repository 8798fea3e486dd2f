package io.cybershield.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which steps have certainly run when a given node runs. Errs on the safe side: a step it does not
 * name may still always run, for reasons that lie in what conditions say. Expects a drawing without
 * cycles.
 */
final class Certainty {
    private final Graph graph;

    Certainty(Graph graph) {
        this.graph = graph;
    }

    private record Exit(String node, String port) {}

    Set<String> whenRunning(String key) {
        var earlier = graph.before(key);
        var sure = new HashSet<String>();
        var left = new HashSet<Exit>();
        for (var other : earlier) {
            if (!reaches(key, edge -> !edge.from().equals(other))) {
                sure.add(other);
            }
            for (var port : exits(other)) {
                if (!reaches(
                        key, edge -> !(edge.from().equals(other) && edge.port().equals(port)))) {
                    left.add(new Exit(other, port));
                }
            }
        }
        for (var other : inOrder(earlier)) {
            boolean led =
                    graph.into(other).stream()
                            .anyMatch(edge -> left.contains(new Exit(edge.from(), edge.port())));
            if (led || allWaysLeadTo(other, sure)) {
                sure.add(other);
            }
            var exits = exits(other);
            if (sure.contains(other) && exits.size() == 1) {
                left.add(new Exit(other, exits.getFirst()));
            }
        }
        return sure;
    }

    private boolean allWaysLeadTo(String key, Set<String> sure) {
        return graph.into(key).stream()
                .map(Edge::from)
                .filter(sure::contains)
                .anyMatch(from ->
                        exits(from).stream()
                                .allMatch(port ->
                                        graph.outOf(from).contains(new Edge(from, port, key))));
    }

    private boolean reaches(String key, Predicate<Edge> mayWalk) {
        return graph.reached(mayWalk).containsKey(key);
    }

    /** The ports a step can leave by without ending the run. */
    private List<String> exits(String key) {
        var type = graph.type(key);
        var exits = new ArrayList<String>();
        if (type != null) {
            type.ports().forEach(port -> exits.add(port.name()));
            if (graph.isDrawn(key, Ports.ERROR)) {
                exits.add(Ports.ERROR);
            }
        }
        return exits;
    }

    /** Each node after all that lead to it. */
    private List<String> inOrder(Set<String> keys) {
        var order = new LinkedHashSet<String>();
        var done = new HashSet<String>();
        var open = new ArrayDeque<>(graph.triggers().stream().filter(keys::contains).toList());
        done.addAll(open);
        while (!open.isEmpty()) {
            var key = open.remove();
            order.add(key);
            for (var next : graph.after(key)) {
                if (keys.contains(next)
                        && !done.contains(next)
                        && graph.into(next).stream()
                                .allMatch(edge -> order.contains(edge.from()))) {
                    done.add(next);
                    open.add(next);
                }
            }
        }
        return List.copyOf(order);
    }
}
