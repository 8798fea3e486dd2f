package io.cybershield.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.engine.Node;
import io.cybershield.engine.StepState;
import io.cybershield.engine.StepStatus;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a workflow did in the world stands in the trail, by the workflow's name. */
class ActionTrailIT {
    private final TestApplication app = TestApplication.shared();
    private final UUID workflow = UUID.randomUUID();
    private final UUID run = UUID.randomUUID();

    @Test
    void eachActionThatEndedIsAnEntryAndWhatOnlySteersIsNot() {
        Client admin = app.newTenant();
        append(
                admin,
                step("incident-opened", StepStatus.SUCCEEDED, Map.of(), null),
                step("condition", StepStatus.SUCCEEDED, Map.of(), null),
                step("isolate-endpoint", StepStatus.RUNNING, Map.of(), null));
        append(
                admin,
                step(
                        "isolate-endpoint",
                        StepStatus.SUCCEEDED,
                        Map.of("host", "web-01", "verified", true, "body", "a token in an answer"),
                        null),
                step("http-request", StepStatus.FAILED, Map.of(), "answered 503"));
        List<JsonNode> entries = actions(admin);
        assertThat(entries).hasSize(2);
        JsonNode isolated = entries.get(1);
        assertThat(isolated.get("action").asString()).isEqualTo("action.done");
        assertThat(isolated.get("outcome").asString()).isEqualTo("permitted");
        assertThat(isolated.get("actor").asString()).isEqualTo("Contain a host");
        assertThat(isolated.get("actorId").asString()).isEqualTo(workflow.toString());
        assertThat(isolated.get("target").asString()).isEqualTo("run:" + run);
        assertThat(isolated.at("/detail/host").asString()).isEqualTo("web-01");
        assertThat(isolated.at("/detail/verified").asBoolean()).isTrue();
        assertThat(isolated.toString()).doesNotContain("token in an answer");
        JsonNode failed = entries.get(0);
        assertThat(failed.get("action").asString()).isEqualTo("action.failed");
        assertThat(failed.get("outcome").asString()).isEqualTo("failed");
        assertThat(failed.at("/detail/error").asString()).isEqualTo("answered 503");
        JsonNode started = admin.get("/api/v1/audit?action=run.started").json().get("items").get(0);
        assertThat(started.get("actor").asString()).isEqualTo("Contain a host");
        assertThat(admin.get("/api/v1/audit/verify").json().get("intact").asBoolean()).isTrue();
    }

    private static List<JsonNode> actions(Client admin) {
        return admin.get("/api/v1/audit?action=action").json().get("items").valueStream().toList();
    }

    private void append(Client admin, StepState... steps) {
        var view =
                new RunView(
                        run,
                        1,
                        workflow,
                        "Contain a host",
                        1,
                        "running",
                        Instant.now(),
                        null,
                        "incident",
                        "Web shell on web-01",
                        null,
                        1,
                        3);
        Scope.tenant(new TenantId(admin.tenant()), Principal.system("test"))
                .run(() ->
                        app.bean(Transactions.class)
                                .run(() ->
                                        List.of(steps)
                                                .forEach(step ->
                                                        app.bean(ActionTrail.class)
                                                                .append(
                                                                        view,
                                                                        Node.of(
                                                                                step.id(),
                                                                                step.id(),
                                                                                Map.of()),
                                                                        step))));
    }

    private static StepState step(
            String type,
            StepStatus status,
            Map<String, @Nullable Object> output,
            @Nullable String note) {
        return new StepState(
                type,
                status,
                1,
                1,
                0,
                null,
                false,
                false,
                false,
                null,
                null,
                Instant.now(),
                null,
                null,
                null,
                output,
                note);
    }
}
