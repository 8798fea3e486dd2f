package io.cybershield.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A drawing, indexed. Edges with a missing end and second nodes of one key are left out: {@link
 * Validation} reports them.
 */
final class Graph {
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, NodeType> types = new HashMap<>();
    private final Map<String, List<Edge>> incoming = new HashMap<>();
    private final Map<String, List<Edge>> outgoing = new HashMap<>();

    Graph(WorkflowDefinition definition, Catalogue catalogue) {
        for (var node : definition.nodes()) {
            if (nodes.putIfAbsent(node.key(), node) == null) {
                catalogue.find(node.type()).ifPresent(type -> types.put(node.key(), type));
            }
        }
        for (var edge : definition.edges()) {
            if (nodes.containsKey(edge.from()) && nodes.containsKey(edge.to())) {
                outgoing.computeIfAbsent(edge.from(), _ -> new ArrayList<>()).add(edge);
                incoming.computeIfAbsent(edge.to(), _ -> new ArrayList<>()).add(edge);
            }
        }
    }

    /** Sorted by key. */
    Set<String> keys() {
        return Collections.unmodifiableSet(nodes.keySet());
    }

    @Nullable Node node(String key) {
        return nodes.get(key);
    }

    /** Null when the catalogue does not know the node's type. */
    @Nullable NodeType type(String key) {
        return types.get(key);
    }

    boolean is(String key, NodeType.Behaviour behaviour) {
        var type = types.get(key);
        return type != null && type.behaviour() == behaviour;
    }

    /** Sorted by key. */
    List<String> triggers() {
        return nodes.keySet().stream().filter(key -> is(key, NodeType.Behaviour.START)).toList();
    }

    List<Edge> into(String key) {
        return incoming.getOrDefault(key, List.of());
    }

    List<Edge> outOf(String key) {
        return outgoing.getOrDefault(key, List.of());
    }

    boolean isDrawn(String key, String port) {
        return outOf(key).stream().anyMatch(edge -> edge.port().equals(port));
    }

    /** Nodes that an edge from this one leads to, each once, sorted. */
    Set<String> after(String key) {
        var next = new TreeSet<String>();
        outOf(key).forEach(edge -> next.add(edge.to()));
        return next;
    }

    /**
     * How each node is first reached from any trigger over edges that may be walked: a
     * breadth-first search, so that the paths are shortest.
     *
     * @return for each node reached, the edge it was reached by; null for the triggers
     */
    Map<String, @Nullable Edge> reached(Predicate<Edge> mayWalk) {
        var by = new HashMap<String, @Nullable Edge>();
        var open = new ArrayDeque<String>();
        for (var trigger : triggers()) {
            by.put(trigger, null);
            open.add(trigger);
        }
        while (!open.isEmpty()) {
            for (var edge : outOf(open.remove())) {
                if (mayWalk.test(edge) && !by.containsKey(edge.to())) {
                    by.put(edge.to(), edge);
                    open.add(edge.to());
                }
            }
        }
        return by;
    }

    /** The path that {@link #reached} found, as edges from a trigger. */
    static List<Edge> path(Map<String, @Nullable Edge> reached, String to) {
        var path = new ArrayList<Edge>();
        for (var edge = reached.get(to); edge != null; edge = reached.get(edge.from())) {
            path.addFirst(edge);
        }
        return path;
    }
}
