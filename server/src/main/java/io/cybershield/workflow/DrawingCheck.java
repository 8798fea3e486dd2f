package io.cybershield.workflow;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.cybershield.connector.Connector.Description;
import io.cybershield.engine.Severity;
import io.cybershield.engine.Validation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says everything that is wrong with a drawing: the engine's rules, each node's schema, each
 * expression and template.
 */
@Component
final class DrawingCheck {
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final NodeKinds kinds;
    private final Expressions expressions;
    private final JsonMapper json;
    private final Map<String, Schema> compiled = new ConcurrentHashMap<>();

    DrawingCheck(NodeKinds kinds, Expressions expressions, JsonMapper json) {
        this.kinds = kinds;
        this.expressions = expressions;
        this.json = json;
    }

    /**
     * @param node key of the node meant; null for an edge or the whole
     * @param edge index of the edge meant in the drawing as given
     * @param severity {@code error} stands in the way of publishing, {@code warning} does not
     */
    @io.swagger.v3.oas.annotations.media.Schema(name = "WorkflowProblem")
    record Finding(
            @Nullable String node,
            @Nullable Integer edge,
            @io.swagger.v3.oas.annotations.media.Schema(allowableValues = {"error", "warning"})
                    String severity,
            String code,
            String message,
            String mend) {}

    List<Finding> check(Drawing drawing) {
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
            kinds.find(box.type()).ifPresent(kind -> configuration(box, kind, found));
        }
        return found;
    }

    private void configuration(Drawing.Box box, Description kind, List<Finding> found) {
        Schema schema =
                compiled.computeIfAbsent(
                        box.type(), _ -> SCHEMAS.getSchema(kind.configSchema(), InputFormat.JSON));
        for (var error : schema.validate(json.writeValueAsString(box.config()), InputFormat.JSON)) {
            String place = error.getInstanceLocation().toString();
            found.add(
                    error(
                            box,
                            "setting-not-valid",
                            "'"
                                    + box.name()
                                    + "'"
                                    + (place.isEmpty() || place.equals("/") ? "" : " at " + place)
                                    + ": "
                                    + error.getMessage()
                                    + ".",
                            "Open the node and change the setting."));
        }
        box.config()
                .forEach((key, value) -> {
                    if (value instanceof String text && kind.expressions().contains(key)) {
                        if (!text.isBlank()) {
                            expressions
                                    .problem(text)
                                    .ifPresent(why ->
                                            found.add(
                                                    error(
                                                            box,
                                                            "expression-not-valid",
                                                            "'"
                                                                    + box.name()
                                                                    + "', setting '"
                                                                    + key
                                                                    + "': "
                                                                    + why,
                                                            "Write a CEL expression over trigger,"
                                                                    + " steps, run or tenant.")));
                        }
                    } else {
                        templates(box, key, value, found);
                    }
                });
    }

    private static void templates(
            Drawing.Box box, String key, @Nullable Object value, List<Finding> found) {
        switch (value) {
            case String text ->
                    TextTemplate.problems(text)
                            .forEach(why ->
                                    found.add(
                                            error(
                                                    box,
                                                    "place-not-valid",
                                                    "'"
                                                            + box.name()
                                                            + "', setting '"
                                                            + key
                                                            + "': "
                                                            + why,
                                                    "Name a value of trigger, steps, run or"
                                                            + " tenant.")));
            case Map<?, ?> map ->
                    map.forEach((inner, v) -> templates(box, key + "/" + inner, v, found));
            case List<?> list -> list.forEach(v -> templates(box, key, v, found));
            case null, default -> {}
        }
    }

    private static Finding error(Drawing.Box box, String code, String message, String mend) {
        return new Finding(box.key(), null, "error", code, message, mend);
    }
}
