package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * What is taken away on one node is gone on the other when the call returns. Two servers on one
 * database: somebody takes it by the first, a hundred clients ask the second all the while.
 */
class TwoNodesIT {
    private static final String USERS = "/api/v1/users";
    private static final String AUDIT = "/api/v1/audit?limit=1";
    private static final Duration CLOSED_WITHIN = Duration.ofSeconds(1);
    private static final int CLIENTS = 100;
    private static final TestApplication here = TestApplication.shared();
    private static TestApplication there;

    @BeforeAll
    static void bootTheOther() {
        there = here.secondNode(Map.of());
        assertThat(there.address()).isNotEqualTo(here.address());
    }

    @AfterAll
    static void close() {
        there.close();
    }

    /** A hundred of the same, at the other node. */
    private static List<Client> hundred(Client one) {
        return IntStream.range(0, CLIENTS).mapToObj(_ -> one.at(there)).toList();
    }

    private static List<Client> hundred(String secret) {
        return hundred(here.anonymous().withKey(secret));
    }

    /**
     * All hundred ask the other node before, during and after the call: none that asks after it
     * returned is let in.
     *
     * @return when the call returned
     */
    private static long noneAfter(
            String what, List<Client> clients, String path, Runnable call, int refusal)
            throws Exception {
        return noneAfter(what, clients, one -> one.get(path).status(), call, refusal);
    }

    private interface Question {
        int ask(Client one);
    }

