package io.cybershield.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditScreensIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final TestApplication app = TestApplication.shared();

    @Test
    void anEntryIsAnnouncedToWhoMayReadItsTrailAndToNobodyElse() {
        Client ada = app.newTenant();
        Client stranger = app.newTenant();
        var own = listen(ada);
        var other = listen(stranger);
        assertThat(ada.post("/api/v1/sources", Map.of("name", "web", "kind", "json")).status())
                .isEqualTo(201);
        await().atMost(Duration.ofSeconds(10)).until(() -> made(own).size() == 1);
        stranger.post("/api/v1/sources", Map.of("name", "web", "kind", "json"));
        await().atMost(Duration.ofSeconds(10)).until(() -> made(other).size() == 1);
        JsonNode kept = ada.get("/api/v1/audit?limit=200").json().get("items");
        assertThat(made(own).getFirst()).isEqualTo(kept.get(0));
        // What was written just before the subscription may still come; only of one's own trail.
        assertThat(entries(own)).isSubsetOf(kept.valueStream().toList());
        assertThat(entries(other)).doesNotContainAnyElementsOf(entries(own));
    }

    private static List<JsonNode> entries(List<JsonNode> heard) {
        return heard.stream()
                .filter(n -> n.path("type").asString("").equals("audit.appended"))
                .map(n -> n.get("data"))
                .toList();
    }

    private static List<JsonNode> made(List<JsonNode> heard) {
        return entries(heard).stream()
                .filter(n -> n.get("action").asString().equals("source.made"))
                .toList();
    }

    /** Subscribed to the trail when it returns. */
    private static List<JsonNode> listen(Client client) {
        var heard = new CopyOnWriteArrayList<JsonNode>();
        var listener =
                new WebSocket.Listener() {
                    private final StringBuilder part = new StringBuilder();

                    @Override
                    public CompletionStage<?> onText(
                            WebSocket socket, CharSequence data, boolean last) {
                        part.append(data);
                        if (last) {
                            heard.add(JSON.readTree(part.toString()));
                            part.setLength(0);
                        }
                        socket.request(1);
                        return null;
                    }
                };
        URI base = client.base();
        WebSocket socket =
                client.http()
                        .newWebSocketBuilder()
                        .header("Origin", base.toString())
                        .buildAsync(
                                URI.create("ws://127.0.0.1:" + base.getPort() + "/api/v1/live"),
                                listener)
                        .join();
        socket.sendText("{\"op\":\"subscribe\",\"topic\":\"audit\"}", true).join();
        socket.sendText("{\"op\":\"ping\"}", true).join();
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        heard.stream().anyMatch(n -> n.path("op").asString("").equals("pong")));
        return heard;
    }
}
