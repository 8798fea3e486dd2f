package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** From a record at the door to an incident on the screen. */
class PipelineIT {
    private static final TestApplication APP = TestApplication.shared();

    @Test
    void aGuessedPasswordOverHttpBecomesAnIncident() {
        Client admin = APP.newTenant();
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", "auth of web01", "kind", "linux"))
                        .json();
        String token = made.get("token").asString();
        String id = made.get("source").get("id").asString();
        String line =
                "Nov 20 04:05:06 web01 sshd[4321]: Failed password for invalid user oracle from"
                        + " 203.0.113.9 port 52022 ssh2\n";

        Response taken =
                admin.send(
                        admin.request("/api/v1/ingest/" + id)
                                .header("Authorization", "Bearer " + token)
                                .header("Content-Type", "text/plain")
                                .POST(BodyPublishers.ofString(line)));
        assertThat(taken.status()).as(taken.body()).isEqualTo(202);
        assertThat(taken.json().get("accepted").asInt()).isOne();

        JsonNode incident =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(20))
                        .until(
                                () -> admin.get("/api/v1/incidents").json().get("items"),
                                items -> items.size() == 1)
                        .get(0);
        assertThat(incident.get("host").asString()).isEqualTo("web01");
        assertThat(incident.get("state").asString()).isEqualTo("new");
        JsonNode event = admin.get("/api/v1/events?q=oracle").json().get("items").get(0);
        assertThat(event.get("className").asString()).isEqualTo("Authentication");
        JsonNode detail = admin.get("/api/v1/events/" + event.get("id").asString()).json();
        assertThat(detail.get("findings").size()).isOne();
        assertThat(detail.get("raw").asString()).isEqualTo(line.strip());
        assertThat(Instant.parse(event.get("occurredAt").asString())).isBefore(Instant.now());
    }
}
