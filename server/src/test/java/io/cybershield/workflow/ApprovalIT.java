package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.SoftPasskey;
import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Votes, stages, lent votes and tasks over HTTP, by people who try what they should not. */
class ApprovalIT {
    private static final TestApplication APP = TestApplication.shared();
    private Client admin;

    @BeforeEach
    void tenant() {
        admin = APP.newTenant();
    }

    @Test
    void twoOfThreeApproveAndWhoeverStartedTheRunHasNoVote() {
        Client ann = responder();
        Client bob = responder();
        Client eve = responder();
        UUID workflow = publishGuarded(twoResponders());
        start(eve, workflow, "web-01");
        JsonNode approval = awaitApproval();
        assertThat(approval.get("need").asInt()).isEqualTo(2);

        Response own = vote(eve, approval, "approve");
        assertThat(own.status()).isEqualTo(403);
        assertThat(own.problem()).isEqualTo("not-your-approval");
        assertThat(own.json().get("detail").asString()).contains("You started this run");
        assertThat(standing(eve, approval).get("whyNot").get("code").asString())
                .isEqualTo("started-the-run");
        assertThat(vote(admin, approval, "approve").status()).isEqualTo(403);

        Response first = vote(ann, approval, "approve");
        assertThat(first.status()).as(first.body()).isEqualTo(200);
        assertThat(first.json().get("state").asString()).isEqualTo("waiting");
        assertThat(first.json().get("have").asInt()).isEqualTo(1);
        assertThat(endpoints()).isEmpty();
        assertThat(vote(ann, approval, "approve").problem()).isEqualTo("already-voted");
        JsonNode stands = standing(bob, approval);
        assertThat(stands.get("mayDecide").asBoolean()).isTrue();
        assertThat(stands.get("stages").get(0).get("votes")).hasSize(1);
        assertThat(stands.get("waitingFor")).hasSize(1);

        assertThat(vote(bob, approval, "approve").json().get("state").asString())
                .isEqualTo("approved");
        awaitRun(approval, "succeeded");
        assertThat(endpoints()).hasSize(1);
        assertThat(audit("approval.voted")).hasSize(1);
        assertThat(audit("approval.approved")).hasSize(1);
        assertThat(audit("approval.approved").get(0).get("detail").get("votes")).hasSize(2);
        assertThat(audit("approval.vote-refused")).hasSize(2);
        assertThat(vote(eve, approval, "decline").problem()).isEqualTo("already-decided");
    }

