package io.cybershield.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A real recording and the shared rules, worked on by people; and what others see of it. */
class AnalystIT {
    private static final TestApplication APP = TestApplication.shared();

    @Test
    void aRealAttackRecordingBecomesAnIncidentThatOthersCannotSee() throws IOException {
        Path rules =
                Path.of(
                        System.getProperty("cybershield.shared", ""),
                        "data/siem/sigma/sigma-rules-dev.zip");
        Assumptions.assumeTrue(Files.exists(rules), "shared Sigma rules are absent");
        Client admin = APP.newTenant();
        JsonNode imported =
                admin.send(
                                multipart(
                                        admin,
                                        "/api/v1/rules/import",
                                        "rules.zip",
                                        Files.readAllBytes(rules)))
                        .json();
        assertThat(imported.get("files").asInt()).isEqualTo(2_711);
        assertThat(imported.get("loaded").asInt() + imported.get("refused").asInt())
                .isEqualTo(2_711);
        assertThat(imported.get("loaded").asInt()).isGreaterThan(2_000);
        assertThat(imported.get("refusals").valueStream())
                .allSatisfy(r -> {
                    assertThat(r.get("problem").asString()).isNotBlank();
                    assertThat(r.get("mend").asString()).isNotBlank();
                });
        JsonNode summary = admin.get("/api/v1/rules/summary").json();
        assertThat(summary.get("loaded").asInt())
                .isGreaterThanOrEqualTo(imported.get("loaded").asInt());
        assertThat(admin.get("/api/v1/rules?state=refused&limit=1").json().get("items").size())
                .isOne();

        byte[] recording = DoorsIT.sample("babyshark_mimikatz_powershell.evtx");
        assertThat(
                        admin.send(multipart(admin, "/api/v1/uploads", "attack.evtx", recording))
                                .status())
                .isEqualTo(202);
        JsonNode incident =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(120))
                        .until(
                                () -> admin.get("/api/v1/incidents").json().get("items"),
                                items -> !items.isEmpty())
                        .get(0);
        String id = incident.get("id").asString();
        JsonNode detail = admin.get("/api/v1/incidents/" + id).json();
        assertThat(detail.get("timeline").valueStream())
                .anyMatch(e -> e.get("kind").asString().equals("finding"));
        assertThat(detail.get("techniques").valueStream())
                .anyMatch(t -> !t.get("name").asString().equals(t.get("id").asString()));
        JsonNode finding = admin.get("/api/v1/findings?incident=" + id).json().get("items").get(0);
        assertThat(finding.get("why").size()).isPositive();
        String event = finding.get("eventIds").get(0).asString();
        assertThat(admin.get("/api/v1/events/" + event).json().get("findings").size()).isPositive();

        workOn(admin, id);
        overview(admin);
        String rule =
                admin.get("/api/v1/rules?state=live&limit=1")
                        .json()
                        .get("items")
                        .get(0)
                        .get("id")
                        .asString();
        String upload =
                admin.get("/api/v1/uploads").json().get("items").get(0).get("id").asString();
        String source =
                admin.post("/api/v1/sources", Map.of("name", "mine", "kind", "json"))
                        .json()
                        .get("source")
                        .get("id")
                        .asString();

