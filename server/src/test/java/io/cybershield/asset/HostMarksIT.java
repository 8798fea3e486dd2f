package io.cybershield.asset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What people say of machines, and what others then see of them and do to them. */
class HostMarksIT {
    private static final TestApplication APP = TestApplication.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RULE =
            """
            title: Forbidden word
            id: 0b5b4f3e-7d21-4a55-9a0e-3a5f8c2f7f11
            logsource:
                category: test
            detection:
                words:
                    - zanzibar
                condition: words
            level: high
            """;
    private Client admin;
    private JsonNode source;

    @BeforeEach
    void company() {
        admin = APP.newTenant();
        source = ok(admin.post("/api/v1/sources", Map.of("name", "hosts", "kind", "json")));
        ok(admin.send(multipart(admin, "/api/v1/rules/import", "rule.yml", RULE)));
    }

    @Test
    void whoHasLessClearanceReadsNothingOfAClassifiedMachine() {
        attack("web-1", "Vault-1");
        Client analyst = APP.newColleague(admin, "analyst");
        String hidden = incident("Vault-1");
        String shown = incident("web-1");
        String finding = id(admin.get("/api/v1/findings?incident=" + hidden));
        String event =
                admin.get("/api/v1/findings?incident=" + hidden)
                        .json()
                        .at("/items/0/eventIds/0")
                        .asString();
        String asset = asset("Vault-1");
        assertThat(names(analyst, "/api/v1/incidents", "host")).contains("Vault-1", "web-1");

        mark("Vault-1", 3, null);

        for (String list : List.of("/api/v1/incidents", "/api/v1/findings", "/api/v1/events")) {
            assertThat(names(analyst, list, "host")).as(list).containsOnly("web-1");
            assertThat(names(admin, list, "host")).as(list).contains("web-1", "Vault-1");
        }
        assertThat(names(analyst, "/api/v1/assets", "name")).containsExactly("web-1");
        for (String search :
                List.of("?q=zanzibar", "?host=vault-1", "?q=vault", "?q=zanzibar&host=VAULT-1")) {
            assertThat(names(analyst, "/api/v1/events" + search, "host"))
                    .as(search)
                    .doesNotContain("Vault-1");
            assertThat(counted(analyst, search)).as(search).isLessThan(counted(admin, search));
        }
        String nothing = UUID.randomUUID().toString();
        for (String path :
                List.of(
                        "/api/v1/incidents/ID",
                        "/api/v1/events/ID",
                        "/api/v1/findings/ID/explanation")) {
            String real =
                    path.contains("incidents") ? hidden : path.contains("events") ? event : finding;
            Response there = analyst.get(path.replace("ID", real));
            Response not = analyst.get(path.replace("ID", nothing));
            assertThat(there.status()).as(path).isEqualTo(404);
            assertThat(same(there, real)).as(path).isEqualTo(same(not, nothing));
            assertThat(admin.get(path.replace("ID", real)).status()).as(path).isEqualTo(200);
        }
        assertThat(analyst.patch("/api/v1/incidents/" + hidden, Map.of("state", "closed")).status())
                .isEqualTo(404);
        assertThat(
                        analyst.post(
                                        "/api/v1/incidents/" + hidden + "/comments",
                                        Map.of("text", "x"))
                                .status())
                .isEqualTo(404);
        assertThat(
                        analyst.post("/api/v1/incidents/" + hidden + "/tasks", Map.of("title", "x"))
                                .status())
                .isEqualTo(404);
        assertThat(ok(analyst.get("/api/v1/overview")).toString()).doesNotContain("Vault-1");
        assertThat(ok(analyst.get("/api/v1/incidents/" + shown)).get("host").asString())
                .isEqualTo("web-1");

        Client program = APP.anonymous().withKey(serviceKey());
        assertThat(names(program, "/api/v1/incidents", "host"))
                .as("a service account has no clearance")
                .containsOnly("web-1");

        clear(analyst, 2);
        assertThat(names(analyst, "/api/v1/incidents", "host")).containsOnly("web-1");
        clear(analyst, 3);
        assertThat(names(analyst, "/api/v1/incidents", "host")).contains("Vault-1");
        assertThat(analyst.get("/api/v1/events/" + event).status()).isEqualTo(200);
        clear(analyst, 0);
        assertThat(analyst.get("/api/v1/events/" + event).status()).isEqualTo(404);
        ok(admin.put("/api/v1/assets/" + asset + "/mark", unmarked()));
        assertThat(analyst.get("/api/v1/events/" + event).status()).isEqualTo(200);
        assertThat(ok(admin.get("/api/v1/audit?action=asset.marked")).get("items")).hasSize(2);
    }

