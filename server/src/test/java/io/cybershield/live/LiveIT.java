package io.cybershield.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cybershield.platform.DomainEvent;
import io.cybershield.platform.DomainEvents;
import io.cybershield.platform.Ids;
import io.cybershield.platform.Origins;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.Settings;
import io.cybershield.platform.Sight;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.TestDatabase;
import io.cybershield.platform.TestDomainEvents;
import io.cybershield.platform.Transactions;
import io.cybershield.platform.eventlog.AvroSchemas;
import io.cybershield.platform.eventlog.EventLog;
import io.cybershield.platform.eventlog.TestEventLog;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.server.ServerHttpRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real sockets against a real server; who a cookie belongs to is the test's. */
@Timeout(60)
class LiveIT {
    record LampSwitched(String lamp, boolean on) implements DomainEvent {}

    private static final TenantId A = new TenantId(UUID.randomUUID());
    private static final TenantId B = new TenantId(UUID.randomUUID());
    private static final Set<String> ALL =
            Set.of("incident:read", "finding:read", "workflow:read", "event:read", "audit:read");
    private static final Principal ANN = new Principal(Principal.Kind.USER, "ann", "Ann");
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> ENDED = ConcurrentHashMap.newKeySet();
    private static TestDatabase database;
    private static ServletWebServerApplicationContext server;
    private static Live live;

    /** Reads who watches from a header: tenant, account, permissions. */
    static final class HeaderAccess implements LiveAccess {
        @Override
        public Optional<Watcher> watcher(ServerHttpRequest handshake) {
            String who = handshake.getHeaders().getFirst("X-Who");
            if (who == null) {
                return Optional.empty();
            }
            String[] parts = who.split(";", -1);
            return Optional.of(
                    new Watcher(
                            TenantId.parse(parts[0]),
                            parts[1],
                            Set.of(parts[2].split(",", -1)),
                            Sight.ALL,
                            parts[1]));
        }

