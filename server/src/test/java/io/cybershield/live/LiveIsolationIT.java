package io.cybershield.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.TenantId;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The isolation matrix of the live socket: everything that a screen can send, with what another
 * company owns. The topics and requests come from the hub itself, as handlers do in
 * IsolationMatrixIT: one that is not asked here fails the build.
 *
 * <p>Each is asked twice, with the real name and with a made-up one, and must be answered alike;
 * and whatever happens at the owner's meanwhile, the stranger hears none of it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class LiveIsolationIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final TestApplication app = TestApplication.shared();
    private final Live live = app.bean(Live.class);
    private Client owner;
    private Client stranger;
    private TenantId tenant;

    /** What the owner has, by the word before the colon of a topic. */
    private Map<String, String> owned;

    @BeforeAll
    void somebodyOwnsARun() {
        owner = app.newTenant("Owner " + UUID.randomUUID());
        stranger = app.newTenant("Stranger " + UUID.randomUUID());
        tenant = new TenantId(owner.tenant());
        owned = Map.of("run", waitingRun());
    }

    private String waitingRun() {
        String workflow = id(owner.post("/api/v1/workflows", Map.of("name", "Waits")));
        var drawing =
                Map.of(
                        "name",
                        "Waits",
                        "description",
                        "",
                        "nodes",
                        List.of(
                                node("start", "manual", Map.of()),
                                node("pause", "wait", Map.of("signal", "go"))),
                        "edges",
                        List.of(Map.of("from", "start", "port", "out", "to", "pause")));
        Response saved =
                owner.send(
                        owner.csrf(
                                owner.json(
                                                "/api/v1/workflows/" + workflow + "/draft",
                                                "PUT",
                                                drawing)
                                        .header("If-Match", "\"1\"")));
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        assertThat(owner.post("/api/v1/workflows/" + workflow + "/publish", Map.of()).status())
                .isEqualTo(200);
        return id(owner.post("/api/v1/workflows/" + workflow + "/runs", Map.of("input", Map.of())));
    }

    private static Map<String, Object> node(String key, String type, Map<String, Object> config) {
        return Map.of("key", key, "type", type, "name", key, "config", config, "x", 0, "y", 0);
    }

    private static String id(Response made) {
        assertThat(made.status()).as(made.body()).isBetween(200, 202);
        return made.json().get("id").asString();
    }

    private String real(String kind) {
        if (!kind.contains("{id}")) {
            return kind;
        }
        String what = kind.substring(0, kind.indexOf(':'));
        assertThat(owned).as("add one that the owner has for topic " + kind).containsKey(what);
        return kind.replace("{id}", owned.get(what));
    }

    private static String madeUp(String kind) {
        return kind.replace("{id}", UUID.randomUUID().toString());
    }

    @Test
    void everyWordThatAScreenCanSendIsAskedHere() {
        assertThat(
                        Arrays.stream(LiveHub.Request.class.getRecordComponents())
                                .map(RecordComponent::getName))
                .as("what a screen can send: ask for it in this class")
                .containsExactlyInAnyOrder("op", "topic", "after");
        assertThat(Arrays.stream(LiveHub.Op.values()).map(LiveHub.Op::wire))
                .as("what a screen can ask for: ask for it in this class")
                .containsExactlyInAnyOrder("subscribe", "unsubscribe", "ping");
        assertThat(LiveTopics.kinds()).hasSizeGreaterThan(8).allSatisfy(this::real);
    }

    @Test
    void whatOthersWatchIsAnsweredAsWhatThereIsNotAndSaysNothing() {
        var told = new TreeSet<String>();
        for (String kind : LiveTopics.kinds()) {
            String topic = real(kind);
            String none = madeUp(kind);
            String mark = "mark-" + UUID.randomUUID();
            try (Tab own = Tab.open(owner);
                    Tab asks = Tab.open(stranger);
                    Tab guesses = Tab.open(stranger)) {
                own.send("subscribe", topic).settle();
                asks.send("subscribe", topic).settle();
                guesses.send("subscribe", none).settle();
                live.push(tenant, topic, "probe", Map.of("mark", mark));
                String first = own.awaits(mark).get("id").asString();
                // Remembered for who comes back: not for who is somebody else.
                asks.send("subscribe", topic, first).settle();
                guesses.send("subscribe", none, UUID.randomUUID().toString()).settle();
                asks.send("unsubscribe", topic).settle();
                guesses.send("unsubscribe", none).settle();
                asks.send("subscribe", topic).settle();
                guesses.send("subscribe", none).settle();
                live.push(tenant, topic, "probe", Map.of("mark", mark + "-2"));
                live.pushHere(tenant, topic, "probe", Map.of("mark", mark + "-3"));
                own.awaits(mark + "-2");
                own.awaits(mark + "-3");
                if (!asks.settle().answers().equals(guesses.settle().answers())) {
                    told.add(kind + ": " + asks.answers() + "  but made up: " + guesses.answers());
                }
                for (Tab tab : List.of(asks, guesses)) {
                    if (tab.everything().contains(mark)) {
                        told.add(kind + " was told: " + tab.everything());
                    }
                }
                assertThat(asks.answers()).as("the question was answered").hasSize(1);
            }
        }
        assertThat(told).isEmpty();
    }

    @Test
    void whatReallyHappensElsewhereIsNotHeard() {
        try (Tab own = Tab.open(owner);
                Tab asks = Tab.open(stranger)) {
            for (String kind : LiveTopics.kinds()) {
                own.send("subscribe", real(kind)).settle();
                asks.send("subscribe", real(kind)).settle();
            }
            String run = owned.get("run");
            Response told = owner.post("/api/v1/runs/" + run + "/signals", Map.of("signal", "go"));
            assertThat(told.status()).as(told.body()).isEqualTo(200);
            assertThat(
                            owner.post(
                                            "/api/v1/invitations",
                                            Map.of("email", "x@e.org", "role", "none"))
                                    .status())
                    .isLessThan(500);
            own.awaits("\"type\":\"step.changed\"");
            own.awaits("\"type\":\"run.changed\"");
            own.awaits("\"type\":\"audit.appended\"");
            asks.settle();
            assertThat(asks.messages().toString())
                    .doesNotContain(run)
                    .doesNotContain(owner.tenant().toString())
                    .doesNotContain(owner.account().toString());
        }
    }

    @Test
    void aSocketInAnotherCompanyIsRefusedAsInOneThatThereIsNot() {
        for (String company : List.of(owner.tenant().toString(), UUID.randomUUID().toString())) {
            assertThat(refused("?in-customer=" + company, "")).isEqualTo(404);
            assertThat(refused("", company)).isEqualTo(404);
        }
        String real = owner.tenant().toString();
        String made = UUID.randomUUID().toString();
        assertThat(stranger.get("/api/v1/live?in-customer=" + real).body().replace(real, "ID"))
                .isEqualTo(
                        stranger.get("/api/v1/live?in-customer=" + made)
                                .body()
                                .replace(made, "ID"));
    }

    private int refused(String query, String customer) {
        try (var tab = Tab.open(stranger, query, customer)) {
            throw new AssertionError("opened: " + tab.everything());
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(WebSocketHandshakeException.class);
            return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
        }
    }

    /** A tab of a browser that is signed in. */
    private static final class Tab implements WebSocket.Listener, AutoCloseable {
        private final List<String> heard = new CopyOnWriteArrayList<>();
        private final StringBuilder part = new StringBuilder();
        private WebSocket socket;

        static Tab open(Client who) {
            return open(who, "", "");
        }

        static Tab open(Client who, String query, String customer) {
            var tab = new Tab();
            URI base = who.base();
            var builder = who.http().newWebSocketBuilder().header("Origin", base.toString());
            if (!customer.isEmpty()) {
                builder.header("X-Customer", customer);
            }
            tab.socket =
                    builder.buildAsync(
                                    URI.create(
                                            "ws://127.0.0.1:"
                                                    + base.getPort()
                                                    + LiveConfiguration.PATH
                                                    + query),
                                    tab)
                            .join();
            return tab;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                heard.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        Tab send(String op, String topic) {
            return send(Map.of("op", op, "topic", topic));
        }

        Tab send(String op, String topic, String after) {
            return send(Map.of("op", op, "topic", topic, "after", after));
        }

        private Tab send(Map<String, String> request) {
            socket.sendText(JSON.writeValueAsString(request), true).join();
            return this;
        }

        /** Everything sent before was dealt with, and what was said to it has come. */
        Tab settle() {
            long before = pongs();
            send(Map.of("op", "ping"));
            await().atMost(Duration.ofSeconds(10)).until(() -> pongs() > before);
            return this;
        }

        private long pongs() {
            return heard.stream().filter(frame -> frame.equals(Frames.PONG)).count();
        }

        JsonNode awaits(String part) {
            return JSON.readTree(
                    await().atMost(Duration.ofSeconds(20))
                            .until(
                                    () ->
                                            heard.stream()
                                                    .filter(frame -> frame.contains(part))
                                                    .findFirst()
                                                    .orElse(""),
                                    frame -> !frame.isEmpty()));
        }

        /** What the socket itself answered, without which topic it was. */
        List<String> answers() {
            return heard.stream()
                    .filter(frame -> frame.startsWith("{\"op\"") && !frame.equals(Frames.PONG))
                    .map(frame ->
                            frame.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"))
                    .toList();
        }

        /** What was pushed to it. */
        List<String> messages() {
            return heard.stream().filter(frame -> !frame.startsWith("{\"op\"")).toList();
        }

        String everything() {
            return String.join("\n", heard);
        }

        @Override
        public void close() {
            socket.abort();
        }
    }
}
