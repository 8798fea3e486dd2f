package io.cybershield.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What can, and what must, come before what in a drawing whose only cycles are loops; the edges
 * back to a loop count for nothing. Worked out once, with one bit per pair of nodes, so that a
 * drawing of thousands of nodes is checked while it is edited.
 */
final class Precedence {
    private final List<String> order = new ArrayList<>();
    private final Map<String, Integer> index = new HashMap<>();
    private final List<BitSet> earlier = new ArrayList<>();

    /** Per node, those that lie on every way from a trigger to it, itself included. */
    private final List<BitSet> onEveryWay = new ArrayList<>();

    Precedence(Graph graph) {
        sort(graph);
        var roots = Set.copyOf(graph.roots());
        for (var key : order) {
            var before = new BitSet();
            var always = new BitSet();
            boolean reached = roots.contains(key);
            for (var edge : graph.forwardInto(key)) {
                int from = at(edge.from());
                before.or(earlier.get(from));
                before.set(from);
                // No way leads to a node without any dominator, so it takes away none.
                if (!onEveryWay.get(from).isEmpty()) {
                    if (reached) {
                        always.and(onEveryWay.get(from));
                    } else {
                        always.or(onEveryWay.get(from));
                        reached = true;
                    }
                }
            }
            if (reached) {
                always.set(earlier.size());
            }
            earlier.add(before);
            onEveryWay.add(always);
        }
    }

    private void sort(Graph graph) {
        var waiting = new HashMap<String, Integer>();
        var open = new ArrayDeque<String>();
        for (var key : graph.keys()) {
            int inputs = graph.forwardInto(key).size();
            waiting.put(key, inputs);
            if (inputs == 0) {
                open.add(key);
            }
        }
        while (!open.isEmpty()) {
            var key = open.remove();
            index.put(key, order.size());
            order.add(key);
            for (var edge : graph.outOf(key)) {
                if (!graph.leadsBack(edge) && waiting.merge(edge.to(), -1, Integer::sum) == 0) {
                    open.add(edge.to());
                }
            }
        }
    }

    boolean canPrecede(String first, String second) {
        return earlier.get(at(second)).get(at(first));
    }

    /** Whether every way from a trigger to the second passes the first. */
    boolean isOnEveryWay(String first, String second) {
        return onEveryWay.get(at(second)).get(at(first));
    }

    /** All that can precede a node, each after all that lead to it. */
    List<String> before(String key) {
        return earlier.get(at(key)).stream().mapToObj(order::get).toList();
    }

    /** All nodes, each after all that lead to it. */
    List<String> order() {
        return order;
    }

    int at(String key) {
        var at = index.get(key);
        if (at == null) {
            throw new IllegalArgumentException("'" + key + "' lies on or after a cycle");
        }
        return at;
    }
}
