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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One node answers people and carries no runs, the other carries them: what is taken from whoever
 * answers for a run by the first is taken from the run on the second.
 */
class AnsweredRunsOnTwoNodesIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Map<String, Object> HOSTS =
            Map.of("cybershield.http.allowed-hosts", "127.0.0.1");
    private static TestApplication desk;
    private static TestApplication worker;
    private Outside outside;
    private Client admin;
    private Client cora;
    private TestFlows flows;

    @BeforeAll
    static void boot() {
        desk =
                TestApplication.boot(
                        Map.of(
                                "cybershield.http.allowed-hosts",
                                "127.0.0.1",
                                "cybershield.roles",
                                "web"));
        worker = desk.secondNode(HOSTS);
    }

    @AfterAll
    static void shut() {
        worker.close();
        desk.close();
    }

    @BeforeEach
    void tenant() throws IOException {
        outside = new Outside();
        admin = desk.newTenant();
        cora = desk.newColleague(admin, "responder");
        flows = new TestFlows(admin);
    }

    @AfterEach
    void close() {
        outside.close();
    }

    /** Waits for "go", then acts. */
    private UUID workflow() {
        return flows.publish(
                List.of(
                        start(),
                        node("pause", "wait", Map.of("signal", "go")),
                        fetch("act", outside.url("/act"))),
                "start.out->pause",
                "pause.out->act");
    }

    @Test
    void aRunCarriedThereActsNoMoreOnceItsStarterIsDisabledHere() throws Exception {
        noneActs(() -> change(Map.of("disabled", true)));
    }

    @Test
    void norOnceTheRoleOfItsStarterPermitsNoRunsAnyMore() throws Exception {
        noneActs(() -> change(Map.of("role", "auditor")));
    }

    private void change(Map<String, Object> body) {
        var done = admin.patch("/api/v1/users/" + cora.account(), body);
        assertThat(done.status()).as(done.body()).isEqualTo(200);
    }

    private void noneActs(Runnable ends) throws Exception {
        UUID workflow = workflow();
        var runs = new ArrayList<String>();
        for (int i = 0; i < 20; i++) {
            runs.add(new TestFlows(cora).start(workflow, Map.of()));
        }
        String permitted = runs.removeFirst();
        flows.awaitStep(permitted, "pause", "waiting");
        go(permitted);
        flows.await(permitted, "succeeded");
        assertThat(outside.asked()).containsExactly("/act");
        for (String run : runs) {
            flows.awaitStep(run, "pause", "waiting");
        }
        ends.run();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var told : runs.stream().map(run -> threads.submit(() -> go(run))).toList()) {
                told.get();
            }
        }
        for (String run : runs) {
            await().atMost(SOON)
                    .until(() ->
                            !admin.get("/api/v1/runs/" + run + "/options")
                                    .json()
                                    .get("held")
                                    .isEmpty());
            assertThat(flows.step(run, "act").get("state").asString()).isEqualTo("queued");
        }
        assertThat(outside.asked()).containsExactly("/act");
    }

    private void go(String run) {
        var told = admin.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go"));
        assertThat(told.status()).as(told.body()).isEqualTo(200);
    }
}
