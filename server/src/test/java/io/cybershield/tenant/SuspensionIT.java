package io.cybershield.tenant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.detection.Finding;
import io.cybershield.detection.Severity;
import io.cybershield.incident.Incidents;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A company that stands still: everybody is out at once, nothing begins, and nothing is lost. */
class SuspensionIT {
    private static final String REASON = "The invoice of October is open";
    private static final Duration A_SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private final TestApplication app = TestApplication.shared();

    // ---- people and programs

    @Test
    void anOpenSessionOpensNothingAndIsToldWhyAndGoesOnAfterwards() {
        Client ada = app.newTenant();
        Client stranger = app.newTenant();
        assertThat(ada.get("/api/v1/incidents").status()).isEqualTo(200);

        suspend(ada);

        for (String path : List.of("/api/v1/incidents", "/api/v1/users", "/api/v1/account")) {
            Response refused = ada.get(path);
            assertThat(refused.status()).as(path).isEqualTo(403);
            assertThat(refused.problem()).isEqualTo("company-suspended");
            assertThat(refused.body()).contains(REASON);
        }
        assertThat(ada.post("/api/v1/sources", Map.of("name", "x", "kind", "json")).problem())
                .isEqualTo("company-suspended");
        JsonNode session = ada.get("/api/v1/session").json();
        assertThat(session.get("state").asString()).isEqualTo("suspended");
        assertThat(session.at("/suspension/reason").asString()).isEqualTo(REASON);
        assertThat(session.get("permissions")).isEmpty();
        // Another company feels nothing, and reads nothing of it.
        assertThat(stranger.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(app.anonymous().get("/api/v1/session").body()).doesNotContain(REASON);

        resume(ada);

        assertThat(ada.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(ada.get("/api/v1/session").json().get("state").asString()).isEqualTo("active");
    }

    @Test
    void onlyWhoKnowsThePasswordIsToldAtSignIn() {
        Client ada = app.newTenant();
        suspend(ada);
        Response right = signIn(ada.email(), TestApplication.PASSWORD);
        assertThat(right.problem()).isEqualTo("company-suspended");
        assertThat(right.body()).contains(REASON);
        Response wrong = signIn(ada.email(), "wrong battery horse 9");
        assertThat(wrong.problem()).isEqualTo("wrong-credentials");
        Response unknown = signIn("nobody-" + UUID.randomUUID() + "@example.org", "whatever 1234");
        assertThat(unknown.body().replaceAll("\"instance\".*", ""))
                .isEqualTo(wrong.body().replaceAll("\"instance\".*", ""));
        resume(ada);
        assertThat(signIn(ada.email(), TestApplication.PASSWORD).status()).isEqualTo(200);
    }

    /** Whoever is disabled hears nothing of the company, suspended or not. */
    @Test
    void whoIsDisabledIsNotToldWhy() {
        Client ada = app.newTenant();
        Client analyst = app.newColleague(ada, "analyst");
        app.confirmed(ada);
        app.database()
                .asOwner(
                        "UPDATE platform.account SET state = 'disabled' WHERE id = '"
                                + analyst.account()
                                + "'");
        suspend(ada);
        assertThat(analyst.get("/api/v1/incidents").problem()).isEqualTo("not-signed-in");
        assertThat(analyst.get("/api/v1/session").body()).doesNotContain(REASON);
        assertThat(signIn(analyst.email(), TestApplication.PASSWORD).problem())
                .isEqualTo("wrong-credentials");
    }

    @Test
    void keysAndTokensOpenNothingAndWorkAgainAfterwards() {
        Client ada = app.newTenant();
        JsonNode made =
                created(
                        ada.post(
                                "/api/v1/account/api-keys",
                                Map.of(
                                        "name",
                                        "all",
                                        "scopes",
                                        List.of("incident:read"),
                                        "networks",
                                        List.of(),
                                        "days",
                                        1,
                                        "code",
                                        app.codeAtOnce(ada))));
        Client byKey = app.anonymous().withKey(made.get("secret").asString());
        String service =
                created(
                                ada.post(
                                        "/api/v1/service-accounts",
                                        Map.of(
                                                "name",
                                                "nightly",
                                                "description",
                                                "",
                                                "role",
                                                "auditor")))
                        .get("id")
                        .asString();
        JsonNode client =
                created(
                        ada.post(
                                "/api/v1/oauth-clients",
                                Map.of(
                                        "name",
                                        "nightly",
                                        "serviceAccount",
                                        service,
                                        "redirectUris",
                                        List.of(),
                                        "scopes",
                                        List.of("incident:read"),
                                        "code",
                                        app.codeAtOnce(ada))));
        Response given = token(client);
        Client byToken = app.anonymous().withKey(given.json().get("access_token").asString());
        assertThat(byKey.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(byToken.get("/api/v1/incidents").status()).isEqualTo(200);

        suspend(ada);

        Response refused = byKey.get("/api/v1/incidents");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.problem()).isEqualTo("company-suspended");
        assertThat(byToken.get("/api/v1/incidents").status()).isEqualTo(401);
        assertThat(token(client).status()).isEqualTo(401);

        resume(ada);

        assertThat(byKey.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(byToken.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(token(client).status()).isEqualTo(200);
    }

    @Test
    void socketsEndWithinASecondAndNoneOpens() throws Exception {
        Client ada = app.newTenant();
        CompletableFuture<Integer> closed = socket(ada);
        suspend(ada);
        assertThat(closed.get(A_SECOND.toMillis(), TimeUnit.MILLISECONDS)).isEqualTo(4401);
        assertThatThrownBy(() -> socket(ada)).hasCauseInstanceOf(WebSocketHandshakeException.class);
    }

    // ---- what comes from outside

    @Test
    void sourcesAreRefusedClearlyAndCounted() {
        Client ada = app.newTenant();
        JsonNode made =
                created(ada.post("/api/v1/sources", Map.of("name", "feed", "kind", "json")));
        String source = made.at("/source/id").asString();
        assertThat(send(made).status()).isEqualTo(202);

        suspend(ada);

        Response refused = send(made);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("ingest-suspended");
        assertThat(refused.header("Retry-After")).isEqualTo("300");
        assertThat(refused.body()).doesNotContain(REASON); // a sender is no person

        resume(ada);

        assertThat(send(made).status()).isEqualTo(202);
        for (JsonNode line : ada.get("/api/v1/sources?limit=50").json().get("items")) {
            if (line.get("id").asString().equals(source)) {
                assertThat(line.get("refused").asInt()).isEqualTo(2);
            }
        }
        // What was taken before and after is there, what was refused is not.
        Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> {
                            for (JsonNode line :
                                    ada.get("/api/v1/sources?limit=50").json().get("items")) {
                                if (line.get("id").asString().equals(source)) {
                                    return line.get("received").asInt();
                                }
                            }
                            return 0;
                        },
                        received -> received == 4);
    }

    @Test
    void hooksAreRefusedClearlyAndCounted() {
        Client ada = app.newTenant();
        UUID workflow = publish(ada, "webhook", Map.of("auth", "none"), 0);
        URI hook = hook(ada, workflow);
        assertThat(call(hook).status()).isEqualTo(202);

        suspend(ada);

        Response refused = call(hook);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("hook-suspended");

        resume(ada);

        assertThat(call(hook).status()).isEqualTo(202);
        assertThat(ada.get("/api/v1/workflows/" + workflow + "/triggers").body())
                .contains("\"what\":\"suspended\"");
        assertThat(runs(ada, workflow)).hasSize(2);
    }

    // ---- runs

    @Test
    void timersWaitAndRunsGoOnWhereTheyStood() {
        Client ada = app.newTenant();
        UUID workflow = publish(ada, "webhook", Map.of("auth", "none"), 1);
        Response begun = call(hook(ada, workflow));
        assertThat(begun.status()).isEqualTo(202);

        suspend(ada);

        // The timer is due, and stays.
        Awaitility.await()
                .during(Duration.ofSeconds(3))
                .atMost(PATIENCE)
                .until(() -> count(ada, "platform.workflow_timer") == 1);

        resume(ada);

        Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> runs(ada, workflow).getFirst().get("state").asString(),
                        "succeeded"::equals);
        assertThat(runs(ada, workflow)).hasSize(1);
    }

    /** A step that is due is not taken, whoever asks for it. */
    @Test
    void dueStepsAreNotTaken() {
        Client ada = app.newTenant();
        suspend(ada);
        UUID run = UUID.randomUUID();
        app.database()
                .asOwner(
                        """
                        INSERT INTO platform.workflow_dispatch (tenant_id, run_id, step, epoch, kind, idempotency_key, due_at)
                        VALUES ('%s', '%s', 'next', 1, 'attempt', 'k', now())
                        """
                                .formatted(ada.tenant(), run));
        Awaitility.await()
                .during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() -> count(ada, "platform.workflow_dispatch") == 1);
        resume(ada);
        // Taken now: it belongs to no run, so it is dropped.
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> count(ada, "platform.workflow_dispatch") == 0);
    }

