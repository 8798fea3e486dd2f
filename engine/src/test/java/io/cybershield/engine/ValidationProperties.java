package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ValidationProperties {
    private static final List<NodeType> PLAIN =
            Drawings.CATALOGUE.list().stream()
                    .filter(type -> !type.isLoop() && type.casesIn().isEmpty())
                    .filter(type -> !type.ports().isEmpty())
                    .toList();

    @Property(tries = 1000)
    void approvalProofAgreesWithWalkingEveryPath(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var drawing =
                switch (random.nextInt(3)) {
                    case 0 -> Drawings.sound(random, 7);
                    case 1 -> any(random, true, Drawings.CATALOGUE.list(), 9);
                    default -> any(random, false, Drawings.CATALOGUE.list(), 6);
                };
        var claimed = new HashSet<String>();
        for (var problem : Validation.problems(drawing, Drawings.CATALOGUE)) {
            if (problem.code().equals("unapproved-destruction")) {
                claimed.add(problem.node());
                assertThat(isUnapprovedWay(drawing, problem.path()))
                        .as("the path shown proves it: %s in %s", problem.path(), drawing.edges())
                        .isTrue();
            }
        }
        var walked = new HashSet<String>();
        for (var node : drawing.nodes()) {
            if (node.type().equals("trigger") || node.type().equals("finally")) {
                walk(drawing, node.key(), false, new HashSet<>(), walked);
            }
        }
        assertThat(claimed).isEqualTo(walked);
    }

    @Property(tries = 500)
    void soundDrawingsRaiseNoError(@ForAll long seed) {
        var drawing = Drawings.sound(new SplittableRandom(seed), 14);
        assertThat(Validation.problems(drawing, Drawings.CATALOGUE))
                .filteredOn(problem -> problem.severity() == Severity.ERROR)
                .isEmpty();
    }

    @Property(tries = 1000)
    void whatIsSaidToHaveRunHasRunWhateverTheConditionsSay(@ForAll long seed) {
        var drawing = Drawings.plain(new SplittableRandom(seed), 8);
        var graph = new Graph(drawing, Drawings.CATALOGUE);
        var ran = new ArrayList<Set<String>>();
        for (var trigger : graph.triggers()) {
            everyWay(drawing, graph, trigger, 0, new TreeMap<>(), ran);
        }
        for (var node : drawing.nodes()) {
            for (var sure : new Certainty(graph, new Precedence(graph)).whenRunning(node.key())) {
                assertThat(ran)
                        .as("%s before %s in %s", sure, node.key(), drawing.edges())
                        .allMatch(way -> !way.contains(node.key()) || way.contains(sure));
            }
        }
    }

    /** Runs the drawing once for each way its steps can leave; nodes are in order by their key. */
    private static void everyWay(
            WorkflowDefinition drawing,
            Graph graph,
            String trigger,
            int next,
            Map<String, String> left,
            List<Set<String>> ran) {
        if (next == drawing.nodes().size()) {
            ran.add(Set.copyOf(left.keySet()));
            return;
        }
        var key = "n" + next;
        boolean runs =
                key.equals(trigger)
                        || graph.into(key).stream()
                                .anyMatch(edge -> edge.port().equals(left.get(edge.from())));
        if (!runs) {
            everyWay(drawing, graph, trigger, next + 1, left, ran);
            return;
        }
        var ports = new ArrayList<String>();
        graph.type(key).ports().forEach(port -> ports.add(port.name()));
        if (graph.isDrawn(key, Ports.ERROR)) {
            ports.add(Ports.ERROR);
        }
        for (var port : ports) {
            left.put(key, port);
            everyWay(drawing, graph, trigger, next + 1, left, ran);
            left.remove(key);
        }
    }

    @Property(tries = 500)
    void findsACycleExactlyWhenThereIsOne(@ForAll long seed) {
        var random = new SplittableRandom(seed);
        var drawing = any(random, false, PLAIN, 9);
        var graph = new Graph(drawing, Drawings.CATALOGUE);
        boolean cyclic =
                graph.keys().stream().anyMatch(key -> leadsTo(graph, key, key, new HashSet<>()));
        var cycles =
                Validation.problems(drawing, Drawings.CATALOGUE).stream()
                        .filter(problem -> problem.code().equals("cycle"))
                        .toList();
        assertThat(!cycles.isEmpty()).isEqualTo(cyclic);
        for (var cycle : cycles) {
            assertThat(cycle.path().getFirst()).isEqualTo(cycle.path().getLast());
            for (int i = 1; i < cycle.path().size(); i++) {
                var from = cycle.path().get(i - 1);
                var to = cycle.path().get(i);
                assertThat(drawing.edges())
                        .anyMatch(edge -> edge.from().equals(from) && edge.to().equals(to));
            }
        }
    }

    private static boolean leadsTo(Graph graph, String from, String to, Set<String> visited) {
        return graph.outOf(from).stream()
                .map(Edge::to)
                .anyMatch(next ->
                        next.equals(to)
                                || (visited.add(next) && leadsTo(graph, next, to, visited)));
    }

    private static WorkflowDefinition any(
            SplittableRandom random, boolean acyclic, List<NodeType> types, int most) {
        int size = random.nextInt(2, most + 1);
        var nodes = new ArrayList<Node>();
        for (int i = 0; i < size; i++) {
            var type =
                    i == 0
                            ? "trigger"
                            : random.nextInt(3) == 0
                                    ? "approval"
                                    : types.get(random.nextInt(types.size())).key();
            var node = Drawings.node("n" + i, type);
            nodes.add(random.nextInt(8) == 0 ? node.withExemption("a lab host") : node);
        }
        var edges = new HashSet<Edge>();
        for (int k = 0; k < random.nextInt(acyclic ? size * 3 : size * 2); k++) {
            int from = random.nextInt(size);
            int to = random.nextInt(size);
            if (acyclic && from == to) {
                continue;
            }
            if (acyclic && from > to) {
                int swap = from;
                from = to;
                to = swap;
            }
            var type = Drawings.CATALOGUE.find(nodes.get(from).type()).orElseThrow();
            var ports =
                    new ArrayList<>(
                            type.portsOf(nodes.get(from)).stream()
                                    .map(NodeType.Port::name)
                                    .toList());
            ports.add(Ports.ERROR);
            edges.add(new Edge("n" + from, ports.get(random.nextInt(ports.size())), "n" + to));
        }
        return WorkflowDefinition.of("any", nodes, List.copyOf(edges));
    }

    /** Every way that takes no edge twice. */
    private static void walk(
            WorkflowDefinition drawing,
            String at,
            boolean approved,
            Set<Edge> used,
            Set<String> found) {
        var node = drawing.find(at).orElseThrow();
        var type = Drawings.CATALOGUE.find(node.type()).orElseThrow();
        if (type.destructive() && !approved && node.exemption() == null) {
            found.add(at);
        }
        for (var edge : drawing.edges()) {
            if (edge.from().equals(at) && used.add(edge)) {
                walk(drawing, edge.to(), approved || grants(drawing, edge), used, found);
                used.remove(edge);
            }
        }
    }

    private static boolean grants(WorkflowDefinition drawing, Edge edge) {
        return drawing.find(edge.from()).orElseThrow().type().equals("approval")
                && edge.port().equals(Ports.APPROVED);
    }

    private static boolean isUnapprovedWay(WorkflowDefinition drawing, List<String> path) {
        if (!List.of("trigger", "finally")
                .contains(drawing.find(path.getFirst()).orElseThrow().type())) {
            return false;
        }
        for (int i = 1; i < path.size(); i++) {
            var from = path.get(i - 1);
            var to = path.get(i);
            if (drawing.edges().stream()
                    .noneMatch(edge ->
                            edge.from().equals(from)
                                    && edge.to().equals(to)
                                    && !grants(drawing, edge))) {
                return false;
            }
        }
        return true;
    }
}
