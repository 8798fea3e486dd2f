package io.cybershield.platform;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.cybershield.platform.Problem.Place;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Forms that people fill in: JSON Schemas of what is asked for. */
@Component
public final class Forms {
    private static final int MOST_PLACES = 50;

    /** Loads nothing: a form refers to itself only. */
    private final SchemaRegistry registry =
            SchemaRegistry.withDefaultDialect(
                    SpecificationVersion.DRAFT_2020_12,
                    builder -> builder.schemaLoader(loader -> loader.fetchRemoteResources(false)));

    private final Schema meta;
    private final JsonMapper json;
    private final Cache<String, Schema> compiled = Caffeine.newBuilder().maximumSize(200).build();

    public Forms(JsonMapper json) {
        this.json = json;
        this.meta =
                registry.getSchema(
                        com.networknt.schema.SchemaLocation.of(
                                "https://json-schema.org/draft/2020-12/schema"));
    }

    /** Why a text is no form; blank is one that asks for nothing. */
    public Optional<String> problem(String schema) {
        if (schema.isBlank()) {
            return Optional.empty();
        }
        JsonNode tree;
        try {
            tree = json.readTree(schema);
        } catch (JacksonException e) {
            return Optional.of("It is no JSON: " + e.getOriginalMessage() + ".");
        }
        if (!tree.isObject() || !tree.path("type").asString("").equals("object")) {
            return Optional.of("It must be a schema whose \"type\" is \"object\".");
        }
        if (schema.contains("\"$ref\"")
                && tree.findValuesAsString("$ref").stream().anyMatch(r -> !r.startsWith("#"))) {
            return Optional.of("A \"$ref\" leads outside; only one that begins with # may stand.");
        }
        var errors = meta.validate(schema, InputFormat.JSON);
        if (!errors.isEmpty()) {
            var first = errors.getFirst();
            return Optional.of(
                    "It is no JSON Schema at "
                            + first.getInstanceLocation()
                            + ": "
                            + first.getMessage()
                            + ".");
        }
        try {
            of(schema);
            return Optional.empty();
        } catch (SchemaException e) {
            return Optional.of("It is no JSON Schema: " + e.getMessage());
        }
    }

    /** What of an input does not fit; a blank form takes everything. */
    public List<Place> problems(String schema, Map<String, @Nullable Object> input) {
        if (schema.isBlank()) {
            return List.of();
        }
        return of(schema).validate(json.writeValueAsString(input), InputFormat.JSON).stream()
                .limit(MOST_PLACES)
                .map(e -> new Place("#/input" + e.getInstanceLocation(), e.getMessage() + "."))
                .toList();
    }

    private Schema of(String schema) {
        return compiled.get(schema, text -> registry.getSchema(text, InputFormat.JSON));
    }
}
