package io.cybershield.workflow;

import io.cybershield.engine.Node;
import io.cybershield.engine.RunState;
import io.cybershield.platform.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What expressions and templates of a run can see: {@code trigger, steps.<key>.output, run, tenant,
 * item, index}.
 */
final class RunContext {
    private final Map<String, Object> values;

    private RunContext(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * @param step id of the step that looks: inside a round it sees the round's steps first, and
     *     {@code item} and {@code index}
     */
    static RunContext of(RunState state, String step, long number, String workflowName) {
        var steps = new LinkedHashMap<String, Object>();
        state.seenFrom(step)
                .forEach((key, seen) ->
                        steps.put(
                                key,
                                Map.of(
                                        "output", Expressions.plain(seen.output()),
                                        "port", seen.port() == null ? "" : seen.port(),
                                        "state", RunView.wire(seen.status()))));
        var values = new LinkedHashMap<String, Object>();
        values.put("trigger", Expressions.plain(state.input()));
        values.put("steps", steps);
        values.put("run", Map.of("id", state.run(), "number", number, "workflow", workflowName));
        values.put("tenant", Map.of("id", Scope.currentTenant().toString()));
        state.roundOf(step)
                .ifPresent(round -> {
                    values.put("item", Expressions.plain(round.item()));
                    values.put("index", (long) round.index());
                });
        return new RunContext(values);
    }

    Map<String, Object> values() {
        return values;
    }

    /**
     * A node's configuration with every template filled in; texts named as expressions stay as they
     * are.
     *
     * @throws TextTemplate.NoValue if a place has no value
     */
    Map<String, @Nullable Object> render(Node node, Set<String> expressions)
            throws TextTemplate.NoValue {
        var rendered = new LinkedHashMap<String, @Nullable Object>();
        for (var entry : node.config().entrySet()) {
            rendered.put(
                    entry.getKey(),
                    expressions.contains(entry.getKey())
                            ? entry.getValue()
                            : render(entry.getValue()));
        }
        return rendered;
    }

    private @Nullable Object render(@Nullable Object value) throws TextTemplate.NoValue {
        switch (value) {
            case String text -> {
                return TextTemplate.fill(text, values);
            }
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, @Nullable Object>();
                for (var entry : map.entrySet()) {
                    copy.put(entry.getKey().toString(), render(entry.getValue()));
                }
                return copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                for (Object item : list) {
                    copy.add(render(item));
                }
                return copy;
            }
            case null, default -> {
                return value;
            }
        }
    }
}
