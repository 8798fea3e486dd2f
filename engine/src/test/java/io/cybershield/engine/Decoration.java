package io.cybershield.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Gives a drawing of branches its rounds, stand-ins, undoing and closing steps, and early ends. */
final class Decoration {
    private static final List<String> ACTIONS =
            List.of("lookup", "mail", "ticket", "post", "set", "lookup");
    private static final List<String> IN_ROUNDS =
            List.of(
                    "lookup",
                    "mail",
                    "ticket",
                    "post",
                    "set",
                    "condition",
                    "switch",
                    "approval",
                    "wait",
                    "wipe",
                    "sub-workflow",
                    "join");

    private final SplittableRandom random;
    private final List<Node> nodes;
    private final List<Edge> edges;

    private Decoration(SplittableRandom random, WorkflowDefinition drawn) {
        this.random = random;
        this.nodes = new ArrayList<>(drawn.nodes());
        this.edges = new ArrayList<>(drawn.edges());
    }

    static WorkflowDefinition of(SplittableRandom random, WorkflowDefinition drawn) {
        var decoration = new Decoration(random, drawn);
        for (var node : drawn.nodes()) {
            decoration.giveRounds(node, 0);
        }
        decoration.giveStandIns();
        decoration.giveEnds();
        decoration.giveClosing();
        decoration.settleJoins();
        return new WorkflowDefinition(
                drawn.name(),
                decoration.nodes,
                decoration.edges.stream().distinct().toList(),
                drawn.settings());
    }

    private void giveRounds(Node loop, int depth) {
        if (!Drawings.CATALOGUE.find(loop.type()).orElseThrow().isLoop()) {
            return;
        }
        int size = random.nextInt(1, 4);
        var body = new ArrayList<Node>();
        for (int i = 0; i < size; i++) {
            var types =
                    depth == 0 && random.nextInt(4) == 0 ? List.of("for-each", "while") : IN_ROUNDS;
            var type = types.get(random.nextInt(types.size()));
            if (i == size - 1 && (type.equals("approval") || type.equals("join"))) {
                type = "mail";
            }
            var node = Drawings.finish(random, loop.key() + "_" + i, type);
            body.add(node);
            nodes.add(node);
        }
        edges.add(new Edge(loop.key(), Ports.EACH, body.getFirst().key()));
        for (int i = 1; i < size; i++) {
            int inputs = random.nextInt(1, 3);
            for (int k = 0; k < inputs; k++) {
                int from = random.nextInt(-1, i);
                edges.add(
                        from < 0
                                ? new Edge(loop.key(), Ports.EACH, body.get(i).key())
                                : new Edge(
                                        body.get(from).key(),
                                        way(body.get(from)),
                                        body.get(i).key()));
            }
            if (body.get(i - 1).type().equals("approval")) {
                edges.add(new Edge(body.get(i - 1).key(), Ports.APPROVED, body.get(i).key()));
            }
        }
        for (var node : body) {
            if (random.nextInt(3) == 0) {
                edges.add(new Edge(node.key(), way(node), loop.key()));
            }
            giveRounds(node, depth + 1);
        }
    }

    private String way(Node node) {
        var ways = new ArrayList<>(Drawings.ways(node));
        if (!node.type().equals("join") && random.nextInt(4) == 0) {
            ways.add(Ports.ERROR);
        }
        return ways.get(random.nextInt(ways.size()));
    }

    private void giveStandIns() {
        for (var node : List.copyOf(nodes)) {
            var type = Drawings.CATALOGUE.find(node.type()).orElseThrow();
            if (type.hasPort(node, Ports.FALLBACK) && random.nextInt(6) == 0) {
                leaf(node, Ports.FALLBACK, node.key() + "f");
            }
            if (type.hasPort(node, Ports.UNDO) && random.nextInt(4) == 0) {
                leaf(node, Ports.UNDO, node.key() + "u");
            }
        }
    }

    private void leaf(Node from, String port, String key) {
        nodes.add(Drawings.finish(random, key, ACTIONS.get(random.nextInt(ACTIONS.size()))));
        edges.add(new Edge(from.key(), port, key));
    }

    private void giveEnds() {
        if (random.nextInt(5) == 0) {
            var from = nodes.get(random.nextInt(nodes.size()));
            boolean leaf =
                    edges.stream()
                            .anyMatch(edge -> edge.to().equals(from.key()) && Graph.isAside(edge));
            if (!leaf && !from.type().equals("trigger")) {
                nodes.add(Drawings.finish(random, "stop", "end"));
                edges.add(new Edge(from.key(), way(from), "stop"));
            }
        }
    }

    private void giveClosing() {
        if (random.nextInt(3) == 0) {
            nodes.add(Drawings.node("close", "finally"));
            var before = "close";
            for (int i = 0; i < random.nextInt(1, 3); i++) {
                var key = "close_" + i;
                nodes.add(
                        Drawings.finish(random, key, ACTIONS.get(random.nextInt(ACTIONS.size()))));
                edges.add(new Edge(before, "out", key));
                before = key;
            }
        }
    }

    /** Waits for as many branches as can arrive. */
    private void settleJoins() {
        for (int i = 0; i < nodes.size(); i++) {
            var join = nodes.get(i);
            if (!join.type().equals("join")) {
                continue;
            }
            var inputs =
                    edges.stream().distinct().filter(edge -> edge.to().equals(join.key())).toList();
            int sources = (int) inputs.stream().map(Edge::from).distinct().count();
            var config =
                    new HashMap<String, Object>(
                            Map.of("late", random.nextBoolean() ? "run" : "cancel"));
            if (sources == inputs.size() && random.nextBoolean()) {
                config.put("mode", "all");
            } else {
                config.put("mode", "count");
                config.put("count", random.nextInt(1, sources + 1));
            }
            nodes.set(i, Node.of(join.key(), "join", config).withTimeout((Duration) null));
        }
    }
}
