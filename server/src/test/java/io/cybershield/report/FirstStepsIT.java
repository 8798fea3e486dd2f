package io.cybershield.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class FirstStepsIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void tellsWhatIsThereAndNothingElse() {
        Client ada = app.newTenant();
        assertThat(done(ada)).isEmpty();
        ada.post(
                "/api/v1/invitations",
                Map.of("email", UUID.randomUUID() + "@example.org", "role", "analyst"));
        assertThat(done(ada)).containsExactly("colleague");

        String workflow =
                ada.post("/api/v1/workflows", Map.of("template", "incident-response"))
                        .json()
                        .get("id")
                        .asString();
        assertThat(done(ada)).as("a draft does nothing yet").containsExactly("colleague");
        assertThat(ada.post("/api/v1/workflows/" + workflow + "/publish", Map.of()).status())
                .isEqualTo(200);
        assertThat(done(ada)).containsExactly("colleague", "workflow");

        JsonNode made = ada.post("/api/v1/sources", Map.of("name", "web", "kind", "json")).json();
        assertThat(done(ada)).as("a source that sends nothing").doesNotContain("source");
        ada.send(
                ada.request("/api/v1/ingest/" + made.get("source").get("id").asString())
                        .header("Authorization", "Bearer " + made.get("token").asString())
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{\"message\":\"hello\"}")));
        Awaitility.await().until(() -> done(ada).contains("source"));
        // what one company has is not another's
        assertThat(done(app.newTenant())).isEmpty();
    }

    private static List<String> done(Client who) {
        return who.get("/api/v1/overview/first-steps")
                .json()
                .get("items")
                .valueStream()
                .filter(step -> step.get("done").asBoolean())
                .map(step -> step.get("step").asString())
                .toList();
    }
}
