package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.detection.Finding;
import io.cybershield.detection.Severity;
import io.cybershield.engine.Event;
import io.cybershield.incident.Incidents;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Workflows over HTTP against the whole application and a real database. */
class WorkflowIT {
    private static final TestApplication APP = TestApplication.shared();
    private Client admin;

    @BeforeEach
    void tenant() {
        admin = APP.newTenant();
    }

    @Test
    void anIncidentIsHandledOnceItsApprovalIsGiven() {
        publishTemplate(admin);
        UUID incident = openIncident(admin, "web-01", Severity.HIGH);
        JsonNode approval = awaitApproval(admin);
        assertThat(approval.get("title").asString()).isEqualTo("Isolate web-01?");
        assertThat(approval.get("action").asString())
                .contains("Isolate endpoint")
                .contains("web-01");
        assertThat(admin.get("/api/v1/simulator/endpoints").json().get("items")).isEmpty();

        assertThat(decide(admin, approval, "approve", hash(approval)).status()).isEqualTo(200);
        JsonNode run = awaitRun(admin, run(approval), "succeeded");

        assertThat(run.get("incidentId").asString()).isEqualTo(incident.toString());
        JsonNode endpoints = admin.get("/api/v1/simulator/endpoints").json().get("items");
        assertThat(endpoints).hasSize(1);
        assertThat(endpoints.get(0).get("state").asString()).isEqualTo("isolated");
        JsonNode detail = admin.get("/api/v1/incidents/" + incident).json();
        assertThat(detail.get("tasks")).hasSize(1);
        assertThat(detail.get("runs")).hasSize(1);
        assertThat(mails("is isolated")).isEqualTo(1);
        assertThat(mails("Approval needed")).isEqualTo(1);
        assertThat(states(run))
                .containsEntry("isolate", "succeeded")
                .containsEntry("verify", "succeeded")
                .containsEntry("review", "skipped");
        assertThat(
                        inTenant(
                                admin,
                                () ->
                                        APP.bean(RunJournals.class)
                                                        .read(run(approval), 10_000)
                                                        .broken()
                                                == null))
                .isTrue();
        assertThat(admin.get("/api/v1/audit?action=approval.approved").json().get("items"))
                .hasSize(1);
    }

    @Test
    void aDeclinedApprovalTakesTheOtherBranchAndIsolatesNothing() {
        publishTemplate(admin);
        openIncident(admin, "web-02", Severity.CRITICAL);
        JsonNode approval = awaitApproval(admin);
        decide(admin, approval, "decline", hash(approval));
        JsonNode run = awaitRun(admin, run(approval), "succeeded");
        assertThat(states(run))
                .containsEntry("review", "succeeded")
                .containsEntry("isolate", "skipped");
        assertThat(admin.get("/api/v1/simulator/endpoints").json().get("items")).isEmpty();
    }

