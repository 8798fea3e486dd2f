package io.cybershield.engine;

import io.cybershield.engine.NodeType.Behaviour;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with a drawing before it can do harm. */
public final class Validation {
    private static final Pattern KEY = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,63}");

    /** Words of CEL that cannot follow a dot, so a node of that key could not be referred to. */
    private static final Set<String> RESERVED_KEYS = Set.of("true", "false", "null", "in");

    /** Node types known elsewhere, and how the same is drawn here. */
    private static final Map<String, String> INSTEAD =
            Map.of(
                    "parallel", "Draw several edges from one port; they run side by side.",
                    "compensate", "Draw an edge from the port 'undo' of the node to be undone.");

    private final WorkflowDefinition definition;
    private final Catalogue catalogue;
    private final Rules rules;
    private final Graph graph;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Set<String>> sure = new HashMap<>();

    /** Null until it is known that there is no cycle. */
    private @Nullable Precedence precedence;

    private @Nullable Certainty certainty;

    private Validation(WorkflowDefinition definition, Catalogue catalogue, Rules rules) {
        this.definition = definition;
        this.catalogue = catalogue;
        this.rules = rules;
        this.graph = new Graph(definition, catalogue);
    }

    /**
     * What a tenant demands of its workflows.
     *
     * @param unapprovedDestruction how grave a path to a destructive node without approval is
     * @param exemptions destructive nodes that need no approval, with the name of the policy that
     *     says so
     */
    public record Rules(Severity unapprovedDestruction, Map<String, String> exemptions) {
        public static final Rules STRICT = new Rules(Severity.ERROR, Map.of());

        public Rules {
            exemptions = Map.copyOf(exemptions);
        }
    }

    /** As {@link #problems(WorkflowDefinition, Catalogue, Rules)} with {@link Rules#STRICT}. */
    public static List<Problem> problems(WorkflowDefinition definition, Catalogue catalogue) {
        return problems(definition, catalogue, Rules.STRICT);
    }

    /** All problems, errors first; a workflow without errors may be published. */
    public static List<Problem> problems(
            WorkflowDefinition definition, Catalogue catalogue, Rules rules) {
        var validation = new Validation(definition, catalogue, rules);
        validation.checkStructure();
        validation.checkSense();
        return validation.problems.stream()
                .sorted((a, b) -> a.severity().compareTo(b.severity()))
                .toList();
    }

    /** Only what would keep a run from being decided at all. */
    static List<Problem> obstacles(WorkflowDefinition definition, Catalogue catalogue) {
        var validation = new Validation(definition, catalogue, Rules.STRICT);
        validation.checkStructure();
        return validation.problems.stream()
                .filter(problem -> problem.severity() == Severity.ERROR)
                .toList();
    }

    private void checkStructure() {
        checkKeys();
        checkTypes();
        checkTriggers();
        checkEdges();
        checkSettings();
        checkBodies();
        checkUndos();
        checkFallbacks();
        checkClosing();
        checkJoins();
        checkCycles();
        checkReach();
    }

    private void checkSense() {
        checkPorts();
        checkModes();
        checkReferences();
        checkApprovals();
    }

    private void checkKeys() {
        var seen = new HashSet<String>();
        for (var node : definition.nodes()) {
            if (!KEY.matcher(node.key()).matches() || RESERVED_KEYS.contains(node.key())) {
                error(
                        "bad-key",
                        node.key(),
                        "Node key '" + node.key() + "' cannot be written in an expression.",
                        "Use a letter and then letters, digits and '_', 64 at most: for example '"
                                + suggestion(node.key())
                                + "'.");
            }
            if (!seen.add(node.key())) {
                error(
                        "duplicate-key",
                        node.key(),
                        "Two nodes have the key '" + node.key() + "'.",
                        "Give one of them another key.");
            }
        }
    }

    private static String suggestion(String key) {
        var cleaned = key.replaceAll("[^A-Za-z0-9]+", "_").replaceAll("^[^A-Za-z]+", "");
        var short_ = cleaned.substring(0, Math.min(cleaned.length(), 60));
        return short_.isEmpty() || RESERVED_KEYS.contains(short_) ? "step_" + short_ : short_;
    }

    private void checkTypes() {
        for (var node : definition.nodes()) {
            if (catalogue.find(node.type()).isEmpty()) {
                var instead = INSTEAD.get(node.type());
                if (instead == null) {
                    error(
                            "unknown-type",
                            node.key(),
                            "Node '"
                                    + node.key()
                                    + "' is of type '"
                                    + node.type()
                                    + "', which is not offered here.",
                            "Choose one of: " + types() + ".");
                } else {
                    error(
                            "not-supported",
                            node.key(),
                            "Node '"
                                    + node.key()
                                    + "' is of type '"
                                    + node.type()
                                    + "', which is no node here.",
                            instead);
                }
            }
        }
    }

    private String types() {
        return String.join(", ", catalogue.list().stream().map(NodeType::key).toList());
    }

    private void checkTriggers() {
        if (graph.triggers().isEmpty()) {
            error(
                    "no-trigger",
                    (String) null,
                    "The workflow has no trigger, so nothing would ever start it.",
                    "Add a trigger node and lead an edge from it.");
        }
        for (var trigger : graph.triggers()) {
            for (var edge : graph.into(trigger)) {
                error(
                        "trigger-has-input",
                        edge,
                        "Edge " + edge + " leads into the trigger '" + trigger + "'.",
                        "Remove the edge: a trigger only starts a run.");
            }
        }
    }

    private void checkEdges() {
        var keys = graph.keys();
        var seen = new HashSet<Edge>();
        for (var edge : definition.edges()) {
            if (!seen.add(edge)) {
                error(
                        "duplicate-edge",
                        edge,
                        "Edge " + edge + " is drawn twice.",
                        "Remove one of them.");
            }
            for (var end : Stream.of(edge.from(), edge.to()).distinct().toList()) {
                if (!keys.contains(end)) {
                    error(
                            "dangling-edge",
                            edge,
                            "Edge " + edge + " names the node '" + end + "', which does not exist.",
                            "Remove the edge or add the node.");
                }
            }
            var type = graph.type(edge.from());
            var node = graph.node(edge.from());
            if (type != null && node != null && !type.hasPort(node, edge.port())) {
                error(
                        "unknown-port",
                        edge,
                        "Edge "
                                + edge
                                + " leaves by '"
                                + edge.port()
                                + "', a port that '"
                                + type.key()
                                + "' does not have.",
                        ports(type, node).isEmpty()
                                ? "Remove the edge: nothing follows such a node."
                                : "Use one of: " + ports(type, node) + ".");
            }
        }
    }

    private static String ports(NodeType type, Node node) {
        return Stream.concat(
                        type.portsOf(node).stream().map(NodeType.Port::name),
                        type.enginePorts().stream())
                .collect(Collectors.joining(", "));
    }

    private void checkSettings() {
        for (var key : graph.keys()) {
            var node = graph.node(key);
            var type = graph.type(key);
            if (node != null && type != null) {
                for (var problem : Control.problems(node, type)) {
                    error(
                            "bad-setting",
                            key,
                            "Node '" + key + "': " + problem,
                            "Change the setting.");
                }
                if (type.behaviour() == Behaviour.ASK && !type.isTask()) {
                    checkApproval(node);
                }
            }
        }
    }

    private void checkApproval(Node node) {
        for (var problem : ApprovalPlan.problems(node.config())) {
            error(
                    "bad-setting",
                    node.key(),
                    "Node '" + node.key() + "': " + problem,
                    "Change the setting.");
        }
        var then = ApprovalPlan.onTimeout(node.config());
        if (then != null && node.timeout() == null) {
            warn(
                    "idle-timeout",
                    node.key(),
                    "Node '" + node.key() + "' says what happens when time is up, but has none.",
                    "Give it a timeout, or leave the setting out.");
        }
        if (then == ApprovalPlan.OnTimeout.BRANCH && !graph.isDrawn(node.key(), Ports.TIMEOUT)) {
            warn(
                    "idle-timeout",
                    node.key(),
                    "Node '"
                            + node.key()
                            + "' leaves by its port 'timeout' when time is up, and no edge leads"
                            + " on from there.",
                    "Draw that edge, or let it be denied.");
        }
    }

    private void checkBodies() {
        for (var loop : graph.loops()) {
            var body = graph.body(loop);
            for (var edge : graph.outOf(loop)) {
                if (graph.entersBody(edge) && edge.to().equals(loop)) {
                    error(
                            "empty-body",
                            edge,
                            "The loop '" + loop + "' leads to itself, so its rounds do nothing.",
                            "Lead its port 'each' to the first step of a round.");
                }
            }
            graph.edges()
                    .filter(edge -> body.contains(edge.to()) && !body.contains(edge.from()))
                    .filter(edge -> !(edge.from().equals(loop) && graph.entersBody(edge)))
                    .forEach(edge ->
                            error(
                                    "loop-entered",
                                    edge,
                                    "Node '"
                                            + edge.to()
                                            + "' belongs to the rounds of '"
                                            + loop
                                            + "', which its port 'each' leads to, but edge "
                                            + edge
                                            + " leads there from outside.",
                                    "End the round before it, or lead it back to '"
                                            + loop
                                            + "'; what comes after the last round follows the port"
                                            + " 'done'."));
        }
    }

    private void checkUndos() {
        for (var key : graph.keys()) {
            var undos = leaving(key, Ports.UNDO);
            for (var edge : undos) {
                checkAside(edge, undos.size(), "undo", List.of());
                if (graph.isClosing(key)) {
                    error(
                            "undo-in-closing",
                            edge,
                            "Node '" + key + "' is a closing step; those are never undone.",
                            "Remove the edge.");
                }
            }
        }
    }

    private void checkFallbacks() {
        for (var key : graph.keys()) {
            var fallbacks = leaving(key, Ports.FALLBACK);
            for (var edge : fallbacks) {
                checkAside(edge, fallbacks.size(), "fallback", List.of(Ports.UNDO, Ports.FALLBACK));
            }
        }
    }

    private List<Edge> leaving(String key, String port) {
        return graph.outOf(key).stream().filter(edge -> edge.port().equals(port)).toList();
    }

    /** A node that stands for another's undoing, or in its place, does nothing else. */
    private void checkAside(Edge edge, int edges, String port, List<String> mayLeave) {
        var type = graph.type(edge.to());
        boolean fits =
                type == null
                        || switch (type.behaviour()) {
                            case ATTEMPT -> true;
                            case EVALUATE -> type.onlyPort().isPresent();
                            case CHILD -> port.equals(Ports.FALLBACK);
                            case START, ASK, WAIT, EACH, WHILE, JOIN, END, FINALLY -> false;
                        };
        if (!fits) {
            error(
                    port + "-type",
                    edge,
                    "Node '" + edge.to() + "' cannot be led to by a port '" + port + "'.",
                    "Use an action there.");
        }
        if (edges > 1 || graph.into(edge.to()).size() > 1) {
            error(
                    port + "-shared",
                    edge,
                    "Edge "
                            + edge
                            + " must be the only one from its port and the only one into '"
                            + edge.to()
                            + "'.",
                    "Use a node of its own for each.");
        }
        for (var on : graph.outOf(edge.to())) {
            if (!mayLeave.contains(on.port())) {
                error(
                        port + "-leads-on",
                        on,
                        "Edge "
                                + on
                                + " leads on from a node that the port '"
                                + port
                                + "' leads to.",
                        port.equals(Ports.UNDO)
                                ? "Remove it: undoing takes one step."
                                : "Remove it: what follows '"
                                        + edge.from()
                                        + "' follows its stand-in as well.");
            }
        }
    }

    private void checkClosing() {
        var roots = graph.keys().stream().filter(key -> graph.is(key, Behaviour.FINALLY)).toList();
        if (roots.size() > 1) {
            error(
                    "two-finally",
                    roots.get(1),
                    "'" + roots.get(0) + "' and '" + roots.get(1) + "' both close the run.",
                    "Lead several edges from one of them.");
        }
        for (var root : roots) {
            for (var edge : graph.into(root)) {
                error(
                        "finally-has-input",
                        edge,
                        "Edge "
                                + edge
                                + " leads into '"
                                + root
                                + "', which runs when the run ends.",
                        "Remove the edge.");
            }
        }
        var main = graph.reached(graph.triggers(), _ -> true);
        for (var key : graph.closing()) {
            if (main.containsKey(key) && !roots.contains(key)) {
                error(
                        "closing-mixed",
                        key,
                        "Node '" + key + "' is led to by a finally node and by other steps.",
                        "Use a node of its own for closing the run.");
            }
        }
    }

    private void checkJoins() {
        for (var key : graph.keys()) {
            if (!(graph.control(key) instanceof Control.Join join)) {
                continue;
            }
            var inputs = graph.inputs(key);
            long sources = inputs.stream().map(Edge::from).distinct().count();
            int needed = join.needed(inputs.size());
            if (needed > sources) {
                error(
                        "join-never-met",
                        key,
                        "The join '"
                                + key
                                + "' waits for "
                                + needed
                                + " branches, but only "
                                + sources
                                + (sources == 1 ? " node leads" : " nodes lead")
                                + " to it, and a step leaves by one port.",
                        "Lead other branches to it, or wait for fewer.");
            } else if (inputs.size() < 2) {
                warn(
                        "idle-join",
                        key,
                        "The join '" + key + "' has one branch to wait for.",
                        "Lead more branches to it, or remove it.");
            }
        }
    }

    /** Depth-first, without recursion: a drawing of any length is checked on a small stack. */
    private void checkCycles() {
        var done = new HashSet<String>();
        for (var root : graph.keys()) {
            var path = new LinkedHashSet<String>();
            var open = new ArrayList<Iterator<Edge>>();
            if (done.contains(root)) {
                continue;
            }
            path.add(root);
            open.add(graph.outOf(root).iterator());
            while (!open.isEmpty()) {
                var edges = open.getLast();
                if (!edges.hasNext()) {
                    open.removeLast();
                    done.add(path.removeLast());
                    continue;
                }
                var edge = edges.next();
                if (graph.leadsBack(edge)) {
                    continue;
                }
                if (path.contains(edge.to())) {
                    cycle(edge, path);
                } else if (!done.contains(edge.to())) {
                    path.add(edge.to());
                    open.add(graph.outOf(edge.to()).iterator());
                }
            }
        }
    }

    private void cycle(Edge closing, Set<String> path) {
        var cycle = new ArrayList<>(path);
        cycle = new ArrayList<>(cycle.subList(cycle.indexOf(closing.to()), cycle.size()));
        cycle.add(closing.to());
        problems.add(
                new Problem(
                        "cycle",
                        Severity.ERROR,
                        null,
                        closing,
                        cycle,
                        "The edges lead in a circle: " + String.join(" -> ", cycle) + ".",
                        "Remove one of these edges. To try a node again, use its retry policy; to"
                                + " repeat steps, put them into the body of a for-each or a while"
                                + " node: only to those may an edge lead back."));
    }

    private void checkReach() {
        var reached = graph.reached(_ -> true).keySet();
        for (var key : graph.keys()) {
            if (!reached.contains(key) && !graph.triggers().isEmpty()) {
                error(
                        "unreachable-node",
                        key,
                        "No path leads from a trigger to node '" + key + "'.",
                        "Connect it, or remove it.");
            }
        }
    }

    private void checkPorts() {
        for (var key : graph.keys()) {
            var type = graph.type(key);
            if (type == null) {
                continue;
            }
            for (var port : type.ports()) {
                if (port.required() && !graph.isDrawn(key, port.name())) {
                    error(
                            "unconnected-port",
                            key,
                            "Nothing follows the port '" + port.name() + "' of '" + key + "'.",
                            "Lead an edge from that port.");
                }
            }
            if (type.behaviour() == Behaviour.START && graph.outOf(key).isEmpty()) {
                error(
                        "unconnected-port",
                        key,
                        "Nothing follows the trigger '" + key + "'.",
                        "Lead an edge from it to the first step.");
            }
        }
    }

    private void checkModes() {
        for (var key : graph.keys()) {
            var node = graph.node(key);
            var type = graph.type(key);
            if (node == null || type == null) {
                continue;
            }
            if (node.onError() == Node.OnError.CONTINUE && type.onlyPort().isEmpty()) {
                error(
                        "continue-without-port",
                        key,
                        "Node '"
                                + key
                                + "' is to go on after a failure, but has several ways to go.",
                        "Draw an edge from its port 'error' instead.");
            }
            var timeout = node.timeout();
            if (timeout != null
                    && (timeout.isNegative()
                            || timeout.isZero()
                            || timeout.compareTo(Turn.LONGEST_WAIT) > 0)) {
                error(
                        "bad-timeout",
                        key,
                        "Node '" + key + "' has the timeout " + timeout + ".",
                        "Use one longer than zero and shorter than ten years, or none.");
            }
            boolean timed =
                    switch (type.behaviour()) {
                        case ATTEMPT, ASK, WAIT, EACH, WHILE, CHILD -> true;
                        case START, EVALUATE, JOIN, END, FINALLY -> false;
                    };
            if (timeout != null && !timed) {
                warn(
                        "idle-timeout",
                        key,
                        "The timeout of '" + key + "' has no effect: such a node ends at once.",
                        "Remove it.");
            }
            if (node.retry().maxAttempts() > 1 && type.behaviour() != Behaviour.ATTEMPT) {
                warn(
                        "idle-retry",
                        key,
                        "The retry policy of '"
                                + key
                                + "' has no effect: such a node would fail again.",
                        "Remove it.");
            }
        }
    }

    private void checkReferences() {
        if (problems.stream().noneMatch(problem -> problem.severity() == Severity.ERROR)
                || problems.stream().noneMatch(Validation::confusesOrder)) {
            precedence = new Precedence(graph);
        }
        for (var key : graph.keys()) {
            var node = graph.node(key);
            if (node == null) {
                continue;
            }
            var checked = new HashMap<String, Boolean>();
            for (var reference : References.in(node.config())) {
                checked.merge(reference.step(), reference.guarded(), (a, b) -> a && b);
            }
            new TreeMap<>(checked).forEach((step, guarded) -> checkReference(key, step, guarded));
        }
    }

    private static boolean confusesOrder(Problem problem) {
        return Set.of("cycle", "loop-entered", "empty-body").contains(problem.code());
    }

    private void checkReference(String key, String step, boolean guarded) {
        if (!graph.keys().contains(step)) {
            error(
                    "unknown-reference",
                    key,
                    "Node '" + key + "' refers to steps." + step + ", which does not exist.",
                    "Refer to one of: " + String.join(", ", earlier(key)) + ".");
        } else if (precedence == null) {
            // On a circle everything precedes everything; the circle itself is reported.
            return;
        } else if (isHidden(step, key)) {
            var loop = graph.loopAround(step);
            error(
                    "reference-into-loop",
                    key,
                    "Node '"
                            + key
                            + "' refers to steps."
                            + step
                            + ", which runs in the rounds of '"
                            + loop
                            + "' and is not seen from outside.",
                    graph.is(String.valueOf(loop), Behaviour.WHILE)
                            ? "Refer to steps."
                                    + loop
                                    + ".output.last, the output of the last"
                                    + " round."
                            : "Refer to steps."
                                    + loop
                                    + ".output.results, the outputs of all"
                                    + " rounds.");
        } else if (step.equals(key) && graph.is(key, Behaviour.WHILE)) {
            // Its condition looks at its last round.
            return;
        } else if (graph.isClosing(key) && !graph.isClosing(step)) {
            if (!guarded && !(graph.triggers().size() == 1 && graph.triggers().contains(step))) {
                missing(
                        key,
                        step,
                        nodes(Graph.path(graph.reached(_ -> true), key), key),
                        ", which may not have run when the run ends");
            }
        } else if (!precedence.canPrecede(step, key)) {
            error(
                    "reference-not-before",
                    key,
                    "Node '" + key + "' refers to steps." + step + ", which never comes before it.",
                    "Lead a path from '" + step + "' to '" + key + "', or refer to another step.");
        } else if (!guarded
                && graph.isUndo(key)
                && !step.equals(graph.undoneBy(key))
                && graph.loopAround(step) != null
                && graph.level(step).equals(graph.level(key))) {
            missing(key, step, List.of(), ", whose round is over when it is undone");
        } else if (!guarded
                && !precedence.isOnEveryWay(step, key)
                && !sure(key, precedence).contains(step)) {
            var around =
                    graph.reached(edge -> !edge.from().equals(step) && !edge.to().equals(step));
            if (around.containsKey(key)) {
                var path = nodes(Graph.path(around, key), key);
                missing(
                        key,
                        step,
                        path,
                        ", which does not run on the way " + String.join(" -> ", path));
            }
        }
    }

    private void missing(String key, String step, List<String> path, String how) {
        problems.add(
                new Problem(
                        "reference-may-be-missing",
                        Severity.WARNING,
                        key,
                        null,
                        path,
                        "Node '" + key + "' refers to steps." + step + how + ".",
                        "Say what holds then: has(steps."
                                + step
                                + ".output) ? … : …, or steps.?"
                                + step
                                + "."));
    }

    /** Whether a step lives in rounds that another node is not in. */
    private boolean isHidden(String step, String key) {
        return graph.loops().stream()
                .map(graph::body)
                .anyMatch(body -> body.contains(step) && !body.contains(key));
    }

    private Set<String> sure(String key, Precedence known) {
        var made = certainty == null ? new Certainty(graph, known) : certainty;
        certainty = made;
        return sure.computeIfAbsent(key, made::whenRunning);
    }

    private Collection<String> earlier(String key) {
        return precedence == null ? graph.keys() : new TreeSet<>(precedence.before(key));
    }

    /**
     * Approval dominance: with the edges that an approval grants taken away, no destructive node
     * may be within reach; the way by which one still is proves the problem.
     */
    private void checkApprovals() {
        var reached = graph.reached(edge -> !grants(edge));
        for (var key : graph.keys()) {
            var type = graph.type(key);
            if (type == null || !type.destructive() || !reached.containsKey(key) || isExempt(key)) {
                continue;
            }
            var way = Graph.path(reached, key);
            problems.add(
                    new Problem(
                            "unapproved-destruction",
                            rules.unapprovedDestruction(),
                            key,
                            null,
                            nodes(way, key),
                            "Node '"
                                    + key
                                    + "' destroys, and can be reached without approval: "
                                    + String.join(" -> ", nodes(way, key))
                                    + ".",
                            "Put an approval on that way and lead on from its port 'approved', or"
                                    + " exempt the node, with the reason."));
        }
    }

    private boolean isExempt(String key) {
        var node = graph.node(key);
        return rules.exemptions().containsKey(key)
                || (node != null && node.exemption() != null && !node.exemption().isBlank());
    }

    private boolean grants(Edge edge) {
        var node = graph.node(edge.from());
        return graph.is(edge.from(), Behaviour.ASK)
                && edge.port().equals(Ports.APPROVED)
                && node != null
                && ApprovalPlan.onTimeout(node.config()) != ApprovalPlan.OnTimeout.APPROVE;
    }

    private static List<String> nodes(List<Edge> way, String last) {
        var keys = new ArrayList<>(way.stream().map(Edge::from).toList());
        keys.add(last);
        return keys;
    }

    private void error(String code, @Nullable String node, String message, String mend) {
        problems.add(new Problem(code, Severity.ERROR, node, null, List.of(), message, mend));
    }

    private void error(String code, Edge edge, String message, String mend) {
        problems.add(new Problem(code, Severity.ERROR, null, edge, List.of(), message, mend));
    }

    private void warn(String code, String node, String message, String mend) {
        problems.add(new Problem(code, Severity.WARNING, node, null, List.of(), message, mend));
    }
}
