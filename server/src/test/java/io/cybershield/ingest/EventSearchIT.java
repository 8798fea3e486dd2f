package io.cybershield.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.JsonNode;

/** Finding events by words, host, user and time, page by page; one's own only. */
class EventSearchIT {
    private static final TestApplication APP = TestApplication.shared();
    private static final int ORDERS = 25;
    private static Client ours;
    private static Client theirs;

    @BeforeAll
    static void events() {
        ours = APP.newTenant();
        theirs = APP.newTenant();
        fill(ours, "ours");
        fill(theirs, "theirs");
    }

    private static void fill(Client client, String owner) {
        JsonNode made =
                client.post("/api/v1/sources", Map.of("name", "shop", "kind", "json")).json();
        var lines = new StringBuilder();
        for (int i = 0; i < ORDERS; i++) {
            lines.append(
                    "{\"time\":\"2026-11-20T10:%02d:00.5Z\",\"host\":\"Web-%d\",\"user\":\"U%d\","
                            .formatted(i, i % 2, i % 5));
            lines.append("\"message\":\"order %d of %s was paid\"}\n".formatted(i, owner));
        }
        var taken =
                client.send(
                        client.request("/api/v1/ingest/" + made.get("source").get("id").asString())
                                .header("Authorization", "Bearer " + made.get("token").asString())
                                .header("Content-Type", "application/x-ndjson")
                                .POST(BodyPublishers.ofString(lines.toString())));
        assertThat(taken.status()).isEqualTo(202);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> find(client, "limit=200").size() == ORDERS);
    }

    private static List<JsonNode> find(Client client, String query) {
        var answer = client.get("/api/v1/events?" + query);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        var items = new ArrayList<JsonNode>();
        answer.json().get("items").forEach(items::add);
        return items;
    }

    private static List<String> messages(List<JsonNode> items) {
        return items.stream().map(n -> n.get("message").asString()).toList();
    }

    @Test
    void wordsFindOnesOwnEventsOnlyNewestFirst() {
        var found = find(ours, "q=order+paid&limit=200");
        assertThat(found).hasSize(ORDERS);
        assertThat(messages(found)).allMatch(m -> m.contains("of ours"));
        assertThat(messages(found).getFirst()).startsWith("order 24 ");
        assertThat(find(ours, "q=theirs&limit=200")).isEmpty();
        assertThat(find(theirs, "q=theirs&limit=200")).hasSize(ORDERS);
    }

    @Test
    void pagesOfASearchHoldEachEventOnce() {
        var seen = new ArrayList<String>();
        String cursor = "";
        do {
            var page = ours.get("/api/v1/events?q=paid&limit=7" + cursor).json();
            page.get("items").forEach(n -> seen.add(n.get("id").asString()));
            JsonNode next = page.get("next");
            cursor = next.isNull() ? "" : "&cursor=" + UriUtils.encode(next.asString(), "UTF-8");
        } while (!cursor.isEmpty());
        assertThat(seen).hasSize(ORDERS).doesNotHaveDuplicates();
    }

    @Test
    void conditionsNarrowASearchAndAListAlike() {
        for (String words : List.of("", "&q=paid")) {
            assertThat(find(ours, "limit=200&host=WEB-1" + words)).hasSize(ORDERS / 2);
            assertThat(find(ours, "limit=200&user=u3" + words)).hasSize(ORDERS / 5);
            assertThat(
                            messages(
                                    find(
                                            ours,
                                            "from=2026-11-20T10:03:00Z&to=2026-11-20T10:05:00Z"
                                                    + words)))
                    .containsExactly("order 4 of ours was paid", "order 3 of ours was paid");
        }
    }

    @Test
    void theHistogramCountsWhatTheSearchFinds() {
        for (String words : List.of("", "&q=paid")) {
            var histogram =
                    ours.get(
                                    "/api/v1/events/histogram?from=2026-11-20T10:00:00Z"
                                            + "&to=2026-11-20T11:00:00Z&host=web-0"
                                            + words)
                            .json();
            long counted = 0;
            for (JsonNode bucket : histogram.get("buckets")) {
                assertThat(Instant.parse(bucket.get("at").asString()))
                        .isAfterOrEqualTo(Instant.parse("2026-11-20T10:00:00Z"));
                counted += bucket.get("count").asLong();
            }
            assertThat(counted).isEqualTo(ORDERS / 2 + 1);
        }
        var none =
                ours.get(
                        "/api/v1/events/histogram?from=2026-11-20T10:00:00Z"
                                + "&to=2026-11-20T11:00:00Z&q=theirs");
        assertThat(none.json().get("buckets")).isEmpty();
    }

    @Test
    void aTimeAmongTheWordsIsAnsweredWithTheMend() {
        var answer = ours.get("/api/v1/events?q=order+2026-11-20T10:03:00Z");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body()).contains("time range");
    }
}
