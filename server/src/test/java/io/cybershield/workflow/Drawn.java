package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** Workflows as tests draw, save, publish and run them over HTTP. */
public final class Drawn {
    private Drawn() {}

    public static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    public static Map<String, Object> edge(String from, String port, String to) {
        return Map.of("from", from, "port", port, "to", to);
    }

    public static Map<String, Object> drawing(
            String name, List<Map<String, Object>> nodes, List<Map<String, Object>> edges) {
        return Map.of("name", name, "description", "", "nodes", nodes, "edges", edges);
    }

    /** start -> set a variable to a value of that expression. */
    public static Map<String, Object> setting(String expression) {
        return drawing(
                "Test",
                List.of(
                        box("start", "manual", Map.of()),
                        box("note", "set", Map.of("vars", Map.of("a", expression)))),
                List.of(edge("start", "out", "note")));
    }

    public static UUID create(Client client) {
        return id(client.post("/api/v1/workflows", Map.of("name", "Test")).json());
    }

    public static Response save(Client client, UUID id, Map<String, Object> drawing, int revision) {
        return client.send(
                client.csrf(
                        client.json("/api/v1/workflows/" + id + "/draft", "PUT", drawing)
                                .header("If-Match", "\"" + revision + "\"")));
    }

    public static Response publish(Client client, UUID id) {
        return client.post("/api/v1/workflows/" + id + "/publish", Map.of());
    }

    /** A workflow in use, with that drawing as its first version. */
    public static UUID published(Client client, Map<String, Object> drawing) {
        UUID id = create(client);
        well(save(client, id, drawing, 1));
        well(publish(client, id));
        return id;
    }

    public static UUID start(Client client, UUID workflow, Map<String, Object> input) {
        return id(
                well(client.post("/api/v1/workflows/" + workflow + "/runs", Map.of("input", input)))
                        .json());
    }

    public static JsonNode awaitRun(Client client, UUID run, String state) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> client.get("/api/v1/runs/" + run).json(),
                        r -> r.path("state").asString("").equals(state));
    }

    public static UUID id(JsonNode thing) {
        return UUID.fromString(thing.get("id").asString());
    }

    public static Response well(Response response) {
        assertThat(response.status()).as(response.body()).isBetween(200, 299);
        return response;
    }

    /** As somebody who can write the tenant's tables. */
    public static <T> T inTenant(TestApplication app, Client client, Supplier<T> work) {
        return app.bean(Transactions.class)
                .callAs(
                        Scope.tenant(
                                new TenantId(client.tenant()),
                                new Principal(Principal.Kind.SYSTEM, "test", "test")),
                        work);
    }
}
