package io.cybershield.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A corpus of workflows broken on purpose, and of sound ones that must not be suspected. */
class BrokenWorkflowsTest {
    private static final int PER_WAY = 25;
    private static final int SOUND = 1_000;

    /** A way to break a sound drawing; empty where the drawing offers no place for it. */
    private interface Breaking {
        Optional<WorkflowDefinition> of(WorkflowDefinition sound, SplittableRandom random);
    }

    @Test
    void everyBrokenWorkflowIsCaughtBeforeItIsPublished() {
        int broken = 0;
        var missed = new ArrayList<String>();
        var unused = new ArrayList<String>();
        for (var way : ways().entrySet()) {
            int made = 0;
            for (long seed = 0; made < PER_WAY && seed < 2_000; seed++) {
                var random = new SplittableRandom(seed);
                var sound = Drawings.sound(random, 10);
                var drawing = way.getValue().of(sound, random);
                if (drawing.isEmpty()) {
                    continue;
                }
                made++;
                if (!isCaught(drawing.get(), sound)) {
                    missed.add(way.getKey() + ", seed " + seed + ": " + drawing.get().edges());
                }
            }
            if (made == 0) {
                unused.add(way.getKey());
            }
            broken += made;
        }
        assertThat(unused).isEmpty();
        assertThat(broken).isGreaterThan(400);
        assertThat(missed).isEmpty();
    }

    @Test
    void soundWorkflowsAreNotSuspected() {
        int suspected = 0;
        for (long seed = 0; seed < SOUND; seed++) {
            var sound = referring(Drawings.sound(new SplittableRandom(seed), 12));
            boolean alarm =
                    Validation.problems(sound, Drawings.CATALOGUE).stream()
                            .anyMatch(problem ->
                                    problem.severity() == Severity.ERROR
                                            || problem.code().startsWith("reference"));
            suspected += alarm ? 1 : 0;
        }
        assertThat(suspected).as("of %s", SOUND).isLessThanOrEqualTo(SOUND / 50);
    }

    /** An error, or a warning about a reference that the sound drawing did not raise. */
    private static boolean isCaught(WorkflowDefinition drawing, WorkflowDefinition sound) {
        long before = warnings(sound);
        return Validation.problems(drawing, Drawings.CATALOGUE).stream()
                        .anyMatch(problem -> problem.severity() == Severity.ERROR)
                || warnings(drawing) > before;
    }

    private static long warnings(WorkflowDefinition drawing) {
        return Validation.problems(drawing, Drawings.CATALOGUE).stream()
                .filter(problem -> problem.code().startsWith("reference"))
                .count();
    }

    /** Each node refers to the step before it where there is but one, and a round to its loop. */
    private static WorkflowDefinition referring(WorkflowDefinition drawn) {
        var graph = new Graph(drawn, Drawings.CATALOGUE);
        var nodes =
                drawn.nodes().stream()
                        .map(node -> {
                            var inputs = graph.forwardInto(node.key());
                            return inputs.size() == 1
                                    ? with(
                                            node,
                                            "seen",
                                            "steps." + inputs.getFirst().from() + ".output")
                                    : node;
                        })
                        .toList();
        return new WorkflowDefinition(drawn.name(), nodes, drawn.edges(), drawn.settings());
    }

