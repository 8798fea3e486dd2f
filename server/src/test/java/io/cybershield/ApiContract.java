package io.cybershield;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds what the server answers against {@code docs/openapi.json}: every answer in every test must
 * have the members that the document promises, of the kind that it says, and no others.
 */
final class ApiContract {
    static final Path DOCUMENT = Path.of("../docs/openapi.json");
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final Map<String, Schema> COMPILED = new ConcurrentHashMap<>();

    private ApiContract() {}

    /** Read when first needed, so that a test may write it before. */
    private static final class Committed {
        static final JsonNode API = read();
    }

    private static JsonNode read() {
        try {
            JsonNode api = JSON.readTree(Files.readString(DOCUMENT));
            api.get("components").get("schemas").forEach(ApiContract::close);
            return api;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Callers bear members that they do not know; a test does not, or they would stay undocumented.
     */
    private static void close(JsonNode schema) {
        if (schema.has("properties")) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
    }

    static void holds(HttpResponse<String> answer) {
        String type = answer.headers().firstValue("Content-Type").orElse("");
        boolean json = type.startsWith("application/json");
        boolean problem = type.startsWith("application/problem+json");
        String path = answer.request().uri().getPath();
        if (!path.startsWith("/api/v1/")
                || path.startsWith("/api/v1/operator/")
                || !(json || problem)) {
            return;
        }
        String method = answer.request().method().toLowerCase(java.util.Locale.ROOT);
        JsonNode schema =
                problem
                        ? JSON.createObjectNode().put("$ref", "#/components/schemas/Problem")
                        : promised(method, path, answer.statusCode());
        List<Error> errors =
                COMPILED.computeIfAbsent(schema.toString(), _ -> compiled(schema))
                        .validate(answer.body(), InputFormat.JSON);
        if (!errors.isEmpty()) {
            throw new AssertionError(
                    "docs/openapi.json promises another answer of %s %s (%d): %s%n%s"
                            .formatted(
                                    method,
                                    path,
                                    answer.statusCode(),
                                    errors.stream()
                                            .limit(5)
                                            .map(Error::toString)
                                            .collect(Collectors.joining("; ")),
                                    answer.body()));
        }
    }

    private static Schema compiled(JsonNode schema) {
        ObjectNode whole = (ObjectNode) schema.deepCopy();
        whole.set("components", Committed.API.get("components"));
        return SCHEMAS.getSchema(whole.toString(), InputFormat.JSON);
    }

    private static JsonNode promised(String method, String path, int status) {
        for (var entry : Committed.API.get("paths").properties()) {
            String template = entry.getKey();
            JsonNode operation = entry.getValue().get(method);
            if (operation != null && pattern(template).matcher(path).matches()) {
                // A fixed word wins over a variable, as it does in the server.
                boolean better =
                        !template.equals(path)
                                && Committed.API.get("paths").has(path)
                                && Committed.API.get("paths").get(path).has(method);
                if (better) {
                    continue;
                }
                JsonNode schema =
                        operation.at("/responses/" + status + "/content/application~1json/schema");
                if (schema.isMissingNode()) {
                    throw new AssertionError(
                            "docs/openapi.json does not know that %s %s answers %d with JSON."
                                    .formatted(method, template, status));
                }
                return schema;
            }
        }
        throw new AssertionError("docs/openapi.json does not know " + method + " " + path + ".");
    }

    private static Pattern pattern(String template) {
        return Pattern.compile(template.replaceAll("\\{[^}]+}", "[^/]+"));
    }
}
