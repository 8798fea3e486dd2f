package io.cybershield.engine;

import io.cybershield.engine.NodeType.Behaviour;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A drawing, indexed. Edges with a missing end and second nodes of one key are left out: {@link
 * Validation} reports them.
 *
 * <p>Most of what it says has a meaning only in a drawing without obstacles; it is computed for
 * any.
 */
final class Graph {
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, NodeType> types = new HashMap<>();
    private final Map<String, Control> controls = new HashMap<>();
    private final Map<String, List<Edge>> incoming = new HashMap<>();
    private final Map<String, List<Edge>> outgoing = new HashMap<>();

    /** Per loop node, all that its port {@code each} reaches without passing it. */
    private final Map<String, Set<String>> bodies = new LinkedHashMap<>();

    /** Per node in a body, the innermost loop; the others are in none. */
    private final Map<String, String> loops = new HashMap<>();

    private final Map<String, List<Edge>> inputs = new HashMap<>();
    private final Map<String, List<String>> followers = new HashMap<>();
    private final Map<String, List<String>> members = new HashMap<>();
    private final Map<String, String> undos = new HashMap<>();
    private final Map<String, String> undone = new HashMap<>();
    private final Map<String, String> fallbacks = new HashMap<>();
    private final Map<String, String> replaced = new HashMap<>();
    private final Set<String> closing = new LinkedHashSet<>();
    private final Map<String, Integer> rank = new HashMap<>();
    private final Map<String, List<String>> late = new HashMap<>();
    private final int stepsBeforeClosing;

    Graph(WorkflowDefinition definition, Catalogue catalogue) {
        for (var node : definition.nodes()) {
            if (nodes.putIfAbsent(node.key(), node) == null) {
                catalogue
                        .find(node.type())
                        .ifPresent(type -> {
                            types.put(node.key(), type);
                            Control.of(node, type)
                                    .ifPresent(control -> controls.put(node.key(), control));
                        });
            }
        }
        for (var edge : definition.edges()) {
            if (nodes.containsKey(edge.from()) && nodes.containsKey(edge.to())) {
                outgoing.computeIfAbsent(edge.from(), _ -> new ArrayList<>()).add(edge);
                incoming.computeIfAbsent(edge.to(), _ -> new ArrayList<>()).add(edge);
            }
        }
        findBodies();
        findAside();
        findWays();
        findLate();
        stepsBeforeClosing =
                (int) members(StepId.RUN).stream().filter(key -> !closing.contains(key)).count();
    }

    private void findBodies() {
        for (var loop : nodes.keySet()) {
            if (isLoop(loop)) {
                var body = new LinkedHashSet<String>();
                var open = new ArrayDeque<String>();
                outOf(loop).stream()
                        .filter(edge -> edge.port().equals(Ports.EACH))
                        .forEach(edge -> open.add(edge.to()));
                while (!open.isEmpty()) {
                    var key = open.remove();
                    if (!key.equals(loop) && body.add(key)) {
                        outOf(key).forEach(edge -> open.add(edge.to()));
                    }
                }
                bodies.put(loop, body);
            }
        }
        for (var key : nodes.keySet()) {
            bodies.keySet().stream()
                    .filter(loop -> body(loop).contains(key))
                    .min((a, b) -> Integer.compare(body(a).size(), body(b).size()))
                    .ifPresent(loop -> loops.put(key, loop));
        }
    }

    private void findAside() {
        for (var key : nodes.keySet()) {
            for (var edge : outOf(key)) {
                if (edge.port().equals(Ports.UNDO)) {
                    undos.put(key, edge.to());
                    undone.put(edge.to(), key);
                } else if (edge.port().equals(Ports.FALLBACK)) {
                    fallbacks.put(key, edge.to());
                    replaced.put(edge.to(), key);
                }
            }
        }
        var open = new ArrayDeque<String>();
        nodes.keySet().stream().filter(key -> is(key, Behaviour.FINALLY)).forEach(open::add);
        while (!open.isEmpty()) {
            var key = open.remove();
            if (closing.add(key)) {
                outOf(key).forEach(edge -> open.add(edge.to()));
            }
        }
    }

