package io.cybershield.flow;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Severity;
import io.cybershield.engine.Validation;
import io.cybershield.flow.Description.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says everything that is wrong with a drawing: the engine's rules, each node's schema, each
 * expression, transform and place, and each reference to data that there is not.
 */
public final class DrawingCheck {
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String RETRY_ON = "retryOn";
    private static final Set<String> OF_FAILURE = Set.of("reason", "retryable", "attempt");
    private static final List<String> WAITED_FOR = List.of("seconds", "until", "signal");
    private static final List<String> OF_STEP = List.of("output", "port", "state");
    private final Descriptions kinds;
    private final Expressions expressions;
    private final Map<String, Schema> compiled = new ConcurrentHashMap<>();
    private final Map<String, JsonNode> outputs = new ConcurrentHashMap<>();

    public DrawingCheck(Descriptions kinds, Expressions expressions) {
        this.kinds = kinds;
        this.expressions = expressions;
    }

    /**
     * @param node key of the node meant; null for an edge or the whole
     * @param edge index of the edge meant in the drawing as given
     * @param severity {@code error} stands in the way of publishing, {@code warning} does not
     */
    @io.swagger.v3.oas.annotations.media.Schema(name = "WorkflowProblem")
    public record Finding(
            @Nullable String node,
            @Nullable Integer edge,
            @io.swagger.v3.oas.annotations.media.Schema(allowableValues = {"error", "warning"})
                    String severity,
            String code,
            String message,
            String mend) {}

    public List<Finding> check(Drawing drawing) {
        var found = new ArrayList<Finding>();
        for (var problem : Validation.problems(drawing.definition(), kinds.catalogue())) {
            found.add(
                    new Finding(
                            problem.node(),
                            problem.edge() == null ? null : drawing.indexOf(problem.edge()),
                            problem.severity() == Severity.ERROR ? "error" : "warning",
                            problem.code(),
                            problem.message(),
                            problem.mend()));
        }
        for (Drawing.Box box : drawing.nodes()) {
            kinds.find(box.type())
                    .ifPresent(kind -> new OneNode(drawing, box, kind, found).check());
        }
        return found;
    }

    private final class OneNode {
        private final Drawing drawing;
        private final Drawing.Box box;
        private final Description kind;
        private final List<Finding> found;

        OneNode(Drawing drawing, Drawing.Box box, Description kind, List<Finding> found) {
            this.drawing = drawing;
            this.box = box;
            this.kind = kind;
            this.found = found;
        }

        void check() {
            Schema schema =
                    compiled.computeIfAbsent(
                            box.type(),
                            _ -> SCHEMAS.getSchema(kind.configSchema(), InputFormat.JSON));
            for (var error :
                    schema.validate(JSON.writeValueAsString(box.config()), InputFormat.JSON)) {
                String place = error.getInstanceLocation().toString();
                error(
                        "setting-not-valid",
                        "'"
                                + box.name()
                                + "'"
                                + (place.isEmpty() || place.equals("/") ? "" : " at " + place)
                                + ": "
                                + error.getMessage()
                                + ".",
                        "Open the node and change the setting.");
            }
            var retry = box.retry();
            if (retry != null && retry.retryOn() != null) {
                cel(RETRY_ON, retry.retryOn());
            }
            if (box.exemption() != null && !kind.type().destructive()) {
                found.add(
                        new Finding(
                                box.key(),
                                null,
                                "warning",
                                "needless-exemption",
                                "'"
                                        + box.name()
                                        + "' says why it needs no approval, but destroys nothing.",
                                "Take the exemption away."));
            }
            if (box.type().equals(Evaluation.WAIT)
                    && WAITED_FOR.stream().allMatch(key -> isMissing(box.config().get(key)))) {
                error(
                        "setting-not-valid",
                        "'" + box.name() + "' would wait for ever.",
                        "Say how long, until when, or for which signal.");
            }
            box.config()
                    .forEach((key, value) -> {
                        if (kind.expressions().contains(key)) {
                            cel(key, value);
                        } else if (kind.field(key).jsonata()) {
                            jsonata(key, value);
                        } else {
                            templates(key, value, kind.field(key));
                        }
                    });
        }

