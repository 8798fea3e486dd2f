package io.cybershield.flow;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Holds what a test fills in against a task's form, as the server holds what a person fills in. */
final class TaskForm {
    /** Loads nothing: a form refers to itself only. */
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_2020_12,
                    builder -> builder.schemaLoader(loader -> loader.fetchRemoteResources(false)));

    private TaskForm() {}

    /** What does not fit; a form that is blank, or is no schema, takes everything. */
    static List<String> problems(@Nullable Object form, Map<String, @Nullable Object> fields) {
        if (!(form instanceof String schema) || schema.isBlank()) {
            return List.of();
        }
        try {
            return REGISTRY
                    .getSchema(schema, InputFormat.JSON)
                    .validate(JsonText.of(fields), InputFormat.JSON)
                    .stream()
                    .limit(10)
                    .map(e -> e.getInstanceLocation() + " " + e.getMessage())
                    .toList();
        } catch (SchemaException e) {
            return List.of(); // told where the drawing is checked
        }
    }
}