    @Test
    void schedulesDoNotFireAndAnEventsRunIsQueued() {
        Client ada = app.newTenant();
        UUID ticking = publish(ada, "schedule", Map.of("everySeconds", 1), 0);
        UUID onIncident = publish(ada, "event", Map.of("event", "incident-opened"), 0);
        Awaitility.await().atMost(PATIENCE).until(() -> !runs(ada, ticking).isEmpty());

        suspend(ada);

        int before = ran(ada, ticking);
        openIncident(ada); // from events that were taken before
        Awaitility.await().atMost(PATIENCE).until(() -> queued(ada, onIncident) == 1);
        Awaitility.await()
                .during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() -> ran(ada, ticking) == before && queued(ada, onIncident) == 1);

        resume(ada);

        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        ran(ada, ticking) > before
                                && runs(ada, onIncident).size() == 1
                                && runs(ada, onIncident)
                                        .getFirst()
                                        .get("state")
                                        .asString()
                                        .equals("succeeded"));
    }

    // ---- who may, and what is kept of it

    @Test
    void onlyTheOperatorMay() {
        Client ada = app.newTenant();
        String path = "/api/v1/operator/tenants/" + ada.tenant() + "/suspend";
        assertThat(ada.post(path, Map.of("reason", "x")).status()).isEqualTo(401);
        assertThat(app.anonymous().post(path, Map.of("reason", "x")).status()).isBetween(401, 403);
        assertThat(operator("POST", path, Map.of("reason", " ")).status()).isEqualTo(422);
        assertThat(
                        operator(
                                        "POST",
                                        "/api/v1/operator/tenants/"
                                                + UUID.randomUUID()
                                                + "/suspend",
                                        Map.of("reason", "x"))
                                .status())
                .isEqualTo(404);
        assertThat(ada.get("/api/v1/incidents").status()).isEqualTo(200);
    }

    @Test
    void bothTrailsKeepItOnce() {
        Client ada = app.newTenant();
        suspend(ada);
        suspend(ada); // changes nothing, so it is not told again
        JsonNode listed = operator("GET", "/api/v1/operator/tenants", Map.of()).json();
        assertThat(listed.toString()).contains(REASON);
        resume(ada);
        resume(ada);

        JsonNode own = ada.get("/api/v1/audit?limit=200").json().get("items");
        assertThat(own.findValuesAsString("action"))
                .containsOnlyOnce("tenant.suspended")
                .containsOnlyOnce("tenant.resumed");
        List<String> house =
                app.bean(Transactions.class)
                        .callAs(
                                Scope.tenant(TenantId.HOUSE, Principal.system("test")),
                                () ->
                                        app.bean(JdbcClient.class)
                                                .sql(
                                                        "SELECT action FROM audit_entry WHERE"
                                                                + " target = :target ORDER BY seq")
                                                .param("target", "tenant:" + ada.tenant())
                                                .query(String.class)
                                                .list());
        assertThat(house).containsExactly("tenant.suspended", "tenant.resumed");
    }

    // ---- helpers

    private void suspend(Client admin) {
        Response done =
                operator(
                        "POST",
                        "/api/v1/operator/tenants/" + admin.tenant() + "/suspend",
                        Map.of("reason", REASON));
        assertThat(done.status()).as(done.body()).isEqualTo(200);
        assertThat(done.json().get("state").asString()).isEqualTo("suspended");
    }

    private void resume(Client admin) {
        Response done =
                operator(
                        "POST", "/api/v1/operator/tenants/" + admin.tenant() + "/resume", Map.of());
        assertThat(done.status()).as(done.body()).isEqualTo(200);
        assertThat(done.json().get("state").asString()).isEqualTo("active");
    }

    private Response operator(String method, String path, Map<String, Object> body) {
        try {
            Client line = app.anonymous();
            var request = method.equals("GET") ? line.request(path) : line.json(path, method, body);
            return line.send(
                    request.header(
                            "Authorization",
                            "Bearer "
                                    + Files.readString(app.data().resolve("operator.token"))
                                            .strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Response signIn(String email, String password) {
        return app.anonymous()
                .post("/api/v1/sign-in", Map.of("email", email, "password", password));
    }

    private Response token(JsonNode made) {
        Client line = app.anonymous();
        String basic = made.at("/client/id").asString() + ":" + made.get("secret").asString();
        return line.send(
                line.request("/oauth2/token")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header(
                                "Authorization",
                                "Basic "
                                        + Base64.getEncoder().encodeToString(basic.getBytes(UTF_8)))
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "grant_type=client_credentials")));
    }

    private static JsonNode created(Response answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 201);
        return answer.json();
    }

    private Response send(JsonNode source) {
        Client line = app.anonymous();
        return line.send(
                line.request("/api/v1/ingest/" + source.at("/source/id").asString())
                        .header("Authorization", "Bearer " + source.get("token").asString())
                        .header("Content-Type", "application/x-ndjson")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"a\":1}\n{\"a\":2}\n")));
    }

    private static CompletableFuture<Integer> socket(Client client) {
        var open = new CompletableFuture<Boolean>();
        var closed = new CompletableFuture<Integer>();
        URI base = client.base();
        try {
            client.http()
                    .newWebSocketBuilder()
                    .header("Origin", base.toString())
                    .buildAsync(
                            URI.create("ws://127.0.0.1:" + base.getPort() + "/api/v1/live"),
                            new WebSocket.Listener() {
                                @Override
                                public CompletionStage<?> onText(
                                        WebSocket socket, CharSequence data, boolean last) {
                                    open.complete(true);
                                    socket.request(1);
                                    return null;
                                }

                                @Override
                                public CompletionStage<?> onClose(
                                        WebSocket socket, int status, String reason) {
                                    closed.complete(status);
                                    return null;
                                }
                            })
                    .join()
                    .sendText("{\"op\":\"ping\"}", true)
                    .join();
        } catch (CompletionException e) {
            throw new IllegalStateException(e.getCause());
        }
        open.join();
        return closed;
    }

    private UUID publish(Client admin, String kind, Map<String, Object> config, int seconds) {
        UUID id =
                UUID.fromString(
                        admin.post("/api/v1/workflows", Map.of("name", "Test " + kind))
                                .json()
                                .get("id")
                                .asString());
        var drawing = new HashMap<String, Object>();
        drawing.put("name", "Test " + kind);
        drawing.put("description", "");
        drawing.put(
                "nodes",
                List.of(
                        box("start", kind, config),
                        seconds > 0
                                ? box("next", "wait", Map.of("seconds", seconds))
                                : box("next", "condition", Map.of("expression", "true"))));
        drawing.put("edges", List.of(Map.of("from", "start", "port", "out", "to", "next")));
        int revision = admin.get("/api/v1/workflows/" + id).json().get("revision").asInt();
        Response saved =
                admin.send(
                        admin.csrf(
                                admin.json("/api/v1/workflows/" + id + "/draft", "PUT", drawing)
                                        .header("If-Match", "\"" + revision + "\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        Response published = admin.post("/api/v1/workflows/" + id + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
        return id;
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private URI hook(Client admin, UUID workflow) {
        String address =
                admin.get("/api/v1/workflows/" + workflow + "/triggers")
                        .json()
                        .get("items")
                        .get(0)
                        .get("address")
                        .asString();
        return app.address().resolve(URI.create(address).getPath());
    }

    private Response call(URI hook) {
        Client line = app.anonymous();
        return line.send(
                line.request(hook.getPath())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}")));
    }

    private static List<JsonNode> runs(Client client, UUID workflow) {
        return client.get("/api/v1/runs?limit=200&workflow=" + workflow)
                .json()
                .get("items")
                .valueStream()
                .toList();
    }

    private int ran(Client admin, UUID workflow) {
        return inTenant(
                admin,
                () ->
                        app.bean(JdbcClient.class)
                                .sql(
                                        "SELECT count(*) FROM workflow_instances WHERE workflow_id"
                                                + " = ?")
                                .param(workflow)
                                .query(Integer.class)
                                .single());
    }

    private int queued(Client admin, UUID workflow) {
        return inTenant(
                admin,
                () ->
                        app.bean(JdbcClient.class)
                                .sql(
                                        "SELECT count(*) FROM run_place WHERE queued AND"
                                                + " workflow_id = ?")
                                .param(workflow)
                                .query(Integer.class)
                                .single());
    }

    private int count(Client admin, String table) {
        return app.bean(Transactions.class)
                .callAs(
                        Scope.platform("test"),
                        () ->
                                app.bean(JdbcClient.class)
                                        .sql(
                                                "SELECT count(*) FROM "
                                                        + table
                                                        + " WHERE tenant_id = ?")
                                        .param(admin.tenant())
                                        .query(Integer.class)
                                        .single());
    }

    private void openIncident(Client client) {
        var finding =
                new Finding(
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        Instant.now(),
                        Instant.now(),
                        "Password guessing",
                        Severity.HIGH,
                        "rule-1",
                        "web-1",
                        "root",
                        List.of("attack.t1110"),
                        List.of());
        inTenant(client, () -> app.bean(Incidents.class).handle(List.of(finding)));
    }

    private <T> T inTenant(Client client, Supplier<T> work) {
        return app.bean(Transactions.class)
                .callAs(
                        Scope.tenant(
                                new TenantId(client.tenant()),
                                new Principal(Principal.Kind.SYSTEM, "test", "test")),
                        work);
    }
}
