package io.cybershield.flow;

import io.cybershield.engine.Event;
import io.cybershield.engine.Node;
import io.cybershield.engine.Outcome;
import io.cybershield.engine.Ports;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Computes the steps that only look at the run's data: conditions, variables, transforms, waits.
 */
public final class Evaluation {
    public static final String CONDITION = "condition";
    public static final String SET = "set";
    public static final String TRANSFORM = "transform";
    public static final String WAIT = "wait";
    public static final String SWITCH = "switch";
    public static final String FOR_EACH = "for-each";
    public static final String WHILE = "while";
    public static final String END = "end";

    private final Expressions expressions;

    public Evaluation(Expressions expressions) {
        this.expressions = expressions;
    }

    /**
     * What a pure step comes to. Never throws: what cannot be computed is the step's failure.
     *
     * @param config the node's, rendered
     */
    @SuppressWarnings(
            "NullAway") // an output may hold null; the engine's type says so only in its source
    public Event evaluate(
            Node node,
            Map<String, @Nullable Object> config,
            RunContext context,
            String step,
            long epoch,
            Instant at) {
        try {
            return switch (node.type()) {
                case CONDITION -> {
                    boolean answer =
                            expressions.test(
                                    String.valueOf(config.get("expression")), context.values());
                    yield new Event.StepEvaluated(
                            at, step, epoch, answer ? "true" : "false", Map.of("answer", answer));
                }
                case SET ->
                        new Event.StepEvaluated(at, step, epoch, "out", variables(config, context));
                case TRANSFORM ->
                        new Event.StepEvaluated(
                                at,
                                step,
                                epoch,
                                "out",
                                Transforms.apply(
                                        String.valueOf(config.get("expression")),
                                        context.values()));
                case SWITCH ->
                        new Event.StepEvaluated(at, step, epoch, choose(config, context), Map.of());
                case FOR_EACH ->
                        new Event.ItemsListed(
                                at,
                                step,
                                epoch,
                                expressions.items(
                                        String.valueOf(config.get("items")), context.values()));
                case WHILE ->
                        new Event.StepEvaluated(
                                at,
                                step,
                                epoch,
                                expressions.test(
                                                String.valueOf(config.get("condition")),
                                                context.values())
                                        ? Ports.EACH
                                        : Ports.DONE,
                                Map.of());
                case END ->
                        new Event.StepEvaluated(at, step, epoch, "", object(config.get("result")));
                case WAIT -> Waits.planned(config, step, epoch, at);
                default ->
                        new Event.EvaluationFailed(
                                at,
                                step,
                                epoch,
                                "There is no way to compute a node of type '" + node.type() + "'.");
            };
        } catch (Expressions.BadExpression | IllegalArgumentException e) {
            return new Event.EvaluationFailed(at, step, epoch, String.valueOf(e.getMessage()));
        }
    }

    /** See {@link RetryCondition}. */
    public Outcome judged(Node node, Outcome outcome, RunContext context, int attempt) {
        return RetryCondition.judged(node, outcome, context, attempt, expressions);
    }

    /** The port of the first case that holds. */
    private String choose(Map<String, @Nullable Object> config, RunContext context)
            throws Expressions.BadExpression {
        if (config.get("cases") instanceof List<?> cases) {
            for (Object one : cases) {
                if (one instanceof Map<?, ?> map
                        && expressions.test(String.valueOf(map.get("when")), context.values())) {
                    return String.valueOf(map.get("name"));
                }
            }
        }
        return Ports.DEFAULT;
    }

    private static Map<String, @Nullable Object> object(@Nullable Object value) {
        var copy = new LinkedHashMap<String, @Nullable Object>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, inner) -> copy.put(key.toString(), inner));
        }
        return copy;
    }

    private Map<String, @Nullable Object> variables(
            Map<String, @Nullable Object> config, RunContext context)
            throws Expressions.BadExpression {
        var found = new LinkedHashMap<String, @Nullable Object>();
        if (config.get("vars") instanceof Map<?, ?> vars) {
            for (var entry : vars.entrySet()) {
                found.put(
                        entry.getKey().toString(),
                        expressions.value(String.valueOf(entry.getValue()), context.values()));
            }
        }
        return found;
    }
}