        private static boolean isMissing(@Nullable Object value) {
            return value == null || value instanceof String text && text.isBlank();
        }

        private void cel(String key, @Nullable Object value) {
            if (value instanceof List<?> parts) { // cases of a switch, stages of an approval
                for (Object one : parts) {
                    if (one instanceof Map<?, ?> map) {
                        cel(key + "/" + map.get("name"), map.get("when"));
                        cel(key + "/" + map.get("name"), map.get("expression"));
                    }
                }
            } else if (value instanceof Map<?, ?> map) {
                map.forEach((name, inner) -> cel(key + "/" + name, inner));
            } else if (value instanceof String text && !text.isBlank()) {
                var problem = expressions.problem(text);
                if (problem.isPresent()) {
                    error(
                            "expression-not-valid",
                            place(key) + problem.get(),
                            "Write a CEL expression over trigger, steps, vars, run or tenant.");
                } else {
                    references(key, Mentions.inCel(text));
                }
            }
        }

        private void jsonata(String key, @Nullable Object value) {
            if (value instanceof String text && !text.isBlank()) {
                var problem = Transforms.problem(text);
                if (problem.isPresent()) {
                    error(
                            "transform-not-valid",
                            place(key) + problem.get(),
                            "Write a JSONata expression over trigger, steps, vars, run or tenant.");
                } else {
                    references(key, Mentions.inJsonata(text));
                    if (text.matches("(?s).*(?<![\\w.$`\"'])secrets\\s*\\..*")) {
                        error(
                                "secret-not-here",
                                place(key) + "a transform cannot see secrets.",
                                "Use {{ secrets.name }} in a setting that is sent, such as a"
                                        + " header.");
                    }
                }
            }
        }

        private void templates(String key, @Nullable Object value, Field field) {
            switch (value) {
                case String text -> {
                    for (String why : TextTemplate.problems(text, field)) {
                        error(
                                why.contains("secret") ? "secret-not-here" : "place-not-valid",
                                place(key) + why,
                                "Name a value of trigger, steps, vars, run or tenant.");
                    }
                    TextTemplate.paths(text)
                            .forEach((path, guarded) -> {
                                if (!guarded && !path.contains("?")) {
                                    references(key, List.of(names(path)));
                                }
                            });
                }
                case Map<?, ?> map ->
                        map.forEach((inner, v) -> templates(key + "/" + inner, v, field));
                case List<?> list -> list.forEach(v -> templates(key, v, field));
                case null, default -> {}
            }
        }

        private static List<String> names(String path) {
            int index = path.indexOf('[');
            return List.of((index < 0 ? path : path.substring(0, index)).split("\\."));
        }

        private void references(String key, Collection<List<String>> mentions) {
            for (List<String> path : Set.copyOf(mentions)) {
                String whole = String.join(".", path);
                switch (path.getFirst()) {
                    case "trigger" -> trigger(key, path, whole);
                    case "steps" -> step(key, path, whole);
                    case "vars" -> variable(key, path, whole);
                    case "run" ->
                            known(key, whole, path, 1, Set.of("id", "number", "workflow"), "a run");
                    case "tenant" -> known(key, whole, path, 1, Set.of("id"), "a tenant");
                    case RetryCondition.FAILURE -> {
                        if (key.equals(RETRY_ON)) {
                            known(key, whole, path, 1, OF_FAILURE, "a failure");
                        } else {
                            error(
                                    "unknown-field",
                                    place(key)
                                            + "'failure' is known only where a node is asked"
                                            + " whether to try again.",
                                    "Use steps.<key>.output.error behind the port 'error'.");
                        }
                    }
                    default -> {}
                }
            }
        }