        @Override
        public Standing standing(Watcher watcher) {
            return ENDED.contains(watcher.session()) ? Standing.GONE : Standing.STAYS;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import({LiveConfiguration.class, Origins.class})
    @ImportAutoConfiguration({
        TomcatServletWebServerAutoConfiguration.class,
        DispatcherServletAutoConfiguration.class,
        WebMvcAutoConfiguration.class,
        JacksonAutoConfiguration.class
    })
    static class Application {
        @Bean(destroyMethod = "close")
        TestEventLog testEventLog() {
            return TestEventLog.start(database);
        }

        @Bean
        EventLog eventLog(TestEventLog log) {
            return log.log();
        }

        @Bean
        AvroSchemas avroSchemas(TestEventLog log) {
            return log.schemas();
        }

        @Bean(destroyMethod = "close")
        TestDomainEvents domainEvents(TestEventLog log) {
            return TestDomainEvents.start(database, log);
        }

        @Bean
        DomainEvents events(TestDomainEvents events) {
            return events.events();
        }

        @Bean
        Transactions transactions() {
            return database.transactions();
        }

        @Bean
        Ids ids() {
            return new Ids(Clock.systemUTC());
        }

        @Bean
        MeterRegistry registry() {
            return new SimpleMeterRegistry();
        }

        @Bean
        LiveAccess liveAccess() {
            return new HeaderAccess();
        }

        @Bean
        Settings settings() {
            return new Settings(
                    Path.of("x"),
                    Path.of("x"),
                    URI.create("https://shield.example"),
                    false,
                    false,
                    new Settings.Db(null, null, null, 5),
                    new Settings.Kafka(null));
        }
    }

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        database.tenantSchemas().ensure(A);
        server =
                (ServletWebServerApplicationContext)
                        new SpringApplicationBuilder(Application.class)
                                .properties(
                                        Map.of(
                                                "server.port", "0",
                                                "server.address", "127.0.0.1",
                                                "spring.main.banner-mode", "off"))
                                .run();
        live = server.getBean(Live.class);
        live.on(
                LampSwitched.class,
                (_, event) ->
                        List.of(
                                new Live.Message(
                                        "incidents",
                                        "incident.changed",
                                        Map.of(
                                                "lamp",
                                                event.lamp(),
                                                "as",
                                                Scope.currentTenant().toString()))));
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    /** A tab. */
    private static final class Tab implements WebSocket.Listener, AutoCloseable {
        final List<JsonNode> heard = new CopyOnWriteArrayList<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder part = new StringBuilder();
        private WebSocket socket;

        static Tab open(TenantId tenant, String account, Set<String> permissions) {
            return open(
                    Map.of("X-Who", tenant + ";" + account + ";" + String.join(",", permissions)));
        }

        static Tab open(Map<String, String> headers) {
            var tab = new Tab();
            var builder = HttpClient.newHttpClient().newWebSocketBuilder();
            headers.forEach(builder::header);
            tab.socket =
                    builder.buildAsync(
                                    URI.create(
                                            "ws://127.0.0.1:"
                                                    + server.getWebServer().getPort()
                                                    + LiveConfiguration.PATH),
                                    tab)
                            .join();
            return tab;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                heard.add(JSON.readTree(part.toString()));
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            closed.complete(status);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.complete(-1);
        }

        Tab send(String text) {
            socket.sendText(text, true).join();
            return this;
        }

        Tab subscribe(String topic) {
            send("{\"op\":\"subscribe\",\"topic\":\"" + topic + "\"}");
            return settle();
        }

        /** Everything sent before has been dealt with. */
        Tab settle() {
            long before = pongs();
            send("{\"op\":\"ping\"}");
            await().atMost(Duration.ofSeconds(10)).until(() -> pongs() > before);
            return this;
        }

        private long pongs() {
            return heard.stream().filter(n -> n.path("op").asString("").equals("pong")).count();
        }

        List<JsonNode> messages() {
            return heard.stream().filter(n -> n.has("data")).toList();
        }

        List<String> ops() {
            return heard.stream()
                    .map(n -> n.path("op").asString(""))
                    .filter(op -> !op.isEmpty() && !op.equals("pong"))
                    .toList();
        }

        void awaitMessages(int count) {
            await().atMost(Duration.ofSeconds(10)).until(() -> messages().size() >= count);
        }

        @Override
        public void close() {
            socket.abort();
        }
    }

    @Test
    void aPushReachesWhoSubscribedAndNobodyElse() {
        try (Tab own = Tab.open(A, "ann", ALL);
                Tab elsewhere = Tab.open(A, "bob", ALL);
                Tab stranger = Tab.open(B, "eve", ALL)) {
            own.subscribe("incidents");
            elsewhere.subscribe("findings");
            stranger.subscribe("incidents");
            live.push(A, "incidents", "incident.opened", Map.of("title", "Ünïcödé \"quoted\""));
            own.awaitMessages(1);
            JsonNode message = own.messages().getFirst();
            assertThat(message.path("topic").asString()).isEqualTo("incidents");
            assertThat(message.path("type").asString()).isEqualTo("incident.opened");
            assertThat(message.path("data").path("title").asString())
                    .isEqualTo("Ünïcödé \"quoted\"");
            // What a stranger would get by mistake would come before its own.
            live.push(B, "incidents", "incident.opened", Map.of("title", "own"));
            stranger.awaitMessages(1);
            assertThat(stranger.messages()).hasSize(1);
            assertThat(stranger.messages().getFirst().path("data").path("title").asString())
                    .isEqualTo("own");
            assertThat(elsewhere.messages()).isEmpty();
        }
    }

    @Test
    void anotherTenantsRunIsSilence() {
        String run = "run:" + UUID.randomUUID();
        try (Tab own = Tab.open(A, "ann", ALL);
                Tab stranger = Tab.open(B, "eve", ALL)) {
            own.subscribe(run);
            stranger.subscribe(run);
            live.push(A, run, "step.changed", Map.of("key", "isolate"));
            own.awaitMessages(1);
            live.pushHere(B, run, "step.changed", Map.of("key", "own"));
            stranger.awaitMessages(1);
            assertThat(stranger.messages()).hasSize(1);
        }
    }

    /** Who is told of an end looks at the sockets of that moment: this one comes just after. */
    @Test
    void aSocketWhoseSessionEndedDuringTheHandshakeIsClosedAtOnce() throws Exception {
        ENDED.add("gus");
        try (Tab late = Tab.open(A, "gus", ALL)) {
            assertThat(late.closed.get(5, TimeUnit.SECONDS))
                    .isEqualTo(LiveHub.SESSION_ENDED.getCode());
        } finally {
            ENDED.remove("gus");
        }
    }

    @Test
    void aTopicWithoutItsPermissionIsDeniedByName() {
        try (Tab tab = Tab.open(A, "ann", Set.of("incident:read"))) {
            tab.subscribe("audit")
                    .subscribe("no-such")
                    .subscribe("run:1; DROP")
                    .subscribe("overview");
            assertThat(tab.ops()).containsExactly("denied", "denied", "denied");
            assertThat(tab.heard.getFirst().path("detail").asString()).contains("audit:read");
            live.push(A, "audit", "audit.appended", Map.of());
            live.push(A, "overview", "overview.tick", Map.of());
            tab.awaitMessages(1);
            assertThat(tab.messages()).hasSize(1);
        }
    }

    @Test
    void aReconnectedTabGetsWhatItMissedOnce() {
        String last;
        try (Tab tab = Tab.open(A, "ann", ALL)) {
            tab.subscribe("uploads");
            live.push(A, "uploads", "upload.changed", Map.of("n", 1));
            tab.awaitMessages(1);
            last = tab.messages().getFirst().path("id").asString();
        }
        try (Tab witness = Tab.open(A, "bob", ALL)) {
            witness.subscribe("uploads");
            live.push(A, "uploads", "upload.changed", Map.of("n", 2));
            live.push(A, "uploads", "upload.changed", Map.of("n", 3));
            witness.awaitMessages(2);
        }
        try (Tab again = Tab.open(A, "ann", ALL)) {
            again.send("{\"op\":\"subscribe\",\"topic\":\"uploads\",\"after\":\"" + last + "\"}");
            again.awaitMessages(2);
            again.settle();
            assertThat(again.messages().stream().map(m -> m.path("data").path("n").asInt()))
                    .containsExactly(2, 3);
            assertThat(again.ops()).isEmpty();
        }
    }

    @Test
    void aTabThatWasAwayTooLongIsToldToFetchAgain() {
        try (Tab tab = Tab.open(A, "ann", ALL)) {
            tab.send("{\"op\":\"subscribe\",\"topic\":\"runs\",\"after\":\"long-gone\"}").settle();
            assertThat(tab.ops()).containsExactly("resync");
        }
    }

    @Test
    void aPushInATransactionGoesOutAfterItsCommitOnly() {
        try (Tab tab = Tab.open(A, "ann", ALL)) {
            tab.subscribe("approvals");
            assertThatThrownBy(() ->
                            database.transactions()
                                    .runAs(
                                            Scope.tenant(A, ANN),
                                            () -> {
                                                live.push(
                                                        A,
                                                        "approvals",
                                                        "approval.opened",
                                                        Map.of("n", 0));
                                                throw new IllegalStateException("no");
                                            }))
                    .hasMessage("no");
            database.transactions()
                    .runAs(
                            Scope.tenant(A, ANN),
                            () -> live.push(A, "approvals", "approval.opened", Map.of("n", 1)));
            tab.awaitMessages(1);
            assertThat(tab.messages().getFirst().path("data").path("n").asInt()).isOne();
        }
    }

    @Test
    void aDomainEventIsTranslatedInItsTenantsScope() {
        try (Tab tab = Tab.open(A, "ann", ALL)) {
            tab.subscribe("incidents");
            database.transactions()
                    .runAs(
                            Scope.tenant(A, ANN),
                            () ->
                                    server.getBean(TestDomainEvents.class)
                                            .events()
                                            .publish("lamp:1", new LampSwitched("hall", true)));
            await().atMost(Duration.ofSeconds(10))
                    .until(() ->
                            tab.messages().stream()
                                    .anyMatch(m ->
                                            m.path("data").path("lamp").asString("").equals("hall")
                                                    && m.path("data")
                                                            .path("as")
                                                            .asString("")
                                                            .equals(A.toString())));
        }
    }

    @Test
    void withoutASessionThereIsNoSocket() {
        assertRefused(Map.of(), 401);
    }

    @Test
    void aForeignPageCannotOpenASocketWithTheCookie() {
        String who = A + ";ann;incident:read";
        assertRefused(Map.of("X-Who", who, "Origin", "https://evil.example"), 403);
        assertRefused(Map.of("X-Who", who, "Origin", "null"), 403);
        assertRefused(Map.of("X-Who", who, "Origin", "http://127.0.0.1:1"), 403);
        assertRefused(Map.of("X-Who", who, "Origin", "https://shield.example.evil.example"), 403);
        for (String good :
                List.of(
                        "https://shield.example",
                        "http://127.0.0.1:" + server.getWebServer().getPort())) {
            Tab.open(Map.of("X-Who", who, "Origin", good)).close();
        }
    }

    private static void assertRefused(Map<String, String> headers, int status) {
        assertThatThrownBy(() -> Tab.open(headers))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(status));
    }