    /** What comes in after the mark is hidden as what was there, whatever the letters' case. */
    @Test
    void whatComesLaterIsHiddenTooAndTheProductGoesOn() {
        attack("vault-2");
        mark("vault-2", 1, null);
        Client analyst = APP.newColleague(admin, "analyst");
        String incident = incident("vault-2");
        long before = ok(admin.get("/api/v1/incidents/" + incident)).get("findings").asLong();
        attack("VAULT-2");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        ok(admin.get("/api/v1/incidents/" + incident)).get("findings").asLong()
                                > before);
        assertThat(names(analyst, "/api/v1/incidents", "host")).isEmpty();
        assertThat(names(analyst, "/api/v1/events", "host")).isEmpty();
    }

    @Test
    void marksAndClearancesAreGivenByThoseWhoMay() {
        attack("web-3");
        String path = "/api/v1/assets/" + asset("web-3") + "/mark";
        Client analyst = APP.newColleague(admin, "analyst");
        assertThat(analyst.put(path, marked(1, null)).problem()).isEqualTo("denied");
        Client second = APP.newColleague(admin, "tenant-admin");
        assertThat(second.put(path, marked(1, 5)).problem()).isEqualTo("more-than-own");
        ok(second.put(path, marked(0, 5)));
        assertThat(
                        second.patch("/api/v1/users/" + second.account(), Map.of("clearance", 3))
                                .problem())
                .as("one's own")
                .isEqualTo("more-than-own");
        JsonNode invited =
                ok(
                        admin.post(
                                "/api/v1/invitations",
                                Map.of(
                                        "email",
                                        "x" + UUID.randomUUID() + "@example.org",
                                        "role",
                                        "analyst")));
        assertThat(
                        admin.patch(
                                        "/api/v1/users/" + invited.get("id").asString(),
                                        Map.of("clearance", 2))
                                .problem())
                .as("nothing is taken and forgotten")
                .isEqualTo("invalid");
        assertThat(admin.put(path, marked(4, null)).status()).isEqualTo(422);
        assertThat(admin.put(path, marked(0, 6)).status()).isEqualTo(422);
        assertThat(
                        admin.put("/api/v1/assets/" + UUID.randomUUID() + "/mark", marked(0, 1))
                                .status())
                .isEqualTo(404);
        ok(admin.put(path, marked(2, 5)));
        assertThat(second.put(path, marked(0, 5)).status())
                .as("nobody takes away what they do not see")
                .isEqualTo(404);
        assertThat(names(admin, "/api/v1/assets?marked=true", "name")).containsExactly("web-3");
        assertThat(
                        second.post(
                                        "/api/v1/company/exports",
                                        Map.of("code", APP.codeAtOnce(second)))
                                .problem())
                .as("a whole company holds what they may not see")
                .isEqualTo("denied");
    }

    /** A company's own policy about criticality: lists follow it, and so does each act. */
    @Test
    void ownPoliciesDecideByCriticality() {
        attack("pump-1", "desk-1");
        String pump = incident("pump-1");
        String desk = incident("desk-1");
        mark("pump-1", 0, 5);
        mark("desk-1", 0, 2);
        Client analyst = APP.newColleague(admin, "analyst");
        policies(
                """
                forbid (principal in Role::"analyst", action == Action::"incident:write", resource)
                when { resource has criticality && resource.criticality >= 4 };
                forbid (principal in Role::"analyst", action == Action::"finding:read", resource)
                when { resource has criticality && resource.criticality >= 4 };
                """);
        assertThat(names(analyst, "/api/v1/incidents", "host")).contains("pump-1", "desk-1");
        assertThat(names(analyst, "/api/v1/findings", "host")).containsOnly("desk-1");
        assertThat(
                        analyst.patch("/api/v1/incidents/" + pump, Map.of("state", "investigating"))
                                .problem())
                .isEqualTo("denied");
        ok(analyst.patch("/api/v1/incidents/" + desk, Map.of("state", "investigating")));
        ok(admin.patch("/api/v1/incidents/" + pump, Map.of("state", "investigating")));
    }

    /** The vote on what is done to a machine is judged by the machine. */
    @Test
    void aVoteIsJudgedByTheMachineThatItIsAbout() {
        attack("pump-2", "vault-4");
        mark("pump-2", 0, 5);
        mark("vault-4", 2, null);
        Client responder = APP.newColleague(admin, "responder");
        Client other = APP.newColleague(admin, "responder");
        policies(
                """
                forbid (principal, action == Action::"approval:decide", resource)
                when { resource has criticality && resource.criticality >= 5 && !(principal in Role::"tenant-admin") };
                """);
        UUID workflow = guarded();
        for (String host : List.of("pump-2", "vault-4")) {
            ok(
                    other.post(
                            "/api/v1/workflows/" + workflow + "/runs",
                            Map.of("input", Map.of("host", host))));
            JsonNode approval =
                    Awaitility.await()
                            .atMost(PATIENCE)
                            .until(
                                    () ->
                                            admin.get("/api/v1/approvals?state=waiting")
                                                    .json()
                                                    .at("/items/0"),
                                    a -> host.equals(a.path("target").asString("")));
            JsonNode stands =
                    ok(
                            responder.get(
                                    "/api/v1/approvals/"
                                            + approval.get("id").asString()
                                            + "/standing"));
            assertThat(stands.get("mayDecide").asBoolean()).as(host).isFalse();
            assertThat(stands.at("/whyNot/code").asString()).isEqualTo("forbidden");
            assertThat(vote(responder, approval).problem()).as(host).isEqualTo("denied");
            assertThat(vote(admin, approval).status()).as(host).isEqualTo(200);
        }
    }

    /** What a workflow does about a hidden incident is hidden, however its address is spelled. */
    @Test
    void runsAndApprovalsAboutWhatIsHiddenAreNotThere() {
        Client responder = APP.newColleague(admin, "responder");
        guarded(box("start", "incident-opened", Map.of()), "elsewhere-1");
        attack("vault-6");
        JsonNode approval =
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(
                                () ->
                                        admin.get("/api/v1/approvals?state=waiting")
                                                .json()
                                                .at("/items/0"),
                                a -> !a.isMissingNode());
        String run = approval.get("runId").asString();
        String asked = approval.get("id").asString();
        assertThat(ok(responder.get("/api/v1/runs")).get("items")).hasSize(1);
        assertThat(responder.get("/api/v1/approvals/" + asked + "/standing").status())
                .isEqualTo(200);

        mark("vault-6", 2, null);

        for (String list : List.of("/api/v1/runs", "/api/v1/approvals", "/api/v1/dead-letters")) {
            assertThat(ok(responder.get(list)).get("items")).as(list).isEmpty();
        }
        assertThat(ok(admin.get("/api/v1/runs")).get("items")).hasSize(1);
        String nothing = "0" + UUID.randomUUID().toString().substring(1);
        for (String path :
                List.of(
                        "/api/v1/runs/RUN",
                        "/api/v1/runs/RUN/options",
                        "/api/v1/runs/RUN/replay",
                        "/api/v1/%72uns/RUN",
                        "/api/v1/approvals/ASKED",
                        "/api/v1/approvals/ASKED/standing")) {
            Response there =
                    responder.get(path.replace("RUN", spelled(run)).replace("ASKED", asked));
            Response not =
                    responder.get(path.replace("RUN", spelled(nothing)).replace("ASKED", nothing));
            assertThat(there.status()).as(path).isEqualTo(not.status()).isBetween(400, 404);
            assertThat(there.body()).as(path).doesNotContain("vault-6");
            assertThat(responder.get(path.replace("RUN", run).replace("ASKED", asked)).status())
                    .as(path)
                    .isBetween(400, 404);
        }
        assertThat(vote(responder, approval).status()).isEqualTo(404);
        assertThat(responder.post("/api/v1/runs/" + run + "/cancel", Map.of()).status())
                .isEqualTo(404);
        assertThat(vote(admin, approval).status()).isEqualTo(200);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> ok(admin.get("/api/v1/runs/" + run)).toString().contains("succeeded"));
        assertThat(ok(admin.get("/api/v1/incidents/" + incident("vault-6"))).toString())
                .as("the run told its incident how it ended")
                .contains("Run 1");
    }

    /** As a stranger might write it, so that no filter on addresses knows it. */
    private static String spelled(String id) {
        return "%3" + id.charAt(0) + id.substring(1);
    }

    /** An open screen is told that something happened, and has to ask what. */
    @Test
    void socketsTellNothingOfWhatIsHidden() throws Exception {
        attack("vault-5");
        Client analyst = APP.newColleague(admin, "analyst");
        var before = open(analyst);
        subscribe(before, "incidents");
        mark("vault-5", 3, null);
        Awaitility.await().atMost(PATIENCE).until(() -> before.closed);

        var heard = open(analyst);
        var all = open(admin);
        for (String topic : List.of("incidents", "findings")) {
            subscribe(heard, topic);
            subscribe(all, topic);
        }
        String incident = incident("vault-5");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> {
                    ok(
                            admin.post(
                                    "/api/v1/incidents/" + incident + "/comments",
                                    Map.of("text", "look")));
                    return all.text().contains("incident.changed")
                            && heard.text().contains("\"resync\"");
                });
        assertThat(all.text()).contains("vault-5");
        assertThat(heard.text())
                .doesNotContain("vault-5")
                .doesNotContain(incident)
                .doesNotContain("incident.changed");
    }

    // ---------------------------------------------------------------- what they have

    private void attack(String... hosts) {
        var lines = new StringBuilder();
        for (String host : hosts) {
            lines.append(
                    """
                    {"host":"%s","message":"zanzibar at the door of %s","logsource":{"category":"test"}}
                    """
                            .formatted(host, host));
        }
        Client line = APP.anonymous();
        Response taken =
                line.send(
                        line.request("/api/v1/ingest/" + source.at("/source/id").asString())
                                .header("Authorization", "Bearer " + source.get("token").asString())
                                .header("Content-Type", "application/x-ndjson")
                                .POST(BodyPublishers.ofString(lines.toString())));
        assertThat(taken.status()).as(taken.body()).isEqualTo(202);
        for (String host : hosts) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() ->
                            admin.get("/api/v1/findings?limit=200")
                                    .json()
                                    .get("items")
                                    .valueStream()
                                    .anyMatch(f -> host.equals(f.get("host").asString(""))));
        }
    }

    private String incident(String host) {
        return admin.get("/api/v1/incidents")
                .json()
                .get("items")
                .valueStream()
                .filter(i -> i.get("host").asString("").equalsIgnoreCase(host))
                .findFirst()
                .orElseThrow()
                .get("id")
                .asString();
    }

    private String asset(String host) {
        return id(admin.get("/api/v1/assets?text=" + host));
    }

    private static String id(Response page) {
        return ok(page).at("/items/0/id").asString();
    }

    private void mark(String host, int classification, Integer criticality) {
        ok(
                admin.put(
                        "/api/v1/assets/" + asset(host) + "/mark",
                        marked(classification, criticality)));
    }

    private static Map<String, Object> marked(int classification, Integer criticality) {
        var mark = new LinkedHashMap<String, Object>();
        mark.put("classification", classification);
        mark.put("criticality", criticality);
        return mark;
    }

    private static Map<String, Object> unmarked() {
        return marked(0, null);
    }

    private void clear(Client who, int clearance) {
        ok(admin.patch("/api/v1/users/" + who.account(), Map.of("clearance", clearance)));
    }

    private void policies(String text) {
        Response saved =
                admin.send(
                        admin.csrf(
                                admin.json("/api/v1/policies", "PUT", Map.of("policies", text))
                                        .header("If-Match", "\"0\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
    }

    private String serviceKey() {
        JsonNode account =
                ok(
                        admin.post(
                                "/api/v1/service-accounts",
                                Map.of("name", "reader", "role", "analyst", "description", "")));
        return ok(admin.post(
                        "/api/v1/service-accounts/" + account.get("id").asString() + "/api-keys",
                        Map.of(
                                "name",
                                "reader",
                                "scopes",
                                List.of("incident:read"),
                                "networks",
                                List.of(),
                                "days",
                                30,
                                "code",
                                APP.codeAtOnce(admin))))
                .get("secret")
                .asString();
    }

    private UUID guarded() {
        return guarded(box("start", "manual", Map.of()), "{{ trigger.host }}");
    }

    /**
     * @param start begins it
     * @param host what it isolates, when somebody agrees
     */
    private UUID guarded(Map<String, Object> start, String host) {
        UUID id =
                UUID.fromString(
                        ok(admin.post("/api/v1/workflows", Map.of("name", "Guarded")))
                                .get("id")
                                .asString());
        Response saved =
                admin.send(
                        admin.csrf(
                                admin.json(
                                                "/api/v1/workflows/" + id + "/draft",
                                                "PUT",
                                                Map.of(
                                                        "name",
                                                        "Guarded",
                                                        "description",
                                                        "",
                                                        "nodes",
                                                        List.of(
                                                                start,
                                                                box(
                                                                        "ask",
                                                                        "approval",
                                                                        Map.of(
                                                                                "title",
                                                                                "Isolate it?",
                                                                                "role",
                                                                                "responder")),
                                                                box(
                                                                        "isolate",
                                                                        "isolate-endpoint",
                                                                        Map.of("host", host))),
                                                        "edges",
                                                        List.of(
                                                                edge("start", "out", "ask"),
                                                                edge(
                                                                        "ask",
                                                                        "approved",
                                                                        "isolate"))))
                                        .header("If-Match", "\"1\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        ok(admin.post("/api/v1/workflows/" + id + "/publish", Map.of()));
        return id;
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private static Map<String, Object> edge(String from, String port, String to) {
        return Map.of("from", from, "port", port, "to", to);
    }

    private static Response vote(Client by, JsonNode approval) {
        return by.post(
                "/api/v1/runs/"
                        + approval.get("runId").asString()
                        + "/approvals/"
                        + approval.get("id").asString()
                        + "/decision",
                Map.of("verdict", "decline", "actionHash", approval.get("actionHash").asString()));
    }

    private static List<String> names(Client who, String path, String field) {
        return ok(who.get(path))
                .get("items")
                .valueStream()
                .map(i -> i.get(field).asString(""))
                .distinct()
                .toList();
    }

    private static long counted(Client who, String search) {
        return ok(who.get("/api/v1/events/histogram" + search))
                .get("buckets")
                .valueStream()
                .mapToLong(b -> b.get("count").asLong())
                .sum();
    }

    private static String same(Response answer, String id) {
        return answer.body().replace(id, "ID").replaceAll("\"trace\":\"[^\"]*\"", "");
    }

    private static JsonNode ok(Response answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 202);
        return answer.json();
    }

    private static HttpRequest.Builder multipart(
            Client client, String path, String name, String content) {
        String boundary = "b" + UUID.randomUUID();
        String body =
                "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n%s\r\n--%s--\r\n"
                        .formatted(boundary, name, content, boundary);
        return client.csrf(
                client.request(path)
                        .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                        .POST(BodyPublishers.ofString(body, UTF_8)));
    }

    // ---------------------------------------------------------------- a screen

    private static final class Screen implements WebSocket.Listener {
        final List<String> said = new CopyOnWriteArrayList<>();
        private final StringBuilder open = new StringBuilder();
        volatile boolean closed;

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            open.append(part);
            if (last) {
                said.add(open.toString());
                open.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            closed = true;
            return null;
        }

        String text() {
            return String.join("\n", said);
        }

        WebSocket socket;
    }

    private static Screen open(Client who) {
        var screen = new Screen();
        URI base = who.base();
        screen.socket =
                who.http()
                        .newWebSocketBuilder()
                        .header("Origin", base.toString())
                        .buildAsync(
                                URI.create("ws://127.0.0.1:" + base.getPort() + "/api/v1/live"),
                                screen)
                        .join();
        return screen;
    }

    private static void subscribe(Screen screen, String topic) {
        screen.socket.sendText("{\"op\":\"subscribe\",\"topic\":\"" + topic + "\"}", true).join();
    }
}
