package io.cybershield.engine;

import java.util.ArrayList;
import java.util.HashSet;
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
    private final Precedence precedence;

    Certainty(Graph graph, Precedence precedence) {
        this.graph = graph;
        this.precedence = precedence;
    }

    private record Exit(String node, String port) {}

    Set<String> whenRunning(String key) {
        var sure = new HashSet<String>();
        var left = new HashSet<Exit>();
        for (var other : precedence.before(key)) {
            var exits = exits(other);
            if (precedence.isOnEveryWay(other, key)) {
                sure.add(other);
                for (var port : exits) {
                    if (!reaches(
                            key,
                            edge -> !(edge.from().equals(other) && edge.port().equals(port)))) {
                        left.add(new Exit(other, port));
                    }
                }
            } else if (isLedTo(other, left) || allWaysLeadTo(other, sure)) {
                sure.add(other);
            }
            if (sure.contains(other) && exits.size() == 1) {
                left.add(new Exit(other, exits.getFirst()));
            }
        }
        return sure;
    }

    private boolean isLedTo(String key, Set<Exit> left) {
        return graph.into(key).stream()
                .anyMatch(edge -> left.contains(new Exit(edge.from(), edge.port())));
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
}
