package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The sequence audit: every record that a door accepted is there once, whatever stopped in between.
 */
class ExactlyOnceIT {
    private static final int REQUESTS = 60;
    private static final int LINES = 200;

    @Test
    void nothingIsLostOrDoubledWhileTheConsumerComesAndGoes() throws InterruptedException {
        TestApplication app = TestApplication.shared();
        Client admin = app.newTenant();
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", "sequence", "kind", "json")).json();
        String path = "/api/v1/ingest/" + made.get("source").get("id").asString();
        String token = made.get("token").asString();
        RawConsumer consumer = app.bean(RawConsumer.class);

        Thread restarts =
                Thread.ofVirtual()
                        .start(() -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                consumer.stop();
                                consumer.start();
                            }
                        });
        try {
            for (int request = 0; request < REQUESTS; request++) {
                int first = request * LINES;
                String body =
                        IntStream.range(first, first + LINES)
                                .mapToObj(n ->
                                        "{\"sequence\":"
                                                + n
                                                + ",\"message\":\"audit\",\"program\":\"sshd\"}")
                                .collect(Collectors.joining("\n"));
                int status =
                        admin.send(
                                        admin.request(path)
                                                .header("Authorization", "Bearer " + token)
                                                .header("Content-Type", "application/x-ndjson")
                                                .POST(BodyPublishers.ofString(body)))
                                .status();
                assertThat(status).isEqualTo(202);
            }
        } finally {
            restarts.interrupt();
            restarts.join();
            if (!consumer.isRunning()) {
                consumer.start();
            }
        }
        int sent = REQUESTS * LINES;
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .until(() -> count(app, admin.tenant()).rows() >= sent);
        assertThat(count(app, admin.tenant())).isEqualTo(new Counted(sent, sent, sent, sent));
    }

    private record Counted(long rows, long distinct, long ofSource, long ofMinutes) {}

    private static Counted count(TestApplication app, UUID tenant) {
        return app.database()
                .transactions()
                .callAs(
                        Scope.tenant(new TenantId(tenant), Principal.system("test")),
                        () ->
                                app.database()
                                        .jdbc()
                                        .sql(
                                                """
                                                SELECT count(*), count(DISTINCT ocsf #>> '{unmapped,sequence}'),
                                                       (SELECT sum(received) FROM telemetry.source_activity),
                                                       (SELECT sum(events) FROM telemetry.event_minute)
                                                FROM telemetry.event
                                                """)
                                        .query((row, _) ->
                                                new Counted(
                                                        row.getLong(1),
                                                        row.getLong(2),
                                                        row.getLong(3),
                                                        row.getLong(4)))
                                        .single());
    }
}
