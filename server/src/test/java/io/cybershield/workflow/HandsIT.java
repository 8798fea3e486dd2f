package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a person can do to a run: cancel, undo, kill, take up again; and who may not. */
class HandsIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
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

    private Response stop(String run, String mode) {
        return admin.post(
                "/api/v1/runs/" + run + "/stop", Map.of("mode", mode, "reason", "A drill"));
    }

    private Response resume(String run) {
        return admin.post("/api/v1/runs/" + run + "/resume", Map.of());
    }

    /** Fetches, then parks until somebody does something. */
    private String parked() {
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("make", outside.url("/make")),
                                fetch("unmake", outside.url("/unmake")),
                                node("park", "wait", Map.of("seconds", 3600)),
                                node("at_end", "finally", Map.of()),
                                fetch("close", outside.url("/close"))),
                        "start.out->make",
                        "make.undo->unmake",
                        "make.out->park",
                        "at_end.out->close");
        String run = flows.start(workflow, Map.of());
        flows.awaitStep(run, "park", "waiting");
        return run;
    }

    @Test
    void cancelRunsTheClosingStepsAndTakesNothingBack() {
        String run = parked();
        assertThat(stop(run, "cancel").status()).isEqualTo(200);
        var ended = flows.await(run, "cancelled");
        assertThat(outside.asked()).containsExactly("/make", "/close");
        assertThat(ended.get("result").asString()).contains("Cancelled by").contains("A drill");
    }

    @Test
    void undoTakesBackWhatWasDoneAndThenCloses() {
        String run = parked();
        assertThat(options(run, "undo").get("steps").get(0).asString()).isEqualTo("make");
        assertThat(stop(run, "undo").status()).isEqualTo(200);
        flows.await(run, "cancelled");
        assertThat(outside.asked()).containsExactly("/make", "/unmake", "/close");
    }

    @Test
    void killEndsAtOnceWithNeither() {
        String run = parked();
        var killed = stop(run, "kill");
        assertThat(killed.json().get("state").asString()).isEqualTo("cancelled");
        assertThat(flows.run(run).get("result").asString()).contains("Killed by");
        assertThat(outside.asked()).containsExactly("/make");
        assertThat(admin.get("/api/v1/audit").body()).contains("run.killed").contains("A drill");
        assertThat(stop(run, "cancel").problem()).isEqualTo("run-over");
        assertThat(resume(run).problem()).isEqualTo("run-not-resumable");
        assertThat(resume(run).json().get("detail").asString()).contains("stopped");
    }

    @Test
    void killDoesNotWaitForAClosingStepThatHangs() {
        var closing = outside.holds("/close");
        String run = parked();
        stop(run, "cancel");
        await().atMost(Duration.ofSeconds(20)).until(() -> outside.asked("/close") == 1);
        assertThat(stop(run, "kill").json().get("state").asString()).isEqualTo("cancelled");
        closing.countDown();
        assertThat(flows.run(run).get("state").asString()).isEqualTo("cancelled");
    }

    private String failing() {
        outside.answers("/second", 404);
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("first", outside.url("/first")),
                                fetch("second", outside.url("/second")),
                                fetch("third", outside.url("/third"))),
                        "start.out->first",
                        "first.out->second",
                        "second.out->third");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "failed");
        return run;
    }

    @Test
    void aFailedRunGoesOnWhereItFailedAndRepeatsNothingElse() {
        String run = failing();
        assertThat(options(run, "resume").get("possible").asBoolean()).isTrue();
        assertThat(options(run, "resume").get("does").asString()).contains("'second'");
        outside.answers("/second", 200);
        var resumed = resume(run);
        assertThat(resumed.status()).as(resumed.body()).isEqualTo(200);
        flows.await(run, "succeeded");
        assertThat(outside.asked()).containsExactly("/first", "/second", "/second", "/third");
        assertThat(admin.get("/api/v1/audit").body()).contains("run.resumed");
        assertThat(resume(run).json().get("detail").asString()).contains("ended well");
    }

    @Test
    void oneOfManyRacingResumesCounts() throws InterruptedException, ExecutionException {
        String run = failing();
        outside.answers("/second", 200);
        long counted = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Integer> click = () -> resume(run).status();
            for (var answer : threads.invokeAll(java.util.Collections.nCopies(20, click))) {
                counted += answer.get() == 200 ? 1 : 0;
            }
        }
        assertThat(counted).isEqualTo(1);
        flows.await(run, "succeeded");
        assertThat(outside.asked("/second")).isEqualTo(2);
        assertThat(outside.asked("/first")).isEqualTo(1);
    }

    @Test
    void aRunThatWasTakenBackStaysTakenBack() {
        outside.answers("/second", 404);
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("make", outside.url("/make")),
                                fetch("unmake", outside.url("/unmake")),
                                fetch("second", outside.url("/second"))),
                        "start.out->make",
                        "make.undo->unmake",
                        "make.out->second");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "failed");
        assertThat(outside.asked()).containsExactly("/make", "/second", "/unmake");
        assertThat(resume(run).json().get("detail").asString()).contains("taken back");
    }

    @Test
    void aRunThatIsTakenUpCountsForTheLimitsLikeAnyOther() {
        outside.answers("/second", 404);
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                fetch("second", outside.url("/second")),
                                node("park", "wait", Map.of("seconds", 3600))),
                        "start.out->second",
                        "second.out->park");
        String failed = flows.start(workflow, Map.of());
        flows.await(failed, "failed");
        outside.answers("/second", 200);
        String other = flows.start(workflow, Map.of());
        flows.awaitStep(other, "park", "waiting");
        var limited =
                admin.put(
                        "/api/v1/workflows/" + workflow + "/limits",
                        Map.of("most", 1, "whenFull", "queue"));
        assertThat(limited.status()).as(limited.body()).isEqualTo(200);
        assertThat(resume(failed).problem()).isEqualTo("no-room-for-run");
        assertThat(flows.run(failed).get("state").asString()).isEqualTo("failed");
        stop(other, "kill");
        assertThat(resume(failed).status()).isEqualTo(200);
        flows.awaitStep(failed, "park", "waiting");
    }

    @Test
    void aResumeThatIsSentAgainDoesNotTakeUpTheFailureAfterThat() {
        String run = failing();
        String failed = flows.run(run).get("endedAt").asString();
        var asked = Map.of("endedAt", failed);
        assertThat(admin.post("/api/v1/runs/" + run + "/resume", asked).status()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> {
                    var now = flows.run(run);
                    return now.get("state").asString().equals("failed")
                            && !now.get("endedAt").asString().equals(failed);
                });
        long before = outside.asked("/second");
        var again = admin.post("/api/v1/runs/" + run + "/resume", asked);
        assertThat(again.problem()).isEqualTo("run-not-resumable");
        assertThat(again.json().get("detail").asString()).contains("Look at it again");
        assertThat(flows.run(run).get("state").asString()).isEqualTo("failed");
        assertThat(outside.asked("/second")).isEqualTo(before);
    }

    @Test
    void aRunThatEndedInTheQueueIsNotStoppedAgain() {
        UUID workflow =
                flows.publish(
                        List.of(start(), node("park", "wait", Map.of("seconds", 3600))),
                        "start.out->park");
        admin.put(
                "/api/v1/workflows/" + workflow + "/limits",
                Map.of("most", 1, "whenFull", "queue"));
        flows.start(workflow, Map.of());
        String queued = flows.start(workflow, Map.of());
        assertThat(flows.run(queued).get("state").asString()).isEqualTo("queued");
        assertThat(stop(queued, "cancel").status()).isEqualTo(200);
        var ended = flows.run(queued);
        assertThat(ended.get("state").asString()).isEqualTo("cancelled");
        assertThat(stop(queued, "cancel").problem()).isEqualTo("run-over");
        assertThat(stop(queued, "kill").problem()).isEqualTo("run-over");
        assertThat(flows.run(queued)).as("it ended once").isEqualTo(ended);
    }

    @Test
    void nobodyReachesTheRunsOfAnotherCompanyOrActsWithoutTheRight() {
        String run = parked();
        Client stranger = APP.newTenant();
        Client analyst = APP.newColleague(admin, "analyst");
        var stop = Map.of("mode", "kill", "reason", "Mine now");
        assertThat(stranger.post("/api/v1/runs/" + run + "/stop", stop).status()).isEqualTo(404);
        assertThat(stranger.post("/api/v1/runs/" + run + "/resume", Map.of()).status())
                .isEqualTo(404);
        assertThat(stranger.get("/api/v1/runs/" + run + "/options").status()).isEqualTo(404);
        assertThat(
                        stranger.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go"))
                                .status())
                .isEqualTo(404);
        assertThat(analyst.post("/api/v1/runs/" + run + "/stop", stop).status()).isEqualTo(403);
        assertThat(analyst.post("/api/v1/runs/" + run + "/resume", Map.of()).status())
                .isEqualTo(403);
        assertThat(analyst.post("/api/v1/signals", Map.of("signal", "go")).status()).isEqualTo(403);
        assertThat(analyst.get("/api/v1/runs/" + run + "/options").status()).isEqualTo(200);
        assertThat(flows.step(run, "park").get("state").asString()).isEqualTo("waiting");
    }

    @Test
    void whatIsAskedInBadWordsIsRefusedWithThePlace() {
        String run = parked();
        var bad =
                admin.post("/api/v1/runs/" + run + "/stop", Map.of("mode", "nuke", "reason", "x"));
        assertThat(bad.status()).isEqualTo(422);
        assertThat(bad.body()).contains("'cancel', 'undo' or 'kill'");
        assertThat(
                        admin.post(
                                        "/api/v1/runs/" + run + "/stop",
                                        Map.of("mode", "kill", "reason", " "))
                                .status())
                .isEqualTo(422);
        assertThat(
                        admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "no#hash"))
                                .status())
                .isEqualTo(422);
    }

    @Test
    void whoSettlesADoubtSettlesTheOneTheyLookedAtAndNoLaterOne() {
        outside.breaksOff("/pay");
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                node(
                                        "pay",
                                        "http-request",
                                        Map.of("method", "POST", "url", outside.url("/pay")))),
                        "start.out->pay");
        String run = flows.start(workflow, Map.of());
        flows.awaitStep(run, "pay", "in-doubt");
        long first = flows.step(run, "pay").get("epoch").asLong();
        assertThat(settle(run, first, "did-not-happen").status()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(20)).until(() -> outside.asked("/pay") == 2);
        flows.awaitStep(run, "pay", "in-doubt");

        var again =
                settle(run, first, "did-not-happen"); // the answer got lost, and it is sent anew
        assertThat(again.problem()).isEqualTo("not-in-doubt");
        assertThat(again.json().get("detail").asString()).contains("in doubt anew");
        assertThat(outside.asked("/pay")).isEqualTo(2);

        long second = flows.step(run, "pay").get("epoch").asLong();
        assertThat(settle(run, second, "happened").status()).isEqualTo(200);
        flows.await(run, "succeeded");
        assertThat(outside.asked("/pay")).isEqualTo(2);
        assertThat(settle(run, second, "happened").problem()).isEqualTo("not-in-doubt");
        assertThat(admin.get("/api/v1/audit").body()).contains("run.doubt-settled");
    }

    private Response settle(String run, long epoch, String outcome) {
        return admin.post(
                "/api/v1/runs/" + run + "/steps/pay/settle",
                Map.of("epoch", epoch, "outcome", outcome, "note", "I looked"));
    }

    private tools.jackson.databind.JsonNode options(String run, String action) {
        for (var option : admin.get("/api/v1/runs/" + run + "/options").json().get("options")) {
            if (option.get("action").asString().equals(action)) {
                return option;
            }
        }
        throw new AssertionError("No option " + action);
    }
}
