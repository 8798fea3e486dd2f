package io.cybershield;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The committed OpenAPI document, from which the user interface's types are made. */
class ApiDocumentIT {
    private static final String REWRITE = "cybershield.openapi.write";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final DefaultPrettyPrinter LAYOUT =
            new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    private final TestApplication app = TestApplication.shared();

    @Test
    void committedDocumentIsWhatTheApplicationServes() throws IOException {
        JsonNode served = served();
        if (Boolean.getBoolean(REWRITE)) {
            Files.writeString(
                    ApiContract.DOCUMENT,
                    JSON.writer().with(LAYOUT).writeValueAsString(served) + "\n");
        }
        String committed =
                Files.exists(ApiContract.DOCUMENT) ? Files.readString(ApiContract.DOCUMENT) : "{}";
        String place = difference("#", JSON.readTree(committed), served);
        if (place != null) {
            fail(
                    "The API changed at "
                            + place
                            + ". Write docs/openapi.json and the user interface's types anew:"
                            + " mvn -pl server -am test -Dtest=ApiDocumentIT"
                            + " -Dsurefire.failIfNoSpecifiedTests=false -D"
                            + REWRITE
                            + "=true && (cd web && npm run api)");
        }
    }

    @Test
    void documentIsTheSameEachTimeAndNamesNoAddress() {
        JsonNode first = served();
        assertThat(served()).isEqualTo(first);
        assertThat(first.at("/servers/0/url").asString()).isEqualTo("/");
        assertThat(first.toString()).doesNotContain("127.0.0.1").doesNotContain("localhost");
    }

    @Test
    void everyOperationHasItsOwnNameAndSaysHowItRefuses() {
        var names = new HashSet<String>();
        for (JsonNode path : served().get("paths")) {
            for (JsonNode operation : path) {
                String name = operation.get("operationId").asString();
                assertThat(names.add(name)).as("operation id %s is used once", name).isTrue();
                assertThat(
                                operation
                                        .at(
                                                "/responses/default/content/application~1problem+json/schema/$ref")
                                        .asString())
                        .as(name)
                        .isEqualTo("#/components/schemas/Problem");
            }
        }
        assertThat(names).hasSizeGreaterThan(40).noneMatch(name -> name.matches(".*_\\d+"));
    }

    @Test
    void everythingReferredToIsDefined() {
        JsonNode served = served();
        assertThat(served.findValuesAsString("$ref"))
                .isNotEmpty()
                .allSatisfy(ref ->
                        assertThat(served.at(ref.substring(1)).isMissingNode()).as(ref).isFalse());
    }

    private JsonNode served() {
        var answer = app.anonymous().get("/v3/api-docs");
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    /** JSON pointer to the first place where the two differ; null if there is none. */
    private static @Nullable String difference(String at, JsonNode a, JsonNode b) {
        if (a.isObject() && b.isObject()) {
            Set<String> names = new TreeSet<>(a.propertyNames());
            names.addAll(b.propertyNames());
            for (String name : new ArrayList<>(names)) {
                String place = at + "/" + name.replace("~", "~0").replace("/", "~1");
                if (!a.has(name) || !b.has(name)) {
                    return place;
                }
                String inside = difference(place, a.get(name), b.get(name));
                if (inside != null) {
                    return inside;
                }
            }
            return null;
        }
        return a.equals(b) ? null : at;
    }
}