    private void findWays() {
        for (var key : nodes.keySet()) {
            inputs.put(
                    key,
                    into(key).stream().filter(edge -> !isAside(edge) && !leadsBack(edge)).toList());
            followers.put(
                    key,
                    outOf(key).stream()
                            .filter(edge -> !isAside(edge) && !leadsBack(edge))
                            .filter(edge -> !entersBody(edge))
                            .map(Edge::to)
                            .distinct()
                            .toList());
            if (!isUndo(key)) {
                members.computeIfAbsent(level(key), _ -> new ArrayList<>()).add(key);
            }
        }
        var waiting = new HashMap<String, Integer>();
        var open = new ArrayDeque<String>();
        for (var key : nodes.keySet()) {
            int count = forwardInto(key).size();
            waiting.put(key, count);
            if (count == 0) {
                open.add(key);
            }
        }
        while (!open.isEmpty()) {
            var key = open.remove();
            rank.put(key, rank.size());
            for (var edge : outOf(key)) {
                if (!leadsBack(edge) && waiting.merge(edge.to(), -1, Integer::sum) == 0) {
                    open.add(edge.to());
                }
            }
        }
    }

    /**
     * Per join, the nodes of the same level whose way leads nowhere else: by each port that leads
     * to it, to nothing but it.
     */
    private void findLate() {
        var backwards =
                nodes.keySet().stream()
                        .sorted((a, b) -> Integer.compare(rank(b), rank(a)))
                        .toList();
        for (var join : nodes.keySet()) {
            if (!is(join, Behaviour.JOIN)) {
                continue;
            }
            var towards = new HashSet<String>(Set.of(join));
            var found = new ArrayList<String>();
            for (var key : backwards) {
                if (rank(key) < rank(join)
                        && level(key).equals(level(join))
                        && !is(key, Behaviour.START)
                        && leadsOnlyTo(key, towards)) {
                    towards.add(key);
                    found.add(key);
                }
            }
            late.put(join, List.copyOf(found));
        }
    }

