package io.cybershield.trigger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import io.cybershield.workflow.PublishedTriggers;
import io.cybershield.workflow.Runs;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What starts runs, over HTTP against the whole application and a real database. */
class TriggerIT {
    private static final TestApplication APP = TestApplication.shared();
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final HttpClient OUTSIDE = HttpClient.newHttpClient();
    private Client admin;

    @BeforeEach
    void tenant() {
        admin = APP.newTenant();
    }

    // ---- webhooks

    @Test
    void aRequestToAHookStartsARunWithWhatWasSent() {
        UUID workflow = publish(admin, "webhook", Map.of("auth", "none"), false);
        var answer =
                post(
                        address(admin, workflow),
                        "{\"host\":\"web-1\"}",
                        "X-Hub-Event",
                        "push",
                        "Authorization",
                        "Bearer abc");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.get("outcome").asString()).isEqualTo("started");
        JsonNode run = admin.get("/api/v1/runs/" + body.get("run").asString()).json();
        assertThat(run.get("state").asString()).isEqualTo("succeeded");
        JsonNode output = run.get("steps").get(0).get("output");
        assertThat(output.at("/body/host").asString()).isEqualTo("web-1");
        assertThat(output.at("/headers/x-hub-event").asString()).isEqualTo("push");
        assertThat(output.get("headers").has("authorization")).isFalse();
        JsonNode trigger = trigger(admin, workflow);
        assertThat(count(trigger, "fired")).isEqualTo(1);
        assertThat(trigger.get("lastFiredAt").isNull()).isFalse();
    }

    @Test
    void aSignedHookTakesWhatIsSignedNowAndNothingElse() throws Exception {
        UUID workflow = publish(admin, "webhook", Map.of("auth", "hmac"), false);
        URI hook = address(admin, workflow);
        assertThat(post(hook, "{}").statusCode()).as("no secret yet").isEqualTo(401);
        byte[] secret = newSecret(admin, workflow);
        long now = Instant.now().getEpochSecond();
        assertThat(signed(hook, "{}", now, secret).statusCode()).isEqualTo(202);
        assertThat(signed(hook, "{}", now - 310, secret).statusCode()).as("old").isEqualTo(401);
        assertThat(signed(hook, "{}", now + 330, secret).statusCode()).as("future").isEqualTo(401);
        assertThat(signed(hook, "{}", now, "csh_guess".getBytes(UTF_8)).statusCode())
                .as("wrong")
                .isEqualTo(401);
        String signature = signature("{\"a\":1}", now, secret);
        assertThat(
                        post(
                                        hook,
                                        "{\"a\":2}",
                                        HookAuth.TIMESTAMP,
                                        String.valueOf(now),
                                        HookAuth.SIGNATURE,
                                        signature)
                                .statusCode())
                .as("another body")
                .isEqualTo(401);
        // A new secret ends the one before.
        byte[] newer = newSecret(admin, workflow);
        assertThat(signed(hook, "{\"b\":1}", now, secret).statusCode()).isEqualTo(401);
        assertThat(signed(hook, "{\"b\":1}", now, newer).statusCode()).isEqualTo(202);
        JsonNode trigger = trigger(admin, workflow);
        assertThat(count(trigger, "fired")).isEqualTo(2);
        assertThat(count(trigger, "too-old")).isEqualTo(1);
        assertThat(count(trigger, "from-the-future")).isEqualTo(1);
        assertThat(count(trigger, "wrong-credentials")).isEqualTo(3);
        assertThat(count(trigger, "no-secret")).isEqualTo(1);
        // Nobody who reads the tables reads the secret.
        byte[] stored =
                inTenant(
                        admin,
                        () ->
                                APP.bean(JdbcClient.class)
                                        .sql(
                                                "SELECT secret FROM trigger_state WHERE secret IS"
                                                        + " NOT NULL")
                                        .query((row, _) -> row.getBytes("secret"))
                                        .single());
        assertThat(new String(stored, java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain(new String(newer, UTF_8));
    }

    @Test
    void aSignatureThatWasRecordedAndSentAgainStartsNothingNew() {
        UUID workflow =
                publish(
                        admin,
                        "webhook",
                        Map.of("auth", "hmac", "deliveryHeader", "X-Delivery"),
                        false);
        URI hook = address(admin, workflow);
        byte[] secret = newSecret(admin, workflow);
        long now = Instant.now().getEpochSecond();
        String signature = signature("{}", now, secret);
        var runs = new ArrayList<String>();
        for (String delivery : List.of("a", "b", "c")) {
            var answer =
                    post(
                            hook,
                            "{}",
                            HookAuth.TIMESTAMP,
                            String.valueOf(now),
                            HookAuth.SIGNATURE,
                            signature.toUpperCase(java.util.Locale.ROOT).replace("V1=", "v1="),
                            "X-Delivery",
                            delivery);
            assertThat(answer.statusCode()).isEqualTo(202);
            runs.add(JSON.readTree(answer.body()).get("run").asString());
        }
        assertThat(runs).containsOnly(runs.getFirst());
        assertThat(admin.get("/api/v1/runs").json().get("items")).hasSize(1);
    }

    @Test
    void ofRacingDeliveriesWithOneIdOneStartsARunAndAllHearOfIt() throws Exception {
        UUID workflow =
                publish(
                        admin,
                        "webhook",
                        Map.of("auth", "none", "deliveryHeader", "X-GitHub-Delivery"),
                        false);
        URI hook = address(admin, workflow);
        try (var senders = Executors.newFixedThreadPool(12)) {
            Callable<HttpResponse<String>> sends =
                    () -> post(hook, "{}", "X-GitHub-Delivery", "d-1");
            var answers =
                    senders.invokeAll(Collections.nCopies(36, sends)).stream()
                            .map(f -> JSON.readTree(f.resultNow().body()).get("run").asString())
                            .distinct()
                            .toList();
            assertThat(answers).hasSize(1);
        }
        assertThat(admin.get("/api/v1/runs").json().get("items")).hasSize(1);
        assertThat(count(trigger(admin, workflow), "deduped")).isEqualTo(35);
    }

    @Test
    void aHookThatIsNotInUseLooksLikeOneThatNeverWas() {
        UUID workflow = publish(admin, "webhook", Map.of("auth", "none"), false);
        URI hook = address(admin, workflow);
        String unknown = problem(post(hook.resolve("/hooks/" + "x".repeat(43)), "{}"));
        assertThat(post(hook.resolve("/hooks/" + "x".repeat(43)), "{}").statusCode())
                .isEqualTo(404);
        assertThat(admin.post("/api/v1/workflows/" + workflow + "/archive", Map.of()).status())
                .isEqualTo(200);
        assertThat(problem(post(hook, "{}"))).isEqualTo(unknown);
        // Brought back, it has the address that it had.
        assertThat(admin.post("/api/v1/workflows/" + workflow + "/publish", Map.of()).status())
                .isEqualTo(200);
        assertThat(address(admin, workflow)).isEqualTo(hook);
        assertThat(post(hook, "{}").statusCode()).isEqualTo(202);
        admin.patch("/api/v1/workflows/" + workflow + "/triggers/start", Map.of("enabled", false));
        assertThat(problem(post(hook, "{}"))).isEqualTo(unknown);
        assertThat(count(trigger(admin, workflow), "disabled")).isEqualTo(1);
        // Published with another trigger instead, the address leads nowhere.
        admin.patch("/api/v1/workflows/" + workflow + "/triggers/start", Map.of("enabled", true));
        republish(admin, workflow, "manual", Map.of());
        assertThat(problem(post(hook, "{}"))).isEqualTo(unknown);
    }

    @Test
    void hugeBrokenAndPoisonedBodiesAreRefusedAndCounted() throws Exception {
        UUID workflow = publish(admin, "webhook", Map.of("auth", "none"), false);
        URI hook = address(admin, workflow);
        assertThat(post(hook, "\"" + "x".repeat(2 << 20) + "\"").statusCode()).isEqualTo(413);
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++) {
                gzip.write(zeros);
            }
        }
        var bomb =
                send(
                        HttpRequest.newBuilder(hook)
                                .header("Content-Type", "application/json")
                                .header("Content-Encoding", "gzip")
                                .POST(
                                        HttpRequest.BodyPublishers.ofByteArray(
                                                packed.toByteArray())));
        assertThat(packed.size()).isLessThan(1 << 20);
        assertThat(bomb.statusCode()).isEqualTo(413);
        assertThat(post(hook, "{\"a\":").statusCode()).isEqualTo(400);
        assertThat(post(hook, "{\"a\":\"\\u0000\"}").statusCode()).isEqualTo(400);
        assertThat(post(hook, "[".repeat(100_000)).statusCode()).isEqualTo(400);
        var text =
                send(
                        HttpRequest.newBuilder(hook)
                                .header("Content-Type", "text/xml")
                                .POST(HttpRequest.BodyPublishers.ofString("<a/>")));
        assertThat(text.statusCode()).isEqualTo(415);
        var form =
                send(
                        HttpRequest.newBuilder(hook)
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString("a=1&a=2&b=x%20y")));
        assertThat(form.statusCode()).as(form.body()).isEqualTo(202);
        assertThat(count(trigger(admin, workflow), "not-readable")).isEqualTo(6);
        assertThat(admin.get("/api/v1/runs").json().get("items")).hasSize(1);
    }

    @Test
    void onlyTheAddressOfTheConnectionCountsForItsNetworks() {
        UUID workflow =
                publish(
                        admin,
                        "webhook",
                        Map.of("auth", "none", "networks", List.of("203.0.113.0/24")),
                        false);
        URI hook = address(admin, workflow);
        for (String header :
                List.of("X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP")) {
            String value = header.equals("Forwarded") ? "for=203.0.113.9" : "203.0.113.9";
            assertThat(post(hook, "{}", header, value).statusCode()).as(header).isEqualTo(403);
        }
        republish(
                admin,
                workflow,
                "webhook",
                Map.of("auth", "none", "networks", List.of("127.0.0.0/8")));
        assertThat(post(hook, "{}").statusCode()).isEqualTo(202);
        assertThat(count(trigger(admin, workflow), "network")).isEqualTo(4);
    }

    @Test
    void aHookThatWaitsAnswersWithTheResultOrElseWithTheRun() {
        UUID quick = publish(admin, "webhook", Map.of("auth", "none", "reply", "sync"), false);
        var answer = post(address(admin, quick), "{}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(JSON.readTree(answer.body()).get("state").asString()).isEqualTo("succeeded");
        UUID slow =
                publish(
                        admin,
                        "webhook",
                        Map.of("auth", "none", "reply", "sync", "waitSeconds", 1),
                        true);
        var later = post(address(admin, slow), "{}");
        assertThat(later.statusCode()).isEqualTo(202);
        assertThat(JSON.readTree(later.body()).get("state").asString()).isEqualTo("waiting");
    }

    @Test
    void anotherTenantFindsNoTriggersAndMakesNoSecrets() {
        UUID workflow = publish(admin, "webhook", Map.of("auth", "hmac"), false);
        Client stranger = APP.newTenant();
        String path = "/api/v1/workflows/" + workflow;
        assertThat(stranger.get(path + "/triggers").status()).isEqualTo(404);
        assertThat(stranger.get(path + "/limits").status()).isEqualTo(404);
        assertThat(stranger.post(path + "/triggers/start/secret", Map.of()).status())
                .isEqualTo(404);
        assertThat(stranger.post(path + "/archive", Map.of()).status()).isEqualTo(404);
        assertThat(stranger.put(path + "/limits", Map.of("whenFull", "queue", "most", 1)).status())
                .isEqualTo(404);
        Client auditor = APP.newColleague(admin, "auditor");
        assertThat(auditor.post(path + "/triggers/start/secret", Map.of()).status()).isEqualTo(403);
        assertThat(auditor.post(path + "/runs", Map.of()).status()).isEqualTo(403);
    }

    // ---- by hand

    @Test
    void aFormIsHeldAgainstItsSchemaPlaceByPlace() {
        UUID workflow =
                publish(
                        admin,
                        "manual",
                        Map.of(
                                "schema",
                                "{\"type\":\"object\",\"required\":[\"host\"],\"properties\":{\"host\":{\"type\":\"string\"},\"days\":{\"type\":\"integer\",\"minimum\":1}}}"),
                        false);
        Response refused = start(admin, workflow, Map.of("days", 0), null);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("run-input-not-valid");
        assertThat(refused.json().get("errors").findValuesAsString("pointer"))
                .contains("#/input/days");
        assertThat(refused.json().get("errors").toString()).contains("host");
        assertThat(start(admin, workflow, Map.of("host", "a", "days", 2), null).status())
                .isEqualTo(201);
    }

    @Test
    void theSameIdempotencyKeyAnswersWithTheSameRun() throws Exception {
        UUID workflow = publish(admin, "manual", Map.of(), false);
        try (var clicks = Executors.newFixedThreadPool(8)) {
            Callable<String> click =
                    () ->
                            start(admin, workflow, Map.of("a", 1, "b", 2), "key-1")
                                    .json()
                                    .get("id")
                                    .asString();
            var runs =
                    clicks.invokeAll(Collections.nCopies(16, click)).stream()
                            .map(f -> f.resultNow())
                            .distinct()
                            .toList();
            assertThat(runs).hasSize(1);
        }
        assertThat(start(admin, workflow, Map.of("a", 2), "key-1").problem())
                .isEqualTo("idempotency-key-reused");
        assertThat(start(admin, workflow, Map.of("a", 2), "key-2").status()).isEqualTo(201);
        assertThat(admin.get("/api/v1/runs").json().get("items")).hasSize(2);
    }

    @Test
    void settingsOfTriggersAreJudgedBeforePublishing() {
        Map<String, Map<String, Object>> wrong =
                Map.of(
                        "webhook", Map.of("auth", "none", "networks", List.of("here")),
                        "schedule", Map.of("cron", "61 * * * *"),
                        "manual", Map.of("schema", "{\"type\":\"strange\"}"),
                        "event", Map.of("event", "no-such-event"),
                        "run-finished", Map.of("filter", "1 +"));
        wrong.forEach((kind, config) -> {
            JsonNode problems =
                    admin.post("/api/v1/workflows/validate", drawing(kind, config, false))
                            .json()
                            .get("problems");
            assertThat(problems.findValuesAsString("severity")).as(kind).contains("error");
        });
        assertThat(
                        admin.post(
                                        "/api/v1/workflows/validate",
                                        drawing("webhook", Map.of(), false))
                                .json()
                                .get("problems")
                                .toString())
                .as("who may call is chosen, never assumed")
                .contains("auth");
    }

    // ---- schedules

    @Test
    void aTickStartsOneRunHoweverManyNodesRaceAndOneFreezes() throws Exception {
        UUID workflow = publish(admin, "schedule", Map.of("everySeconds", 1), false);
        var frozen = new CountDownLatch(1);
        var thaw = new CountDownLatch(1);
        var freezing =
                scheduler(
                        new SimpleMeterRegistry() {
                            @Override
                            protected Timer newTimer(
                                    io.micrometer.core.instrument.Meter.Id id,
                                    DistributionStatisticConfig config,
                                    PauseDetector pauses) {
                                return new CumulativeTimer(
                                        id, clock, config, pauses, getBaseTimeUnit()) {
                                    @Override
                                    protected void recordNonNegative(long amount, TimeUnit unit) {
                                        frozen.countDown();
                                        try {
                                            thaw.await();
                                        } catch (InterruptedException e) {
                                            Thread.currentThread().interrupt();
                                        }
                                    }
                                };
                            }
                        });
        var running = new AtomicBoolean(true);
        try (var nodes = Executors.newFixedThreadPool(3)) {
            var first = nodes.submit(() -> race(scheduler(new SimpleMeterRegistry()), running));
            var second = nodes.submit(() -> race(scheduler(new SimpleMeterRegistry()), running));
            var sleeper = nodes.submit(() -> race(freezing, running));
            assertThat(frozen.await(30, TimeUnit.SECONDS)).isTrue();
            int before = ticks(workflow).size();
            // The database takes the lock away from who sits on it.
            Awaitility.await().atMost(PATIENCE).until(() -> ticks(workflow).size() >= before + 3);
            thaw.countDown();
            Awaitility.await().atMost(PATIENCE).until(() -> ticks(workflow).size() >= before + 5);
            running.set(false);
            first.get(20, TimeUnit.SECONDS);
            second.get(20, TimeUnit.SECONDS);
            sleeper.get(20, TimeUnit.SECONDS);
        } finally {
            running.set(false);
            thaw.countDown();
        }
        admin.post("/api/v1/workflows/" + workflow + "/archive", Map.of());
        List<Instant> ticks = ticks(workflow);
        assertThat(ticks).doesNotHaveDuplicates();
        assertThat(ticks).allMatch(t -> t.getNano() == 0);
        int runs = admin.get("/api/v1/runs?limit=200").json().get("items").size();
        assertThat(runs).isEqualTo(ticks.size());
    }

    @Test
    void aNewVersionOrArchivingEndsTheTicksOfTheOneBefore() {
        UUID workflow = publish(admin, "schedule", Map.of("everySeconds", 1), false);
        Awaitility.await().atMost(PATIENCE).until(() -> ticks(workflow).size() >= 2);
        republish(
                admin, workflow, "schedule", Map.of("cron", "0 5 * * *", "zone", "Europe/Berlin"));
        int after = ticks(workflow).size();
        JsonNode trigger = trigger(admin, workflow);
        assertThat(trigger.get("zone").asString()).isEqualTo("Europe/Berlin");
        assertThat(trigger.get("nextTimes")).hasSize(5);
        Awaitility.await()
                .during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(10))
                .until(() -> ticks(workflow).size() == after);
        republish(admin, workflow, "schedule", Map.of("everySeconds", 1));
        Awaitility.await().atMost(PATIENCE).until(() -> ticks(workflow).size() > after);
        admin.post("/api/v1/workflows/" + workflow + "/archive", Map.of());
        int archived = ticks(workflow).size();
        Awaitility.await()
                .during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(10))
                .until(() -> ticks(workflow).size() == archived);
        JsonNode run = admin.get("/api/v1/runs").json().get("items").get(0);
        JsonNode data =
                admin.get("/api/v1/runs/" + run.get("id").asString())
                        .json()
                        .get("steps")
                        .get(0)
                        .get("output");
        assertThat(Instant.parse(data.get("scheduledAt").asString()))
                .isBeforeOrEqualTo(Instant.parse(data.get("firedAt").asString()));
    }

    @Test
    void aTickIsSkippedOrQueuedWhileTheRunBeforeGoesOn() {
        UUID skipping =
                publish(admin, "schedule", Map.of("everySeconds", 1, "overlap", "skip"), true);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> count(trigger(admin, skipping), "overlap") >= 2);
        assertThat(runs(admin, skipping)).hasSize(1);
        admin.post("/api/v1/workflows/" + skipping + "/archive", Map.of());
        UUID queueing =
                publish(admin, "schedule", Map.of("everySeconds", 1, "overlap", "queue"), true);
        Awaitility.await().atMost(PATIENCE).until(() -> runs(admin, queueing).size() >= 3);
        admin.post("/api/v1/workflows/" + queueing + "/archive", Map.of());
        assertThat(states(admin, queueing)).containsEntry("waiting", 1L).containsKey("queued");
        // The oldest of the queued ones comes next.
        JsonNode live = withState(admin, queueing, "waiting").getFirst();
        var queued = withState(admin, queueing, "queued");
        cancel(admin, live);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> withState(admin, queueing, "waiting").size() == 1);
        assertThat(withState(admin, queueing, "waiting").getFirst().get("number").asLong())
                .isEqualTo(
                        queued.stream()
                                .mapToLong(r -> r.get("number").asLong())
                                .min()
                                .orElseThrow());
    }

    // ---- events

    @Test
    void eventsThatPassTheFilterStartRunsAndTheOthersDoNot() {
        UUID opened =
                publish(
                        admin,
                        "event",
                        Map.of(
                                "event",
                                "incident-opened",
                                "filter",
                                "trigger.incident.host.startsWith('web')"),
                        false);
        openIncident(admin, "db-1");
        openIncident(admin, "web-1");
        Awaitility.await().atMost(PATIENCE).until(() -> runs(admin, opened).size() == 1);
        JsonNode run = runs(admin, opened).getFirst();
        assertThat(run.get("subject").asString()).isNotBlank();
        assertThat(run.get("incidentId").isNull()).isFalse();
    }

    @Test
    void anIncidentThatGrowsFastStartsAsManyRunsAsOneThatGrowsSlowly() {
        UUID workflow = publish(admin, "event", Map.of("event", "incident-changed"), false);
        // All of it is handed over at once, so that most starts are not written when they are
        // counted.
        inTenant(
                admin,
                () -> {
                    for (int i = 0; i < 16; i++) {
                        openIncident(admin, "fast-1");
                    }
                    return null;
                });
        // Its runs change the incident, too, which is what the bound is for.
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> count(trigger(admin, workflow), "too-often") >= 5 + 10);
        assertThat(runs(admin, workflow)).hasSize(10);
    }

    @Test
    void aRunThatEndsStartsTheNextAndAChainEndsByItself() {
        UUID ping = publish(admin, "run-finished", Map.of("states", List.of("succeeded")), false);
        UUID pong = publish(admin, "run-finished", Map.of("states", List.of("succeeded")), false);
        UUID first = publish(admin, "manual", Map.of(), false);
        start(admin, first, Map.of(), null);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        count(trigger(admin, ping), "too-deep")
                                        + count(trigger(admin, pong), "too-deep")
                                > 0);
        // 1 by hand, then both answer it and each other: two chains of five.
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> runs(admin, ping).size() + runs(admin, pong).size() == 10);
        Awaitility.await()
                .during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(10))
                .until(() -> runs(admin, ping).size() + runs(admin, pong).size() == 10);
    }

    // ---- storms

    @Test
    void aStormIsFoldedIntoOneRunAndNothingIsLostFromTheCount() throws Exception {
        UUID first =
                publish(
                        admin,
                        "webhook",
                        Map.of(
                                "auth", "none",
                                "groupBy", "trigger.body.host",
                                "groupSeconds", 3600),
                        false);
        UUID all =
                publish(
                        admin,
                        "webhook",
                        Map.of(
                                "auth", "none",
                                "groupBy", "trigger.body.host",
                                "groupSeconds", 2,
                                "groupRun", "all"),
                        false);
        try (var senders = Executors.newFixedThreadPool(8)) {
            for (UUID workflow : List.of(first, all)) {
                URI hook = address(admin, workflow);
                Callable<HttpResponse<String>> sends = () -> post(hook, "{\"host\":\"web-1\"}");
                var answers = senders.invokeAll(Collections.nCopies(40, sends));
                assertThat(answers).allMatch(a -> a.resultNow().statusCode() == 202);
            }
        }
        assertThat(runs(admin, first)).hasSize(1);
        assertThat(count(trigger(admin, first), "fired")).isEqualTo(1);
        assertThat(count(trigger(admin, first), "folded")).isEqualTo(39);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        runs(admin, all).stream().mapToLong(r -> counted(admin, r)).sum() == 40);
        assertThat(count(trigger(admin, all), "folded")).isEqualTo(40);
        assertThat(runs(admin, all)).hasSizeLessThanOrEqualTo(2);
    }

    private static long counted(Client client, JsonNode run) {
        String at = "/api/v1/runs/" + run.get("id").asString();
        JsonNode step = client.get(at).json().get("steps").get(0);
        JsonNode output = step.get("output");
        JsonNode events = output.get("events");
        if (events == null) { // so many that they are kept by reference
            JsonNode kept = step.get("payloads").get(0);
            assertThat(kept.get("name").asString()).isEqualTo("events");
            events =
                    client.get(at + "/payloads/" + kept.get("hash").asString() + "?kind=list")
                            .json();
        }
        assertThat(events).hasSize(output.get("count").asInt());
        return output.get("count").asLong();
    }

    @Test
    void aKeyThatWasTakenStartsNothingUntilItIsForgotten() {
        UUID workflow =
                publish(
                        admin,
                        "webhook",
                        Map.of("auth", "none", "dedupeKey", "trigger.body.id", "dedupeSeconds", 2),
                        false);
        URI hook = address(admin, workflow);
        post(hook, "{\"id\":7}");
        var again = post(hook, "{\"id\":7,\"more\":true}");
        assertThat(JSON.readTree(again.body()).get("outcome").asString()).isEqualTo("repeated");
        assertThat(post(hook, "{\"other\":1}").statusCode()).as("no key").isEqualTo(400);
        Awaitility.await()
                .pollDelay(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() ->
                        JSON.readTree(post(hook, "{\"id\":7}").body())
                                .get("outcome")
                                .asString()
                                .equals("started"));
        assertThat(count(trigger(admin, workflow), "expression-failed")).isEqualTo(1);
    }

    // ---- limits

    @Test
    void whatIsAboveTheLimitQueuesAndBeginsWhenAPlaceIsFree() {
        UUID workflow = publish(admin, "manual", Map.of(), true);
        limit(admin, workflow, Map.of("most", 2, "whenFull", "queue"));
        for (int i = 0; i < 5; i++) {
            assertThat(start(admin, workflow, Map.of("i", i), null).status()).isEqualTo(201);
        }
        assertThat(states(admin, workflow))
                .containsEntry("waiting", 2L)
                .containsEntry("queued", 3L);
        JsonNode limits = admin.get("/api/v1/workflows/" + workflow + "/limits").json();
        assertThat(limits.get("live").asInt()).isEqualTo(2);
        assertThat(limits.get("queued").asInt()).isEqualTo(3);
        // One that is cancelled in the queue never begins.
        JsonNode last = withState(admin, workflow, "queued").getFirst();
        cancel(admin, last);
        Instant freed = Instant.now();
        cancel(admin, withState(admin, workflow, "waiting").getFirst());
        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .atMost(PATIENCE)
                .until(() -> withState(admin, workflow, "waiting").size() == 2);
        assertThat(Duration.between(freed, Instant.now())).isLessThan(Duration.ofSeconds(3));
        withState(admin, workflow, "waiting").forEach(r -> cancel(admin, r));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> withState(admin, workflow, "waiting").size() == 1);
        JsonNode detail = admin.get("/api/v1/runs/" + last.get("id").asString()).json();
        assertThat(detail.get("state").asString()).isEqualTo("cancelled");
        assertThat(detail.get("steps")).allMatch(s -> s.get("startedAt").isNull());
    }

    @Test
    void aFullWorkflowRefusesOrMakesRoomWhereItsLimitSaysSo() {
        UUID workflow = publish(admin, "webhook", Map.of("auth", "none"), true);
        URI hook = address(admin, workflow);
        limit(
                admin,
                workflow,
                Map.of(
                        "key", "trigger.body.host",
                        "mostPerKey", 1,
                        "whenFull", "reject"));
        assertThat(post(hook, "{\"host\":\"a\"}").statusCode()).isEqualTo(202);
        assertThat(post(hook, "{\"host\":\"b\"}").statusCode()).isEqualTo(202);
        var full = post(hook, "{\"host\":\"a\"}");
        assertThat(full.statusCode()).isEqualTo(429);
        assertThat(full.headers().firstValue("Retry-After")).isPresent();
        assertThat(count(trigger(admin, workflow), "full")).isEqualTo(1);
        limit(admin, workflow, Map.of("most", 2, "whenFull", "cancel-oldest"));
        String newer = JSON.readTree(post(hook, "{\"host\":\"c\"}").body()).get("run").asString();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        admin.get("/api/v1/runs/" + newer)
                                .json()
                                .get("state")
                                .asString()
                                .equals("waiting"));
        assertThat(states(admin, workflow))
                .containsEntry("waiting", 2L)
                .containsEntry("cancelled", 1L);
    }

    @Test
    void racingStartsNeverGoAboveTheLimit() throws Exception {
        UUID workflow = publish(admin, "manual", Map.of(), true);
        limit(admin, workflow, Map.of("most", 3, "whenFull", "queue"));
        try (var clicks = Executors.newFixedThreadPool(10)) {
            Callable<Integer> click = () -> start(admin, workflow, Map.of(), null).status();
            assertThat(clicks.invokeAll(Collections.nCopies(30, click)))
                    .allMatch(f -> f.resultNow() == 201);
        }
        assertThat(states(admin, workflow))
                .containsEntry("waiting", 3L)
                .containsEntry("queued", 27L);
    }

    @Test
    void oneTenantsLongQueueIsNothingToAnother() {
        Client other = APP.newTenant();
        UUID crowded = publish(admin, "manual", Map.of(), false);
        UUID quiet = publish(other, "manual", Map.of(), false);
        JsonNode plug =
                start(admin, publish(admin, "manual", Map.of(), true), Map.of(), null).json();
        JsonNode otherPlug =
                start(other, publish(other, "manual", Map.of(), true), Map.of(), null).json();
        assertThat(admin.put("/api/v1/run-limits", Map.of("most", 1)).status()).isEqualTo(200);
        assertThat(other.put("/api/v1/run-limits", Map.of("most", 1)).status()).isEqualTo(200);
        for (int i = 0; i < 300; i++) {
            start(admin, crowded, Map.of(), null);
        }
        JsonNode waiting = start(other, quiet, Map.of(), null).json();
        assertThat(waiting.get("state").asString()).isEqualTo("queued");
        cancel(admin, plug);
        cancel(other, otherPlug);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .atMost(PATIENCE)
                .until(() ->
                        other.get("/api/v1/runs/" + waiting.get("id").asString())
                                .json()
                                .get("state")
                                .asString()
                                .equals("succeeded"));
        assertThat(admin.get("/api/v1/run-limits").json().get("queued").asInt())
                .as("the crowd waits still")
                .isGreaterThan(50);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> admin.get("/api/v1/run-limits").json().get("queued").asInt() == 0);
    }

    @Test
    void aLimitOfTheWholeCompanyHoldsAcrossWorkflowsUntilItIsTakenAway() {
        UUID one = publish(admin, "manual", Map.of(), true);
        UUID two = publish(admin, "manual", Map.of(), true);
        start(admin, one, Map.of(), null);
        Response set = admin.put("/api/v1/run-limits", Map.of("most", 1));
        assertThat(set.status()).as(set.body()).isEqualTo(200);
        assertThat(set.json().get("most").asInt()).isEqualTo(1);
        assertThat(set.json().get("live").asInt()).isEqualTo(1);
        start(admin, two, Map.of(), null);
        assertThat(states(admin, two)).isEqualTo(Map.of("queued", 1L));
        assertThat(admin.get("/api/v1/run-limits").json().get("queued").asInt()).isEqualTo(1);

        var none = new HashMap<String, @Nullable Object>();
        none.put("most", null);
        Response taken = admin.put("/api/v1/run-limits", none);
        assertThat(taken.json().get("most").isNull()).as(taken.body()).isTrue();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> states(admin, two).equals(Map.of("waiting", 1L)));
        JsonNode trail = admin.get("/api/v1/audit?action=run-limit.set").json().get("items");
        assertThat(trail).hasSize(2);
        assertThat(trail.get(1).get("detail").get("after").get("most").asInt()).isEqualTo(1);
        assertThat(trail.get(0).get("detail").get("after").get("most").asString())
                .isEqualTo("none");
        assertThat(trail.get(0).get("target").asString()).isEqualTo("tenant");
    }

    @Test
    void onlyAnAdministratorLimitsTheCompanyAndOnlyWithANumberThatCanBe() {
        for (int wrong : List.of(0, -1, 1_000_001)) {
            Response refused = admin.put("/api/v1/run-limits", Map.of("most", wrong));
            assertThat(refused.status()).as(wrong + ": " + refused.body()).isBetween(400, 422);
            assertThat(refused.body()).as("names the place").contains("#/most");
        }
        for (Object wrong : List.of("many", 1.5)) {
            Response refused = admin.put("/api/v1/run-limits", Map.of("most", wrong));
            assertThat(refused.status()).as("%s: %s", wrong, refused.body()).isEqualTo(400);
        }
        Client editor = APP.newColleague(admin, "responder");
        assertThat(editor.get("/api/v1/run-limits").status()).isEqualTo(200);
        assertThat(editor.put("/api/v1/run-limits", Map.of("most", 1)).status()).isEqualTo(403);
        Client stranger = APP.newTenant();
        assertThat(stranger.put("/api/v1/run-limits", Map.of("most", 7)).status()).isEqualTo(200);
        assertThat(admin.get("/api/v1/run-limits").json().get("most").isNull()).isTrue();
        assertThat(admin.get("/api/v1/audit?action=run-limit.set").json().get("items")).isEmpty();
    }

    // ---- helpers

    private static Scheduler scheduler(io.micrometer.core.instrument.MeterRegistry meters) {
        return new Scheduler(
                APP.bean(Transactions.class),
                APP.bean(DueStore.class),
                APP.bean(TriggerStore.class),
                APP.bean(PublishedTriggers.class),
                APP.bean(Firing.class),
                APP.bean(Runs.class),
                meters);
    }

    private static boolean race(Scheduler scheduler, AtomicBoolean running) {
        while (running.get()) {
            try {
                scheduler.fireOne();
            } catch (RuntimeException e) {
                // Its connection was taken away while it was frozen.
                assertThat(e).isNotNull();
            }
            Thread.onSpinWait();
        }
        return true;
    }

    private List<Instant> ticks(UUID workflow) {
        return inTenant(
                admin,
                () ->
                        APP.bean(JdbcClient.class)
                                .sql(
                                        "SELECT tick FROM trigger_run WHERE workflow_id = :w AND"
                                                + " tick IS NOT NULL")
                                .param("w", workflow)
                                .query((row, _) -> row.getTimestamp("tick").toInstant())
                                .list());
    }

    private static UUID publish(
            Client client, String kind, Map<String, Object> config, boolean slow) {
        UUID id =
                UUID.fromString(
                        client.post("/api/v1/workflows", Map.of("name", "Test"))
                                .json()
                                .get("id")
                                .asString());
        save(client, id, drawing(kind, config, slow));
        return id;
    }

    private static void republish(
            Client client, UUID workflow, String kind, Map<String, Object> config) {
        save(client, workflow, drawing(kind, config, false));
    }

    private static void save(Client client, UUID id, Map<String, Object> drawing) {
        int revision = client.get("/api/v1/workflows/" + id).json().get("revision").asInt();
        Response saved =
                client.send(
                        client.csrf(
                                client.json("/api/v1/workflows/" + id + "/draft", "PUT", drawing)
                                        .header("If-Match", "\"" + revision + "\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        Response published = client.post("/api/v1/workflows/" + id + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
    }

    /** A trigger, then something that ends at once, or an hour's wait. */
    private static Map<String, Object> drawing(
            String kind, Map<String, Object> config, boolean slow) {
        return Map.of(
                "name",
                "Test",
                "description",
                "",
                "nodes",
                List.of(
                        box("start", kind, config),
                        slow
                                ? box("next", "wait", Map.of("seconds", 3600))
                                : box("next", "condition", Map.of("expression", "true"))),
                "edges",
                List.of(Map.of("from", "start", "port", "out", "to", "next")));
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private static void limit(Client client, UUID workflow, Map<String, Object> limits) {
        Response set = client.put("/api/v1/workflows/" + workflow + "/limits", limits);
        assertThat(set.status()).as(set.body()).isEqualTo(200);
    }

    private static Response start(
            Client client, UUID workflow, Map<String, Object> input, @Nullable String key) {
        var request =
                client.json(
                        "/api/v1/workflows/" + workflow + "/runs", "POST", Map.of("input", input));
        if (key != null) {
            request.header("Idempotency-Key", key);
        }
        return client.send(client.csrf(request));
    }

    private static void cancel(Client client, JsonNode run) {
        assertThat(
                        client.post(
                                        "/api/v1/runs/" + run.get("id").asString() + "/cancel",
                                        Map.of())
                                .status())
                .isEqualTo(200);
    }

    private static List<JsonNode> runs(Client client, UUID workflow) {
        var runs = new ArrayList<JsonNode>();
        client.get("/api/v1/runs?limit=200&workflow=" + workflow)
                .json()
                .get("items")
                .forEach(runs::add);
        return runs;
    }

    private static List<JsonNode> withState(Client client, UUID workflow, String state) {
        return runs(client, workflow).stream()
                .filter(r -> r.get("state").asString().equals(state))
                .toList();
    }

    private static Map<String, Long> states(Client client, UUID workflow) {
        var states = new HashMap<String, Long>();
        runs(client, workflow).forEach(r -> states.merge(r.get("state").asString(), 1L, Long::sum));
        return states;
    }

    private static JsonNode trigger(Client client, UUID workflow) {
        return client.get("/api/v1/workflows/" + workflow + "/triggers").json().get("items").get(0);
    }

    private static long count(JsonNode trigger, String what) {
        for (JsonNode count : trigger.get("counts")) {
            if (count.get("what").asString().equals(what)) {
                return count.get("count").asLong();
            }
        }
        return 0;
    }

    private static URI address(Client client, UUID workflow) {
        String address = trigger(client, workflow).get("address").asString();
        return APP.address().resolve(URI.create(address).getPath());
    }

    private static byte[] newSecret(Client client, UUID workflow) {
        return client.post("/api/v1/workflows/" + workflow + "/triggers/start/secret", Map.of())
                .json()
                .get("secret")
                .asString()
                .getBytes(UTF_8);
    }

    private static String signature(String body, long at, byte[] secret) {
        return "v1="
                + HexFormat.of()
                        .formatHex(HookAuth.sign(String.valueOf(at), body.getBytes(UTF_8), secret));
    }

    private static HttpResponse<String> signed(URI hook, String body, long at, byte[] secret) {
        return post(
                hook,
                body,
                HookAuth.TIMESTAMP,
                String.valueOf(at),
                HookAuth.SIGNATURE,
                signature(body, at, secret));
    }

    private static HttpResponse<String> post(URI hook, String body, String... headers) {
        var request =
                HttpRequest.newBuilder(hook)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return OUTSIDE.send(
                    request.timeout(Duration.ofSeconds(60)).build(),
                    HttpResponse.BodyHandlers.ofString(UTF_8));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Status and problem without the address. */
    private static String problem(HttpResponse<String> answer) {
        JsonNode body = JSON.readTree(answer.body());
        return answer.statusCode()
                + body.get("type").asString()
                + body.get("title").asString()
                + body.get("detail").asString();
    }

    private static void openIncident(Client client, String host) {
        var finding =
                new Finding(
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        Instant.now(),
                        Instant.now(),
                        "Password guessing",
                        Severity.HIGH,
                        "rule-1",
                        host,
                        "root",
                        List.of("attack.t1110"),
                        List.of());
        inTenant(client, () -> APP.bean(Incidents.class).handle(List.of(finding)));
    }

    private static <T> T inTenant(Client client, Supplier<T> work) {
        return APP.bean(Transactions.class)
                .callAs(
                        Scope.tenant(
                                new TenantId(client.tenant()),
                                new Principal(Principal.Kind.SYSTEM, "test", "test")),
                        work);
    }
}
