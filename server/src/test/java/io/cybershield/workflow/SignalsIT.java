package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Signals to one run, and to whichever run waits for a name and a key. */
class SignalsIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
    private Client admin;
    private TestFlows flows;

    @BeforeEach
    void tenant() {
        admin = APP.newTenant();
        flows = new TestFlows(admin);
    }

    private UUID waiting(Map<String, Object> config, Map<String, Object> more) {
        return flows.publish(
                List.of(
                        start(),
                        node("pause", "wait", config, more),
                        node("late", "set", Map.of("vars", Map.of("late", "true"))),
                        node(
                                "after",
                                "transform",
                                Map.of("expression", "{'said': steps.pause.output}"))),
                "start.out->pause",
                "pause.out->after",
                "pause.timeout->late");
    }

    private UUID ticket() {
        return waiting(Map.of("signal", "ticket-closed", "key", "{{ trigger.ticket }}"), Map.of());
    }

    private Response post(String key, String id, Map<String, Object> payload) {
        return admin.send(
                admin.csrf(
                        admin.json(
                                        "/api/v1/signals",
                                        "POST",
                                        Map.of(
                                                "signal",
                                                "ticket-closed",
                                                "key",
                                                key,
                                                "payload",
                                                payload))
                                .header("Idempotency-Key", id)));
    }

    @Test
    void aRunGoesOnWithWhatTheSignalBrings() {
        String run = flows.start(waiting(Map.of("signal", "go"), Map.of()), Map.of());
        flows.awaitStep(run, "pause", "waiting");
        var awaited = admin.get("/api/v1/runs/" + run + "/options").json().get("signals").get(0);
        assertThat(awaited.get("signal").asString()).isEqualTo("go");
        var told =
                admin.post(
                        "/api/v1/runs/" + run + "/signals",
                        Map.of("signal", "go", "payload", Map.of("verdict", "clean")));
        assertThat(told.status()).as(told.body()).isEqualTo(200);
        assertThat(told.json().get("takenBy").asString()).isEqualTo("pause");
        flows.await(run, "succeeded");
        assertThat(flows.step(run, "after").get("output").toString()).contains("clean");
        assertThat(flows.step(run, "late").get("state").asString()).isEqualTo("skipped");
        assertThat(admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go")).problem())
                .isEqualTo("run-over");
    }

    @Test
    void theRunWithTheKeyIsToldAndNoOther() {
        UUID workflow = ticket();
        String mine = flows.start(workflow, Map.of("ticket", "4711"));
        String other = flows.start(workflow, Map.of("ticket", "4712"));
        flows.awaitStep(mine, "pause", "waiting");
        flows.awaitStep(other, "pause", "waiting");
        var sent = post("4711", "s-1", Map.of("by", "Ann"));
        assertThat(sent.status()).as(sent.body()).isEqualTo(200);
        assertThat(sent.json().get("told").asInt()).isEqualTo(1);
        flows.await(mine, "succeeded");
        assertThat(flows.step(mine, "after").get("output").toString()).contains("Ann");
        assertThat(flows.run(other).get("state").asString()).isEqualTo("waiting");
        assertThat(post("4711", "s-1", Map.of()).json().get("repeated").asBoolean()).isTrue();
        assertThat(post("9999", "s-1", Map.of()).status())
                .as("the same id for another signal")
                .isEqualTo(422);
    }

    @Test
    void aSignalThatComesBeforeTheWaitIsKeptForTheFirstThatWaits() {
        UUID workflow = ticket();
        assertThat(post("early", "s-2", Map.of("n", 1)).json().get("told").asInt()).isZero();
        String first = flows.start(workflow, Map.of("ticket", "early"));
        flows.await(first, "succeeded");
        String second = flows.start(workflow, Map.of("ticket", "early"));
        flows.awaitStep(second, "pause", "waiting");
        assertThat(flows.run(second).get("state").asString())
                .as("the signal is used up")
                .isEqualTo("waiting");
    }

    @Test
    void twoStepsOfARunThatWaitForTheSameAreBroughtTwoSignals() {
        post("twice", "s-5", Map.of("n", 1));
        post("twice", "s-6", Map.of("n", 2));
        var wait = Map.<String, Object>of("signal", "ticket-closed", "key", "twice");
        UUID workflow =
                flows.publish(
                        List.of(start(), node("one", "wait", wait), node("two", "wait", wait)),
                        "start.out->one",
                        "start.out->two");
        String run = flows.start(workflow, Map.of());
        flows.await(run, "succeeded");
        assertThat(
                        List.of(
                                flows.step(run, "one").get("output").get("n").asInt(),
                                flows.step(run, "two").get("output").get("n").asInt()))
                .containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void runsThatNoLongerWaitHearNothingAndTakeNothingFromThoseThatWill() {
        UUID workflow = ticket();
        String stopped = flows.start(workflow, Map.of("ticket", "again"));
        flows.awaitStep(stopped, "pause", "waiting");
        admin.post("/api/v1/runs/" + stopped + "/stop", Map.of("mode", "kill", "reason", "no"));
        flows.await(stopped, "cancelled");
        String told = flows.start(workflow, Map.of("ticket", "again"));
        flows.awaitStep(told, "pause", "waiting");
        assertThat(post("again", "s-3", Map.of()).json().get("told").asInt()).isEqualTo(1);
        flows.await(told, "succeeded");

        assertThat(post("again", "s-4", Map.of("n", 2)).json().get("told").asInt())
                .as("nobody waits now")
                .isZero();
        String next = flows.start(workflow, Map.of("ticket", "again"));
        flows.await(next, "succeeded");
        assertThat(flows.step(next, "after").get("output").toString()).contains("2");
    }

    @Test
    void whoeverIsLaterSeesTheOtherHoweverTheyRace()
            throws InterruptedException, ExecutionException {
        UUID workflow = ticket();
        var runs = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 30; i++) {
                String key = "race-" + i;
                Callable<String> starts = () -> flows.start(workflow, Map.of("ticket", key));
                Callable<String> posts = () -> post(key, "race-" + key, Map.of()).body();
                var both = threads.invokeAll(List.of(starts, posts));
                runs.add(both.getFirst().get());
            }
        }
        for (String run : runs) {
            flows.await(run, "succeeded");
        }
    }

    @Test
    void aSignalInAnotherCompanyIsNeverHeardHere() {
        Client stranger = APP.newTenant();
        String run = flows.start(ticket(), Map.of("ticket", "shared"));
        flows.awaitStep(run, "pause", "waiting");
        var sent =
                stranger.post(
                        "/api/v1/signals", Map.of("signal", "ticket-closed", "key", "shared"));
        assertThat(sent.json().get("told").asInt()).isZero();
        assertThat(flows.run(run).get("state").asString()).isEqualTo("waiting");
    }

    @Test
    void aSignalThatDoesNotComeLeavesByTimeout() {
        String run =
                flows.start(waiting(Map.of("signal", "never", "seconds", 1), Map.of()), Map.of());
        flows.await(run, "succeeded");
        assertThat(flows.step(run, "late").get("state").asString()).isEqualTo("succeeded");
        assertThat(flows.step(run, "after").get("state").asString()).isEqualTo("skipped");
    }

    @Test
    void withoutATimeoutEdgeASignalThatDoesNotComeFailsTheStep() {
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                node("pause", "wait", Map.of("signal", "never", "seconds", 1))),
                        "start.out->pause");
        String run = flows.start(workflow, Map.of());
        var ended = flows.await(run, "failed");
        assertThat(ended.get("result").asString()).contains("did not come in time");
    }

    @Test
    void aWaitEndsAtTheMomentTheDataName() {
        UUID workflow =
                flows.publish(
                        List.of(
                                start(),
                                node("pause", "wait", Map.of("until", "{{ trigger.due }}"))),
                        "start.out->pause");
        Instant due = Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.SECONDS);
        String run = flows.start(workflow, Map.of("due", due.toString()));
        flows.await(run, "succeeded");
        assertThat(Instant.parse(flows.step(run, "pause").get("endedAt").asString()))
                .isAfterOrEqualTo(due);
        String broken = flows.start(workflow, Map.of("due", "next week"));
        assertThat(flows.await(broken, "failed").get("result").asString())
                .contains("'next week' is no moment");
    }

    @Test
    void aThousandSignalsAreEnough() {
        String run = flows.start(waiting(Map.of("signal", "go"), Map.of()), Map.of());
        flows.awaitStep(run, "pause", "waiting");
        for (int i = 0; i < 1000; i++) {
            assertThat(
                            admin.post(
                                            "/api/v1/runs/" + run + "/signals",
                                            Map.of("signal", "noise"))
                                    .status())
                    .isEqualTo(200);
        }
        assertThat(admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go")).problem())
                .isEqualTo("too-many-signals");
    }
}
