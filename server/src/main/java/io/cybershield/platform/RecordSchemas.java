package io.cybershield.platform;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JavaType;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.Schema;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON Schemas off records as this server writes them: every component is there, null only
 * where the type says so. What a caller sends may leave the nullable ones out, and a record with
 * {@link JsonInclude} leaves them out itself.
 */
final class RecordSchemas implements ModelConverter {
    private static final String HOME = "#/components/schemas/";
    private static final Pattern CHOICE = Pattern.compile("[a-z0-9-]+(\\|[a-z0-9-]+)+");

    /**
     * Converters are the process's, and one of a kind: a second application in it, as tests have,
     * takes the place of the first one's.
     */
    private static final Map<String, Class<?>> RECORDS = new ConcurrentHashMap<>();

    @Override
    public @Nullable Schema<?> resolve(
            AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> chain) {
        JavaType java = Json.mapper().constructType(type.getType());
        Class<?> raw = java.getRawClass();
        if (raw == Object.class) {
            return new Schema<>();
        }
        if (raw == tools.jackson.databind.JsonNode.class) {
            return new Schema<>().types(Set.of("object")).additionalProperties(new Schema<>());
        }
        if (java.isMapLikeType() && java.getKeyType().isEnumType()) {
            return oneMemberEach(java, context);
        }
        if (!chain.hasNext()) {
            return null;
        }
        Schema<?> schema = chain.next().resolve(type, context, chain);
        if (schema != null && raw.isRecord()) {
            String name = schema.get$ref() == null ? schema.getName() : target(schema.get$ref());
            Class<?> other = name == null ? raw : RECORDS.putIfAbsent(name, raw);
            if (other != null && other != raw) {
                throw new IllegalStateException(
                        "The schemas of "
                                + other.getName()
                                + " and "
                                + raw.getName()
                                + " are both called "
                                + name
                                + ". Give one another name with @Schema(name = ...).");
            }
        }
        return schema;
    }

    /** Maps over an enum carry all of its constants. */
    private static Schema<?> oneMemberEach(JavaType map, ModelConverterContext context) {
        var schema = new Schema<Object>().types(Set.of("object"));
        for (Object key : map.getKeyType().getRawClass().getEnumConstants()) {
            String name = Json.mapper().convertValue(key, String.class);
            schema.addProperty(name, context.resolve(new AnnotatedType(map.getContentType())));
            schema.addRequiredItem(name);
        }
        return schema;
    }

    /** Adds a record that no controller shows. */
    void add(OpenAPI document, Class<?> type) {
        ModelConverters.getInstance(true)
                .readAll(type)
                .forEach(document.getComponents()::addSchemas);
    }

    void sayWhatMayBeMissing(OpenAPI document) {
        Map<String, Schema> schemas = document.getComponents().getSchemas();
        Set<String> asked = asked(document);
        schemas.forEach((name, schema) -> {
            Class<?> type = RECORDS.get(name);
            if (type != null) {
                var required = new ArrayList<String>();
                mark(type, schema, asked.contains(name), required);
                schema.setRequired(required.isEmpty() ? null : required);
            }
        });
    }

    private static void mark(
            Class<?> type, Schema<?> schema, boolean asked, List<String> required) {
        boolean leftOut = type.isAnnotationPresent(JsonInclude.class);
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
                mark(component.getType(), schema, asked, required);
                continue;
            }
            String name = component.getName();
            Schema<?> property = schema.getProperties().get(name);
            if (property == null) {
                throw new IllegalStateException(
                        type.getName() + "." + name + " is not in the schema of its record.");
            }
            choice(property);
            boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            if (nullable && !leftOut) {
                schema.getProperties().put(name, orNull(property));
            }
            if (!nullable || !(asked || leftOut)) {
                required.add(name);
            }
        }
    }

    /** A pattern that only lists words is an enumeration. */
    private static void choice(Schema<?> property) {
        String pattern = property.getPattern();
        if (pattern != null && CHOICE.matcher(pattern).matches()) {
            property.setPattern(null);
            property.setMinLength(null);
            setEnum(property, pattern.split("\\|"));
        }
    }

    @SuppressWarnings("unchecked") // the type parameter stands for the type of the enumeration
    private static void setEnum(Schema<?> property, String... values) {
        ((Schema<Object>) property).setEnum(new ArrayList<>(Arrays.asList(values)));
    }

    @SuppressWarnings({
        "unchecked",
        "NullAway"
    }) // the type parameter stands for the type of the enumeration, which may list null
    private static Schema<?> orNull(Schema<?> property) {
        if (property.get$ref() != null || property.getTypes() == null) {
            return new Schema<>().anyOf(List.of(property, new Schema<>().types(Set.of("null"))));
        }
        property.addType("null");
        if (property.getEnum() != null) {
            // Adding one by one, the library reads each as the type's own, and falls over null.
            var values = new ArrayList<Object>(property.getEnum());
            values.add(null);
            ((Schema<Object>) property).setEnum(values);
        }
        return property;
    }

    /** Names of all that a request body leads to. */
    private static Set<String> asked(OpenAPI document) {
        var names = new HashSet<String>();
        document.getPaths().values().stream()
                .flatMap(path -> path.readOperations().stream())
                .map(Operation::getRequestBody)
                .filter(body -> body != null && body.getContent() != null)
                .map(io.swagger.v3.oas.models.parameters.RequestBody::getContent)
                .map(Content::values)
                .forEach(all ->
                        all.forEach(media ->
                                follow(
                                        media.getSchema(),
                                        document.getComponents().getSchemas(),
                                        names)));
        return names;
    }

    private static void follow(
            @Nullable Schema<?> schema, Map<String, Schema> all, Set<String> names) {
        if (schema == null) {
            return;
        }
        if (schema.get$ref() != null) {
            String name = target(schema.get$ref());
            if (names.add(name)) {
                follow(all.get(name), all, names);
            }
        }
        follow(schema.getItems(), all, names);
        new LinkedHashMap<>(schema.getProperties() == null ? Map.of() : schema.getProperties())
                .values()
                .forEach(property -> follow(property, all, names));
    }

    private static String target(String ref) {
        return ref.startsWith(HOME) ? ref.substring(HOME.length()) : ref;
    }
}
