package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * Secrets, variables, transforms and files of workflows, over HTTP against the whole application.
 */
class WorkflowDataIT {
    private static final TestApplication APP = TestApplication.shared();
    private static final String SECRET = "s3cr3t-zQ7kVx9mW4rTLp2eYd";
    private Client admin;

    @BeforeEach
    void tenant() {
        admin = APP.newTenant();
    }

    private static Map<String, Object> node(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private static Map<String, String> edge(String from, String port, String to) {
        return Map.of("from", from, "port", port, "to", to);
    }

    private JsonNode run(
            List<Map<String, Object>> nodes, List<Map<String, String>> edges, Object input) {
        var made = admin.post("/api/v1/workflows", Map.of("name", "Data")).json();
        String path = "/api/v1/workflows/" + made.get("id").asString();
        var saved =
                admin.send(
                        admin.csrf(
                                admin.json(
                                                path + "/draft",
                                                "PUT",
                                                Map.of(
                                                        "name",
                                                        "Data",
                                                        "description",
                                                        "",
                                                        "nodes",
                                                        nodes,
                                                        "edges",
                                                        edges))
                                        .header("If-Match", "\"1\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        var published = admin.post(path + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
        String id = admin.post(path + "/runs", Map.of("input", input)).json().get("id").asString();
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> admin.get("/api/v1/runs/" + id).json(),
                        r ->
                                List.of("succeeded", "failed")
                                        .contains(
                                                r.at("/state")
                                                        .asString(
                                                                r.at("/run/state").asString(""))));
    }

    @Test
    void variablesAndTransformsCarryDataAlong() {
        JsonNode run =
                run(
                        List.of(
                                node("begin", "manual", Map.of()),
                                node(
                                        "keep",
                                        "set",
                                        Map.of("vars", Map.of("n", "size(trigger.hosts)"))),
                                node(
                                        "shape",
                                        "transform",
                                        Map.of(
                                                "expression",
                                                "{'n': vars.n * 2, 'first':"
                                                        + " $uppercase(trigger.hosts[0])}"))),
                        List.of(edge("begin", "out", "keep"), edge("keep", "out", "shape")),
                        Map.of("hosts", List.of("web-01", "db-01")));
        assertThat(run.toString()).contains("\"n\":4").contains("WEB-01");
    }

    @Test
    void aSecretGoesInAndNeverComesOut() {
        var put = admin.put("/api/v1/secrets/api_key", Map.of("value", SECRET));
        assertThat(put.status()).as(put.body()).isEqualTo(200);
        assertThat(put.body()).doesNotContain(SECRET).contains("api_key");
        assertThat(admin.get("/api/v1/secrets").body()).contains("api_key").doesNotContain(SECRET);
        assertThat(admin.get("/api/v1/secrets/api_key").body()).doesNotContain(SECRET);
        assertThat(admin.get("/api/v1/audit").body())
                .contains("secret.added")
                .doesNotContain(SECRET);
        Client other = APP.newTenant();
        assertThat(other.get("/api/v1/secrets/api_key").status()).isEqualTo(404);
        assertThat(other.delete("/api/v1/secrets/api_key").status()).isEqualTo(404);
        Client analyst = APP.newColleague(admin, "analyst");
        assertThat(analyst.put("/api/v1/secrets/api_key", Map.of("value", SECRET)).status())
                .isEqualTo(403);
        assertThat(admin.put("/api/v1/secrets/9x", Map.of("value", SECRET)).status())
                .isBetween(400, 422);
        var tooShort = admin.put("/api/v1/secrets/x", Map.of("value", "short"));
        assertThat(tooShort.status()).isBetween(400, 422);
        assertThat(tooShort.body()).doesNotContain("short\"");
        assertThat(admin.delete("/api/v1/secrets/api_key").status()).isEqualTo(204);
        assertThat(admin.get("/api/v1/secrets/api_key").status()).isEqualTo(404);
    }

    @Test
    void aSecretLiesSealedAndOpensForItsTenantAlone() {
        admin.put("/api/v1/secrets/api_key", Map.of("value", SECRET));
        var store = APP.bean(SecretStore.class);
        var scope =
                Scope.tenant(
                        new TenantId(admin.tenant()),
                        new Principal(
                                Principal.Kind.WORKFLOW, UUID.randomUUID().toString(), "Test"));
        scope.run(() -> {
            assertThat(store.find("api_key")).contains(SECRET);
            byte[] sealed =
                    APP.bean(Transactions.class)
                            .call(() ->
                                    APP.bean(JdbcClient.class)
                                            .sql("SELECT sealed FROM workflow_secrets")
                                            .query(byte[].class)
                                            .single());
            assertThat(new String(sealed, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .doesNotContain(SECRET);
        });
        Scope.tenant(
                        new TenantId(APP.newTenant().tenant()),
                        new Principal(
                                Principal.Kind.WORKFLOW, UUID.randomUUID().toString(), "Test"))
                .run(() -> assertThat(store.find("api_key")).isEmpty());
    }

    @Test
    void aRunShowsThePlaceOfASecretAndSaysWhenThereIsNone() {
        JsonNode run =
                run(
                        List.of(
                                node("begin", "manual", Map.of()),
                                node(
                                        "call",
                                        "http-get",
                                        Map.of(
                                                "url",
                                                "https://x.example/",
                                                "headers",
                                                Map.of(
                                                        "Authorization",
                                                        "Bearer {{ secrets.none }}")))),
                        List.of(edge("begin", "out", "call")),
                        Map.of());
        assertThat(run.toString())
                .contains("Bearer {{ secrets.none }}")
                .contains("There is no secret 'none'");
    }

    @Test
    void whatIsExportedIsImportedTheSame() {
        var made = admin.post("/api/v1/workflows", Map.of("template", "incident-response")).json();
        for (String format : List.of("yaml", "json")) {
            var file =
                    admin.get(
                            "/api/v1/workflows/"
                                    + made.get("id").asString()
                                    + "/export?format="
                                    + format);
            assertThat(file.status()).isEqualTo(200);
            assertThat(file.header("Content-Disposition")).contains("incident-response." + format);
            var imported =
                    admin.post(
                            "/api/v1/workflows/import",
                            Map.of("text", file.body(), "format", format));
            assertThat(imported.status()).as(imported.body()).isEqualTo(201);
            var again =
                    admin.get(
                            "/api/v1/workflows/"
                                    + imported.json().get("id").asString()
                                    + "/export?format="
                                    + format);
            assertThat(again.body()).isEqualTo(file.body());
        }
        var bad =
                admin.post(
                        "/api/v1/workflows/import",
                        Map.of("text", "name: a\nnodes: [&x 1, *x]\nedges: []\n"));
        assertThat(bad.status()).isEqualTo(422);
        assertThat(bad.body()).contains("Line 2").contains("anchors");
        assertThat(
                        APP.newTenant()
                                .get("/api/v1/workflows/" + made.get("id").asString() + "/export")
                                .status())
                .isEqualTo(404);
    }
}
