package io.cybershield.workflow;

import io.cybershield.engine.Drawings;
import io.cybershield.engine.Edge;
import io.cybershield.engine.Node;
import io.cybershield.engine.Redrawing;
import io.cybershield.engine.RetryPolicy;
import io.cybershield.engine.WorkflowDefinition;
import io.cybershield.flow.Drawing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The engine's random drawings, with settings of the product's node types. */
final class SimulatedDrawings {
    private final SplittableRandom random;
    private final UUID child;

    /**
     * @param child the workflow that sub-workflow nodes start, in its version 1
     */
    SimulatedDrawings(SplittableRandom random, UUID child) {
        this.random = random;
        this.child = child;
    }

    /** A version of a workflow, as it was drawn and as the product has it. */
    record Version(WorkflowDefinition drawn, Drawing drawing) {}

    Version first(String name, int most) {
        return version(name, Drawings.sound(random, most), Map.of());
    }

    /** A few changes; equal to what it was given where none could be found. */
    Version redrawn(Version before) {
        var boxes = new HashMap<Node, Drawing.Box>();
        for (int i = 0; i < before.drawn().nodes().size(); i++) {
            boxes.put(before.drawn().nodes().get(i), before.drawing().nodes().get(i));
        }
        return version(before.drawing().name(), Redrawing.of(random, before.drawn()), boxes);
    }

    /**
     * @param same boxes of nodes that the version before had already
     */
    private Version version(String name, WorkflowDefinition drawn, Map<Node, Drawing.Box> same) {
        var nodes = new ArrayList<Drawing.Box>();
        for (Node node : drawn.nodes()) {
            var before = same.get(node);
            nodes.add(before == null ? box(node) : before);
        }
        return new Version(drawn, drawing(name, drawn, nodes));
    }

    private static Drawing drawing(String name, WorkflowDefinition drawn, List<Drawing.Box> nodes) {
        var settings = drawn.settings();
        return new Drawing(
                name,
                "",
                nodes,
                drawn.edges().stream().map(SimulatedDrawings::arrow).toList(),
                new Drawing.Settings(
                        seconds(settings.deadline()),
                        seconds(settings.closing()),
                        settings.keepOnFailure(),
                        settings.errorWorkflow()));
    }

    private static Drawing.Arrow arrow(Edge edge) {
        return new Drawing.Arrow(edge.from(), edge.port(), edge.to());
    }

    private Drawing.Box box(Node node) {
        return new Drawing.Box(
                node.key(),
                node.type().equals("trigger") ? NodeKinds.MANUAL_TRIGGER : node.type(),
                node.name(),
                config(node),
                0,
                0,
                retry(node.retry()),
                seconds(node.timeout()),
                node.onError() == Node.OnError.CONTINUE ? "continue" : null,
                node.exemption());
    }

    private static @Nullable Long seconds(@Nullable Duration duration) {
        return duration == null ? null : duration.toSeconds();
    }

    private static Drawing.@Nullable Retry retry(RetryPolicy policy) {
        if (policy.maxAttempts() == 1) {
            return null;
        }
        return new Drawing.Retry(
                policy.maxAttempts(),
                (int) policy.firstDelay().toSeconds(),
                policy.factor() > 1 ? "exponential" : "fixed",
                (int) (policy.jitter() * 100),
                seconds(policy.within()),
                null);
    }

    private Map<String, @Nullable Object> config(Node node) {
        Map<String, @Nullable Object> config = new HashMap<>(node.config());
        switch (node.type()) {
            case "condition" ->
                    config.put(
                            "expression",
                            random.nextInt(20) == 0
                                    ? "trigger.missing.field"
                                    : "trigger.n % " + random.nextInt(2, 4) + " == 0");
            case "set" -> config.put("vars", Map.of("v" + random.nextInt(3), "trigger.n + 1"));
            case "wait" -> {
                config.put("seconds", random.nextInt(1, 90_000));
                if (random.nextBoolean()) {
                    config.put("signal", "ready");
                    if (random.nextInt(3) == 0) {
                        config.put("key", "{{ trigger.n }}");
                    }
                }
            }
            case "switch" ->
                    config.put(
                            "cases",
                            List.of(
                                    Map.of("name", "red", "when", "trigger.n % 3 == 0"),
                                    Map.of("name", "blue", "when", "trigger.n % 3 == 1")));
            case "for-each" ->
                    config.put("items", "trigger.items.filter(i, i != " + random.nextInt(6) + ")");
            case "while" ->
                    config.put(
                            "condition",
                            "!has(steps."
                                    + node.key()
                                    + ".output.rounds) || steps."
                                    + node.key()
                                    + ".output.rounds < "
                                    + random.nextInt(4));
            case "sub-workflow" -> {
                config.put("workflow", child.toString());
                config.put("version", 1);
                config.put("input", Map.of("n", "{{ trigger.n }}"));
            }
            case "approval", "task" -> config.put("title", "May it? {{ trigger.n }}");
            case "end" -> config.put("message", "Ended by {{ trigger.n }}");
            default -> config.put("what", "thing {{ trigger.n }}");
        }
        return switch (node.type()) {
            case "join", "finally", "trigger" -> node.config();
            default -> config;
        };
    }
}
