package io.cybershield.engine;

import io.cybershield.engine.NodeType.Behaviour;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which steps have certainly run when a given node runs. Errs on the safe side: a step it does not
 * name may still always run, for reasons that lie in what conditions say. Expects a drawing without
 * obstacles.
 *
 * <p>It rests on this: a step runs only if edges that were all taken lead to it. What else has
 * ended by then depends on who waits for whom, and a join does not wait for all.
 */
final class Certainty {
    private final Graph graph;
    private final Precedence precedence;

    /** Steps that a join may take back. */
    private final Set<String> revocable = new HashSet<>();

    /** Per node, what has ended when it runs; and what has ended when it has, run or not. */
    private final Map<String, BitSet> whenRun = new HashMap<>();

    private final Map<String, BitSet> whenEnded = new HashMap<>();

    Certainty(Graph graph, Precedence precedence) {
        this.graph = graph;
        this.precedence = precedence;
        for (var key : graph.keys()) {
            if (graph.control(key) instanceof Control.Join join && join.cancelsLate()) {
                revocable.addAll(graph.late(key));
            }
        }
        for (var key : precedence.order()) {
            var inputs = graph.forwardInto(key);
            var all = new BitSet();
            for (var edge : inputs) {
                all.or(afterEnd(edge));
            }
            var least = least(inputs);
            boolean join = graph.is(key, Behaviour.JOIN);
            all.or(least);
            whenRun.put(key, join || inputs.size() < 2 ? least : all);
            whenEnded.put(key, join ? least : revocable.contains(key) ? new BitSet() : all);
        }
    }

    private record Exit(String node, String port) {}

    /** What has ended whichever of the edges was taken. */
    private BitSet least(List<Edge> edges) {
        BitSet least = null;
        for (var edge : edges) {
            if (least == null) {
                least = afterTaken(edge);
            } else {
                least.and(afterTaken(edge));
            }
        }
        return least == null ? new BitSet() : least;
    }

    private BitSet afterTaken(Edge edge) {
        var ended = new BitSet();
        if (isFull(edge)) {
            for (var input : graph.forwardInto(edge.from())) {
                ended.or(afterTaken(input));
            }
        } else {
            ended.or(whenRun.getOrDefault(edge.from(), new BitSet()));
        }
        ended.set(precedence.at(edge.from()));
        return ended;
    }

    private BitSet afterEnd(Edge edge) {
        var ended = new BitSet();
        ended.or(whenEnded.getOrDefault(edge.from(), new BitSet()));
        ended.set(precedence.at(edge.from()));
        return ended;
    }

    /** Whether all branches of a join have arrived when this edge is taken. */
    private boolean isFull(Edge edge) {
        return graph.control(edge.from()) instanceof Control.Join join
                && edge.port().equals(Ports.OUT)
                && join.needed(graph.inputs(edge.from()).size())
                        >= graph.inputs(edge.from()).size();
    }

    Set<String> whenRunning(String key) {
        var sure = new HashSet<String>();
        var left = new HashSet<Exit>();
        var ended = whenRun.getOrDefault(key, new BitSet());
        for (var other : precedence.before(key)) {
            if (precedence.isOnEveryWay(other, key)) {
                sure.add(other);
                if (graph.body(other).contains(key)) {
                    left.add(new Exit(other, Ports.EACH));
                    continue;
                }
                for (var port : exits(other)) {
                    if (!reaches(
                            key,
                            edge -> !(edge.from().equals(other) && edge.port().equals(port)))) {
                        left.add(new Exit(other, port));
                    }
                }
            }
        }
        int known;
        do {
            known = sure.size() + left.size();
            for (var other : precedence.before(key)) {
                if (!sure.contains(other)
                        && ended.get(precedence.at(other))
                        && !revocable.contains(other)
                        && (isLedTo(other, left) || allWaysLeadTo(other, sure))) {
                    sure.add(other);
                }
                var exits = exits(other);
                if (sure.contains(other) && exits.size() == 1 && !graph.body(other).contains(key)) {
                    left.add(new Exit(other, exits.getFirst()));
                }
                for (var edge : graph.forwardInto(other)) {
                    if (left.contains(new Exit(other, Ports.OUT))
                            && isFull(new Edge(other, Ports.OUT, key))) {
                        sure.add(edge.from());
                        left.add(new Exit(edge.from(), edge.port()));
                    }
                }
            }
        } while (sure.size() + left.size() > known);
        return sure;
    }

    private boolean isLedTo(String key, Set<Exit> left) {
        return graph.forwardInto(key).stream()
                .filter(edge -> !Graph.isAside(edge))
                .anyMatch(edge -> left.contains(new Exit(edge.from(), edge.port())));
    }

    private boolean allWaysLeadTo(String key, Set<String> sure) {
        return graph.forwardInto(key).stream()
                .map(Edge::from)
                .filter(sure::contains)
                .anyMatch(from ->
                        !exits(from).isEmpty()
                                && exits(from).stream()
                                        .allMatch(port ->
                                                graph.outOf(from)
                                                        .contains(new Edge(from, port, key))));
    }

    private boolean reaches(String key, Predicate<Edge> mayWalk) {
        return graph.reached(mayWalk).containsKey(key);
    }

    /** The ports a step can leave by without ending its round or the run. */
    private List<String> exits(String key) {
        var type = graph.type(key);
        var node = graph.node(key);
        var exits = new ArrayList<String>();
        if (type != null && node != null) {
            if (type.isLoop()) {
                exits.add(Ports.DONE);
            } else {
                type.portsOf(node).forEach(port -> exits.add(port.name()));
            }
            if (graph.isDrawn(key, Ports.ERROR)) {
                exits.add(Ports.ERROR);
            }
        }
        return exits;
    }
}