    private static Map<String, Breaking> ways() {
        var ways = new TreeMap<String, Breaking>();
        ways.put(
                "circle",
                (sound, random) -> {
                    var graph = new Graph(sound, Drawings.CATALOGUE);
                    return pick(
                                    sound.edges().stream()
                                            .filter(edge -> !Graph.isAside(edge))
                                            .filter(edge -> !graph.leadsBack(edge))
                                            .filter(edge ->
                                                    !graph.isLoop(edge.from())
                                                            && !graph.isLoop(edge.to()))
                                            .filter(edge -> !graph.triggers().contains(edge.from()))
                                            .filter(edge -> !edge.from().equals("close"))
                                            .filter(edge -> !way(sound, edge.to()).isEmpty())
                                            .toList(),
                                    random)
                            .map(edge ->
                                    adding(
                                            sound,
                                            new Edge(
                                                    edge.to(),
                                                    way(sound, edge.to()),
                                                    edge.from())));
                });
        ways.put(
                "edge to nowhere",
                (sound, random) ->
                        pick(sound.edges(), random)
                                .map(edge ->
                                        adding(
                                                sound,
                                                new Edge(edge.from(), edge.port(), "nowhere"))));
        ways.put(
                "edge from a port that is not there",
                (sound, random) ->
                        pick(sound.edges(), random)
                                .map(edge ->
                                        adding(
                                                sound,
                                                new Edge(edge.from(), "sideways", edge.to()))));
        ways.put(
                "edge drawn twice",
                (sound, random) -> pick(sound.edges(), random).map(edge -> adding(sound, edge)));
        ways.put(
                "edge into the trigger",
                (sound, random) ->
                        pick(sound.nodes(), random)
                                .filter(node -> !way(sound, node.key()).isEmpty())
                                .map(node ->
                                        adding(
                                                sound,
                                                new Edge(
                                                        node.key(),
                                                        way(sound, node.key()),
                                                        "n0"))));
        ways.put(
                "node cut off",
                (sound, random) ->
                        pick(sound.edges(), random)
                                .filter(edge ->
                                        new Graph(sound, Drawings.CATALOGUE)
                                                        .forwardInto(edge.to())
                                                        .size()
                                                == 1)
                                .map(edge ->
                                        edges(
                                                sound,
                                                sound.edges().stream()
                                                        .filter(other -> !other.equals(edge))
                                                        .filter(other ->
                                                                !other.to().equals(edge.to()))
                                                        .toList())));
        ways.put(
                "unknown type",
                (sound, random) ->
                        pick(sound.nodes(), random)
                                .map(node ->
                                        nodes(
                                                sound,
                                                node,
                                                Node.of(node.key(), "teleport", Map.of()))));
        ways.put(
                "two nodes of one key",
                (sound, random) ->
                        pick(sound.nodes(), random).map(node -> nodes(sound, null, node)));
        ways.put(
                "key no expression can write",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(sound, null, Drawings.node("in-vain", "mail")),
                                        new Edge("n0", "out", "in-vain"))));
        ways.put(
                "no trigger",
                (sound, random) ->
                        Optional.of(
                                new WorkflowDefinition(
                                        sound.name(),
                                        sound.nodes().stream()
                                                .filter(node -> !node.type().equals("trigger"))
                                                .toList(),
                                        sound.edges(),
                                        sound.settings())));
        ways.put(
                "reference to a step that is not there",
                (sound, random) ->
                        pick(sound.nodes(), random)
                                .map(node ->
                                        nodes(
                                                sound,
                                                node,
                                                with(node, "v", "steps.ghost.output.x"))));
        ways.put(
                "reference to a later step",
                (sound, random) ->
                        pick(
                                        sound.edges().stream()
                                                .filter(edge ->
                                                        !new Graph(sound, Drawings.CATALOGUE)
                                                                .leadsBack(edge))
                                                .toList(),
                                        random)
                                .map(edge -> {
                                    var node = sound.find(edge.from()).orElseThrow();
                                    return nodes(
                                            sound,
                                            node,
                                            with(node, "v", "steps." + edge.to() + ".output.x"));
                                }));
        ways.put(
                "reference into a loop",
                (sound, random) -> {
                    var graph = new Graph(sound, Drawings.CATALOGUE);
                    return pick(List.copyOf(graph.loops()), random)
                            .flatMap(loop ->
                                    pick(
                                                    sound.nodes().stream()
                                                            .filter(node ->
                                                                    !graph.body(loop)
                                                                            .contains(node.key()))
                                                            .toList(),
                                                    random)
                                            .map(node ->
                                                    nodes(
                                                            sound,
                                                            node,
                                                            with(
                                                                    node,
                                                                    "v",
                                                                    "steps."
                                                                            + loop
                                                                            + "_0.output.x"))));
                });
        ways.put(
                "body entered from outside",
                (sound, random) ->
                        pick(List.copyOf(new Graph(sound, Drawings.CATALOGUE).loops()), random)
                                .map(loop -> adding(sound, new Edge("n0", "out", loop + "_0"))));
        ways.put(
                "body left by the side",
                (sound, random) -> {
                    var graph = new Graph(sound, Drawings.CATALOGUE);
                    return pick(List.copyOf(graph.loops()), random)
                            .filter(loop -> graph.loopAround(loop) == null)
                            .filter(loop -> !way(sound, loop + "_0").isEmpty())
                            .map(loop ->
                                    adding(
                                            nodes(sound, null, Drawings.node("after", "mail")),
                                            new Edge(loop, Ports.DONE, "after"),
                                            new Edge(
                                                    loop + "_0",
                                                    way(sound, loop + "_0"),
                                                    "after")));
                });
        ways.put(
                "loop without a body",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(sound, null, Drawings.node("idle", "for-each")),
                                        new Edge("n0", "out", "idle"))));
        ways.put(
                "destruction nobody approved",
                (sound, random) ->
                        pick(
                                        sound.nodes().stream()
                                                .filter(node -> !node.type().equals("approval"))
                                                .filter(node -> !way(sound, node.key()).isEmpty())
                                                .toList(),
                                        random)
                                .map(node ->
                                        adding(
                                                nodes(sound, null, Drawings.node("boom", "wipe")),
                                                new Edge("n0", "out", "boom"))));
        ways.put(
                "approval of nothing",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(sound, null, Drawings.node("idle", "approval")),
                                        new Edge("n0", "out", "idle"))));
        setting(ways, "parallelism of zero", "for-each", Map.of("parallelism", 0));
        setting(ways, "parallelism of a million", "for-each", Map.of("parallelism", 1_000_000));
        setting(ways, "no such mode on failure", "for-each", Map.of("onItemError", "shrug"));
        setting(
                ways,
                "more than all in percent",
                "for-each",
                Map.of("onItemError", "threshold", "thresholdUnit", "percent", "threshold", 101));
        setting(ways, "while without bound", "while", Map.of("maxRounds", 0));
        setting(ways, "switch without cases", "switch", Map.of());
        setting(
                ways,
                "two cases of one name",
                "switch",
                Map.of("cases", List.of(Map.of("name", "red"), Map.of("name", "red"))));
        setting(
                ways,
                "case named as an engine's port",
                "switch",
                Map.of("cases", List.of(Map.of("name", "error"))));
        setting(ways, "join of more than there are", "join", Map.of("mode", "count", "count", 99));
        setting(ways, "child without version", "sub-workflow", Map.of("workflow", "w"));
        setting(ways, "child of nobody", "sub-workflow", Map.of("version", 1));
        ways.put(
                "time of nothing",
                (sound, random) ->
                        pick(sound.nodes(), random)
                                .map(node -> nodes(sound, node, node.withTimeout(Duration.ZERO))));
        ways.put(
                "two stand-ins",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(
                                                sound,
                                                null,
                                                Drawings.node("x", "mail"),
                                                Drawings.node("y", "mail"),
                                                Drawings.node("z", "mail")),
                                        new Edge("n0", "out", "x"),
                                        new Edge("x", Ports.FALLBACK, "y"),
                                        new Edge("x", Ports.FALLBACK, "z"))));
        ways.put(
                "stand-in that leads on",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(
                                                sound,
                                                null,
                                                Drawings.node("x", "mail"),
                                                Drawings.node("y", "mail"),
                                                Drawings.node("z", "mail")),
                                        new Edge("n0", "out", "x"),
                                        new Edge("x", Ports.FALLBACK, "y"),
                                        new Edge("y", "out", "z"))));
        ways.put(
                "undo that is led to otherwise",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(
                                                sound,
                                                null,
                                                Drawings.node("x", "mail"),
                                                Drawings.node("y", "mail")),
                                        new Edge("n0", "out", "x"),
                                        new Edge("n0", "out", "y"),
                                        new Edge("x", Ports.UNDO, "y"))));
        ways.put(
                "undo by a person",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(
                                                sound,
                                                null,
                                                Drawings.node("x", "mail"),
                                                Drawings.node("y", "approval"),
                                                Drawings.node("z", "mail")),
                                        new Edge("n0", "out", "x"),
                                        new Edge("x", Ports.UNDO, "y"),
                                        new Edge("y", Ports.APPROVED, "z"))));
        ways.put(
                "two ways to close",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(
                                                sound,
                                                null,
                                                Drawings.node("f1", "finally"),
                                                Drawings.node("f2", "finally"),
                                                Drawings.node("x", "mail")),
                                        new Edge("f1", "out", "x"),
                                        new Edge("f2", "out", "x"))));
        ways.put(
                "closing step in the middle",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(
                                                sound,
                                                null,
                                                Drawings.node("f1", "finally"),
                                                Drawings.node("x", "mail")),
                                        new Edge("f1", "out", "x"),
                                        new Edge("n0", "out", "x"))));
        ways.put(
                "join of two ways out of one node",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(
                                                sound,
                                                null,
                                                Drawings.node("c", "condition"),
                                                Drawings.node("j", "join")),
                                        new Edge("n0", "out", "c"),
                                        new Edge("c", "true", "j"),
                                        new Edge("c", "false", "j"))));
        ways.put(
                "edge out of an end",
                (sound, random) ->
                        Optional.of(
                                adding(
                                        nodes(
                                                sound,
                                                null,
                                                Drawings.node("e", "end"),
                                                Drawings.node("x", "mail")),
                                        new Edge("n0", "out", "e"),
                                        new Edge("e", "out", "x"))));
        return ways;
    }

    private static void setting(
            Map<String, Breaking> ways, String name, String type, Map<String, Object> config) {
        ways.put(
                name,
                (sound, random) ->
                        pick(
                                        sound.nodes().stream()
                                                .filter(node -> node.type().equals(type))
                                                .toList(),
                                        random)
                                .map(node ->
                                        nodes(sound, node, Node.of(node.key(), type, config))));
    }

    private static <T> Optional<T> pick(List<T> list, SplittableRandom random) {
        return list.isEmpty()
                ? Optional.empty()
                : Optional.of(list.get(random.nextInt(list.size())));
    }

    private static String way(WorkflowDefinition drawing, String key) {
        var ways = Drawings.ways(drawing.find(key).orElseThrow());
        return ways.isEmpty() ? "" : ways.getFirst();
    }

    private static Node with(Node node, String setting, String text) {
        var config = new TreeMap<String, Object>(node.config());
        config.put(setting, text);
        return new Node(
                node.key(),
                node.type(),
                node.name(),
                config,
                node.retry(),
                node.timeout(),
                node.onError(),
                node.position());
    }

    private static WorkflowDefinition adding(WorkflowDefinition drawing, Edge... more) {
        var edges = new ArrayList<>(drawing.edges());
        edges.addAll(List.of(more));
        return edges(drawing, edges);
    }

    private static WorkflowDefinition edges(WorkflowDefinition drawing, List<Edge> edges) {
        return new WorkflowDefinition(drawing.name(), drawing.nodes(), edges, drawing.settings());
    }

    /** Without one node, when given, and with others. */
    private static WorkflowDefinition nodes(
            WorkflowDefinition drawing, Node without, Node... more) {
        var nodes = new ArrayList<Node>();
        var left = new HashSet<>(without == null ? List.of() : List.of(without));
        drawing.nodes().stream().filter(node -> !left.contains(node)).forEach(nodes::add);
        nodes.addAll(List.of(more));
        return new WorkflowDefinition(drawing.name(), nodes, drawing.edges(), drawing.settings());
    }
}
