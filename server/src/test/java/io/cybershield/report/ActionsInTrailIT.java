package io.cybershield.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import io.cybershield.workflow.RunProgressed;
import io.cybershield.workflow.RunView;
import io.cybershield.workflow.StepView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a workflow did in the world stands in the trail, by the workflow's name. */
class ActionsInTrailIT {
    private final TestApplication app = TestApplication.shared();
    private final UUID workflow = UUID.randomUUID();
    private final UUID run = UUID.randomUUID();

    @Test
    void eachActionThatEndedIsAnEntryAndWhatOnlySteersIsNot() {
        Client admin = app.newTenant();
        publish(
                admin,
                step("incident-opened", "succeeded", Map.of(), null),
                step("condition", "succeeded", Map.of(), null),
                step("isolate-endpoint", "running", Map.of(), null));
        publish(
                admin,
                step(
                        "isolate-endpoint",
                        "succeeded",
                        Map.of("host", "web-01", "verified", true, "body", "a token in an answer"),
                        null),
                step("http-request", "failed", Map.of(), "answered 503"));
        List<JsonNode> entries =
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> actions(admin), found -> found.size() == 2);
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

    private void publish(Client admin, StepView... steps) {
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
                                        app.bean(DomainEvents.class)
                                                .publish(
                                                        "run:" + run,
                                                        new RunProgressed(view, List.of(steps)))));
    }

    private static StepView step(
            String type,
            String state,
            Map<String, @Nullable Object> output,
            @Nullable String error) {
        return new StepView(
                type,
                "The " + type,
                type,
                state,
                Instant.now(),
                null,
                1,
                null,
                null,
                output,
                error,
                null);
    }
}