    @Test
    void authorAndPublisherHaveNoVoteWhereTheSettingsSaySoAndAChildRunHidesNobody() {
        Client ann = responder();
        Client eve = responder();
        UUID child =
                publishGuarded(
                        Map.of(
                                "role",
                                "responder",
                                "separation",
                                Map.of("author", true, "publisher", true)));
        UUID parent =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "go",
                                        "sub-workflow",
                                        Map.of(
                                                "workflow",
                                                child.toString(),
                                                "version",
                                                1,
                                                "input",
                                                Map.of("host", "{{ trigger.host }}")))),
                        List.of(edge("start", "out", "go")));
        start(eve, parent, "web-02");
        JsonNode approval = awaitApproval();
        assertThat(vote(admin, approval, "approve").json().get("detail").asString())
                .contains("edited this version");
        assertThat(vote(eve, approval, "approve").json().get("detail").asString())
                .contains("You started this run");
        assertThat(vote(ann, approval, "approve").status()).isEqualTo(200);
        awaitRun(approval, "succeeded");
        assertThat(endpoints()).hasSize(1);
    }

    @Test
    void whoeverStartedTheRunWhoseEndStartedThisOneHasNoVote() {
        Client ann = responder();
        Client eve = responder();
        publish(
                List.of(
                        box("start", "run-finished", Map.of("states", List.of("succeeded"))),
                        box("approve", "approval", titled(Map.of("role", "responder"))),
                        box("isolate", "isolate-endpoint", Map.of("host", "web-18"))),
                List.of(edge("start", "out", "approve"), edge("approve", "approved", "isolate")));
        UUID harmless =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                box("note", "set", Map.of("vars", Map.of("done", "true")))),
                        List.of(edge("start", "out", "note")));
        start(eve, harmless, "web-18");
        JsonNode approval = awaitApproval();
        assertThat(vote(eve, approval, "approve").json().get("detail").asString())
                .contains("You started this run");
        assertThat(endpoints()).isEmpty();
        assertThat(vote(ann, approval, "approve").status()).isEqualTo(200);
        awaitRun(approval, "succeeded");
    }

    @Test
    void stagesComeOneAfterTheOtherAndTakeOtherPeople() {
        Client ann = responder();
        Client second = APP.newColleague(admin, "tenant-admin");
        UUID workflow =
                publishGuarded(
                        Map.of(
                                "stages",
                                List.of(
                                        Map.of("name", "Duty", "roles", List.of("responder")),
                                        Map.of(
                                                "name",
                                                "Management",
                                                "roles",
                                                List.of("tenant-admin"))),
                                "separation",
                                Map.of("starter", false)));
        start(admin, workflow, "web-03");
        JsonNode approval = awaitApproval();
        // An administrator stands in for the first stage, and so is out of the second.
        assertThat(vote(admin, approval, "approve").json().get("stage").asInt()).isEqualTo(1);
        assertThat(vote(admin, approval, "approve").json().get("detail").asString())
                .contains("earlier stage");
        assertThat(vote(ann, approval, "approve").status()).isEqualTo(403);
        assertThat(endpoints()).isEmpty();
        assertThat(vote(second, approval, "approve").json().get("state").asString())
                .isEqualTo("approved");
        awaitRun(approval, "succeeded");
        assertThat(mails(second, "Approval needed")).isEqualTo(1);
    }

    @Test
    void ofAHundredRacingClicksTwoCountAndOneDecides() throws Exception {
        List<Client> people = List.of(responder(), responder(), responder(), responder());
        UUID workflow = publishGuarded(twoResponders());
        start(admin, workflow, "web-04");
        JsonNode approval = awaitApproval();
        var clicks = new ArrayList<Callable<Response>>();
        for (int i = 0; i < 100; i++) {
            Client who = people.get(i % people.size());
            clicks.add(() -> vote(who, approval, "approve"));
        }
        try (var threads = Executors.newFixedThreadPool(8)) {
            var answers = threads.invokeAll(clicks).stream().map(f -> f.resultNow()).toList();
            assertThat(answers).extracting(Response::status).containsOnly(200, 409);
            assertThat(answers.stream().filter(a -> a.status() == 200)).hasSize(2);
            assertThat(
                            answers.stream()
                                    .filter(a -> a.status() == 200)
                                    .map(a -> a.json().get("state").asString()))
                    .containsExactlyInAnyOrder("waiting", "approved");
        }
        awaitRun(approval, "succeeded");
        assertThat(endpoints()).hasSize(1);
        assertThat(count("SELECT count(*) FROM workflow_approval_votes")).isEqualTo(2);
    }

    @Test
    void aChangeOfTheActionVoidsTheVotesAndNobodyApprovesWhatTheyWereNotShown() {
        Client ann = responder();
        Client bob = responder();
        UUID workflow =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                box("approve", "approval", titled(twoResponders())),
                                box(
                                        "isolate",
                                        "isolate-endpoint",
                                        Map.of("host", "{{ vars.host | default \"web-05\" }}")),
                                box(
                                        "pick",
                                        "task",
                                        Map.of("title", "Which host?", "role", "analyst")),
                                box(
                                        "keep",
                                        "set",
                                        Map.of(
                                                "vars",
                                                Map.of("host", "steps.pick.output.fields.host")))),
                        List.of(
                                edge("start", "out", "approve"),
                                edge("approve", "approved", "isolate"),
                                edge("start", "out", "pick"),
                                edge("pick", "done", "keep")));
        start(admin, workflow, "web-05");
        JsonNode approval = awaitApproval();
        assertThat(approval.get("action").asString()).contains("web-05");
        assertThat(vote(ann, approval, "approve").status()).isEqualTo(200);

        String task = first(admin.get("/api/v1/tasks?state=open")).get("id").asString();
        Response done =
                admin.post(
                        "/api/v1/tasks/" + task + "/done",
                        Map.of("fields", Map.of("host", "payroll-db")));
        assertThat(done.status()).as(done.body()).isEqualTo(200);

        Response late = vote(bob, approval, "approve");
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.problem()).isEqualTo("action-changed");
        assertThat(endpoints()).isEmpty();
        JsonNode now = get(approval);
        assertThat(now.get("action").asString()).contains("payroll-db");
        assertThat(now.get("have").asInt()).isZero();
        assertThat(now.get("actionHash")).isNotEqualTo(approval.get("actionHash"));
        assertThat(standing(bob, approval).get("voided").asInt()).isEqualTo(1);
        assertThat(vote(bob, approval, "approve").status()).as("the old hash").isEqualTo(409);
        assertThat(audit("approval.action-changed")).hasSize(1);

        assertThat(vote(ann, now, "approve").status()).isEqualTo(200);
        assertThat(vote(bob, now, "approve").json().get("state").asString()).isEqualTo("approved");
        awaitRun(approval, "succeeded");
        assertThat(endpoints().get(0).get("host").asString()).isEqualTo("payroll-db");
    }

    @Test
    void aGraveDecisionTakesAFreshCodeOnceAndWrongOnesAreCounted() {
        Client ann = responder();
        UUID workflow = publishGuarded(Map.of("role", "responder", "stepUp", true));
        start(admin, workflow, "web-06");
        JsonNode approval = awaitApproval();
        assertThat(approval.get("stepUp").asBoolean()).isTrue();
        assertThat(vote(ann, approval, "approve").problem()).isEqualTo("fresh-code-needed");
        assertThat(vote(ann, approval, Map.of("code", "000000")).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(get(approval).get("state").asString()).isEqualTo("waiting");
        String code = ann.nextCode();
        assertThat(vote(ann, approval, Map.of("code", code)).status()).isEqualTo(200);
        awaitRun(approval, "succeeded");

        start(admin, workflow, "web-07");
        JsonNode next = awaitApproval();
        assertThat(vote(ann, next, Map.of("code", code)).problem()).isEqualTo("fresh-code-needed");
        assertThat(get(next).get("state").asString()).isEqualTo("waiting");
        assertThat(audit("access.step-up")).hasSize(2);
    }

    @Test
    void aPasskeyShownOnceIsGoodForOneGraveDecision() {
        Client ann = responder();
        var passkey = new SoftPasskey();
        ann.post("/api/v1/account/step-up", Map.of("code", ann.nextCode()));
        JsonNode toMake = ann.post("/api/v1/account/passkeys/challenge", Map.of()).json();
        assertThat(ann.post("/api/v1/account/passkeys", passkey.make(toMake)).status())
                .isEqualTo(201);
        UUID workflow = publishGuarded(Map.of("role", "responder", "stepUp", true));
        start(admin, workflow, "web-16");
        JsonNode approval = awaitApproval();
        confirm(ann, passkey);
        assertThat(vote(ann, approval, "approve").status()).isEqualTo(200);
        awaitRun(approval, "succeeded");

        start(admin, workflow, "web-17");
        JsonNode next = awaitApproval();
        assertThat(vote(ann, next, "approve").problem()).isEqualTo("fresh-code-needed");
        assertThat(get(next).get("state").asString()).isEqualTo("waiting");
        confirm(ann, passkey);
        assertThat(vote(ann, next, "approve").status()).isEqualTo(200);
        awaitRun(next, "succeeded");
    }

    private static void confirm(Client client, SoftPasskey passkey) {
        JsonNode asked = client.post("/api/v1/account/step-up/challenge", Map.of()).json();
        assertThat(
                        client.post(
                                        "/api/v1/account/step-up",
                                        Map.of("passkey", passkey.show(asked)))
                                .status())
                .isEqualTo(204);
    }

    @Test
    void aLentVoteIsOneVoteNeverTwoAndNeverLentOn() {
        Client ann = responder();
        Client bob = responder();
        Client eve = responder();
        UUID workflow = publishGuarded(twoResponders());
        start(eve, workflow, "web-08");
        JsonNode approval = awaitApproval();
        for (Map<String, Object> refused :
                List.of(
                        lend(bob.account(), Duration.ofDays(1)),
                        lend(ann.account(), Duration.ofDays(91)),
                        lend(APP.newColleague(admin, "analyst").account(), Duration.ofDays(1)),
                        lend(UUID.randomUUID(), Duration.ofDays(1)))) {
            assertThat(bob.post("/api/v1/approval-delegations", refused).problem())
                    .isEqualTo("delegation-refused");
        }
        // Eve started the run: she has no vote to lend. Ann lends hers to Bob, and Bob cannot lend
        // it on to Eve.
        Response lent = lendTo(ann, bob);
        assertThat(lent.status()).as(lent.body()).isEqualTo(201);
        assertThat(lendTo(eve, bob).status()).isEqualTo(201);
        assertThat(lendTo(bob, eve).status()).isEqualTo(201);
        assertThat(vote(eve, approval, "approve").status()).isEqualTo(403);
        assertThat(standing(bob, approval).get("inPlaceOf")).hasSize(2);
        assertThat(vote(bob, approval, Map.of("inPlaceOf", eve.account())).status()).isEqualTo(403);
        assertThat(vote(bob, approval, Map.of("inPlaceOf", admin.account())).status())
                .isEqualTo(403);

        Response forAnn = vote(bob, approval, Map.of("inPlaceOf", ann.account()));
        assertThat(forAnn.json().get("have").asInt()).isEqualTo(1);
        assertThat(vote(bob, approval, "approve").problem()).isEqualTo("already-voted");
        assertThat(vote(ann, approval, "approve").problem()).isEqualTo("already-voted");
        assertThat(get(approval).get("state").asString()).isEqualTo("waiting");

        Client cid = responder();
        assertThat(vote(cid, approval, "approve").json().get("decidedBy").asString())
                .contains(" for ");
        awaitRun(approval, "succeeded");

        String id = lent.json().get("id").asString();
        assertThat(cid.delete("/api/v1/approval-delegations/" + id).status()).isEqualTo(404);
        assertThat(ann.delete("/api/v1/approval-delegations/" + id).status()).isEqualTo(204);
        start(eve, workflow, "web-09");
        JsonNode next = awaitApproval();
        assertThat(vote(bob, next, Map.of("inPlaceOf", ann.account())).status()).isEqualTo(403);
    }

    @Test
    void remindersAndEscalationsComeWithTimeAndWidenWhoMayDecide() {
        Client ann = responder();
        Client boss = APP.newColleague(admin, "tenant-admin");
        var settings = new LinkedHashMap<String, Object>();
        settings.put("stages", List.of(Map.of("name", "Ann", "users", List.of(ann.email()))));
        settings.put("administrators", false);
        settings.put("remindSeconds", 600);
        settings.put(
                "escalation",
                List.of(Map.of("afterSeconds", 1200, "users", List.of(boss.email()))));
        UUID workflow = publishGuarded(settings);
        start(admin, workflow, "web-10");
        JsonNode approval = awaitApproval();
        assertThat(vote(boss, approval, "approve").status()).isEqualTo(403);
        assertThat(mails(ann, "Approval needed")).isEqualTo(1);
        assertThat(mails(boss, "Approval needed")).isZero();

        itIsLater(700);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> mails(ann, "Approval still needed") == 1);
        assertThat(vote(boss, approval, "approve").status()).isEqualTo(403);

        itIsLater(600);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> mails(boss, "Approval needed") == 1);
        assertThat(audit("approval.escalated")).hasSize(1);
        assertThat(vote(boss, approval, "approve").json().get("state").asString())
                .isEqualTo("approved");
        awaitRun(approval, "succeeded");
    }

    @Test
    void timeUpMeansWhatTheSettingsSayAndNeverDestroysUnasked() {
        UUID workflow =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                timed(
                                        "ask",
                                        Map.of(
                                                "title",
                                                "Go on?",
                                                "role",
                                                "responder",
                                                "onTimeout",
                                                "approve")),
                                box("yes", "set", Map.of("vars", Map.of("went", "true")))),
                        List.of(edge("start", "out", "ask"), edge("ask", "approved", "yes")));
        String run = start(admin, workflow, "web-11");
        JsonNode ended = awaitRun(run, "succeeded");
        assertThat(states(ended)).containsEntry("yes", "succeeded");

        UUID draft =
                draft(
                        List.of(
                                box("start", "manual", Map.of()),
                                timed(
                                        "ask",
                                        Map.of(
                                                "title",
                                                "Go on?",
                                                "role",
                                                "responder",
                                                "onTimeout",
                                                "approve")),
                                box("isolate", "isolate-endpoint", Map.of("host", "web-11"))),
                        List.of(edge("start", "out", "ask"), edge("ask", "approved", "isolate")));
        Response refused = admin.post("/api/v1/workflows/" + draft + "/publish", Map.of());
        assertThat(refused.problem()).isEqualTo("workflow-not-sound");
        assertThat(refused.body()).contains("can be reached without approval");
        assertThat(endpoints()).isEmpty();
    }

    @Test
    void aTemplateIsTakenOverWhenPublishingAndWeakeningItLaterChangesNoVersion() {
        Client ann = responder();
        Client author = APP.newColleague(admin, "workflow-author");
        Map<String, Object> strict =
                Map.of("description", "", "revision", 0, "settings", twoResponders());
        assertThat(author.put("/api/v1/approval-templates/Grave", strict).status()).isEqualTo(403);
        Response made = admin.put("/api/v1/approval-templates/Grave", strict);
        assertThat(made.status()).as(made.body()).isEqualTo(200);
        assertThat(admin.put("/api/v1/approval-templates/Grave", strict).problem())
                .isEqualTo("approval-template-changed");
        Response bad =
                admin.put(
                        "/api/v1/approval-templates/Bad",
                        Map.of(
                                "description",
                                "",
                                "revision",
                                0,
                                "settings",
                                Map.of("stages", List.of(Map.of("name", "x", "need", 0)))));
        assertThat(bad.problem()).isEqualTo("approval-template-not-sound");
        assertThat(bad.json().get("errors").size()).isPositive();

        // The node itself asks for less: the template stands above it.
        UUID workflow = publishGuarded(Map.of("template", "Grave", "role", "responder"));
        admin.put(
                "/api/v1/approval-templates/Grave",
                Map.of(
                        "description",
                        "weak",
                        "revision",
                        1,
                        "settings",
                        Map.of("role", "responder")));
        assertThat(
                        admin.get("/api/v1/workflows/" + workflow)
                                .json()
                                .get("draftChanged")
                                .asBoolean())
                .isTrue();
        start(admin, workflow, "web-12");
        JsonNode approval = awaitApproval();
        assertThat(approval.get("need").asInt()).isEqualTo(2);
        assertThat(vote(ann, approval, "approve").json().get("state").asString())
                .isEqualTo("waiting");

        assertThat(admin.delete("/api/v1/approval-templates/Grave").status()).isEqualTo(204);
        Response unknown = admin.post("/api/v1/workflows/" + workflow + "/publish", Map.of());
        assertThat(unknown.body()).contains("There is no approval template 'Grave'");
        assertThat(audit("approval-template.saved")).hasSize(2);
    }

    @Test
    void aTaskIsDoneOnceByWhomItAsksAndItsFormIsHeldAgainstTheAnswer() {
        Client analyst = APP.newColleague(admin, "analyst");
        Client other = APP.newColleague(admin, "analyst");
        Client auditor = APP.newColleague(admin, "auditor");
        String form =
                """
                {"type":"object","required":["verdict"],"additionalProperties":false,
                 "properties":{"verdict":{"type":"string","enum":["real","false"]},"hosts":{"type":"integer"}}}
                """;
        UUID workflow =
                publish(
                        List.of(
                                box("start", "manual", Map.of()),
                                box(
                                        "look",
                                        "task",
                                        Map.of(
                                                "title",
                                                "Look at {{ trigger.host }}",
                                                "role",
                                                "analyst",
                                                "slaSeconds",
                                                3600,
                                                "form",
                                                form)),
                                box(
                                        "keep",
                                        "set",
                                        Map.of(
                                                "vars",
                                                Map.of(
                                                        "verdict",
                                                        "steps.look.output.fields.verdict")))),
                        List.of(edge("start", "out", "look"), edge("look", "done", "keep")));
        String run = start(admin, workflow, "web-13");
        JsonNode task =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(
                                () -> first(analyst.get("/api/v1/tasks?state=open&mine=true")),
                                t -> !t.isMissingNode());
        String path = "/api/v1/tasks/" + task.get("id").asString();
        assertThat(task.get("title").asString()).isEqualTo("Look at web-13");
        assertThat(mails(analyst, "Task for you")).isEqualTo(1);
        var real = Map.of("fields", Map.of("verdict", "real", "hosts", 2));
        assertThat(auditor.post(path + "/done", real).status()).isEqualTo(403);
        assertThat(responder().post(path + "/done", real).problem()).isEqualTo("not-your-task");
        assertThat(analyst.post(path + "/take", Map.of()).status()).isEqualTo(200);
        assertThat(other.post(path + "/done", real).problem()).isEqualTo("task-taken");
        Response wrong = analyst.post(path + "/done", Map.of("fields", Map.of("verdict", "maybe")));
        assertThat(wrong.problem()).isEqualTo("form-not-valid");
        assertThat(wrong.json().get("errors")).isNotEmpty();
        Response done = analyst.post(path + "/done", real);
        assertThat(done.status()).as(done.body()).isEqualTo(200);
        assertThat(analyst.post(path + "/done", real).problem()).isEqualTo("task-over");
        JsonNode ended = awaitRun(run, "succeeded");
        JsonNode fields = output(ended, "look").get("fields");
        assertThat(fields.get("verdict").asString()).isEqualTo("real");
        assertThat(fields.get("hosts").asInt()).isEqualTo(2);
        assertThat(output(ended, "keep").get("verdict").asString()).isEqualTo("real");
        assertThat(audit("task.done")).hasSize(1);
        assertThat(APP.newTenant().get(path).status()).isEqualTo(404);

        String second = start(admin, workflow, "web-14");
        JsonNode open =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(
                                () -> first(admin.get("/api/v1/tasks?state=open&run=" + second)),
                                t -> !t.isMissingNode());
        itIsLater(3700);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> mails(analyst, "Overdue") == 1);
        admin.post("/api/v1/runs/" + second + "/cancel", Map.of());
        assertThat(
                        admin.get("/api/v1/tasks/" + open.get("id").asString())
                                .json()
                                .get("state")
                                .asString())
                .isEqualTo("void");
    }

    @Test
    void anExpressionNamesWhoIsAskedAndWhereItFailsAdministratorsAre() {
        Client ann = responder();
        Client bob = responder();
        UUID workflow =
                publishGuarded(
                        Map.of(
                                "stages",
                                List.of(Map.of("name", "Owner", "expression", "[trigger.owner]")),
                                "administrators",
                                false,
                                "separation",
                                Map.of("starter", false)));
        admin.post(
                "/api/v1/workflows/" + workflow + "/runs",
                Map.of("input", Map.of("host", "web-15", "owner", ann.email())));
        JsonNode approval = awaitApproval();
        assertThat(vote(bob, approval, "approve").status()).isEqualTo(403);
        assertThat(vote(admin, approval, "approve").status()).isEqualTo(403);
        assertThat(vote(ann, approval, "decline").json().get("state").asString())
                .isEqualTo("declined");
        awaitRun(approval, "succeeded");

        start(admin, workflow, "web-16");
        JsonNode fallen = awaitApproval();
        assertThat(standing(admin, fallen).get("note").asString()).contains("Owner");
        assertThat(vote(ann, fallen, "approve").status()).isEqualTo(403);
        assertThat(vote(admin, fallen, "decline").status()).isEqualTo(200);
        assertThat(endpoints()).isEmpty();
    }

    @Test
    void whatIsAskedIsBehindTheWallAndVotesAreNeverUnsaid() {
        Client ann = responder();
        UUID workflow = publishGuarded(twoResponders());
        start(admin, workflow, "web-17");
        JsonNode approval = awaitApproval();
        vote(ann, approval, "approve");
        String id = approval.get("id").asString();
        Client stranger = APP.newTenant();
        assertThat(stranger.get("/api/v1/approvals/" + id + "/standing").status()).isEqualTo(404);
        assertThat(vote(stranger, approval, "approve").status()).isEqualTo(404);
        assertThat(stranger.get("/api/v1/approval-templates").json().get("items")).isEmpty();
        assertThat(
                        stranger.post(
                                        "/api/v1/approval-delegations",
                                        lend(ann.account(), Duration.ofDays(1)))
                                .problem())
                .isEqualTo("delegation-refused");
        // What a mail's scanner or a chat's preview does with a link.
        assertThat(ann.get(decision(approval)).status()).isEqualTo(405);
        assertThat(ann.get("/api/v1/approvals/" + id).status()).isEqualTo(200);
        assertThat(get(approval).get("have").asInt()).isEqualTo(1);
        for (String tampering :
                List.of(
                        "DELETE FROM workflow_approval_votes",
                        "UPDATE workflow_approval_votes SET approve = false",
                        "UPDATE workflow_version_people SET account = gen_random_uuid()")) {
            Assertions.assertThatThrownBy(() ->
                            inTenant(() -> APP.bean(JdbcClient.class).sql(tampering).update()))
                    .rootCause()
                    .hasMessageContaining("permission denied");
        }
    }

    // ---- hands

    private Client responder() {
        return APP.newColleague(admin, "responder");
    }

    private static Map<String, Object> twoResponders() {
        return Map.of(
                "stages",
                List.of(Map.of("name", "Duty", "roles", List.of("responder"), "need", 2)),
                "administrators",
                false);
    }

    private static Map<String, Object> titled(Map<String, Object> settings) {
        var config = new LinkedHashMap<>(settings);
        config.put("title", "Isolate it?");
        return config;
    }

    private UUID publishGuarded(Map<String, Object> settings) {
        return publish(
                List.of(
                        box("start", "manual", Map.of()),
                        box("approve", "approval", titled(settings)),
                        box("isolate", "isolate-endpoint", Map.of("host", "{{ trigger.host }}"))),
                List.of(edge("start", "out", "approve"), edge("approve", "approved", "isolate")));
    }

    private UUID draft(List<Map<String, Object>> nodes, List<Map<String, Object>> edges) {
        UUID id =
                UUID.fromString(
                        admin.post("/api/v1/workflows", Map.of("name", "Test"))
                                .json()
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
                                                        "Test",
                                                        "description",
                                                        "",
                                                        "nodes",
                                                        nodes,
                                                        "edges",
                                                        edges))
                                        .header("If-Match", "\"1\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        return id;
    }

    private UUID publish(List<Map<String, Object>> nodes, List<Map<String, Object>> edges) {
        UUID id = draft(nodes, edges);
        Response published = admin.post("/api/v1/workflows/" + id + "/publish", Map.of());
        assertThat(published.status()).as(published.body()).isEqualTo(200);
        return id;
    }

    private static Map<String, Object> box(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private static Map<String, Object> timed(String key, Map<String, Object> config) {
        var box = new LinkedHashMap<>(box(key, "approval", config));
        box.put("timeoutSeconds", 1);
        return box;
    }

    private static Map<String, Object> edge(String from, String port, String to) {
        return Map.of("from", from, "port", port, "to", to);
    }

    private String start(Client by, UUID workflow, String host) {
        Response started =
                by.post(
                        "/api/v1/workflows/" + workflow + "/runs",
                        Map.of("input", Map.of("host", host)));
        assertThat(started.status()).as(started.body()).isEqualTo(201);
        return started.json().get("id").asString();
    }

    private static Map<String, Object> lend(UUID to, Duration longFor) {
        return Map.of(
                "to", to, "endsAt", Instant.now().plus(longFor).toString(), "reason", "holiday");
    }

    private static Response lendTo(Client by, Client to) {
        return by.post("/api/v1/approval-delegations", lend(to.account(), Duration.ofDays(2)));
    }

    private static String decision(JsonNode approval) {
        return "/api/v1/runs/"
                + approval.get("runId").asString()
                + "/approvals/"
                + approval.get("id").asString()
                + "/decision";
    }

    private static Response vote(Client by, JsonNode approval, String verdict) {
        return by.post(
                decision(approval),
                Map.of(
                        "verdict",
                        verdict,
                        "reason",
                        "tested",
                        "actionHash",
                        approval.get("actionHash").asString()));
    }

    private static Response vote(Client by, JsonNode approval, Map<String, Object> more) {
        var body = new LinkedHashMap<>(more);
        body.put("verdict", "approve");
        body.put("actionHash", approval.get("actionHash").asString());
        return by.post(decision(approval), body);
    }

    private JsonNode get(JsonNode approval) {
        return admin.get("/api/v1/approvals/" + approval.get("id").asString()).json();
    }

    private static JsonNode standing(Client by, JsonNode approval) {
        Response stands =
                by.get("/api/v1/approvals/" + approval.get("id").asString() + "/standing");
        assertThat(stands.status()).as(stands.body()).isEqualTo(200);
        return stands.json();
    }

    private JsonNode endpoints() {
        return admin.get("/api/v1/simulator/endpoints").json().get("items");
    }

    private JsonNode audit(String action) {
        return admin.get("/api/v1/audit?action=" + action).json().get("items");
    }

    private static JsonNode first(Response page) {
        return page.json().path("items").path(0);
    }

    private JsonNode awaitApproval() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> first(admin.get("/api/v1/approvals?state=waiting")),
                        a -> !a.isMissingNode());
    }

    private JsonNode awaitRun(JsonNode approval, String state) {
        return awaitRun(approval.get("runId").asString(), state);
    }

    private JsonNode awaitRun(String run, String state) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> admin.get("/api/v1/runs/" + run).json(),
                        r -> r.path("state").asString("").equals(state));
    }

    private static Map<String, String> states(JsonNode run) {
        var states = new LinkedHashMap<String, String>();
        run.get("steps")
                .forEach(s -> states.put(s.get("key").asString(), s.get("state").asString()));
        return states;
    }

    private static JsonNode output(JsonNode run, String step) {
        for (JsonNode s : run.get("steps")) {
            if (s.get("key").asString().equals(step)) {
                return s.get("output");
            }
        }
        throw new AssertionError("No step " + step);
    }

    private int mails(Client to, String words) {
        int count = 0;
        for (JsonNode mail : admin.get("/api/v1/developer/mailbox?limit=200").json().get("items")) {
            if (mail.get("to").asString().equals(to.email())
                    && mail.get("subject").asString().startsWith(words)) {
                count++;
            }
        }
        return count;
    }

    /** Everything that this tenant's questions wait for comes so much nearer. */
    private void itIsLater(int seconds) {
        inTenant(() -> {
            var jdbc = APP.bean(JdbcClient.class);
            jdbc.sql(
                            "UPDATE workflow_approvals SET opened_at = opened_at - :by * interval"
                                    + " '1 s', alarmed_at = alarmed_at - :by * interval '1 s'")
                    .param("by", seconds)
                    .update();
            jdbc.sql("UPDATE workflow_tasks SET sla_at = sla_at - :by * interval '1 s'")
                    .param("by", seconds)
                    .update();
            return jdbc.sql(
                            "UPDATE platform.workflow_timer SET due_at = due_at - :by * interval"
                                    + " '1 s' WHERE tenant_id = platform.current_tenant()")
                    .param("by", seconds)
                    .update();
        });
    }

    private int count(String sql) {
        return inTenant(() -> APP.bean(JdbcClient.class).sql(sql).query(Integer.class).single());
    }

    private <T> T inTenant(java.util.function.Supplier<T> work) {
        return APP.bean(Transactions.class)
                .callAs(
                        Scope.tenant(
                                new TenantId(admin.tenant()),
                                new Principal(Principal.Kind.SYSTEM, "test", "test")),
                        work);
    }
}
