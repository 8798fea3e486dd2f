package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A failed run goes on in the newest version, or is told why not; nothing is done twice. */
class TakeOverIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
    private Outside outside;
    private Client admin;
    private TestFlows flows;
    private UUID workflow;
    private String failed;

    @BeforeEach
    void failedRun() throws IOException {
        outside = new Outside();
        outside.answers("/wrong", 404);
        admin = APP.newTenant();
        flows = new TestFlows(admin);
        workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("first", outside.url("/first")),
                                node("each", "for-each", Map.of("items", "trigger.hosts")),
                                fetch("round", outside.url("/{{ item }}")),
                                fetch("second", outside.url("/wrong"))),
                        "start.out->first",
                        "first.out->each",
                        "each.each->round",
                        "round.out->each",
                        "each.done->second");
        failed = flows.start(workflow, Map.of("hosts", List.of("a", "b")));
        flows.await(failed, "failed");
        assertThat(outside.asked()).containsExactly("/first", "/a", "/b", "/wrong");
    }

    @AfterEach
    void close() {
        outside.close();
    }

    private void publish(String first, String second, Map<String, Object> each) {
        var answer =
                TestFlows.publishAs(
                        admin,
                        workflow,
                        2,
                        Map.of(),
                        List.of(
                                start(),
                                fetch("first", outside.url(first)),
                                node("each", "for-each", each),
                                fetch("round", outside.url("/{{ item }}")),
                                fetch("second", outside.url(second))),
                        "start.out->first",
                        "first.out->each",
                        "each.each->round",
                        "round.out->each",
                        "each.done->second");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private Response goOn() {
        return admin.post("/api/v1/runs/" + failed + "/resume-newest", Map.of());
    }

    @Test
    void whatWasDoneStaysDoneAndTheMendedStepRuns() {
        publish("/first", "/right", Map.of("items", "trigger.hosts"));
        var made = goOn();
        assertThat(made.status()).as(made.body()).isEqualTo(200);
        String run = made.json().get("id").asString();
        assertThat(made.json().get("version").asInt()).isEqualTo(2);
        flows.await(run, "succeeded");
        assertThat(outside.asked()).containsExactly("/first", "/a", "/b", "/wrong", "/right");
        assertThat(flows.step(run, "first").get("output").toString()).contains("200");
        assertThat(flows.run(failed).get("state").asString()).isEqualTo("failed");
        assertThat(admin.get("/api/v1/audit").body()).contains("run.taken-over");

        assertThat(goOn().json().get("detail").asString()).contains("another run already");
        assertThat(
                        admin.post("/api/v1/runs/" + failed + "/resume", Map.of())
                                .json()
                                .get("detail")
                                .asString())
                .contains("another run already");
        assertThat(admin.get("/api/v1/dead-letters").json().get("items").size()).isZero();
    }

    @Test
    void aVersionThatWouldHaveDoneSomethingElseIsRefused() {
        publish("/other", "/right", Map.of("items", "trigger.hosts"));
        assertThat(goOn().problem()).isEqualTo("run-not-resumable");
        assertThat(goOn().json().get("detail").asString())
                .contains("'first' was done")
                .contains("other settings");
        assertThat(outside.asked()).hasSize(4);
        assertThat(runs()).as("no trace is left").isEqualTo(1);
    }

    @Test
    void aVersionThatDoesNotComeToWhatWasDoneIsRefused() {
        publish("/first", "/right", Map.of("items", "[trigger.hosts[0]]"));
        assertThat(goOn().json().get("detail").asString())
                .contains("each[1]/round")
                .contains("does not come to it");
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void withoutANewerVersionItIsRefusedAndOthersHaveNoPartInIt() {
        assertThat(goOn().json().get("detail").asString()).contains("newest version already");
        publish("/first", "/right", Map.of("items", "trigger.hosts"));
        Client stranger = APP.newTenant();
        assertThat(stranger.post("/api/v1/runs/" + failed + "/resume-newest", Map.of()).status())
                .isEqualTo(404);
        Client analyst = APP.newColleague(admin, "analyst");
        assertThat(analyst.post("/api/v1/runs/" + failed + "/resume-newest", Map.of()).status())
                .isEqualTo(403);
    }

    private int runs() {
        return admin.get("/api/v1/runs?workflow=" + workflow).json().get("items").size();
    }
}
