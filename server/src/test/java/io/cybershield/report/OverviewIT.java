package io.cybershield.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OverviewIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void aLiveChartBeginsWithWhatWasFoundSecondsAgo() {
        Client admin = app.newTenant();
        assertThat(found(admin)).isZero();
        attack(admin);
        await().atMost(Duration.ofSeconds(60)).until(() -> found(admin) > 0);
        JsonNode buckets = admin.get("/api/v1/overview/recent").json().get("buckets");
        assertThat(buckets.size()).isEqualTo(90);
        var times = buckets.valueStream().map(b -> Instant.parse(b.get("at").asString())).toList();
        for (int i = 1; i < times.size(); i++) {
            assertThat(times.get(i)).isEqualTo(times.get(i - 1).plusSeconds(1));
        }
        assertThat(found(app.newTenant())).as("another tenant's").isZero();
        assertThat(app.anonymous().get("/api/v1/overview/recent").status()).isEqualTo(401);
    }

    private static long found(Client who) {
        return who.get("/api/v1/overview/recent")
                .json()
                .get("buckets")
                .valueStream()
                .flatMapToLong(b ->
                        LongStream.of(
                                b.get("critical").asLong(),
                                b.get("high").asLong(),
                                b.get("medium").asLong(),
                                b.get("low").asLong(),
                                b.get("info").asLong()))
                .sum();
    }

    private static void attack(Client admin) {
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", "web", "kind", "linux")).json();
        Instant now = Instant.now();
        String lines =
                IntStream.range(0, 3)
                        .mapToObj(i ->
                                now.plusSeconds(i)
                                        + " web-01 useradd[7300]: new user: name=backdoor"
                                        + i
                                        + ", UID=0, GID=0, home=/home/backdoor, shell=/bin/bash")
                        .collect(Collectors.joining("\n"));
        assertThat(
                        admin.send(
                                        admin.request(
                                                        "/api/v1/ingest/"
                                                                + made.get("source")
                                                                        .get("id")
                                                                        .asString())
                                                .header(
                                                        "Authorization",
                                                        "Bearer " + made.get("token").asString())
                                                .header("Content-Type", "text/plain")
                                                .POST(BodyPublishers.ofString(lines)))
                                .status())
                .isEqualTo(202);
    }
}
