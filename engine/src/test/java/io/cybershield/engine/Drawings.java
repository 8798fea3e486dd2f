package io.cybershield.engine;

import io.cybershield.engine.NodeType.Category;
import io.cybershield.engine.NodeType.Idempotency;
import io.cybershield.engine.NodeType.Port;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Node types and drawings for tests. */
public final class Drawings {
    static final Catalogue CATALOGUE =
            Catalogue.of(
                    NodeType.trigger("trigger"),
                    NodeType.pure(
                            "condition",
                            Category.CONDITION,
                            Port.optional("true"),
                            Port.optional("false")),
                    NodeType.pure("set", Category.ACTION, Port.optional("out")),
                    NodeType.approval("approval"),
                    NodeType.task("task"),
                    NodeType.action(
                            "lookup", Category.INTEGRATION, Idempotency.NATURALLY_IDEMPOTENT),
                    NodeType.action("mail", Category.NOTIFICATION, Idempotency.KEY_SUPPORTING),
                    NodeType.action("isolate", Category.ACTION, Idempotency.CHECK_THEN_ACT)
                            .thatDestroys(),
                    NodeType.action("ticket", Category.ACTION, Idempotency.CHECK_THEN_ACT),
                    NodeType.action("post", Category.INTEGRATION, Idempotency.AT_MOST_ONCE),
                    NodeType.action("wipe", Category.ACTION, Idempotency.AT_MOST_ONCE)
                            .thatDestroys(),
                    NodeType.pause("wait", Port.optional("out"), Port.optional(Ports.TIMEOUT)),
                    NodeType.choice("switch", "cases"),
                    NodeType.forEach("for-each"),
                    NodeType.whileLoop("while"),
                    NodeType.join("join"),
                    NodeType.subWorkflow("sub-workflow"),
                    NodeType.end("end"),
                    NodeType.closing("finally"));

    private static final List<String> PLAIN_TYPES =
            List.of(
                    "approval",
                    "condition",
                    "isolate",
                    "lookup",
                    "mail",
                    "post",
                    "set",
                    "ticket",
                    "wait",
                    "wipe");

    private static final List<String> STEP_TYPES =
            Stream.concat(
                            PLAIN_TYPES.stream(),
                            Stream.of(
                                    "switch",
                                    "for-each",
                                    "while",
                                    "join",
                                    "sub-workflow",
                                    "lookup",
                                    "for-each",
                                    "task",
                                    // As often as before there were so many others.
                                    "approval",
                                    "approval"))
                    .toList();

    private Drawings() {}

    static Node node(String key, String type) {
        return Node.of(key, type, Map.of());
    }

    /** Reads {@code from.port->to}; without a port, {@code out} is meant. */
    static Edge edge(String text) {
        var ends = text.split("->", -1);
        var from = ends[0].split("\\.", -1);
        return new Edge(
                from[0].strip(), from.length > 1 ? from[1].strip() : "out", ends[1].strip());
    }

    static WorkflowDefinition drawing(List<Node> nodes, String... edges) {
        return WorkflowDefinition.of("test", nodes, Stream.of(edges).map(Drawings::edge).toList());
    }

    /** A drawing without errors that has all kinds of nodes. */
    public static WorkflowDefinition sound(SplittableRandom random, int maxNodes) {
        return tamed(Decoration.of(random, base(random, maxNodes, STEP_TYPES)));
    }

    /** A drawing without errors, loops, joins or anything else beside branches. */
    static WorkflowDefinition plain(SplittableRandom random, int maxNodes) {
        return tamed(base(random, maxNodes, PLAIN_TYPES));
    }

    private static WorkflowDefinition base(
            SplittableRandom random, int maxNodes, List<String> types) {
        int size = random.nextInt(2, maxNodes + 1);
        int triggers = random.nextInt(10) == 0 && size > 2 ? 2 : 1;
        var nodes = new ArrayList<Node>();
        for (int i = 0; i < size; i++) {
            var type = types.get(random.nextInt(types.size()));
            if (i < triggers) {
                type = "trigger";
            } else if (nodes.getLast().type().equals("approval") && random.nextBoolean()) {
                type = random.nextBoolean() ? "wipe" : "isolate";
            } else if (i == size - 1 && type.equals("approval")) {
                // The last node has nobody to approve anything for.
                type = "mail";
            }
            nodes.add(finish(random, "n" + i, type));
        }
        var edges = new ArrayList<Edge>();
        for (int i = triggers; i < size; i++) {
            if (CATALOGUE.find(nodes.get(i).type()).orElseThrow().destructive()
                    && nodes.get(i - 1).type().equals("approval")) {
                add(random, nodes, edges, i - 1, i, Ports.APPROVED);
                continue;
            }
            int inputs = 1 + (random.nextInt(3) == 0 ? random.nextInt(3) : 0);
            for (int k = 0; k < inputs; k++) {
                add(random, nodes, edges, random.nextInt(i), i, null);
            }
        }
        for (int i = 0; i < size - 1; i++) {
            var type = nodes.get(i).type();
            if (type.equals("approval")) {
                add(random, nodes, edges, i, random.nextInt(i + 1, size), Ports.APPROVED);
            } else if (type.equals("trigger")) {
                add(random, nodes, edges, i, random.nextInt(triggers, size), "out");
            }
        }
        return new WorkflowDefinition(
                "random",
                nodes,
                edges.stream().distinct().toList(),
                new WorkflowDefinition.Settings(
                        random.nextInt(8) == 0 ? Duration.ofDays(2) : null,
                        16,
                        Duration.ofHours(6),
                        random.nextInt(4) == 0,
                        random.nextInt(3) == 0 ? "mourn" : null));
    }

