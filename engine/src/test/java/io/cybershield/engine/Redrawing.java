package io.cybershield.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Draws another version of a drawing: a few changes, without errors. */
public final class Redrawing {
    private static final List<String> MORE =
            List.of("lookup", "mail", "set", "wait", "ticket", "task", "post");
    private final SplittableRandom random;
    private final List<Node> nodes;
    private final List<Edge> edges;
    private WorkflowDefinition.Settings settings;

    private Redrawing(SplittableRandom random, WorkflowDefinition drawn) {
        this.random = random;
        this.nodes = new ArrayList<>(drawn.nodes());
        this.edges = new ArrayList<>(drawn.edges());
        this.settings = drawn.settings();
    }

    /** Equal to what it was given only where ten tries brought nothing without errors. */
    public static WorkflowDefinition of(SplittableRandom random, WorkflowDefinition drawn) {
        for (int i = 0; i < 10; i++) {
            var redrawing = new Redrawing(random, drawn);
            for (int k = random.nextInt(1, 4); k > 0; k--) {
                redrawing.change();
            }
            var next =
                    new WorkflowDefinition(
                            drawn.name(), redrawing.nodes, redrawing.edges, redrawing.settings);
            if (Validation.problems(next, Drawings.CATALOGUE).stream()
                    .noneMatch(problem -> problem.severity() == Severity.ERROR)) {
                return next;
            }
        }
        return drawn;
    }

    private void change() {
        if (nodes.isEmpty()) {
            return;
        }
        int at = random.nextInt(nodes.size());
        var node = nodes.get(at);
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                Map<String, Object> config = new LinkedHashMap<>(node.config());
                config.put("v", random.nextInt(1000));
                nodes.set(
                        at,
                        new Node(
                                node.key(),
                                node.type(),
                                node.name(),
                                config,
                                node.retry(),
                                node.timeout(),
                                node.onError(),
                                node.position(),
                                node.exemption()));
            }
            case 2 -> {
                if (node.timeout() != null) {
                    nodes.set(at, node.withTimeout(node.timeout().multipliedBy(2)));
                }
            }
            case 3, 4 -> {
                var ways = Drawings.ways(node);
                if (!ways.isEmpty()) {
                    var more = more();
                    edges.add(
                            new Edge(
                                    node.key(), ways.get(random.nextInt(ways.size())), more.key()));
                }
            }
            case 5 -> {
                if (edges.isEmpty()) {
                    return;
                }
                var edge = edges.get(random.nextInt(edges.size()));
                var more = more();
                edges.remove(edge);
                edges.add(new Edge(edge.from(), edge.port(), more.key()));
                edges.add(
                        new Edge(
                                more.key(),
                                more.type().equals("task") ? "done" : "out",
                                edge.to()));
            }
            case 6 -> {
                if (edges.stream().noneMatch(edge -> edge.from().equals(node.key()))) {
                    nodes.remove(node);
                    edges.removeIf(edge -> edge.to().equals(node.key()));
                }
            }
            default ->
                    settings =
                            new WorkflowDefinition.Settings(
                                    random.nextBoolean() ? Duration.ofDays(3) : null,
                                    settings.maxWorkerLosses(),
                                    settings.closing(),
                                    settings.keepOnFailure(),
                                    settings.errorWorkflow());
        }
    }

    /** Under a key that no version had before. */
    private Node more() {
        var node =
                Drawings.finish(
                        random,
                        "m" + nodes.size() + "-" + Long.toHexString(random.nextLong()),
                        MORE.get(random.nextInt(MORE.size())));
        nodes.add(node);
        return node;
    }
}