    @Test
    void anIncidentWithoutAHostIsReviewedAndNobodyIsAsked() {
        publishTemplate(admin);
        openIncident(admin, null, Severity.HIGH);
        JsonNode run =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> first(admin.get("/api/v1/runs")), r -> !r.isMissingNode());
        JsonNode ended = awaitRun(admin, UUID.fromString(run.get("id").asString()), "succeeded");
        assertThat(states(ended))
                .containsEntry("review", "succeeded")
                .containsEntry("approve", "skipped");
        assertThat(admin.get("/api/v1/approvals").json().get("items")).isEmpty();
    }

    @Test
    void anIncidentThatGrowsStartsItsRunOnce() {
        publishTemplate(admin);
        UUID incident = openIncident(admin, "web-11", Severity.MEDIUM);
        assertThat(openIncident(admin, "web-11", Severity.CRITICAL)).isEqualTo(incident);
        JsonNode approval = awaitApproval(admin);
        openIncident(admin, "web-11", Severity.CRITICAL);
        decide(admin, approval, "approve", hash(approval));
        awaitRun(admin, run(approval), "succeeded");
        assertThat(admin.get("/api/v1/runs").json().get("items")).hasSize(1);
    }

    @Test
    void anIncidentThatGrewBeforeItWasLookedAtStartsOneRun() {
        publishTemplate(admin);
        // Handed over at once: the run is not written yet when the next of them asks for it.
        inTenant(
                admin,
                () -> {
                    for (int i = 0; i < 5; i++) {
                        openIncident(admin, "web-12", Severity.HIGH);
                    }
                    return null;
                });
        JsonNode approval = awaitApproval(admin);
        decide(admin, approval, "approve", hash(approval));
        awaitRun(admin, run(approval), "succeeded");
        assertThat(admin.get("/api/v1/runs").json().get("items")).hasSize(1);
    }

    @Test
    void ofManyClicksOneDecides() throws Exception {
        publishTemplate(admin);
        openIncident(admin, "web-04", Severity.HIGH);
        JsonNode approval = awaitApproval(admin);
        try (var clicks = Executors.newFixedThreadPool(8)) {
            Callable<Integer> click =
                    () -> decide(admin, approval, "approve", hash(approval)).status();
            var answers =
                    clicks.invokeAll(java.util.Collections.nCopies(24, click)).stream()
                            .map(f -> f.resultNow())
                            .toList();
            assertThat(answers).containsOnly(200, 409);
            assertThat(answers.stream().filter(s -> s == 200)).hasSize(1);
        }
        awaitRun(admin, run(approval), "succeeded");
        assertThat(mails("is isolated")).isEqualTo(1);
    }

    @Test
    void aDecisionBindsToWhatWasShown() {
        publishTemplate(admin);
        openIncident(admin, "web-05", Severity.HIGH);
        JsonNode approval = awaitApproval(admin);
        Response changed = decide(admin, approval, "approve", "0".repeat(64));
        assertThat(changed.status()).isEqualTo(409);
        assertThat(changed.problem()).isEqualTo("action-changed");
        assertThat(awaitApproval(admin).get("state").asString()).isEqualTo("waiting");
    }

    @Test
    void anActionWhoseInputsChangedAfterTheApprovalIsStopped() {
        publishTemplate(admin);
        openIncident(admin, "web-06", Severity.HIGH);
        JsonNode approval = awaitApproval(admin);
        // Somebody who can write the tenant's tables rewrites what the approval was for.
        inTenant(
                admin,
                () ->
                        APP.bean(JdbcClient.class)
                                .sql(
                                        "UPDATE workflow_approvals SET bound ="
                                                + " '{\"isolate\":{\"host\":\"other\"}}'::jsonb")
                                .update());
        decide(admin, approval, "approve", hash(approval));
        JsonNode run = awaitRun(admin, run(approval), "failed");
        assertThat(run.get("result").asString()).isNotBlank();
        assertThat(admin.get("/api/v1/simulator/endpoints").json().get("items")).isEmpty();
    }

    @Test
    void onlyTheNamedRoleOrAnAdministratorDecidesAndOpeningTheLinkDecidesNothing() {
        publishTemplate(admin);
        openIncident(admin, "web-07", Severity.HIGH);
        JsonNode approval = awaitApproval(admin);
        assertThat(
                        decide(
                                        APP.newColleague(admin, "auditor"),
                                        approval,
                                        "approve",
                                        hash(approval))
                                .status())
                .isEqualTo(403);
        assertThat(
                        admin.get("/api/v1/approvals/" + approval.get("id").asString())
                                .json()
                                .get("state")
                                .asString())
                .isEqualTo("waiting");
        assertThat(
                        decide(
                                        APP.newColleague(admin, "responder"),
                                        approval,
                                        "approve",
                                        hash(approval))
                                .status())
                .isEqualTo(200);
    }

    @Test
    void anotherTenantFindsNothingToSeeOrDecide() {
        publishTemplate(admin);
        openIncident(admin, "web-08", Severity.HIGH);
        JsonNode approval = awaitApproval(admin);
        String workflow =
                admin.get("/api/v1/runs/" + run(approval)).json().get("workflowId").asString();
        Client stranger = APP.newTenant();
        String approvalId = approval.get("id").asString();
        for (String path :
                List.of(
                        "runs/" + run(approval),
                        "approvals/" + approvalId,
                        "workflows/" + workflow)) {
            assertThat(stranger.get("/api/v1/" + path).status()).as(path).isEqualTo(404);
        }
        assertThat(decide(stranger, approval, "approve", hash(approval)).status()).isEqualTo(404);
        assertThat(stranger.post("/api/v1/runs/" + run(approval) + "/cancel", Map.of()).status())
                .isEqualTo(404);
        assertThat(stranger.post("/api/v1/workflows/" + workflow + "/publish", Map.of()).status())
                .isEqualTo(404);
        assertThat(
                        stranger.post(
                                        "/api/v1/workflows/" + workflow + "/runs",
                                        Map.of("input", Map.of()))
                                .status())
                .isEqualTo(404);
        for (String list : List.of("runs", "approvals", "workflows")) {
            assertThat(stranger.get("/api/v1/" + list).json().get("items")).as(list).isEmpty();
        }
    }

    @Test
    void aCancelledRunEndsAndTakesItsQuestionBack() {
        publishTemplate(admin);
        openIncident(admin, "web-09", Severity.HIGH);
        JsonNode approval = awaitApproval(admin);
        assertThat(
                        admin.post("/api/v1/runs/" + run(approval) + "/cancel", Map.of())
                                .json()
                                .get("state")
                                .asString())
                .isEqualTo("cancelled");
        assertThat(
                        admin.get("/api/v1/approvals/" + approval.get("id").asString())
                                .json()
                                .get("state")
                                .asString())
                .isEqualTo("void");
        assertThat(decide(admin, approval, "approve", hash(approval)).status()).isEqualTo(409);
    }

    @Test
    void aWaitIsARowAndGoesOnByItself() {
        UUID workflow =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box("pause", "wait", Map.of("seconds", 1)),
                                box("done", "condition", Map.of("expression", "trigger.x == 1"))),
                        List.of(
                                Map.of("from", "start", "port", "out", "to", "pause"),
                                Map.of("from", "pause", "port", "out", "to", "done")));
        JsonNode run =
                admin.post(
                                "/api/v1/workflows/" + workflow + "/runs",
                                Map.of("input", Map.of("x", 1)))
                        .json();
        assertThat(run.get("state").asString()).isEqualTo("waiting");
        JsonNode ended = awaitRun(admin, UUID.fromString(run.get("id").asString()), "succeeded");
        assertThat(ended.get("steps").get(2).get("port").asString()).isEqualTo("true");
    }

    @Test
    void aStepThatCannotBeComputedFailsTheRunAndSaysWhy() {
        UUID workflow =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "check",
                                        "condition",
                                        Map.of("expression", "trigger.missing == 1"))),
                        List.of(Map.of("from", "start", "port", "out", "to", "check")));
        JsonNode run =
                admin.post("/api/v1/workflows/" + workflow + "/runs", Map.of("input", Map.of()))
                        .json();
        assertThat(run.get("state").asString()).isEqualTo("failed");
        JsonNode detail = admin.get("/api/v1/runs/" + run.get("id").asString()).json();
        assertThat(detail.get("steps").get(1).get("error").asString()).contains("trigger.missing");
    }

    @Test
    void aWorkerThatVanishedIsNoticedAndTheStepIsDoneOnce() {
        publishTemplate(admin);
        openIncident(admin, "web-10", Severity.HIGH);
        JsonNode approval = awaitApproval(admin);
        RunId run = new RunId(run(approval));
        // In one transaction: the approval is given and a holder writes its intent, then dies; its
        // lease is over at once.
        inTenant(
                admin,
                () -> {
                    var turns = APP.bean(RunTurns.class);
                    var waiting =
                            turns.load(run).orElseThrow().state().step("approve").orElseThrow();
                    APP.bean(JdbcClient.class)
                            .sql(
                                    "UPDATE workflow_approvals SET state = 'approved' WHERE state ="
                                            + " 'waiting'")
                            .update();
                    turns.take(
                            run,
                            new Event.ApprovalDecided(
                                    turns.now(),
                                    "approve",
                                    waiting.epoch(),
                                    true,
                                    "Ann",
                                    "",
                                    Map.of()));
                    var queued =
                            turns.load(run).orElseThrow().state().step("isolate").orElseThrow();
                    turns.take(
                            run,
                            new Event.AttemptStarted(
                                    turns.now(),
                                    "isolate",
                                    queued.epoch(),
                                    UUID.randomUUID().toString()));
                    APP.bean(JdbcClient.class)
                            .sql(
                                    "UPDATE platform.workflow_dispatch SET takes = 1, claim ="
                                        + " gen_random_uuid(), lease_until = now() - interval '1"
                                        + " second' WHERE run_id = :run")
                            .param("run", run.value())
                            .update();
                    return true;
                });
        JsonNode ended = awaitRun(admin, run(approval), "succeeded");
        assertThat(states(ended)).containsEntry("isolate", "succeeded");
        int orders =
                inTenant(
                        admin,
                        () ->
                                APP.bean(JdbcClient.class)
                                        .sql("SELECT count(*) FROM simulator_order")
                                        .query(Integer.class)
                                        .single());
        assertThat(orders).isOne();
    }

    @Test
    void anUnsoundDrawingIsNotPublishedAndEachPlaceIsNamed() {
        UUID id =
                UUID.fromString(
                        admin.post("/api/v1/workflows", Map.of("name", "Broken"))
                                .json()
                                .get("id")
                                .asString());
        Map<String, Object> drawing =
                drawing(
                        List.of(
                                box("start", "incident-opened", Map.of()),
                                box(
                                        "isolate",
                                        "isolate-endpoint",
                                        Map.of("host", "{{ env.HOST }}")),
                                box("check", "condition", Map.of("expression", "1 +"))),
                        List.of(Map.of("from", "start", "port", "out", "to", "isolate")));
        assertThat(save(admin, id, drawing, 1).status()).isEqualTo(200);
        Response refused = admin.post("/api/v1/workflows/" + id + "/publish", Map.of());
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("workflow-not-sound");
        JsonNode problems =
                admin.post("/api/v1/workflows/validate", drawing).json().get("problems");
        assertThat(problems.findValuesAsString("code"))
                .contains(
                        "unapproved-destruction",
                        "expression-not-valid",
                        "place-not-valid",
                        "unreachable-node");
        problems.forEach(p -> assertThat(p.get("mend").asString()).isNotBlank());
        assertThat(save(admin, id, drawing, 1).problem()).isEqualTo("edited-meanwhile");
    }

    @Test
    void aLoopCallsAServiceForEachItemAndASwitchSortsThem() {
        UUID workflow =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "hosts",
                                        "for-each",
                                        Map.of("items", "trigger.hosts", "parallelism", 2)),
                                box(
                                        "kind",
                                        "switch",
                                        Map.of(
                                                "cases",
                                                List.of(
                                                        Map.of(
                                                                "name",
                                                                "web",
                                                                "when",
                                                                "item.startsWith('web')"),
                                                        Map.of(
                                                                "name",
                                                                "db",
                                                                "when",
                                                                "item.startsWith('db')")))),
                                box(
                                        "mail",
                                        "send-email",
                                        Map.of(
                                                "to", "role:tenant-admin",
                                                "subject",
                                                        "Web host {{ item }} is number {{ index }}",
                                                "text", "Seen.")),
                                box("check", "condition", Map.of("expression", "index >= 0")),
                                box(
                                        "enough",
                                        "condition",
                                        Map.of(
                                                "expression",
                                                "size(steps.hosts.output.results) == 4"))),
                        List.of(
                                edge("start", "out", "hosts"),
                                edge("hosts", "each", "kind"),
                                edge("kind", "web", "mail"),
                                edge("kind", "db", "check"),
                                edge("mail", "out", "hosts"),
                                edge("hosts", "done", "enough")));
        JsonNode run = runToEnd(workflow, Map.of("hosts", List.of("web-1", "db-1", "web-2", "x")));
        assertThat(run.get("state").asString()).isEqualTo("succeeded");
        var states = states(run);
        assertThat(states)
                .containsEntry("hosts", "succeeded")
                .containsEntry("hosts[0]/mail", "succeeded")
                .containsEntry("hosts[1]/mail", "skipped")
                .containsEntry("hosts[1]/check", "succeeded")
                .containsEntry("hosts[2]/mail", "succeeded")
                .containsEntry("hosts[3]/kind", "succeeded")
                .doesNotContainKey("mail");
        assertThat(port(run, "enough")).isEqualTo("true");
        assertThat(mails("Web host web-1 is number 0")).isEqualTo(1);
        assertThat(mails("Web host web-2 is number 2")).isEqualTo(1);
    }

    @Test
    void aLoopOverHttpCallsGathersWhatEachCameTo() {
        UUID workflow =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "each",
                                        "for-each",
                                        Map.of(
                                                "items", "trigger.urls",
                                                "parallelism", 3,
                                                "onItemError", "collect")),
                                box("call", "http-get", Map.of("url", "{{ item }}")),
                                box(
                                        "all",
                                        "condition",
                                        Map.of(
                                                "expression",
                                                "steps.each.output.failed == 2 &&"
                                                    + " steps.each.output.errors[1].index == 1"))),
                        List.of(
                                edge("start", "out", "each"),
                                edge("each", "each", "call"),
                                edge("call", "out", "each"),
                                edge("each", "done", "all")));
        // Addresses of our own network: each call goes all the way to the guard and is refused.
        JsonNode run =
                runToEnd(
                        workflow,
                        Map.of("urls", List.of("http://127.0.0.1:9/a", "http://10.0.0.1/b")));
        assertThat(run.get("state").asString()).as(run.toString()).isEqualTo("succeeded");
        assertThat(states(run))
                .containsEntry("each[0]/call", "failed")
                .containsEntry("each[1]/call", "failed");
        assertThat(port(run, "all")).isEqualTo("true");
    }

    @Test
    void aWhileCountsItsRoundsAndAJoinTakesTheFirst() {
        UUID workflow =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "again",
                                        "while",
                                        Map.of("condition", "steps.again.output.rounds < 3")),
                                box("look", "condition", Map.of("expression", "index < 2")),
                                box("slow", "wait", Map.of("seconds", 3600)),
                                box("first", "join", Map.of("mode", "any", "late", "cancel")),
                                box(
                                        "stop",
                                        "end",
                                        Map.of(
                                                "message",
                                                "Enough.",
                                                "result",
                                                Map.of("host", "{{ trigger.host }}")))),
                        List.of(
                                edge("start", "out", "again"),
                                edge("start", "out", "slow"),
                                edge("again", "each", "look"),
                                edge("look", "true", "again"),
                                edge("again", "done", "first"),
                                edge("slow", "out", "first"),
                                edge("first", "out", "stop")));
        JsonNode run = runToEnd(workflow, Map.of("host", "web-1"));
        assertThat(run.get("state").asString()).isEqualTo("succeeded");
        assertThat(run.get("result").asString()).contains("Enough.");
        assertThat(states(run))
                .containsEntry("again[2]/look", "succeeded")
                .containsEntry("slow", "cancelled")
                .containsEntry("first", "succeeded");
    }

    @Test
    void aRunStartsAnotherAndGoesOnWithItsResult() {
        UUID child =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box("nap", "wait", Map.of("seconds", 1)),
                                box(
                                        "end",
                                        "end",
                                        Map.of("result", Map.of("seen", "{{ trigger.host }}")))),
                        List.of(edge("start", "out", "nap"), edge("nap", "out", "end")));
        UUID parent =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "sub",
                                        "sub-workflow",
                                        Map.of(
                                                "workflow", child.toString(),
                                                "version", 1,
                                                "input", Map.of("host", "{{ trigger.host }}"))),
                                box(
                                        "check",
                                        "condition",
                                        Map.of(
                                                "expression",
                                                "steps.sub.output.result.seen == 'web-9'"))),
                        List.of(edge("start", "out", "sub"), edge("sub", "out", "check")));
        JsonNode run = runToEnd(parent, Map.of("host", "web-9"));
        assertThat(run.get("state").asString()).as(run.toString()).isEqualTo("succeeded");
        assertThat(port(run, "check")).isEqualTo("true");
        assertThat(admin.get("/api/v1/runs?workflow=" + child).json().get("items")).hasSize(1);
    }

    @Test
    void stoppingARunStopsTheOneItStarted() {
        UUID child =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box("nap", "wait", Map.of("seconds", 3600))),
                        List.of(edge("start", "out", "nap")));
        UUID parent =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "sub",
                                        "sub-workflow",
                                        Map.of("workflow", child.toString(), "version", 1))),
                        List.of(edge("start", "out", "sub")));
        UUID run = start(parent, Map.of());
        assertThat(admin.post("/api/v1/runs/" + run + "/cancel", Map.of()).status()).isEqualTo(200);
        JsonNode started = first(admin.get("/api/v1/runs?workflow=" + child));
        awaitRun(admin, UUID.fromString(started.get("id").asString()), "cancelled");
    }

    @Test
    void aFailedRunIsUndoneAndClosed() {
        UUID workflow =
                publish(
                        admin,
                        List.of(
                                box("start", "manual", Map.of()),
                                box("first", "send-email", mail("Step one")),
                                box("back", "send-email", mail("Taken back")),
                                box("bad", "condition", Map.of("expression", "trigger.missing")),
                                box("close", "finally", Map.of()),
                                box(
                                        "tidy",
                                        "send-email",
                                        mail("Run {{ steps.close.output.status }}"))),
                        List.of(
                                edge("start", "out", "first"),
                                edge("first", "undo", "back"),
                                edge("first", "out", "bad"),
                                edge("close", "out", "tidy")));
        JsonNode run = runToEnd(workflow, Map.of());
        assertThat(run.get("state").asString()).isEqualTo("failed");
        assertThat(states(run))
                .containsEntry("first", "succeeded")
                .containsEntry("back", "succeeded")
                .containsEntry("tidy", "succeeded");
        assertThat(mails("Taken back")).isEqualTo(1);
        assertThat(mails("Run failed")).isEqualTo(1);
    }

    // ---- helpers

    private static Map<String, Object> mail(String subject) {
        return Map.of("to", "role:tenant-admin", "subject", subject, "text", "Seen.");
    }

    private static Map<String, Object> edge(String from, String port, String to) {
        return Map.of("from", from, "port", port, "to", to);
    }

    private UUID start(UUID workflow, Map<String, Object> input) {
        Response started =
                admin.post("/api/v1/workflows/" + workflow + "/runs", Map.of("input", input));
        return UUID.fromString(started.json().get("id").asString());
    }

    private JsonNode runToEnd(UUID workflow, Map<String, Object> input) {
        UUID run = start(workflow, input);
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> admin.get("/api/v1/runs/" + run).json(),
                        r -> !r.path("endedAt").isNull() && !r.path("endedAt").isMissingNode());
    }

    private static String port(JsonNode run, String step) {
        for (JsonNode s : run.get("steps")) {
            if (s.get("key").asString().equals(step)) {
                return s.get("port").asString("");
            }
        }
        return "";
    }

    private static void publishTemplate(Client client) {
        String id =
                client.post("/api/v1/workflows", Map.of("template", "incident-response"))
                        .json()
                        .get("id")
                        .asString();
        Response published = client.post("/api/v1/workflows/" + id + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
    }

    private static UUID publish(
            Client client, List<Map<String, Object>> nodes, List<Map<String, Object>> edges) {
        UUID id =
                UUID.fromString(
                        client.post("/api/v1/workflows", Map.of("name", "Test"))
                                .json()
                                .get("id")
                                .asString());
        assertThat(save(client, id, drawing(nodes, edges), 1).status()).isEqualTo(200);
        Response published = client.post("/api/v1/workflows/" + id + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
        return id;
    }

    private static Response save(
            Client client, UUID id, Map<String, Object> drawing, int revision) {
        return client.send(
                client.csrf(
                        client.json("/api/v1/workflows/" + id + "/draft", "PUT", drawing)
                                .header("If-Match", "\"" + revision + "\"")));
    }

    private static Map<String, Object> drawing(
            List<Map<String, Object>> nodes, List<Map<String, Object>> edges) {
        return Map.of("name", "Test", "description", "", "nodes", nodes, "edges", edges);
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private static UUID openIncident(Client client, @Nullable String host, Severity severity) {
        var finding =
                new Finding(
                        UUID.randomUUID(),
                        UUID.randomUUID(),
                        Instant.now(),
                        Instant.now(),
                        "Password guessing",
                        severity,
                        "rule-1",
                        host,
                        "root",
                        List.of("attack.t1110"),
                        List.of());
        return inTenant(
                client, () -> APP.bean(Incidents.class).handle(List.of(finding)).get(finding.id()));
    }

    private static <T> T inTenant(Client client, java.util.function.Supplier<T> work) {
        return APP.bean(Transactions.class)
                .callAs(
                        Scope.tenant(
                                new TenantId(client.tenant()),
                                new Principal(Principal.Kind.SYSTEM, "test", "test")),
                        work);
    }

    private static JsonNode awaitApproval(Client client) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> first(client.get("/api/v1/approvals?state=waiting")),
                        a -> !a.isMissingNode());
    }

    private static JsonNode first(Response page) {
        return page.json().path("items").path(0);
    }

    private static JsonNode awaitRun(Client client, UUID run, String state) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> client.get("/api/v1/runs/" + run).json(),
                        r -> r.path("state").asString("").equals(state));
    }

    private static Response decide(Client client, JsonNode approval, String verdict, String hash) {
        return client.post(
                "/api/v1/runs/"
                        + run(approval)
                        + "/approvals/"
                        + approval.get("id").asString()
                        + "/decision",
                Map.of("verdict", verdict, "reason", "tested", "actionHash", hash));
    }

    private static UUID run(JsonNode approval) {
        return UUID.fromString(approval.get("runId").asString());
    }

    private static String hash(JsonNode approval) {
        return approval.get("actionHash").asString();
    }

    private static Map<String, String> states(JsonNode run) {
        var states = new java.util.HashMap<String, String>();
        run.get("steps")
                .forEach(s -> states.put(s.get("key").asString(), s.get("state").asString()));
        return states;
    }

    /** Mails to this tenant's administrator whose subject contains the words. */
    private int mails(String words) {
        int count = 0;
        for (JsonNode mail : admin.get("/api/v1/developer/mailbox?limit=200").json().get("items")) {
            if (mail.get("to").asString().equals(admin.email())
                    && mail.get("subject").asString().contains(words)) {
                count++;
            }
        }
        return count;
    }
}
