package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Runs that wait go on in a newer version, as the dry run said, or stay and are told why. */
class RunMovesIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
    private Outside outside;
    private Client admin;
    private TestFlows flows;

    @BeforeEach
    void tenant() throws IOException {
        outside = new Outside();
        outside.answers("/wrong", 404);
        admin = APP.newTenant();
        flows = new TestFlows(admin);
    }

    @AfterEach
    void close() {
        outside.close();
    }

    private UUID waiting() {
        return flows.publish(
                List.of(
                        start(),
                        fetch("first", outside.url("/first")),
                        node("hold", "wait", Map.of("signal", "go")),
                        fetch("last", outside.url("/wrong"))),
                "start.out->first",
                "first.out->hold",
                "hold.out->last");
    }

    private void publishMended(UUID workflow) {
        publishMended(workflow, 2);
    }

    private void publishMended(UUID workflow, int revision) {
        publish(
                workflow,
                revision,
                List.of(
                        start(),
                        fetch("first", outside.url("/first")),
                        node("hold", "wait", Map.of("signal", "go")),
                        fetch("last", outside.url("/right")),
                        fetch("beside", outside.url("/beside")),
                        fetch("more", outside.url("/more"))),
                "start.out->first",
                "first.out->hold",
                "first.out->beside",
                "hold.out->last",
                "last.out->more");
    }

    private void publish(
            UUID workflow, int revision, List<Map<String, Object>> nodes, String... edges) {
        var answer = TestFlows.publishAs(admin, workflow, revision, Map.of(), nodes, edges);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private JsonNode sightOf(UUID workflow, String run) {
        for (JsonNode sight : look(workflow).get("runs")) {
            if (sight.get("run").asString().equals(run)) {
                return sight;
            }
        }
        throw new AssertionError("The dry run does not name run " + run);
    }

    private JsonNode look(UUID workflow) {
        var answer = admin.post("/api/v1/workflows/" + workflow + "/moves/dry-run", Map.of());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private Response move(Client who, UUID workflow, int to, JsonNode... sights) {
        var runs = new ArrayList<Map<String, String>>();
        for (JsonNode sight : sights) {
            runs.add(
                    Map.of(
                            "run",
                            sight.get("run").asString(),
                            "mark",
                            sight.get("mark").asString()));
        }
        return who.post(
                "/api/v1/workflows/" + workflow + "/moves",
                Map.of("to", to, "reason", "the address was wrong", "runs", runs));
    }

    private String outcome(Response answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().get("results").get(0).get("outcome").asString();
    }

    private void signal(String run) {
        var sent = admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go"));
        assertThat(sent.status()).as(sent.body()).isBetween(200, 299);
    }

    private void isAsItsJournalSays(String run) {
        JsonNode check = admin.get("/api/v1/runs/" + run + "/replay").json();
        assertThat(check.get("identical").asBoolean()).as(check.toString()).isTrue();
    }

    @Test
    void aRunThatWaitsGoesOnInTheNewVersionAsTheDryRunSaid() {
        UUID workflow = waiting();
        String run = flows.start(workflow, Map.of());
        flows.await(run, "waiting");
        publishMended(workflow);

        JsonNode sight = look(workflow).get("runs").get(0);
        assertThat(sight.get("movable").asBoolean()).as(sight.toString()).isTrue();
        assertThat(sight.get("version").asInt()).isEqualTo(1);
        assertThat(sight.get("stands").get(0).get("step").asString()).isEqualTo("hold");
        assertThat(sight.get("stands").get(0).get("node").asString()).isEqualTo("hold");
        assertThat(sight.get("stands").get(0).get("fate").asString()).isEqualTo("stays");
        assertThat(sight.get("begins").get(0).asString()).isEqualTo("beside");
        assertThat(look(workflow).get("runs").get(0)).as("a look changes nothing").isEqualTo(sight);
        assertThat(flows.run(run).get("version").asInt()).isEqualTo(1);
        assertThat(flows.run(run).get("moves")).as("nor tells of a move").isEmpty();

        assertThat(outcome(move(admin, workflow, 2, sight))).isEqualTo("moved");
        assertThat(outcome(move(admin, workflow, 2, sight))).isEqualTo("there-already");
        assertThat(flows.run(run).get("version").asInt()).isEqualTo(2);
        assertThat(look(workflow).get("runs")).isEmpty();
        flows.awaitStep(run, "beside", "succeeded");
        isAsItsJournalSays(run);

        signal(run);
        flows.await(run, "succeeded");
        assertThat(outside.asked())
                .containsExactlyInAnyOrder("/first", "/beside", "/right", "/more");
        isAsItsJournalSays(run);
        JsonNode entry = admin.get("/api/v1/audit?action=run.moved").json().get("items");
        assertThat(entry).hasSize(1);
        assertThat(entry.get(0).get("detail").get("reason").asString())
                .isEqualTo("the address was wrong");
        assertThat(entry.get(0).get("detail").get("from").asInt()).isEqualTo(1);
    }

    @Test
    void aRunTellsFromWhichVersionToWhichItWasMovedWhenByWhomAndWhy() {
        Client other = APP.newColleague(admin, "tenant-admin");
        UUID workflow = waiting();
        String run = flows.start(workflow, Map.of());
        String stays = flows.start(workflow, Map.of());
        flows.await(run, "waiting");
        flows.await(stays, "waiting");
        publishMended(workflow);
        Instant before = Instant.now();
        assertThat(outcome(move(other, workflow, 2, sightOf(workflow, run)))).isEqualTo("moved");
        // It has done a step that the third version has not. The fourth is as the second: they
        // share a hash, and are told apart all the same.
        publish(
                workflow,
                3,
                List.of(
                        start(),
                        fetch("first", outside.url("/first")),
                        node("hold", "wait", Map.of("signal", "go")),
                        fetch("last", outside.url("/wrong"))),
                "start.out->first",
                "first.out->hold",
                "hold.out->last");
        flows.awaitStep(run, "beside", "succeeded");
        JsonNode sight = sightOf(workflow, run);
        assertThat(outcome(move(admin, workflow, 3, sight))).isEqualTo("refused");
        publishMended(workflow, 4);
        assertThat(outcome(move(admin, workflow, 4, sightOf(workflow, run)))).isEqualTo("moved");

        JsonNode moves = flows.run(run).get("moves");
        assertThat(moves).hasSize(2);
        assertThat(moves.get(0).get("from").asInt()).isEqualTo(1);
        assertThat(moves.get(0).get("to").asInt()).isEqualTo(2);
        assertThat(moves.get(0).get("by").asString()).isEqualTo("Cora tenant-admin");
        assertThat(moves.get(0).get("reason").asString()).isEqualTo("the address was wrong");
        assertThat(Instant.parse(moves.get(0).get("at").asString()))
                .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
        assertThat(moves.get(1).get("from").asInt()).isEqualTo(2);
        assertThat(moves.get(1).get("to").asInt()).isEqualTo(4);
        assertThat(flows.run(stays).get("moves")).isEmpty();
        isAsItsJournalSays(run);
    }

    @Test
    void aRunThatWentOnSinceTheDryRunStaysWhereItIs() {
        UUID workflow = waiting();
        String run = flows.start(workflow, Map.of());
        flows.await(run, "waiting");
        publishMended(workflow);
        JsonNode sight = look(workflow).get("runs").get(0);
        admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "other"));
        assertThat(outcome(move(admin, workflow, 2, sight))).isEqualTo("went-on");
        assertThat(flows.run(run).get("version").asInt()).isEqualTo(1);
        signal(run);
        flows.await(run, "failed");
        assertThat(outcome(move(admin, workflow, 2, sight))).isEqualTo("went-on");
        assertThat(admin.get("/api/v1/audit?action=run.moved").json().get("items")).isEmpty();
        isAsItsJournalSays(run);
    }

    @Test
    void whatCannotBeMovedIsToldWithThePlace() {
        UUID workflow = waiting();
        String run = flows.start(workflow, Map.of());
        flows.await(run, "waiting");
        publish(
                workflow,
                2,
                List.of(
                        start(),
                        fetch("other", outside.url("/first")),
                        node("hold", "set", Map.of("vars", Map.of("a", "1"))),
                        fetch("last", outside.url("/right"))),
                "start.out->other",
                "other.out->hold",
                "hold.out->last");
        JsonNode sight = look(workflow).get("runs").get(0);
        assertThat(sight.get("movable").asBoolean()).isFalse();
        assertThat(sight.get("objections").toString())
                .contains("There is no node 'first' any more")
                .contains("type 'wait' and is of 'set' now");
        var answer = move(admin, workflow, 2, sight);
        assertThat(outcome(answer)).isEqualTo("refused");
        assertThat(answer.json().get("moved").asInt()).isZero();
        assertThat(flows.run(run).get("version").asInt()).isEqualTo(1);
        signal(run);
        flows.await(run, "failed");
        assertThat(outside.asked()).containsExactly("/first", "/wrong");
    }

    @Test
    void aWaitWhoseSettingsChangedIsWorkedOutAnew() {
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                node("hold", "wait", Map.of("seconds", 100_000)),
                                fetch("last", outside.url("/last"))),
                        "start.out->hold",
                        "hold.out->last");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "waiting");
        publish(
                workflow,
                2,
                List.of(
                        start(),
                        node("hold", "wait", Map.of("seconds", 1)),
                        fetch("last", outside.url("/last"))),
                "start.out->hold",
                "hold.out->last");
        JsonNode sight = look(workflow).get("runs").get(0);
        assertThat(sight.get("stands").get(0).get("fate").asString()).isEqualTo("waits-again");
        assertThat(outcome(move(admin, workflow, 2, sight))).isEqualTo("moved");
        flows.await(run, "succeeded");
        assertThat(outside.asked()).containsExactly("/last");
        isAsItsJournalSays(run);
    }

    private static List<Map<String, Object>> guarded(String host) {
        return List.of(
                start(),
                node("approve", "approval", Map.of("title", "Isolate?", "role", "responder")),
                node("isolate", "isolate-endpoint", Map.of("host", host)));
    }

    private static final String[] GUARDED = {"start.out->approve", "approve.approved->isolate"};

    private JsonNode approval() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> admin.get("/api/v1/approvals?state=waiting").json().get("items"),
                        items -> !items.isEmpty())
                .get(0);
    }

    private Response vote(Client who, JsonNode approval) {
        return who.post(
                "/api/v1/runs/"
                        + approval.get("runId").asString()
                        + "/approvals/"
                        + approval.get("id").asString()
                        + "/decision",
                Map.of("verdict", "approve", "actionHash", approval.get("actionHash").asString()));
    }

    @Test
    void aQuestionIsPutAgainAndNobodyApprovesWhatTheyWereNotShown() {
        Client ann = APP.newColleague(admin, "responder");
        Client other = APP.newColleague(admin, "tenant-admin");
        UUID workflow = flows.publish(guarded("web-01"), GUARDED);
        String run = flows.start(workflow, Map.of());
        JsonNode before = approval();
        publish(workflow, 2, guarded("web-02"), GUARDED);

        JsonNode sight = look(workflow).get("runs").get(0);
        assertThat(sight.get("stands").get(0).get("fate").asString()).isEqualTo("asked-again");
        assertThat(sight.get("stands").get(0).get("note").asString())
                .contains("something else")
                .contains("web-02");
        assertThat(outcome(move(other, workflow, 2, sight))).isEqualTo("moved");

        assertThat(vote(ann, before).status()).as("the old question is void").isEqualTo(409);
        JsonNode after = approval();
        assertThat(after.get("id")).isNotEqualTo(before.get("id"));
        assertThat(after.get("action").asString()).contains("web-02");
        assertThat(after.get("actionHash")).isNotEqualTo(before.get("actionHash"));
        assertThat(vote(other, after).json().get("detail").asString())
                .as("who moved the run decided how it goes on")
                .contains("You started this run");
        assertThat(vote(ann, after).status()).isEqualTo(200);
        flows.await(run, "succeeded");
        JsonNode endpoints = admin.get("/api/v1/simulator/endpoints").json().get("items");
        assertThat(endpoints).hasSize(1);
        assertThat(endpoints.get(0).get("host").asString()).isEqualTo("web-02");
        isAsItsJournalSays(run);
    }

    @Test
    void whatWasApprovedIsNotTurnedIntoSomethingElse() {
        Client ann = APP.newColleague(admin, "responder");
        var held = List.of("start.out->approve", "approve.approved->hold", "hold.out->isolate");
        UUID workflow = flows.publish(withHold("web-01"), held.toArray(String[]::new));
        String run = flows.start(workflow, Map.of());
        assertThat(vote(ann, approval()).status()).isEqualTo(200);
        flows.awaitStep(run, "hold", "waiting");
        publish(workflow, 2, withHold("web-02"), held.toArray(String[]::new));
        JsonNode sight = look(workflow).get("runs").get(0);
        assertThat(sight.get("movable").asBoolean()).isFalse();
        assertThat(sight.get("objections").toString()).contains("'isolate'").contains("approved");
        assertThat(outcome(move(admin, workflow, 2, sight))).isEqualTo("refused");

        publish(workflow, 3, withHold("web-01"), held.toArray(String[]::new));
        assertThat(outcome(move(admin, workflow, 3, look(workflow).get("runs").get(0))))
                .as("a version in which it is the same takes it")
                .isEqualTo("moved");
        signal(run);
        flows.await(run, "succeeded");
        isAsItsJournalSays(run);
    }

    private static List<Map<String, Object>> withHold(String host) {
        var nodes = new ArrayList<>(guarded(host));
        nodes.add(node("hold", "wait", Map.of("signal", "go")));
        return nodes;
    }

    @Test
    void ofManyAtOnceOneMovesEachRun() throws Exception {
        UUID workflow = waiting();
        String run = flows.start(workflow, Map.of());
        flows.await(run, "waiting");
        publishMended(workflow);
        JsonNode sight = look(workflow).get("runs").get(0);
        var outcomes = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<String> one = () -> outcome(move(admin, workflow, 2, sight));
            for (var future : threads.invokeAll(List.of(one, one, one, one, one, one))) {
                outcomes.add(future.get());
            }
        }
        assertThat(outcomes).containsOnlyOnce("moved").contains("there-already");
        assertThat(admin.get("/api/v1/audit?action=run.moved").json().get("items")).hasSize(1);
        signal(run);
        flows.await(run, "succeeded");
        isAsItsJournalSays(run);
    }

    @Test
    void onlyWhoMayPublishMovesRunsAndOnlyTheirCompanys() {
        UUID workflow = waiting();
        String run = flows.start(workflow, Map.of());
        flows.await(run, "waiting");
        publishMended(workflow);
        JsonNode sight = look(workflow).get("runs").get(0);
        Client analyst = APP.newColleague(admin, "analyst");
        assertThat(move(analyst, workflow, 2, sight).status()).isEqualTo(403);
        Client stranger = APP.newTenant();
        assertThat(move(stranger, workflow, 2, sight).status()).isEqualTo(404);
        UUID theirs =
                new TestFlows(stranger)
                        .publish(List.of(start(), fetch("x", "http://x/")), "start.out->x");
        assertThat(outcome(move(stranger, theirs, 1, sight))).isEqualTo("refused");
        assertThat(flows.run(run).get("version").asInt()).isEqualTo(1);
    }
}
