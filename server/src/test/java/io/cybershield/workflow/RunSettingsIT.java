package io.cybershield.workflow;

import static io.cybershield.workflow.TestFlows.fetch;
import static io.cybershield.workflow.TestFlows.node;
import static io.cybershield.workflow.TestFlows.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a drawing says about failures, limits and exemptions, through file, API and run. */
class RunSettingsIT {
    private static final TestApplication APP = TestFlows.reachingApplication();
    private static final List<Map<String, Object>> SOUND =
            List.of(start(), node("park", "wait", Map.of("seconds", 1)));
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

    @Test
    void aConditionDecidesWhetherAFailureIsTriedAgain() {
        outside.answers("/gone", 404);
        outside.answers("/broken", 500);
        Map<String, Object> again =
                Map.of(
                        "maxAttempts", 3,
                        "delaySeconds", 0,
                        "backoff", "fixed",
                        "jitterPercent", 0,
                        "retryOn", "failure.reason.contains('404') && failure.attempt < 3");
        for (String path : List.of("/gone", "/broken")) {
            UUID workflow =
                    flows.publish(
                            List.of(
                                    start(),
                                    node(
                                            "call",
                                            "http-get",
                                            Map.of("url", outside.url(path)),
                                            Map.of("retry", again))),
                            "start.out->call");
            flows.await(flows.start(workflow, Map.of()), "failed");
        }
        assertThat(outside.asked("/gone")).isEqualTo(3);
        assertThat(outside.asked("/broken")).isEqualTo(1);
    }

    @Test
    void aRunThatIsTooLateFails() {
        UUID workflow =
                flows.publish(
                        Map.of("deadlineSeconds", 1),
                        List.of(start(), node("park", "wait", Map.of("seconds", 3600))),
                        "start.out->park");
        assertThat(flows.await(flows.start(workflow, Map.of()), "failed").get("result").asString())
                .contains("did not end within");
    }

    @Test
    void aFileCarriesThemThereAndBack() {
        UUID other = flows.publish(SOUND, "start.out->park");
        UUID workflow =
                flows.publish(
                        Map.of(
                                "deadlineSeconds",
                                60,
                                "closingSeconds",
                                30,
                                "keepOnFailure",
                                true,
                                "errorWorkflow",
                                other.toString()),
                        List.of(start(), fetch("call", outside.url("/x"))),
                        "start.out->call");
        String yaml = admin.get("/api/v1/workflows/" + workflow + "/export?format=yaml").body();
        assertThat(yaml).contains("deadlineSeconds: 60").contains(other.toString());
        var copy = admin.post("/api/v1/workflows/import", Map.of("text", yaml, "format", "yaml"));
        assertThat(copy.status()).as(copy.body()).isEqualTo(201);
        assertThat(copy.json().get("draft").get("settings"))
                .isEqualTo(
                        admin.get("/api/v1/workflows/" + workflow)
                                .json()
                                .get("draft")
                                .get("settings"));
    }

    @Test
    void aWorkflowForFailuresMustBeThereAndStartableByHand() {
        UUID id = draft();
        for (String wrong : List.of(UUID.randomUUID().toString(), "nonsense", id.toString())) {
            var refused =
                    TestFlows.publishAs(
                            admin,
                            id,
                            revision(id),
                            Map.of("errorWorkflow", wrong),
                            SOUND,
                            "start.out->park");
            assertThat(refused.problem()).as(wrong).isEqualTo("workflow-not-sound");
            assertThat(refused.body()).contains("deals with failures");
        }
        UUID elsewhere = new TestFlows(APP.newTenant()).publish(SOUND, "start.out->park");
        assertThat(
                        TestFlows.publishAs(
                                        admin,
                                        id,
                                        revision(id),
                                        Map.of("errorWorkflow", elsewhere.toString()),
                                        SOUND,
                                        "start.out->park")
                                .problem())
                .as("another company's does not exist")
                .isEqualTo("workflow-not-sound");
    }

    @Test
    void onlyAnAdministratorLetsANodeDestroyWithoutApproval() {
        Client author = APP.newColleague(admin, "workflow-author");
        UUID id = draft();
        assertThat(exempt(author, id, "host-1", "Laboratory only").problem()).isEqualTo("denied");
        assertThat(exempt(admin, id, "host-1", "Laboratory only").status()).isEqualTo(200);
        assertThat(exempt(author, id, "host-1", "Laboratory only").status())
                .as("what was granted stays granted")
                .isEqualTo(200);
        assertThat(exempt(author, id, "host-2", "Laboratory only").problem())
                .as("but not for another target")
                .isEqualTo("denied");
        assertThat(exempt(author, id, "host-1", "Because I say so").problem())
                .as("or for another reason")
                .isEqualTo("denied");
        assertThat(admin.get("/api/v1/audit").body())
                .contains("workflow.exempted")
                .contains("Laboratory only");
        String run = flows.start(id, Map.of());
        flows.await(run, "succeeded");
        assertThat(flows.step(run, "isolate").get("state").asString()).isEqualTo("succeeded");
    }

    private Response exempt(Client by, UUID id, String host, String why) {
        var more = new LinkedHashMap<String, Object>();
        more.put("exemption", why);
        return TestFlows.publishAs(
                by,
                id,
                revision(id),
                Map.of(),
                List.of(start(), node("isolate", "isolate-endpoint", Map.of("host", host), more)),
                "start.out->isolate");
    }

    private UUID draft() {
        return UUID.fromString(
                admin.post("/api/v1/workflows", Map.of("name", "Test"))
                        .json()
                        .get("id")
                        .asString());
    }

    private int revision(UUID id) {
        return admin.get("/api/v1/workflows/" + id).json().get("revision").asInt();
    }
}