    /** Replaces what would destroy without approval by its harmless sibling. */
    private static WorkflowDefinition tamed(WorkflowDefinition drawn) {
        var unapproved =
                Validation.problems(drawn, CATALOGUE).stream()
                        .filter(problem -> problem.code().equals("unapproved-destruction"))
                        .map(Problem::node)
                        .toList();
        var nodes =
                drawn.nodes().stream()
                        .map(node ->
                                unapproved.contains(node.key())
                                        ? new Node(
                                                node.key(),
                                                node.type().equals("isolate") ? "ticket" : "post",
                                                node.name(),
                                                node.config(),
                                                node.retry(),
                                                node.timeout(),
                                                node.onError(),
                                                node.position())
                                        : node)
                        .toList();
        return new WorkflowDefinition(drawn.name(), nodes, drawn.edges(), drawn.settings());
    }

    static Node finish(SplittableRandom random, String key, String type) {
        var node = Node.of(key, type, config(random, type));
        var known = CATALOGUE.find(type).orElseThrow();
        if (known.touchesTheWorld()) {
            if (random.nextBoolean()) {
                node =
                        node.withRetry(
                                new RetryPolicy(
                                        random.nextInt(1, 6),
                                        Duration.ofSeconds(random.nextInt(0, 60)),
                                        1 + random.nextInt(3),
                                        Duration.ofMinutes(10),
                                        random.nextDouble(),
                                        random.nextInt(4) == 0 ? Duration.ofHours(1) : null));
            }
            if (random.nextBoolean()) {
                node = node.withTimeout(Duration.ofSeconds(random.nextInt(1, 300)));
            }
            if (random.nextInt(4) == 0) {
                node = node.withOnError(Node.OnError.CONTINUE);
            }
        }
        if (type.equals("approval") && random.nextBoolean()) {
            node = node.withTimeout(Duration.ofHours(random.nextInt(1, 48)));
        }
        return node;
    }

    private static Map<String, Object> config(SplittableRandom random, String type) {
        return switch (type) {
            case "switch" ->
                    Map.of(
                            "cases",
                            List.of(
                                    Map.of("name", "red", "when", "a"),
                                    Map.of("name", "blue", "when", "b")));
            case "for-each" -> forEach(random);
            case "while" ->
                    Map.of(
                            "maxRounds",
                            random.nextInt(1, 5),
                            "atBound",
                            random.nextBoolean() ? "done" : "fail");
            case "sub-workflow" ->
                    Map.of("workflow", "w", "version", 3, "wait", random.nextInt(4) != 0);
            case "end" -> Map.of("outcome", random.nextInt(3) == 0 ? "failed" : "succeeded");
            default -> Map.of();
        };
    }

    private static Map<String, Object> forEach(SplittableRandom random) {
        int parallelism = random.nextInt(1, 5);
        return switch (random.nextInt(4)) {
            case 0 -> Map.of("parallelism", parallelism);
            case 1 -> Map.of("parallelism", parallelism, "onItemError", "collect");
            case 2 ->
                    Map.of("parallelism", parallelism, "onItemError", "threshold", "threshold", 2);
            default ->
                    Map.of(
                            "parallelism",
                            parallelism,
                            "onItemError",
                            "threshold",
                            "thresholdUnit",
                            "percent",
                            "threshold",
                            50);
        };
    }

    private static void add(
            SplittableRandom random,
            List<Node> nodes,
            List<Edge> edges,
            int from,
            int to,
            String port) {
        var type = CATALOGUE.find(nodes.get(from).type()).orElseThrow();
        var ports = new ArrayList<>(ways(nodes.get(from)));
        if (type.hasPort(nodes.get(from), Ports.ERROR) && random.nextInt(3) == 0) {
            ports.add(Ports.ERROR);
        }
        var by = port != null ? port : ports.get(random.nextInt(ports.size()));
        edges.add(new Edge(nodes.get(from).key(), by, nodes.get(to).key()));
    }

    /** The ports by which a node leads on, outside the rounds of a loop. */
    static List<String> ways(Node node) {
        var type = CATALOGUE.find(node.type()).orElseThrow();
        return type.portsOf(node).stream()
                .map(Port::name)
                .filter(port -> !port.equals(Ports.EACH))
                .toList();
    }
}
