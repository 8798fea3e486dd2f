package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Failed runs: the list, replaying and discarding many at once, and the workflow that deals with
 * failures.
 */
class DeadLettersIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
    private static final String PATH = "/api/v1/dead-letters";
    private Outside outside;
    private Client admin;
    private TestFlows flows;

    @BeforeEach
    void tenant() throws IOException {
        outside = new Outside();
        admin = APP.newTenant();
        flows = new TestFlows(admin);
    }

    @AfterEach
    void close() {
        outside.close();
    }

    private UUID failing(Map<String, Object> settings) {
        outside.answers("/second", 404);
        return flows.publish(
                settings,
                List.of(
                        start(),
                        fetch("first", outside.url("/first")),
                        TestFlows.node(
                                "second",
                                "http-get",
                                Map.of("url", outside.url("/second")),
                                Map.of("name", "Ask the portal"))),
                "start.out->first",
                "first.out->second");
    }

    private List<String> failed(UUID workflow, int count) {
        var runs = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            runs.add(flows.start(workflow, Map.of()));
        }
        runs.forEach(run -> flows.await(run, "failed"));
        return runs;
    }

    private Response replay(Map<String, Object> selection, long expected) {
        return admin.post(PATH + "/replay", Map.of("selection", selection, "expected", expected));
    }

    private JsonNode list(String query) {
        return admin.get(PATH + query).json().get("items");
    }

    @Test
    void allThatFailedIsTakenUpAgainOnceAfterTheCountWasShown() {
        UUID workflow = failing(Map.of());
        var runs = failed(workflow, 8);
        var other = failed(failing(Map.of()), 1);
        Map<String, Object> mine = Map.of("workflow", workflow.toString());
        var preview = admin.post(PATH + "/preview", mine).json();
        assertThat(preview.get("count").asInt()).isEqualTo(8);
        assertThat(preview.get("resumable").asInt()).isEqualTo(8);
        assertThat(preview.get("reasons").get(0).get("name").asString()).contains("404");
        assertThat(list("?workflow=" + workflow).size()).isEqualTo(8);
        assertThat(list("").get(0).get("nodeType").asString()).isEqualTo("http-get");
        assertThat(list("").get(0).get("step").asString()).isEqualTo("second");
        assertThat(list("").get(0).get("stepName").asString()).isEqualTo("Ask the portal");

        outside.answers("/second", 200);
        assertThat(replay(mine, 7).problem()).isEqualTo("dead-letters-changed");
        assertThat(list("?workflow=" + workflow).size()).as("nothing was done").isEqualTo(8);
        var replayed = replay(mine, 8);
        assertThat(replayed.status()).as(replayed.body()).isEqualTo(200);
        assertThat(replay(mine, 8).problem()).isEqualTo("dead-letters-changed");
        runs.forEach(run -> flows.await(run, "succeeded"));
        assertThat(outside.asked("/first")).isEqualTo(9);
        assertThat(outside.asked("/second")).isEqualTo(8 + 1 + 8);
        assertThat(flows.run(other.getFirst()).get("state").asString()).isEqualTo("failed");
        assertThat(list("?state=replayed").size()).isEqualTo(8);
        assertThat(list("?state=replayed").get(0).get("decidedBy").asString())
                .isEqualTo("Ada Admin");
        assertThat(admin.get("/api/v1/audit").body()).contains("run.bulk-resumed");
    }

    @Test
    void whatFailsAgainIsOpenAgainAndCounted() {
        UUID workflow = failing(Map.of());
        String run = failed(workflow, 1).getFirst();
        replay(Map.of(), 1);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> {
                    var open = list("");
                    return open.size() == 1 && open.get(0).get("times").asInt() == 2;
                });
        assertThat(list("").get(0).get("run").asString()).isEqualTo(run);
    }

    @Test
    void aReplayThatIsSentAgainDoesNotTakeUpTheFailuresAfterThat() {
        UUID workflow = failing(Map.of());
        failed(workflow, 2);
        String mark = admin.post(PATH + "/preview", Map.of()).json().get("mark").asString();
        Map<String, Object> asked = Map.of("selection", Map.of(), "expected", 2, "mark", mark);
        assertThat(admin.post(PATH + "/replay", asked).status()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> {
                    var open = list("");
                    return open.size() == 2
                            && open.get(0).get("times").asInt() == 2
                            && open.get(1).get("times").asInt() == 2;
                });
        assertThat(admin.post(PATH + "/replay", asked).problem()).isEqualTo("dead-letters-changed");
        assertThat(list("").size()).as("nothing was done").isEqualTo(2);
    }

    @Test
    void aRunThatFailsAgainInTheMomentItIsTakenUpIsOpenAgain() {
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                node(
                                        "check",
                                        "condition",
                                        Map.of("expression", "trigger.missing.field == 1")),
                                node("note", "set", Map.of("vars", Map.of("a", "1")))),
                        "start.out->check",
                        "check.true->note");
        String run = failed(workflow, 1).getFirst();
        var resumed = admin.post("/api/v1/runs/" + run + "/resume", Map.of());
        assertThat(resumed.status()).as(resumed.body()).isEqualTo(200);
        assertThat(resumed.json().get("state").asString()).isEqualTo("failed");
        assertThat(list("").size()).isEqualTo(1);
        assertThat(list("").get(0).get("times").asInt()).isEqualTo(2);
    }

    @Test
    void whatCannotGoOnIsLeftAndCanBeDiscarded() {
        outside.answers("/second", 404);
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("second", outside.url("/second")),
                                node("closing", "finally", Map.of()),
                                node("note", "set", Map.of("vars", Map.of("a", "1")))),
                        "start.out->second",
                        "closing.out->note");
        failed(workflow, 2);
        var preview = admin.post(PATH + "/preview", Map.of()).json();
        assertThat(preview.get("count").asInt()).isEqualTo(2);
        assertThat(preview.get("resumable").asInt()).isZero();
        assertThat(replay(Map.of(), 2).problem()).isEqualTo("dead-letters-changed");
        var discarded =
                admin.post(
                        PATH + "/discard",
                        Map.of("selection", Map.of(), "expected", 2, "reason", "A drill"));
        assertThat(discarded.status()).as(discarded.body()).isEqualTo(200);
        assertThat(list("").size()).isZero();
        assertThat(list("?state=discarded").get(0).get("note").asString()).isEqualTo("A drill");
        assertThat(admin.get("/api/v1/audit").body()).contains("run.failures-discarded");
    }

    @Test
    void aLimitHoldsAReplayBackUntilThereIsRoom() {
        outside.answers("/second", 404);
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("second", outside.url("/second")),
                                node("park", "wait", Map.of("signal", "go"))),
                        "start.out->second",
                        "second.out->park");
        var runs = failed(workflow, 2);
        assertThat(
                        admin.put(
                                        "/api/v1/workflows/" + workflow + "/limits",
                                        Map.of("most", 1, "whenFull", "queue"))
                                .status())
                .isEqualTo(200);
        outside.answers("/second", 200);
        replay(Map.of(), 2);
        await().atMost(Duration.ofSeconds(20)).until(() -> states(runs).contains("waiting"));
        assertThat(states(runs)).containsExactlyInAnyOrder("waiting", "failed");
        for (String run : runs) {
            if (flows.run(run).get("state").asString().equals("waiting")) {
                admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go"));
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> states(runs).containsAll(List.of("waiting", "succeeded")));
    }

    private List<String> states(List<String> runs) {
        return runs.stream().map(run -> flows.run(run).get("state").asString()).toList();
    }

    @Test
    void aFailureStartsTheWorkflowThatDealsWithItOnceAndNoChainOfThem() {
        UUID dealing = failing(Map.of());
        // Its failure would start itself, were it not a run that deals with a failure.
        UUID looping =
                flows.publish(
                        Map.of("errorWorkflow", dealing.toString()),
                        List.of(start(), fetch("second", outside.url("/second"))),
                        "start.out->second");
        String run = failed(looping, 1).getFirst();
        await().atMost(Duration.ofSeconds(20)).until(() -> runsOf(dealing).size() == 1);
        String error = runsOf(dealing).get(0).get("id").asString();
        var ended = flows.await(error, "failed");
        assertThat(ended.get("subject").asString()).contains("failed");
        assertThat(starters(error, dealing))
                .as("whoever started what failed has no vote in it")
                .containsExactly(admin.account().toString());
        assertThat(flows.step(error, "start").get("output").toString())
                .contains(run)
                .contains("404");
        var twice =
                flows.publish(
                        Map.of("errorWorkflow", looping.toString()),
                        List.of(start(), fetch("second", outside.url("/second"))),
                        "start.out->second");
        failed(twice, 1);
        await().atMost(Duration.ofSeconds(20)).until(() -> runsOf(looping).size() == 2);
        var second = runsOf(looping).get(0).get("id").asString();
        flows.await(second, "failed");
        // A later failure's run proves that the events before it were dealt with.
        failed(looping, 1);
        await().atMost(Duration.ofSeconds(20)).until(() -> runsOf(dealing).size() == 2);
        assertThat(runsOf(dealing).size())
                .as("the run that dealt with a failure started none")
                .isEqualTo(2);
    }

    private Set<String> starters(String run, UUID workflow) {
        return APP.bean(Transactions.class)
                .callAs(
                        Scope.tenant(new TenantId(admin.tenant()), Principal.system("test")),
                        () ->
                                APP.bean(RunPeople.class)
                                        .in(UUID.fromString(run), workflow, 1)
                                        .starters());
    }

    private JsonNode runsOf(UUID workflow) {
        return admin.get("/api/v1/runs?workflow=" + workflow).json().get("items");
    }

    @Test
    void theMailGoesToThosePeopleAndOnlyOnceForMany() {
        UUID workflow = failing(Map.of());
        Client responder = APP.newColleague(admin, "responder");
        failed(workflow, 5);
        await().atMost(Duration.ofSeconds(20)).until(() -> mails(admin.email()) == 1);
        assertThat(mails(responder.email())).isZero();
    }

    private long mails(String to) {
        long found = 0;
        for (JsonNode mail :
                APP.anonymous().get("/api/v1/developer/mailbox?limit=200").json().get("items")) {
            if (mail.get("to").asString().equals(to)
                    && mail.get("subject").asString().contains("failed")) {
                found++;
            }
        }
        return found;
    }

    @Test
    void nobodySeesOrReplaysTheFailuresOfAnotherCompany() {
        UUID workflow = failing(Map.of());
        String run = failed(workflow, 1).getFirst();
        Client stranger = APP.newTenant();
        assertThat(stranger.get(PATH).json().get("items").size()).isZero();
        var theirs =
                stranger.post(
                        PATH + "/replay",
                        Map.of("selection", Map.of("runs", List.of(run)), "expected", 1));
        assertThat(theirs.problem()).isEqualTo("dead-letters-changed");
        Client analyst = APP.newColleague(admin, "analyst");
        assertThat(analyst.get(PATH).status()).isEqualTo(200);
        assertThat(
                        analyst.post(PATH + "/replay", Map.of("selection", Map.of(), "expected", 1))
                                .status())
                .isEqualTo(403);
        assertThat(
                        analyst.post(
                                        PATH + "/discard",
                                        Map.of("selection", Map.of(), "expected", 1, "reason", "x"))
                                .status())
                .isEqualTo(403);
        assertThat(flows.run(run).get("state").asString()).isEqualTo("failed");
    }
}