    @Test
    void nonsenseEndsTheSocketAndOnlyThat() throws Exception {
        try (Tab good = Tab.open(A, "ann", ALL)) {
            for (String nonsense :
                    List.of(
                            "{",
                            "[]",
                            "\"x\"",
                            "{\"op\":\"drop\"}",
                            "{}",
                            "null",
                            "x".repeat(5000))) {
                try (Tab bad = Tab.open(A, "mallory", ALL)) {
                    bad.send(nonsense);
                    assertThat(bad.closed.get(10, TimeUnit.SECONDS))
                            .as(nonsense.substring(0, Math.min(20, nonsense.length())))
                            .isIn(1003, 1007, 1008, 1009);
                }
            }
            good.settle();
        }
    }

    @Test
    void oneConnectionTakesABoundedNumberOfTopics() {
        try (Tab tab = Tab.open(A, "ann", ALL)) {
            for (int i = 0; i < LiveHub.MOST_TOPICS + 3; i++) {
                tab.send("{\"op\":\"subscribe\",\"topic\":\"run:" + UUID.randomUUID() + "\"}");
            }
            tab.settle();
            assertThat(tab.ops()).containsExactly("denied", "denied", "denied");
        }
    }

    @Test
    void oneAccountHasABoundedNumberOfSockets() throws Exception {
        var tabs = new java.util.ArrayList<Tab>();
        try {
            for (int i = 0; i < LiveHub.MOST_SOCKETS_EACH; i++) {
                tabs.add(Tab.open(A, "hoarder", ALL).settle());
            }
            Tab tooMany = Tab.open(A, "hoarder", ALL);
            tabs.add(tooMany);
            assertThat(tooMany.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1013);
        } finally {
            tabs.forEach(Tab::close);
        }
    }

    @Test
    void aSocketEndsWithItsSession() throws Exception {
        try (Tab tab = Tab.open(A, "leaver", ALL)) {
            tab.settle();
            ENDED.add("leaver");
            server.getBean(LiveHub.class).look(System.nanoTime());
            assertThat(tab.closed.get(10, TimeUnit.SECONDS)).isEqualTo(4401);
        }
    }

    @Test
    void whoWatchesIsKnown() {
        try (Tab tab = Tab.open(B, "ann", ALL)) {
            tab.subscribe("overview");
            assertThat(live.watching("overview")).contains(B);
            tab.send("{\"op\":\"unsubscribe\",\"topic\":\"overview\"}").settle();
            assertThat(live.watching("overview")).doesNotContain(B);
        }
    }
}