    private static long noneAfter(
            String what, List<Client> clients, Question question, Runnable call, int refusal)
            throws Exception {
        assertThat(statuses(clients, question)).as("before: " + what).containsExactly(200);
        var latestPermit = new AtomicLong(Long.MIN_VALUE);
        var asked = new AtomicLong();
        var over = new AtomicBoolean();
        long began = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var racing =
                    IntStream.range(0, 8)
                            .mapToObj(from ->
                                    threads.submit(() -> {
                                        for (int i = from; !over.get(); i += 8) {
                                            long sent = System.nanoTime() - began;
                                            asked.incrementAndGet();
                                            if (question.ask(clients.get(i % CLIENTS)) == 200) {
                                                latestPermit.accumulateAndGet(sent, Math::max);
                                            }
                                        }
                                        return true;
                                    }))
                            .toList();
            long returned;
            try {
                call.run();
                returned = System.nanoTime() - began;
                assertThat(statuses(clients, question))
                        .as("after: " + what)
                        .containsExactly(refusal);
            } finally {
                over.set(true);
            }
            for (Future<Boolean> one : racing) {
                one.get(60, TimeUnit.SECONDS);
            }
            assertThat(asked.get()).as("asked while it happened: " + what).isGreaterThan(8);
            assertThat(latestPermit.get())
                    .as("the last that was let in asked before the call returned: " + what)
                    .isLessThan(returned);
            return began + returned;
        }
    }

    private static void closed(String what, List<CompletableFuture<Long>> sockets, long returned)
            throws Exception {
        long slowest = Long.MIN_VALUE;
        for (var socket : sockets) {
            slowest = Math.max(slowest, socket.get(30, TimeUnit.SECONDS) - returned);
        }
        var took = Duration.ofNanos(slowest);
        System.out.printf(
                Locale.ROOT, "two nodes: sockets closed %d ms after: %s%n", took.toMillis(), what);
        assertThat(took).as("sockets of the other node: " + what).isLessThan(CLOSED_WITHIN);
    }

    private static List<Integer> statuses(List<Client> clients, Question question) {
        return clients.parallelStream().map(question::ask).distinct().toList();
    }

    // ------------------------------------------------------------ people

    @Test
    void aRoleThatIsChangedHereIsGoneThere() throws Exception {
        Client ada = here.newTenant();
        Client bob = here.newColleague(ada, "tenant-admin");
        var sockets = sockets(bob, 3);
        long returned =
                noneAfter(
                        "role, session",
                        hundred(bob),
                        AUDIT,
                        () -> change(ada, bob, Map.of("role", "analyst")),
                        403);
        closed("role", sockets, returned);
        assertThat(bob.at(there).get(USERS).status()).isEqualTo(200);
    }

    @Test
    void aCompanysOwnRoleThatIsNarrowedHereIsNarrowedThere() throws Exception {
        Client ada = here.newTenant();
        var role = Map.of("permissions", List.of("audit:read", "user:read"), "conditions", "");
        assertThat(ada.put("/api/v1/roles/reading", role).status()).isBetween(200, 201);
        Client bob = here.newColleague(ada, "analyst");
        change(ada, bob, Map.of("role", "reading"));
        var less = Map.of("permissions", List.of("user:read"), "conditions", "", "revision", 1);
        var sockets = sockets(bob, 3);
        long returned =
                noneAfter(
                        "own role",
                        hundred(bob),
                        AUDIT,
                        () -> ok(ada.put("/api/v1/roles/reading", less)),
                        403);
        closed("own role", sockets, returned);
    }

    @Test
    void aSessionThatIsEndedHereIsEndedThere() throws Exception {
        Client ada = here.newTenant();
        Client bob = here.newColleague(ada, "analyst");
        Client desk = here.anonymous().signIn(bob.email(), TestApplication.PASSWORD);
        String code = bob.confirmation().get("recoveryCodes").get(0).asString();
        ok(desk.post("/api/v1/sign-in/recovery", Map.of("code", code)));
        here.confirmed(bob);
        String handle =
                desk.get("/api/v1/account/sessions")
                        .json()
                        .get("items")
                        .valueStream()
                        .filter(session -> session.get("current").asBoolean())
                        .findFirst()
                        .orElseThrow()
                        .get("id")
                        .asString();
        var sockets = sockets(desk, 3);
        long returned =
                noneAfter(
                        "session",
                        hundred(desk),
                        USERS,
                        () -> ok(bob.delete("/api/v1/account/sessions/" + handle)),
                        401);
        closed("session", sockets, returned);
        assertThat(bob.at(there).get(USERS).status()).isEqualTo(200);
    }

    @Test
    void whoIsSignedOutEverywhereHereIsOutThere() throws Exception {
        Client ada = here.newTenant();
        Client bob = here.newColleague(ada, "analyst");
        var sockets = sockets(bob, 3);
        long returned =
                noneAfter(
                        "sign-out",
                        hundred(bob),
                        USERS,
                        () -> ok(ada.post(USERS + "/" + bob.account() + "/sign-out", Map.of())),
                        401);
        closed("sign-out", sockets, returned);
    }

    @Test
    void whoIsDisabledHereIsOutThereWithTheirKeys() throws Exception {
        Client ada = here.newTenant();
        Client bob = here.newColleague(ada, "tenant-admin");
        var programs = hundred(key(bob).get("secret").asString());
        assertThat(statuses(programs, one -> one.get(USERS).status())).containsExactly(200);
        var sockets = sockets(bob, 3);
        long returned =
                noneAfter(
                        "disabled",
                        hundred(bob),
                        USERS,
                        () -> change(ada, bob, Map.of("disabled", true)),
                        401);
        assertThat(statuses(programs, one -> one.get(USERS).status())).containsExactly(401);
        closed("disabled", sockets, returned);
    }

    @Test
    void aSecondFactorThatIsSetAnewHereEndsWhatWasOpenThere() throws Exception {
        Client ada = here.newTenant();
        Client bea = here.newColleague(ada, "tenant-admin");
        Client lost = here.newColleague(ada, "analyst");
        String path = USERS + "/" + lost.account() + "/factor-reset";
        ok(ada.post(path, Map.of("code", here.codeAtOnce(ada))));
        ok(bea.post(path + "/agreement", Map.of("code", here.codeAtOnce(bea))));
        String token = TestApplication.token(here.mailedLink(lost.email(), "/reset-factor"));
        Client browser = here.anonymous().signIn(lost.email(), TestApplication.PASSWORD);
        ok(browser.post("/api/v1/sign-in/factor-reset", Map.of("token", token)));
        var sockets = sockets(lost, 3);
        long returned =
                noneAfter("factor reset", hundred(lost), USERS, browser::setUpSecondFactor, 401);
        closed("factor reset", sockets, returned);
        assertThat(browser.at(there).get(USERS).status()).isEqualTo(200);
    }

    // ------------------------------------------------------------ programs

    @Test
    void aKeyThatIsRevokedHereIsRevokedThere() throws Exception {
        Client ada = here.newTenant();
        JsonNode key = key(ada);
        String id = key.get("key").get("id").asString();
        noneAfter(
                "key",
                hundred(key.get("secret").asString()),
                USERS,
                () -> ok(ada.delete("/api/v1/account/api-keys/" + id)),
                401);
    }

    @Test
    void aServiceAccountThatIsDisabledHereIsOutThere() throws Exception {
        Client ada = here.newTenant();
        JsonNode service =
                ok(ada.post(
                                "/api/v1/service-accounts",
                                Map.of("name", "robot", "description", "", "role", "auditor")))
                        .json();
        String path = "/api/v1/service-accounts/" + service.get("id").asString();
        JsonNode key =
                ok(ada.post(
                                path + "/api-keys",
                                Map.of(
                                        "name",
                                        "reads",
                                        "scopes",
                                        List.of("audit:read"),
                                        "networks",
                                        List.of(),
                                        "days",
                                        1,
                                        "code",
                                        here.codeAtOnce(ada))))
                        .json();
        noneAfter(
                "service account",
                hundred(key.get("secret").asString()),
                AUDIT,
                () -> ok(ada.patch(path, Map.of("disabled", true))),
                401);
    }

    // ------------------------------------------------------------ providers

    @Test
    void aGrantThatIsRevokedHereIsGoneThere() throws Exception {
        Client customer = here.newTenant();
        Client provider = here.newTenant("SOC " + UUID.randomUUID());
        here.database()
                .asOwner(
                        "UPDATE platform.tenant SET kind = 'provider' WHERE id = '"
                                + provider.tenant()
                                + "'");
        Client ann = here.newColleague(provider, "auditor");
        ok(
                provider.put(
                        "/api/v1/provider/people/" + ann.account(),
                        Map.of("role", "provider-analyst", "code", here.codeAtOnce(provider))));
        String grant = agreed(customer, provider, ann);
        String company = customer.tenant().toString();
        var sockets = sockets(ann, 3, "?in-customer=" + company);
        long returned =
                noneAfter(
                        "grant",
                        hundred(ann),
                        one ->
                                one.send(
                                                one.request("/api/v1/incidents")
                                                        .header("X-Customer", company)
                                                        .GET())
                                        .status(),
                        () -> ok(customer.delete("/api/v1/providers/" + grant)),
                        404);
        closed("grant", sockets, returned);
    }

    private static String agreed(Client customer, Client provider, Client person) {
        var terms = new LinkedHashMap<String, Object>();
        terms.put("roles", List.of("provider-analyst"));
        terms.put("until", Instant.now().plus(Duration.ofDays(9)).toString());
        var asked = new LinkedHashMap<>(terms);
        asked.put("code", here.codeAtOnce(provider));
        String code =
                ok(provider.post("/api/v1/provider/requests", asked)).json().get("code").asString();
        terms.put("code", code);
        terms.put("people", List.of(person.account()));
        terms.put("factor", here.codeAtOnce(customer));
        return ok(customer.post("/api/v1/providers", terms)).json().get("id").asString();
    }

    // ------------------------------------------------------------ hands

    private static JsonNode key(Client of) {
        return ok(of.post(
                        "/api/v1/account/api-keys",
                        Map.of(
                                "name",
                                "reads",
                                "scopes",
                                List.of("user:read"),
                                "days",
                                1,
                                "code",
                                here.codeAtOnce(of))))
                .json();
    }

    private static void change(Client admin, Client whom, Map<String, Object> body) {
        ok(admin.patch(USERS + "/" + whom.account(), body));
    }

    private static Response ok(Response answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 204);
        return answer;
    }

    /** Open at the other node; each tells when it was closed. */
    private static List<CompletableFuture<Long>> sockets(Client who, int count) {
        return sockets(who, count, "");
    }

    private static List<CompletableFuture<Long>> sockets(Client who, int count, String query) {
        return IntStream.range(0, count).mapToObj(_ -> socket(who.at(there), query)).toList();
    }

    private static CompletableFuture<Long> socket(Client who, String query) {
        var closed = new CompletableFuture<Long>();
        var answered = new CompletableFuture<Boolean>();
        var listener =
                new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                            WebSocket socket, CharSequence data, boolean last) {
                        answered.complete(true);
                        socket.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                        closed.complete(System.nanoTime());
                        return null;
                    }
                };
        URI base = who.base();
        who.http()
                .newWebSocketBuilder()
                .header("Origin", base.toString())
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + base.getPort() + "/api/v1/live" + query),
                        listener)
                .join()
                .sendText("{\"op\":\"ping\"}", true)
                .join();
        answered.join();
        return closed;
    }
}
