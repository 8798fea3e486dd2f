package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** Draws, publishes and starts workflows as a person does. */
final class TestFlows {
    private static final class Reaching {
        static final TestApplication APP =
                TestApplication.boot(Map.of("cybershield.http.allowed-hosts", "127.0.0.1"));
    }

    private final Client by;

    TestFlows(Client by) {
        this.by = by;
    }

    /** An application whose workflows may reach this machine; one for all, never close it. */
    static TestApplication reachingApplication() {
        return Reaching.APP;
    }

    static Map<String, Object> node(String key, String type, Map<String, Object> config) {
        return node(key, type, config, Map.of());
    }

    static Map<String, Object> node(
            String key, String type, Map<String, Object> config, Map<String, Object> more) {
        var node = new LinkedHashMap<String, Object>();
        node.putAll(
                Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0));
        node.putAll(more);
        return node;
    }

    static Map<String, Object> start() {
        return node("start", "manual", Map.of());
    }

    static Map<String, Object> fetch(String key, String url) {
        return node(key, "http-get", Map.of("url", url));
    }

    /**
     * @param edges such as {@code start.out->fetch}
     */
    UUID publish(List<Map<String, Object>> nodes, String... edges) {
        return publish(Map.of(), nodes, edges);
    }

    UUID publish(Map<String, Object> settings, List<Map<String, Object>> nodes, String... edges) {
        var id =
                UUID.fromString(
                        by.post("/api/v1/workflows", Map.of("name", "Test"))
                                .json()
                                .get("id")
                                .asString());
        var published = publishAs(by, id, 1, settings, nodes, edges);
        assertThat(published.status()).as(published.body()).isEqualTo(200);
        return id;
    }

    static Response publishAs(
            Client who,
            UUID id,
            int revision,
            Map<String, Object> settings,
            List<Map<String, Object>> nodes,
            String... edges) {
        var arrows = new ArrayList<Map<String, String>>();
        for (String edge : edges) {
            var parts = edge.split("\\.|->");
            arrows.add(Map.of("from", parts[0], "port", parts[1], "to", parts[2]));
        }
        var drawing = new LinkedHashMap<String, Object>();
        drawing.putAll(Map.of("name", "Test", "description", "", "nodes", nodes, "edges", arrows));
        if (!settings.isEmpty()) {
            drawing.put("settings", settings);
        }
        var saved =
                who.send(
                        who.csrf(
                                who.json("/api/v1/workflows/" + id + "/draft", "PUT", drawing)
                                        .header("If-Match", "\"" + revision + "\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        return who.post("/api/v1/workflows/" + id + "/publish", Map.of());
    }

    String start(UUID workflow, Map<String, Object> input) {
        var answer = by.post("/api/v1/workflows/" + workflow + "/runs", Map.of("input", input));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json().get("id").asString();
    }

    JsonNode run(String run) {
        return by.get("/api/v1/runs/" + run).json();
    }

    JsonNode await(String run, String state) {
        return org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> run(run), now -> now.get("state").asString().equals(state));
    }

    JsonNode step(String run, String key) {
        for (JsonNode step : run(run).get("steps")) {
            if (step.get("key").asString().equals(key)) {
                return step;
            }
        }
        throw new AssertionError("No step " + key);
    }

    void awaitStep(String run, String key, String state) {
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> step(run, key).get("state").asString().equals(state));
    }
}