    private boolean leadsOnlyTo(String key, Set<String> towards) {
        boolean leads = false;
        for (var edge : outOf(key)) {
            if (!isAside(edge) && !entersBody(edge) && towards.contains(edge.to())) {
                leads = true;
                if (!outOf(key).stream()
                        .filter(other -> other.port().equals(edge.port()))
                        .allMatch(other -> towards.contains(other.to()))) {
                    return false;
                }
            }
        }
        return leads;
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

    /** Null when the node is no control node. */
    @Nullable Control control(String key) {
        return controls.get(key);
    }

    boolean is(String key, Behaviour behaviour) {
        var type = types.get(key);
        return type != null && type.behaviour() == behaviour;
    }

    boolean isLoop(String key) {
        var type = types.get(key);
        return type != null && type.isLoop();
    }

    /** Sorted by key. */
    List<String> triggers() {
        return nodes.keySet().stream().filter(key -> is(key, Behaviour.START)).toList();
    }

    /** Where a run, or its closing, begins. */
    List<String> roots() {
        return nodes.keySet().stream()
                .filter(key -> is(key, Behaviour.START) || is(key, Behaviour.FINALLY))
                .toList();
    }

    List<Edge> into(String key) {
        return incoming.getOrDefault(key, List.of());
    }

    List<Edge> outOf(String key) {
        return outgoing.getOrDefault(key, List.of());
    }

    /** Without those that lead back to a loop. */
    List<Edge> forwardInto(String key) {
        return into(key).stream().filter(edge -> !leadsBack(edge)).toList();
    }

    boolean isDrawn(String key, String port) {
        return outOf(key).stream().anyMatch(edge -> edge.port().equals(port));
    }

    /** All that the port {@code each} of a loop reaches without passing the loop. */
    Set<String> body(String loop) {
        return Collections.unmodifiableSet(bodies.getOrDefault(loop, Set.of()));
    }

    Set<String> loops() {
        return Collections.unmodifiableSet(bodies.keySet());
    }

    /** The innermost loop that a node is in the body of. */
    @Nullable String loopAround(String key) {
        return loops.get(key);
    }

    /** Key of the innermost loop; {@code ""} outside all loops. */
    String level(String key) {
        return loops.getOrDefault(key, StepId.RUN);
    }

    /** Whether an edge leads from the body of a loop back to the loop. */
    boolean leadsBack(Edge edge) {
        return body(edge.to()).contains(edge.from())
                || (edge.from().equals(edge.to()) && entersBody(edge));
    }

    boolean entersBody(Edge edge) {
        return isLoop(edge.from()) && edge.port().equals(Ports.EACH);
    }

    /** Whether an edge stands for something else than what comes next. */
    static boolean isAside(Edge edge) {
        return edge.port().equals(Ports.UNDO) || edge.port().equals(Ports.FALLBACK);
    }

    /** Edges that must be settled before a node is. */
    List<Edge> inputs(String key) {
        return inputs.getOrDefault(key, List.of());
    }

    /** Nodes of the same level that a node's end may settle, each once. */
    List<String> followers(String key) {
        return followers.getOrDefault(key, List.of());
    }

    /** Nodes in the body of a loop and in no loop within; of the run for {@code ""}. */
    List<String> members(String level) {
        return members.getOrDefault(level, List.of());
    }

    /** How many steps outside all loops must have ended before the run is closed. */
    int stepsBeforeClosing() {
        return stepsBeforeClosing;
    }

    /** Where the rounds of a loop begin. */
    List<String> entries(String loop) {
        return outOf(loop).stream().filter(this::entersBody).map(Edge::to).distinct().toList();
    }

    @Nullable String undoOf(String key) {
        return undos.get(key);
    }

    boolean isUndo(String key) {
        return undone.containsKey(key);
    }

    @Nullable String undoneBy(String key) {
        return undone.get(key);
    }

    @Nullable String fallbackOf(String key) {
        return fallbacks.get(key);
    }

    @Nullable String replacedBy(String key) {
        return replaced.get(key);
    }

    /** The closing steps and what belongs to them, the finally node first. */
    Set<String> closing() {
        return Collections.unmodifiableSet(closing);
    }

    boolean isClosing(String key) {
        return closing.contains(key);
    }

    /** What a join gives up when it does not wait, last first. */
    Collection<String> late(String join) {
        return late.getOrDefault(join, List.of());
    }

    /** After the ranks of all that lead to it; lowest of all on a cycle. */
    int rank(String key) {
        return rank.getOrDefault(key, -1);
    }

    /**
     * How each node is first reached from any root over edges that may be walked: a breadth-first
     * search, so that the paths are shortest.
     *
     * @return for each node reached, the edge it was reached by; null for the roots
     */
    Map<String, @Nullable Edge> reached(Predicate<Edge> mayWalk) {
        return reached(roots(), mayWalk);
    }

    Map<String, @Nullable Edge> reached(List<String> roots, Predicate<Edge> mayWalk) {
        var by = new HashMap<String, @Nullable Edge>();
        var open = new ArrayDeque<String>();
        for (var root : roots) {
            by.put(root, null);
            open.add(root);
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

    /** The path that {@link #reached} found, as edges from a root. */
    static List<Edge> path(Map<String, @Nullable Edge> reached, String to) {
        var path = new ArrayList<Edge>();
        for (var edge = reached.get(to); edge != null; edge = reached.get(edge.from())) {
            path.addFirst(edge);
        }
        return path;
    }

    Stream<Edge> edges() {
        return outgoing.values().stream().flatMap(List::stream);
    }
}
