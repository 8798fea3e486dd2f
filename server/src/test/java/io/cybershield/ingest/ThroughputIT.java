package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A steady stream over HTTP into the whole of one process: nothing lost, and how far behind it
 * falls.
 */
@Tag("long")
class ThroughputIT {
    private static final int RATE = Integer.getInteger("throughput.rate", 3_000);
    private static final int SECONDS = Integer.getInteger("throughput.seconds", 60);
    private static final int PER_REQUEST = 300;

    @Test
    void keepsUpWithASteadyStreamAndLosesNothing() throws IOException, InterruptedException {
        TestApplication app = TestApplication.shared();
        Client admin = app.newTenant();
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", "stream", "kind", "linux")).json();
        URI uri =
                app.address().resolve("/api/v1/ingest/" + made.get("source").get("id").asString());
        HttpClient http = HttpClient.newHttpClient();
        long interval = 1_000_000_000L * PER_REQUEST / RATE;
        long start = System.nanoTime();
        int requests = RATE * SECONDS / PER_REQUEST;
        for (int request = 0; request < requests; request++) {
            var body = new StringBuilder();
            for (int line = 0; line < PER_REQUEST; line++) {
                int n = request * PER_REQUEST + line;
                body.append("Nov 20 04:05:06 web")
                        .append(n % 50)
                        .append(" sshd[")
                        .append(n)
                        .append("]: ")
                        .append(
                                n % 1_000 == 0
                                        ? "Failed password for invalid user u"
                                        : "Accepted publickey for u")
                        .append(n)
                        .append(" from 203.0.113.9 port 52022 ssh2\n");
            }
            var response =
                    http.send(
                            HttpRequest.newBuilder(uri)
                                    .header(
                                            "Authorization",
                                            "Bearer " + made.get("token").asString())
                                    .header("Content-Type", "text/plain")
                                    .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(202);
            long due = start + (request + 1) * interval;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
        double sending = (System.nanoTime() - start) / 1e9;
        long sent = (long) requests * PER_REQUEST;
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> stored(app, admin) >= sent);
        double all = (System.nanoTime() - start) / 1e9;
        String delays =
                admin.get("/actuator/prometheus")
                        .body()
                        .lines()
                        .filter(l -> l.startsWith("cybershield_events_delay_seconds{"))
                        .toList()
                        .toString();
        System.out.printf(
                "sent %d in %.1f s (%.0f/s), stored after %.1f s (%.0f/s) %s%n",
                sent, sending, sent / sending, all, sent / all, delays);
        assertThat(stored(app, admin)).isEqualTo(sent);
    }

    private static long stored(TestApplication app, Client admin) {
        return app.database()
                .transactions()
                .callAs(
                        Scope.tenant(new TenantId(admin.tenant()), Principal.system("test")),
                        () ->
                                app.database()
                                        .jdbc()
                                        .sql(
                                                "SELECT coalesce(sum(received), 0) FROM"
                                                        + " telemetry.source_activity")
                                        .query(Long.class)
                                        .single());
    }
}
