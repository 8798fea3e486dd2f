package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A run acts by the right of who started it, and no longer than that right. */
class AnsweredRunsIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
    private static final Duration SOON = Duration.ofSeconds(20);
    private Outside outside;
    private Client admin;
    private Client cora;
    private TestFlows flows;

    @BeforeEach
    void tenant() throws IOException {
        outside = new Outside();
        admin = APP.newTenant();
        cora = APP.newColleague(admin, "responder");
        flows = new TestFlows(admin);
    }

    @AfterEach
    void close() {
        outside.close();
    }

    /** Waits for "go", then acts; closes in the end. */
    private UUID workflow() {
        return flows.publish(
                List.of(
                        start(),
                        node("pause", "wait", Map.of("signal", "go")),
                        fetch("act", outside.url("/act")),
                        node("at_end", "finally", Map.of()),
                        fetch("close", outside.url("/close"))),
                "start.out->pause",
                "pause.out->act",
                "at_end.out->close");
    }

    private String started(Client by, UUID workflow) {
        String run = new TestFlows(by).start(workflow, Map.of());
        flows.awaitStep(run, "pause", "waiting");
        return run;
    }

    private void go(String run) {
        var told = admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go"));
        assertThat(told.status()).as(told.body()).isEqualTo(200);
    }

    private JsonNode held(String run) {
        return admin.get("/api/v1/runs/" + run + "/options").json().get("held");
    }

    private JsonNode awaitHeld(String run) {
        return await().atMost(SOON).until(() -> held(run), held -> !held.isEmpty()).get(0);
    }

    private void disable(Client who, boolean disabled) {
        var done = admin.patch("/api/v1/users/" + who.account(), Map.of("disabled", disabled));
        assertThat(done.status()).as(done.body()).isEqualTo(200);
    }

    private long mails(String subject) {
        long count = 0;
        for (JsonNode mail : admin.get("/api/v1/developer/mailbox?limit=200").json().get("items")) {
            if (mail.get("to").asString().equals(admin.email())
                    && mail.get("subject").asString().equals(subject)) {
                count++;
            }
        }
        return count;
    }

    @Test
    void itActsNoMoreOnceItsStarterIsDisabledUntilSomebodyAnswersForIt() {
        String run = started(cora, workflow());
        disable(cora, true);
        go(run);
        JsonNode held = awaitHeld(run);
        assertThat(held.get("step").asString()).isEqualTo("act");
        assertThat(held.get("unanswered").asBoolean()).isTrue();
        assertThat(held.get("why").asString())
                .contains("Cora responder")
                .contains("answer for the run");
        assertThat(outside.asked()).isEmpty();
        assertThat(flows.step(run, "act").get("state").asString()).isEqualTo("queued");
        await().atMost(SOON).until(() -> mails("Workflow 'Test' needs you") == 1);
        var answered = admin.post("/api/v1/runs/" + run + "/answer", Map.of());
        assertThat(answered.status()).as(answered.body()).isEqualTo(200);
        flows.await(run, "succeeded");
        assertThat(outside.asked()).containsExactly("/act", "/close");
        assertThat(admin.get("/api/v1/audit").body()).contains("run.answered-for");
        assertThat(admin.post("/api/v1/runs/" + run + "/answer", Map.of()).problem())
                .isEqualTo("run-over");
    }

    @Test
    void nobodyAnswersForARunThatNeedsNobody() {
        String run = started(cora, workflow());
        assertThat(admin.post("/api/v1/runs/" + run + "/answer", Map.of()).problem())
                .isEqualTo("answer-not-needed");
        disable(cora, true);
        var early = admin.post("/api/v1/runs/" + run + "/answer", Map.of());
        assertThat(early.status()).as("before a step waits").isEqualTo(200);
        assertThat(admin.post("/api/v1/runs/" + run + "/answer", Map.of()).problem())
                .isEqualTo("answer-not-needed");
        go(run);
        flows.await(run, "succeeded");
    }

    @Test
    void aRoleThatMayNotRunWorkflowsIsAsGoodAsNone() {
        String run = started(cora, workflow());
        var changed = admin.patch("/api/v1/users/" + cora.account(), Map.of("role", "auditor"));
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        go(run);
        awaitHeld(run);
        assertThat(cora.post("/api/v1/runs/" + run + "/answer", Map.of()).problem())
                .isEqualTo("denied");
        assertThat(outside.asked()).isEmpty();
    }

    @Test
    void whoIsLetInAgainAnswersAgain() {
        String run = started(cora, workflow());
        disable(cora, true);
        go(run);
        awaitHeld(run);
        disable(cora, false);
        // It is asked again within a minute; here at once.
        APP.database()
                .asOwner(
                        "UPDATE platform.workflow_dispatch SET due_at = now() WHERE run_id = '"
                                + run
                                + "'");
        flows.await(run, "succeeded");
        assertThat(held(run)).isEmpty();
    }

    @Test
    void whoeverStopsARunAnswersForItsClosing() {
        String run = started(cora, workflow());
        disable(cora, true);
        admin.post(
                "/api/v1/runs/" + run + "/stop", Map.of("mode", "cancel", "reason", "Who is it?"));
        flows.await(run, "cancelled");
        assertThat(outside.asked()).containsExactly("/close");
    }

    @Test
    void aServiceAccountsRunsEndWithIt() {
        var service =
                admin.post(
                                "/api/v1/service-accounts",
                                Map.of(
                                        "name",
                                        "robot",
                                        "description",
                                        "",
                                        "role",
                                        "workflow-operator"))
                        .json();
        String path = "/api/v1/service-accounts/" + service.get("id").asString();
        var key =
                admin.post(
                        path + "/api-keys",
                        Map.of(
                                "name",
                                "starts",
                                "scopes",
                                List.of("workflow:run", "workflow:read"),
                                "networks",
                                List.of(),
                                "days",
                                1,
                                "code",
                                APP.codeAtOnce(admin)));
        assertThat(key.status()).as(key.body()).isEqualTo(201);
        Client program = APP.anonymous().withKey(key.json().get("secret").asString());
        String run = started(program, workflow());
        var ended = admin.patch(path, Map.of("disabled", true));
        assertThat(ended.status()).as(ended.body()).isEqualTo(200);
        go(run);
        assertThat(awaitHeld(run).get("why").asString()).contains("robot");
        assertThat(outside.asked()).isEmpty();
    }

    @Test
    void ofAHundredRunsNoneActsAfterTheCallThatEndedTheirStarterReturned() throws Exception {
        UUID workflow = workflow();
        var runs = new ArrayList<String>();
        for (int i = 0; i < 100; i++) {
            runs.add(new TestFlows(cora).start(workflow, Map.of()));
        }
        for (String run : runs) {
            flows.awaitStep(run, "pause", "waiting");
        }
        var racing = runs.subList(0, 50);
        var after = runs.subList(50, 100);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var going = racing.stream().map(run -> threads.submit(() -> go(run))).toList();
            disable(cora, true);
            for (var told : going) {
                told.get();
            }
            for (var told : after.stream().map(run -> threads.submit(() -> go(run))).toList()) {
                told.get();
            }
        }
        for (String run : after) {
            awaitHeld(run);
        }
        assertThat(begun(after)).isZero();
        for (String run : racing) {
            await().atMost(SOON).until(() -> begun(List.of(run)) == 1 || !held(run).isEmpty());
        }
        await().atMost(SOON).until(() -> outside.asked("/act") == begun(racing));
    }

    /** How many of them began to act. */
    private long begun(List<String> runs) {
        return runs.stream()
                .filter(run ->
                        List.of("running", "succeeded", "failed", "in-doubt")
                                .contains(flows.step(run, "act").get("state").asString()))
                .count();
    }
}
