package io.cybershield.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Reports of scanners and machines that were not known start runs, from the door to the run. */
class ReportsIT {
    private static final TestApplication APP = TestApplication.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private Client admin;
    private JsonNode source;

    @BeforeEach
    void company() {
        admin = APP.newTenant();
        source = ok(admin.post("/api/v1/sources", Map.of("name", "scanner", "kind", "json")));
    }

    @Test
    void aVulnerabilityStartsTheRunsThatWantIt() {
        UUID grave =
                publish(
                        Map.of(
                                "event",
                                "vulnerability-found",
                                "filter",
                                "trigger.vulnerability.cvss >= 9.0 &&"
                                        + " trigger.vulnerability.exploitAvailable"));
        UUID controls = publish(Map.of("event", "control-failed"));
        send(vulnerability("f-1", "CVE-2026-1", 9.8, 1));
        send(vulnerability("f-2", "CVE-2026-2", 4.0, 1));
        send(vulnerability("f-3", "CVE-2026-3", 9.9, 3)); // closed
        send(vulnerability("f-4", "CVE-2026-4", 9.1, 2));
        await(grave, 2);
        Map<String, JsonNode> byId = told(grave, "vulnerability", "uid");
        assertThat(byId).containsOnlyKeys("f-1", "f-4");
        JsonNode told = byId.get("f-1");
        assertThat(told.get("cves").toString()).isEqualTo("[\"CVE-2026-1\"]");
        assertThat(told.get("cvss").asDouble()).isEqualTo(9.8);
        assertThat(told.get("host").asString()).isEqualTo("web-1");
        assertThat(told.get("fixAvailable").asBoolean()).isFalse();
        assertThat(told.get("packages").toString()).isEqualTo("[\"openssl 3.0.1\"]");
        assertThat(runs(controls)).isEmpty();
    }

    @Test
    void aFailedControlStartsOneRunADayWhereTheTriggerSaysSo() {
        UUID workflow =
                publish(
                        Map.of(
                                "event",
                                "control-failed",
                                "dedupeKey",
                                "trigger.control.control + '|' + trigger.control.resource"));
        send(control("Config.1", "FAILED", "account-1"));
        send(control("Config.1", "FAILED", "account-1"));
        send(control("Config.1", "PASSED", "account-1"));
        send(control("Config.1", "FAILED", "account-2"));
        await(workflow, 2);
        Map<String, JsonNode> byResource = told(workflow, "control", "resource");
        assertThat(byResource).containsOnlyKeys("account-1", "account-2");
        JsonNode told = byResource.get("account-1");
        assertThat(told.get("control").asString()).isEqualTo("Config.1");
        assertThat(told.get("standards").toString()).isEqualTo("[\"pci-dss\"]");
        assertThat(told.get("remediation").asString()).isEqualTo("Enable it.");
    }

    @Test
    void aMachineStartsARunWhenItIsNewAndNeverAgain() {
        UUID workflow =
                publish(Map.of("event", "asset-seen", "filter", "trigger.asset.name != 'old-1'"));
        send("{\"host\":\"old-1\",\"message\":\"hello\"}\n{\"host\":\"new-1\",\"message\":\"a\"}");
        await(workflow, 1);
        send("{\"host\":\"NEW-1\",\"message\":\"b\"}\n{\"host\":\"new-2\",\"message\":\"c\"}");
        await(workflow, 2);
        Map<String, JsonNode> byName = told(workflow, "asset", "name");
        assertThat(byName).containsOnlyKeys("new-1", "new-2");
        assertThat(byName.get("new-2").get("source").asString()).isEqualTo("scanner");
        List<String> names =
                APP.newTenant()
                        .get("/api/v1/assets")
                        .json()
                        .get("items")
                        .valueStream()
                        .map(JsonNode::toString)
                        .toList();
        assertThat(names).as("of a neighbour").isEmpty();
    }

    private static String vulnerability(String uid, String cve, double score, int activity) {
        return """
        {"class_uid":2002,"activity_id":%d,"severity_id":5,"status_id":1,
         "metadata":{"version":"1.3.0","product":{"name":"Scanner"}},
         "finding_info":{"uid":"%s","title":"OpenSSL needs an update"},
         "device":{"hostname":"web-1"},
         "vulnerabilities":[{"is_exploit_available":true,
           "cve":{"uid":"%s","cvss":[{"version":"3.1","base_score":%s}]},
           "affected_packages":[{"name":"openssl","version":"3.0.1"}]}]}
        """
                .formatted(activity, uid, cve, score)
                .replace("\n", "");
    }

    private static String control(String control, String status, String resource) {
        return """
        {"class_uid":2003,"activity_id":1,"severity_id":3,
         "metadata":{"version":"1.1.0","product":{"name":"Posture"}},
         "finding_info":{"uid":"f","title":"Config should be enabled"},
         "compliance":{"control":"%s","standards":["pci-dss"],"status":"%s"},
         "resource":{"uid":"%s"},"remediation":{"desc":"Enable it."}}
        """
                .formatted(control, status, resource)
                .replace("\n", "");
    }

    private void send(String lines) {
        Client line = APP.anonymous();
        Response answer =
                line.send(
                        line.request("/api/v1/ingest/" + source.at("/source/id").asString())
                                .header("Authorization", "Bearer " + source.get("token").asString())
                                .header("Content-Type", "application/x-ndjson")
                                .POST(HttpRequest.BodyPublishers.ofString(lines + "\n")));
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
    }

    private UUID publish(Map<String, Object> config) {
        UUID id =
                UUID.fromString(
                        ok(admin.post("/api/v1/workflows", Map.of("name", "Test")))
                                .get("id")
                                .asString());
        int revision = admin.get("/api/v1/workflows/" + id).json().get("revision").asInt();
        Map<String, Object> drawing =
                Map.of(
                        "name",
                        "Test",
                        "description",
                        "",
                        "nodes",
                        List.of(
                                box("start", "event", config),
                                box("next", "condition", Map.of("expression", "true"))),
                        "edges",
                        List.of(Map.of("from", "start", "port", "out", "to", "next")));
        ok(
                admin.send(
                        admin.csrf(
                                admin.json("/api/v1/workflows/" + id + "/draft", "PUT", drawing)
                                        .header("If-Match", "\"" + revision + "\""))));
        ok(admin.post("/api/v1/workflows/" + id + "/publish", Map.of()));
        return id;
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private void await(UUID workflow, int runs) {
        Awaitility.await().atMost(PATIENCE).until(() -> runs(workflow).size() >= runs);
        assertThat(runs(workflow)).hasSize(runs);
    }

    /** What the runs were given, by one of its members. */
    private Map<String, JsonNode> told(UUID workflow, String name, String member) {
        return runs(workflow).stream()
                .map(run -> trigger(run).get(name))
                .collect(Collectors.toMap(told -> told.get(member).asString(), told -> told));
    }

    private List<JsonNode> runs(UUID workflow) {
        return ok(admin.get("/api/v1/runs?workflow=" + workflow))
                .get("items")
                .valueStream()
                .toList();
    }

    private JsonNode trigger(JsonNode run) {
        return ok(admin.get("/api/v1/runs/" + run.get("id").asString()))
                .get("steps")
                .get(0)
                .get("output");
    }

    private static JsonNode ok(Response answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 299);
        return answer.json();
    }
}
