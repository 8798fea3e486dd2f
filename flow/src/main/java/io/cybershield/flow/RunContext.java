package io.cybershield.flow;

import io.cybershield.engine.Edge;
import io.cybershield.engine.Node;
import io.cybershield.engine.Payload;
import io.cybershield.engine.RunState;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.engine.WorkflowDefinition;
import io.cybershield.flow.Description.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What expressions, transforms and places of a run can see: {@code trigger, steps.<key>.output,
 * vars, run, tenant}. Secrets are not among it.
 */
public final class RunContext {
    private final Map<String, Object> values;

    private RunContext(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * @param step id of the step that looks: inside a round it sees the round's steps first
     */
    public static RunContext of(
            RunState state,
            String step,
            WorkflowDefinition definition,
            long number,
            String workflowName,
            String tenant) {
        return of(state, step, definition, number, workflowName, tenant, new Seen());
    }

    /**
     * Data of one run that was made ready for expressions once, for whoever looks at many steps.
     */
    public static final class Seen {
        private final Map<Object, Object> plain = new IdentityHashMap<>();
        private PayloadReading reading = new PayloadReading(PayloadSource.NONE);

        public Seen() {}

        public Seen(PayloadSource payloads) {
            reading = new PayloadReading(payloads);
        }

        private Object plain(Map<String, @Nullable Object> data, String label) {
            return plain.computeIfAbsent(data, _ -> PayloadView.of(data, label, reading));
        }
    }

    /**
     * As above.
     *
     * @param known of the same run; for one thread at a time
     */
    public static RunContext of(
            RunState state,
            String step,
            WorkflowDefinition definition,
            long number,
            String workflowName,
            String tenant,
            Seen known) {
        known.reading.begin();
        var steps = new LinkedHashMap<String, Object>();
        var seen = state.seenFrom(step);
        seen.forEach((key, one) ->
                steps.put(
                        key,
                        Map.of(
                                "output", known.plain(one.output(), "steps." + key + ".output"),
                                "port", one.port() == null ? "" : one.port(),
                                "state", wire(one.status()))));
        var values = new LinkedHashMap<String, Object>();
        values.put("trigger", known.plain(state.input(), "trigger"));
        values.put("steps", steps);
        values.put("vars", variables(seen, definition, known.reading));
        values.put("run", Map.of("id", state.run(), "number", number, "workflow", workflowName));
        values.put("tenant", Map.of("id", tenant));
        state.roundOf(step)
                .ifPresent(round -> {
                    values.put("item", item(round.item(), known.reading));
                    values.put("index", (long) round.index());
                });
        return new RunContext(values);
    }

    /** Of a trigger's filter: no run is there yet. */
    public static Map<String, Object> ofTrigger(Map<String, ?> input) {
        return Map.of(
                "trigger",
                Expressions.plain(input),
                "steps",
                Map.of(),
                "vars",
                Map.of(),
                "run",
                Map.of(),
                "tenant",
                Map.of());
    }

    /** As the wire and expressions spell it. */
    public static String wire(StepStatus status) {
        return status.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The last value of each variable. Which one is last follows from the drawing, not from clocks:
     * a node further along it wins, and among nodes side by side the one with the greater key.
     */
    private static Map<String, Object> variables(
            Map<String, StepState> seen, WorkflowDefinition definition, PayloadReading reading) {
        var found = new LinkedHashMap<String, Object>();
        Map<String, Integer> depths = null;
        var writers = new ArrayList<StepState>();
        for (StepState step : seen.values()) {
            if (step.status() == StepStatus.SUCCEEDED
                    && definition
                            .find(step.key())
                            .filter(node -> node.type().equals(Evaluation.SET))
                            .isPresent()) {
                writers.add(step);
            }
        }
        if (writers.size() > 1) {
            depths = depths(definition);
            var order = depths;
            writers.sort((a, b) -> {
                int deeper =
                        Integer.compare(
                                order.getOrDefault(a.key(), 0), order.getOrDefault(b.key(), 0));
                return deeper != 0 ? deeper : a.key().compareTo(b.key());
            });
        }
        for (StepState writer : writers) {
            for (var entry : writer.output().entrySet()) {
                if (entry.getValue() instanceof Payload payload
                        && payload.kind() == Payload.Kind.MEMBERS) {
                    try {
                        found.putAll(
                                new PayloadView.Fields(payload, 0, "vars", reading, false).whole());
                    } catch (Budget.Spent e) {
                        return new PayloadView.Unreadable("vars", e);
                    }
                } else if (entry.getValue() != null) {
                    found.put(entry.getKey(), entry.getValue());
                }
            }
        }
        return PayloadView.of(found, "vars", reading);
    }

    private static Object item(@Nullable Object item, PayloadReading reading) {
        if (item instanceof Payload.Item(var payload, var offset, var index)) {
            return reading.itemOrProblem(payload, offset, index);
        }
        return Expressions.plain(item);
    }

    /** The longest way to each node; an edge back into a loop does not count. */
    private static Map<String, Integer> depths(WorkflowDefinition definition) {
        var into = new HashMap<String, List<String>>();
        for (Edge edge : definition.edges()) {
            into.computeIfAbsent(edge.to(), _ -> new ArrayList<>()).add(edge.from());
        }
        var depths = new HashMap<String, Integer>();
        for (Node node : definition.nodes()) {
            depth(node.key(), into, depths, new HashSet<>());
        }
        return depths;
    }

    private static int depth(
            String key,
            Map<String, List<String>> into,
            Map<String, Integer> depths,
            Set<String> open) {
        Integer known = depths.get(key);
        if (known != null) {
            return known;
        }
        if (!open.add(key)) {
            return 0;
        }
        int deepest = 0;
        for (String from : into.getOrDefault(key, List.of())) {
            deepest = Math.max(deepest, 1 + depth(from, into, depths, open));
        }
        open.remove(key);
        depths.put(key, deepest);
        return deepest;
    }

    public Map<String, Object> values() {
        return values;
    }

    /**
     * A node's configuration with every place filled in, as it may be kept and shown: the places of
     * secrets stay as they are written, and so do expressions.
     *
     * @throws TextTemplate.NoValue if a place has no value
     */
    public Map<String, @Nullable Object> render(Node node, Description kind)
            throws TextTemplate.NoValue {
        return render(node, kind, new TextTemplate.Disclosure.Hidden());
    }

    /**
     * A node's configuration for the call itself.
     *
     * @param config with secrets: never to be kept, shown or logged
     * @param scrubber takes the secrets out of what comes back
     */
    public record ForCall(Map<String, @Nullable Object> config, Scrubber scrubber) {
        @Override
        public String toString() {
            return "ForCall[...]";
        }
    }

    /**
     * The same with secrets.
     *
     * @throws TextTemplate.NoValue if a place has no value, or there is no such secret
     */
    public ForCall renderForCall(Node node, Description kind, Secrets secrets)
            throws TextTemplate.NoValue {
        var scrubber = new Scrubber();
        return new ForCall(
                render(node, kind, new TextTemplate.Disclosure.Revealed(secrets, scrubber)),
                scrubber);
    }

    private Map<String, @Nullable Object> render(
            Node node, Description kind, TextTemplate.Disclosure disclosure)
            throws TextTemplate.NoValue {
        Set<String> verbatim = kind.verbatim();
        var rendered = new LinkedHashMap<String, @Nullable Object>();
        for (var entry : node.config().entrySet()) {
            rendered.put(
                    entry.getKey(),
                    verbatim.contains(entry.getKey())
                            ? entry.getValue()
                            : render(entry.getValue(), kind.field(entry.getKey()), disclosure));
        }
        return rendered;
    }

    private @Nullable Object render(
            @Nullable Object value, Field field, TextTemplate.Disclosure disclosure)
            throws TextTemplate.NoValue {
        switch (value) {
            case String text -> {
                Payload payload = field.streamed() ? TextTemplate.payload(text, values) : null;
                return payload != null
                        ? payload
                        : TextTemplate.fill(text, values, field, disclosure);
            }
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<String, @Nullable Object>();
                for (var entry : map.entrySet()) {
                    copy.put(
                            entry.getKey().toString(), render(entry.getValue(), field, disclosure));
                }
                return copy;
            }
            case List<?> list -> {
                var copy = new ArrayList<@Nullable Object>();
                for (Object item : list) {
                    copy.add(render(item, field, disclosure));
                }
                return copy;
            }
            case null, default -> {
                return value;
            }
        }
    }
}
