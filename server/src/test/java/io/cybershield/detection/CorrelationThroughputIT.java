package io.cybershield.detection;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The worst case: every event of a steady stream feeds a correlation, and none gets lost. */
@Tag("long")
class CorrelationThroughputIT {
    private static final int RATE = Integer.getInteger("throughput.rate", 3_000);
    private static final int SECONDS = Integer.getInteger("throughput.seconds", 30);
    private static final int PER_REQUEST = 300;

    @Test
    void keepsUpWhereEveryEventFeedsACorrelation() throws IOException {
        TestApplication app = TestApplication.shared();
        Client admin = app.newTenant();
        Scope scope = Scope.tenant(new TenantId(admin.tenant()), Principal.system("test"));
        String text = TestRules.BASES + "---\n" + TestRules.guessing(100, false);
        try {
            scope.call(() ->
                    app.bean(Rules.class)
                            .take(
                                    "all.yml",
                                    new ByteArrayInputStream(
                                            text.getBytes(StandardCharsets.UTF_8))));
        } catch (Exception e) {
            throw new IOException(e);
        }
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", "stream", "kind", "json")).json();
        String path = "/api/v1/ingest/" + made.get("source").get("id").asString();
        String token = "Bearer " + made.get("token").asString();
        int requests = RATE * SECONDS / PER_REQUEST;
        long interval = 1_000_000_000L * PER_REQUEST / RATE;
        long start = System.nanoTime();
        for (int request = 0; request < requests; request++) {
            var body = new StringBuilder();
            for (int line = 0; line < PER_REQUEST; line++) {
                body.append("{\"time\":\"")
                        .append(Instant.now())
                        .append("\",\"logsource\":{\"category\":\"test\"},\"kind\":\"failed\",")
                        .append("\"host\":\"web01\",\"user\":\"u")
                        .append((request * PER_REQUEST + line) % 500)
                        .append("\"}\n");
            }
            assertThat(
                            admin.send(
                                            admin.request(path)
                                                    .header("Authorization", token)
                                                    .header("Content-Type", "application/x-ndjson")
                                                    .POST(BodyPublishers.ofString(body.toString())))
                                    .status())
                    .isEqualTo(202);
            long due = start + (request + 1) * interval;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
        double sending = (System.nanoTime() - start) / 1e9;
        long sent = (long) requests * PER_REQUEST;
        JsonNode tally =
                Awaitility.await()
                        .atMost(Duration.ofSeconds(120))
                        .pollInterval(Duration.ofMillis(100))
                        .until(
                                () -> admin.get("/api/v1/rules/correlation").json(),
                                t -> t.get("taken").asLong() >= sent);
        double all = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "sent %d in %.1f s (%.0f/s), correlated after %.1f s %s %s%n",
                sent,
                sending,
                sent / sending,
                all,
                tally,
                admin.get("/actuator/prometheus")
                        .body()
                        .lines()
                        .filter(l -> l.matches("cybershield_(events|correlation)_delay_.*"))
                        .toList());
        assertThat(tally.get("taken").asLong()).isEqualTo(sent);
        assertThat(tally.get("overflowed").asLong() + tally.get("late").asLong()).isZero();
    }
}