        /** A name that no trigger of the workflow brings. */
        private void trigger(String key, List<String> path, String whole) {
            var triggers =
                    drawing.nodes().stream()
                            .map(b -> kinds.find(b.type()))
                            .flatMap(Optional::stream)
                            .filter(d -> d.type().behaviour() == NodeType.Behaviour.START)
                            .toList();
            Unknown unknown = null;
            for (Description trigger : triggers) {
                unknown = unknown(trigger, path, 1);
                if (unknown == null) {
                    return;
                }
            }
            if (unknown != null) {
                unknownField(key, whole, unknown, "what starts this workflow");
            }
        }

        private void step(String key, List<String> path, String whole) {
            if (path.size() < 3) {
                return;
            }
            if (!path.get(2).equals("output")) {
                known(key, whole, path, 2, new TreeSet<>(OF_STEP), "a step");
                return;
            }
            drawing.nodes().stream()
                    .filter(b -> b.key().equals(path.get(1)))
                    .findFirst()
                    .ifPresent(b -> {
                        if (b.type().equals(Evaluation.SET)) {
                            known(key, whole, path, 3, written(b), "step '" + b.key() + "'");
                            return;
                        }
                        var description = kinds.find(b.type());
                        Unknown unknown =
                                description.isEmpty() ? null : unknown(description.get(), path, 3);
                        if (unknown != null) {
                            unknownField(key, whole, unknown, "step '" + b.key() + "'");
                        }
                    });
        }

        private void variable(String key, List<String> path, String whole) {
            var names = new TreeSet<String>();
            drawing.nodes().stream()
                    .filter(b -> b.type().equals(Evaluation.SET))
                    .forEach(b -> names.addAll(written(b)));
            if (path.size() > 1 && !names.contains(path.get(1))) {
                error(
                        "unknown-variable",
                        place(key)
                                + "'"
                                + whole
                                + "': no node sets the variable '"
                                + path.get(1)
                                + "'.",
                        names.isEmpty()
                                ? "Add a node 'Set variables' that sets it."
                                : "Use one of: " + String.join(", ", names) + ".");
            }
        }

        private static Set<String> written(Drawing.Box box) {
            var names = new TreeSet<String>();
            if (box.config().get("vars") instanceof Map<?, ?> vars) {
                vars.keySet().forEach(name -> names.add(name.toString()));
            }
            return names;
        }

        private void known(
                String key, String whole, List<String> path, int at, Set<String> names, String of) {
            if (path.size() > at && !names.contains(path.get(at))) {
                unknownField(key, whole, new Unknown(path.get(at), new TreeSet<>(names)), of);
            }
        }

        private void unknownField(String key, String whole, Unknown unknown, String of) {
            error(
                    "unknown-field",
                    place(key)
                            + "'"
                            + whole
                            + "' names '"
                            + unknown.name()
                            + "', which "
                            + of
                            + " does not have.",
                    "Use one of: " + String.join(", ", unknown.instead()) + ".");
        }

        private String place(String key) {
            return "'" + box.name() + "', setting '" + key + "': ";
        }

        private void error(String code, String message, String mend) {
            found.add(new Finding(box.key(), null, "error", code, message, mend));
        }
    }

    private record Unknown(String name, Set<String> instead) {}

    /** The first name of a path that a closed schema does not have; null when all may be there. */
    private @Nullable Unknown unknown(Description kind, List<String> path, int from) {
        if (kind.outputSchema() == null) {
            return null;
        }
        JsonNode here =
                outputs.computeIfAbsent(kind.type().key(), _ -> JSON.readTree(kind.outputSchema()));
        for (int i = from; i < path.size(); i++) {
            JsonNode properties = here.path("properties");
            if (properties.has(path.get(i))) {
                here = properties.get(path.get(i));
            } else if (here.path("additionalProperties").isBoolean()
                    && !here.path("additionalProperties").asBoolean()) {
                return new Unknown(path.get(i), new TreeSet<>(properties.propertyNames()));
            } else {
                return null;
            }
        }
        return null;
    }
}