        Client other = APP.newTenant();
        for (String path :
                List.of(
                        "/api/v1/incidents/" + id,
                        "/api/v1/events/" + event,
                        "/api/v1/rules/" + rule,
                        "/api/v1/uploads/" + upload)) {
            assertThat(other.get(path).status()).as(path).isEqualTo(404);
            assertThat(admin.get(path).status()).as(path).isEqualTo(200);
        }
        assertThat(other.patch("/api/v1/incidents/" + id, Map.of("state", "closed")).status())
                .isEqualTo(404);
        assertThat(
                        other.post("/api/v1/incidents/" + id + "/comments", Map.of("text", "x"))
                                .status())
                .isEqualTo(404);
        assertThat(other.post("/api/v1/incidents/" + id + "/tasks", Map.of("title", "x")).status())
                .isEqualTo(404);
        assertThat(other.patch("/api/v1/rules/" + rule, Map.of("enabled", false)).status())
                .isEqualTo(404);
        assertThat(other.post("/api/v1/sources/" + source + "/token", Map.of()).status())
                .isEqualTo(404);
        assertThat(other.delete("/api/v1/sources/" + source).status()).isEqualTo(404);
        for (String list :
                List.of(
                        "/api/v1/incidents",
                        "/api/v1/events",
                        "/api/v1/findings?incident=" + id,
                        "/api/v1/uploads",
                        "/api/v1/sources")) {
            assertThat(other.get(list).json().get("items").isEmpty()).as(list).isTrue();
        }
        assertThat(APP.anonymous().get("/api/v1/incidents").status()).isEqualTo(401);
        Client auditor = APP.newColleague(admin, "auditor");
        assertThat(auditor.get("/api/v1/incidents/" + id).status()).isEqualTo(200);
        assertThat(auditor.patch("/api/v1/incidents/" + id, Map.of("state", "closed")).problem())
                .isEqualTo("denied");
        assertThat(auditor.post("/api/v1/sources", Map.of("name", "x", "kind", "json")).problem())
                .isEqualTo("denied");
    }

    private static void workOn(Client admin, String id) {
        Response read = admin.get("/api/v1/incidents/" + id);
        String version = read.header("ETag");
        assertThat(version).isNotEmpty();
        Map<String, Object> change = new HashMap<>();
        change.put("state", "investigating");
        change.put("ownerId", admin.account().toString());
        Response changed =
                admin.send(
                        admin.csrf(admin.json("/api/v1/incidents/" + id, "PATCH", change))
                                .header("If-Match", version));
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        assertThat(changed.json().get("owner").get("name").asString()).isEqualTo("Ada Admin");
        assertThat(
                        admin.send(
                                        admin.csrf(
                                                        admin.json(
                                                                "/api/v1/incidents/" + id,
                                                                "PATCH",
                                                                Map.of("state", "closed")))
                                                .header("If-Match", version))
                                .problem())
                .isEqualTo("incident-changed-meanwhile");
        assertThat(admin.patch("/api/v1/incidents/" + id, Map.of("state", "gone")).status())
                .isEqualTo(400);
        assertThat(
                        admin.patch(
                                        "/api/v1/incidents/" + id,
                                        Map.of("ownerId", UUID.randomUUID().toString()))
                                .status())
                .isEqualTo(422);
        assertThat(
                        admin.post(
                                        "/api/v1/incidents/" + id + "/comments",
                                        Map.of("text", "Looking."))
                                .status())
                .isEqualTo(201);
        assertThat(
                        admin.post("/api/v1/incidents/" + id + "/comments", Map.of("text", " "))
                                .status())
                .isEqualTo(422);
        String task =
                admin.post("/api/v1/incidents/" + id + "/tasks", Map.of("title", "Ask Bob"))
                        .json()
                        .get("id")
                        .asString();
        assertThat(
                        admin.patch(
                                        "/api/v1/incidents/" + id + "/tasks/" + task,
                                        Map.of("state", "done"))
                                .json()
                                .get("state")
                                .asString())
                .isEqualTo("done");
        JsonNode timeline = admin.get("/api/v1/incidents/" + id).json().get("timeline");
        assertThat(timeline.valueStream().map(e -> e.get("kind").asString()))
                .contains("state", "owner", "comment", "task");
    }

    private static void overview(Client admin) {
        for (String range : List.of("1h", "24h", "7d", "30d")) {
            JsonNode overview = admin.get("/api/v1/overview?range=" + range).json();
            assertThat(overview.get("openIncidents").get("total").asInt()).isPositive();
            assertThat(overview.get("findings").get("total").asInt()).isPositive();
            assertThat(overview.get("events").get("total").asInt()).isPositive();
            assertThat(overview.get("tactics").size()).isPositive();
            assertThat(overview.get("rules").get("live").asInt()).isGreaterThan(2_000);
        }
        assertThat(admin.get("/api/v1/overview?range=never").status()).isEqualTo(400);
        JsonNode histogram = admin.get("/api/v1/events/histogram?from=2010-01-01T00:00:00Z").json();
        assertThat(
                        histogram
                                .get("buckets")
                                .valueStream()
                                .mapToInt(b -> b.get("count").asInt())
                                .sum())
                .isPositive();
    }

    private static HttpRequest.Builder multipart(
            Client client, String path, String name, byte[] content) throws IOException {
        var body = new ByteArrayOutputStream();
        body.write(
                ("--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                                + name
                                + "\"\r\n\r\n")
                        .getBytes(UTF_8));
        body.write(content);
        body.write("\r\n--cut--\r\n".getBytes(UTF_8));
        return client.csrf(client.request(path))
                .header("Content-Type", "multipart/form-data; boundary=cut")
                .POST(BodyPublishers.ofByteArray(body.toByteArray()));
    }
}
