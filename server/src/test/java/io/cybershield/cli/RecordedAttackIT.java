package io.cybershield.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The shipped rules find in the shipped recording what its README promises. */
class RecordedAttackIT {
    private static final Path README = Path.of("../content/demo/linux-intrusion/README.md");
    private static final Pattern EXPECTED = Pattern.compile("\\| ([A-Z][^|]+?) \\| (\\d+) \\|.*");

    private static Map<String, Integer> promised() throws IOException {
        var promised = new TreeMap<String, Integer>();
        for (String line : Files.readAllLines(README)) {
            Matcher row = EXPECTED.matcher(line);
            if (row.matches()) {
                promised.put(row.group(1), Integer.valueOf(row.group(2)));
            }
        }
        return promised;
    }

    @Test
    void findsWhatTheReadmeOfTheRecordingPromises() throws Exception {
        var admin = TestApplication.shared().newTenant();
        JsonNode made =
                admin.post("/api/v1/sources", Map.of("name", "web-01", "kind", "linux")).json();
        String body =
                Recording.shipped().endingAt(Instant.now()).lines().stream()
                        .map(Recording.Line::text)
                        .collect(Collectors.joining("\n"));
        var taken =
                admin.send(
                        admin.request("/api/v1/ingest/" + made.get("source").get("id").asString())
                                .header("Authorization", "Bearer " + made.get("token").asString())
                                .header("Content-Type", "text/plain")
                                .POST(HttpRequest.BodyPublishers.ofString(body)));
        assertThat(taken.status()).isEqualTo(202);

        Map<String, Integer> promised = promised();
        assertThat(promised).isNotEmpty();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(found(admin)).isEqualTo(promised));
        // Every event has a host and the incident that people see is about that one.
        JsonNode incidents = admin.get("/api/v1/incidents").json().get("items");
        assertThat(incidents.size()).isPositive();
        for (JsonNode incident : incidents) {
            assertThat(incident.get("host").asString()).isEqualTo("web-01");
        }
    }

    private static Map<String, Integer> found(TestApplication.Client admin) {
        var found = new TreeMap<String, Integer>();
        String cursor = "";
        do {
            JsonNode page = admin.get("/api/v1/findings?limit=200" + cursor).json();
            for (JsonNode finding : page.get("items")) {
                found.merge(finding.get("title").asString(), 1, Integer::sum);
            }
            JsonNode next = page.get("next");
            cursor = next == null || next.isNull() ? "" : "&cursor=" + next.asString();
        } while (!cursor.isEmpty());
        return found;
    }
}
