package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One's own account: a forgotten password, a new one, sessions and recovery codes. */
class OwnAccountIT {
    private static final String NEXT = "another battery horse 7";
    private final TestApplication app = TestApplication.shared();

    @Test
    void whoForgotThePasswordSetsANewOneByMailAndTheOldSessionsEnd() {
        Client ada = app.newTenant();
        assertThat(forgot(ada.email().toUpperCase(java.util.Locale.ROOT)).status()).isEqualTo(202);
        String token = TestApplication.token(app.mailedLink(ada.email(), "/reset-password"));
        // Asking changes nothing.
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);

        assertThat(reset(token, "short").problem()).isEqualTo("invalid");
        Response done = reset(token, NEXT);
        assertThat(done.status()).as(done.body()).isEqualTo(200);
        assertThat(done.json().get("email").asString()).isEqualTo(ada.email());
        assertThat(ada.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(password(ada.email(), TestApplication.PASSWORD).problem())
                .isEqualTo("wrong-credentials");
        // The password alone opens nothing: the second factor is asked for as before.
        Client again = app.anonymous().signIn(ada.email(), NEXT);
        assertThat(again.session().get("state").asString()).isEqualTo("mfa-challenge");
        recover(again, ada, 0);
        assertThat(actions(again, "access.password-reset")).isEqualTo(1);
        assertThat(app.mailedLink(ada.email(), "/forgot-password")).isNotEmpty();
    }

    @Test
    void aLinkWorksOnceAndTakesItsSistersWithIt() {
        Client ada = app.newTenant();
        forgot(ada.email());
        String first = TestApplication.token(app.mailedLink(ada.email(), "/reset-password"));
        forgot(ada.email());
        String second =
                TestApplication.token(
                        org.awaitility.Awaitility.await()
                                .until(
                                        () -> app.mailedLink(ada.email(), "/reset-password"),
                                        link -> !link.endsWith(first)));
        assertThat(reset(second, NEXT).status()).isEqualTo(200);
        assertThat(reset(second, "third battery horse 8").problem())
                .isEqualTo("link-used-or-expired");
        assertThat(reset(first, "third battery horse 8").problem())
                .isEqualTo("link-used-or-expired");
        assertThat(reset("made-up", NEXT).status()).isEqualTo(410);
        assertThat(password(ada.email(), NEXT).status()).isEqualTo(200);
    }

    @Test
    void neitherAnswerNorTimeTellsWhetherAnAddressIsKnown() {
        Client ada = app.newTenant();
        var known = new Asked(ada.email());
        var unknown = new Asked("nobody-" + UUID.randomUUID() + "@example.org");
        assertThat(known.answer.status()).isEqualTo(202);
        assertThat(unknown.answer.status()).isEqualTo(202);
        assertThat(unknown.answer.body()).isEqualTo(known.answer.body());
        assertThat(known.took).isGreaterThanOrEqualTo(Duration.ofMillis(400));
        assertThat(unknown.took).isGreaterThanOrEqualTo(Duration.ofMillis(400));
    }

    private final class Asked {
        final Duration took;
        final Response answer;

        Asked(String email) {
            Client somebody = app.anonymous();
            somebody.get("/api/v1/session");
            Instant at = Instant.now();
            answer = somebody.post("/api/v1/password/forgotten", Map.of("email", email));
            took = Duration.between(at, Instant.now());
        }
    }

    @Test
    void strangersCannotFloodSomebodysMailbox() {
        Client ada = app.newTenant();
        for (int i = 0; i < 7; i++) {
            assertThat(forgot(ada.email()).status()).isEqualTo(202);
        }
        assertThat(actions(ada, "access.password-reset-asked")).isEqualTo(5);
    }

    @Test
    void aPasswordIsTakenExactlyAsTyped() {
        Client ada = app.newTenant();
        String long70 = " Grüße, " + "correct horse battery staple ".repeat(2) + "Ω🐎 ";
        assertThat(long70.length()).isGreaterThan(64);
        assertThat(change(ada, TestApplication.PASSWORD, long70).status()).isEqualTo(204);
        for (String almost :
                List.of(
                        long70.strip(),
                        long70.toLowerCase(java.util.Locale.ROOT),
                        long70.substring(0, 64),
                        long70.replace("ü", "u\u0308"))) {
            assertThat(password(ada.email(), almost).problem())
                    .as(almost)
                    .isEqualTo("wrong-credentials");
        }
        assertThat(password(ada.email(), long70).status()).isEqualTo(200);
    }

    @Test
    void whatAnAttackerOfThisCompanyTriesFirstIsNotTaken() {
        Client ada =
                app.newTenant("Northwind Health " + UUID.randomUUID().toString().substring(0, 4));
        String company = ada.session().get("tenant").get("name").asString();
        assertThat(change(ada, TestApplication.PASSWORD, company + " 2026!").body())
                .contains("#/password", "name of your company");
        assertThat(change(ada, TestApplication.PASSWORD, "Cyber-Shield 2026 !").body())
                .contains("name of this product");
        assertThat(change(ada, TestApplication.PASSWORD, ada.email()).body())
                .contains("your address");
    }

    @Test
    void aSignInThatWasHalfWayWithTheOldPasswordOpensNothing() {
        Client ada = app.newTenant();
        // A thief knows the old password and waits for the code of the second factor.
        Client thief = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        assertThat(change(ada, TestApplication.PASSWORD, NEXT).status()).isEqualTo(204);
        Response code = thief.post("/api/v1/sign-in/totp", Map.of("code", ada.nextCode()));
        assertThat(code.problem()).isEqualTo("not-signed-in");
        assertThat(thief.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
    }

    @Test
    void aNewPasswordKeepsThisSessionAndEndsTheOthers() {
        Client ada = app.newTenant();
        Client telephone =
                app.anonymous()
                        .signIn(ada.email(), TestApplication.PASSWORD)
                        .useSecondFactorOf(ada);
        assertThat(change(ada, "a wrong battery 1", NEXT).problem()).isEqualTo("wrong-password");
        assertThat(change(ada, TestApplication.PASSWORD, TestApplication.PASSWORD).problem())
                .isEqualTo("invalid");
        assertThat(telephone.get("/api/v1/users").status()).isEqualTo(200);
        String cookie = ada.cookie("CSSESSION");

        assertThat(change(ada, TestApplication.PASSWORD, NEXT).status()).isEqualTo(204);
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(ada.cookie("CSSESSION")).isNotEqualTo(cookie);
        assertThat(telephone.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(actions(ada, "access.password-changed")).isEqualTo(2);
    }

    @Test
    void oneSeesWhereOneIsSignedInAndEndsIt() {
        Client ada = app.newTenant();
        Client telephone = app.anonymous();
        telephone.get("/api/v1/session");
        telephone.send(
                telephone
                        .csrf(
                                telephone.json(
                                        "/api/v1/sign-in",
                                        "POST",
                                        Map.of(
                                                "email",
                                                ada.email(),
                                                "password",
                                                TestApplication.PASSWORD)))
                        .setHeader(
                                "User-Agent",
                                "Mozilla/5.0 (Linux; Android 15) <script>alert(1)</script>"
                                        + " Chrome/140.0 Mobile Safari/537.36"));
        recover(telephone, ada, 0);

        JsonNode sessions = ada.get("/api/v1/account/sessions").json().get("items");
        assertThat(sessions.valueStream().map(s -> s.get("current").asBoolean()))
                .containsExactlyInAnyOrder(true, false);
        JsonNode other =
                sessions.valueStream().filter(s -> !s.get("current").asBoolean()).findFirst().get();
        assertThat(other.get("device").asString()).isEqualTo("Chrome on Android");
        assertThat(other.get("address").asString()).isEqualTo("127.0.0.1");
        // What is shown opens nothing.
        String secret = telephone.cookie("CSSESSION");
        assertThat(secret).isNotEmpty();
        assertThat(sessions.toString()).doesNotContain(secret);

        String path = "/api/v1/account/sessions/" + other.get("id").asString();
        Client stranger = app.confirmed(app.newTenant());
        assertThat(stranger.delete(path).status()).isEqualTo(404);
        app.confirmed(ada);
        assertThat(telephone.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(ada.delete(path).status()).isEqualTo(204);
        assertThat(telephone.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(ada.delete(path).status()).isEqualTo(404);
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
    }

    /** Whoever has but the cookie cannot lock its owner out. */
    @Test
    void endingSessionsTakesAFactorThatWasShownLately() {
        Client ada = app.newTenant();
        Client other = another(ada, 0);
        String path =
                ada.get("/api/v1/account/sessions")
                        .json()
                        .get("items")
                        .valueStream()
                        .filter(s -> !s.get("current").asBoolean())
                        .map(s -> "/api/v1/account/sessions/" + s.get("id").asString())
                        .findFirst()
                        .orElseThrow();
        app.database().asOwner("UPDATE platform.step_up SET at = at - interval '301 seconds'");
        assertThat(ada.delete(path).problem()).isEqualTo("fresh-code-needed");
        assertThat(ada.post("/api/v1/account/sessions/end-others", Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(other.get("/api/v1/users").status()).isEqualTo(200);
        app.confirmed(ada);
        assertThat(ada.delete(path).status()).isEqualTo(204);
        assertThat(other.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
    }

    @Test
    void signingOutElsewhereLeavesThisSession() {
        Client ada = app.newTenant();
        List<Client> others = IntStream.range(0, 2).mapToObj(i -> another(ada, i)).toList();
        app.confirmed(ada);
        assertThat(ada.post("/api/v1/account/sessions/end-others", Map.of()).status())
                .isEqualTo(204);
        others.forEach(other ->
                assertThat(other.get("/api/v1/users").problem()).isEqualTo("not-signed-in"));
        assertThat(ada.get("/api/v1/account/sessions").json().get("items").size()).isEqualTo(1);
    }

    @Test
    void newRecoveryCodesTakeAFreshCodeAndReplaceTheOldOnes() {
        Client ada = app.newTenant();
        String old = ada.confirmation().get("recoveryCodes").get(0).asString();
        assertThat(ada.get("/api/v1/account").json().get("recoveryCodesLeft").asInt())
                .isEqualTo(10);
        assertThat(ada.post("/api/v1/account/recovery-codes", Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        var renewed =
                ada.post("/api/v1/account/recovery-codes", Map.of("code", ada.nextCode())).json();
        assertThat(renewed.get("recoveryCodes").size()).isEqualTo(10);
        Client again = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        assertThat(again.post("/api/v1/sign-in/recovery", Map.of("code", old)).problem())
                .isEqualTo("wrong-credentials");
        assertThat(
                        again.post(
                                        "/api/v1/sign-in/recovery",
                                        Map.of(
                                                "code",
                                                renewed.get("recoveryCodes").get(9).asString()))
                                .status())
                .isEqualTo(200);
        assertThat(again.get("/api/v1/account").json().get("recoveryCodesLeft").asInt())
                .isEqualTo(9);
    }

    @Test
    void anAdministratorSignsAColleagueOutAndNobodyElseDoes() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        String path = "/api/v1/users/" + bob.account() + "/sign-out";
        assertThat(bob.post("/api/v1/users/" + ada.account() + "/sign-out", Map.of()).problem())
                .isEqualTo("denied");
        assertThat(app.newTenant().post(path, Map.of()).status()).isEqualTo(404);
        assertThat(bob.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(ada.post(path, Map.of()).status()).isEqualTo(204);
        assertThat(bob.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void anOpenSocketEndsWithItsSessionAndReopensWithAnotherRole() throws Exception {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        var demoted = listen(bob);
        ada.patch("/api/v1/users/" + bob.account(), Map.of("role", "auditor"));
        // 1012: come again. The browser does, and is asked for its rights anew.
        assertThat(demoted.get(5, TimeUnit.SECONDS)).isEqualTo(1012);
        var out = listen(bob);
        ada.post("/api/v1/users/" + bob.account() + "/sign-out", Map.of());
        assertThat(out.get(5, TimeUnit.SECONDS)).isEqualTo(4401);
    }

    @Test
    void noPermitOfAHundredClientsComesAfterTheRevocationReturned() throws Exception {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        HttpRequest ask = bob.request("/api/v1/users").GET().build();
        var stop = new java.util.concurrent.atomic.AtomicBoolean();
        var latest = new java.util.concurrent.atomic.AtomicLong(Long.MIN_VALUE);
        var permits = new java.util.concurrent.atomic.AtomicLong();
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = new java.util.concurrent.CountDownLatch(100);
            for (int i = 0; i < 100; i++) {
                threads.submit(() -> {
                    boolean first = true;
                    while (!stop.get()) {
                        long at = System.nanoTime();
                        var answer =
                                bob.http()
                                        .send(
                                                ask,
                                                java.net.http.HttpResponse.BodyHandlers
                                                        .discarding());
                        if (answer.statusCode() == 200) {
                            permits.incrementAndGet();
                            latest.accumulateAndGet(at, Math::max);
                        }
                        if (first) {
                            first = false;
                            asked.countDown();
                        }
                    }
                    return true;
                });
            }
            asked.await();
            ada.post("/api/v1/users/" + bob.account() + "/sign-out", Map.of());
            long returned = System.nanoTime();
            var after = app.anonymous();
            for (int i = 0; i < 20; i++) {
                after.get("/api/v1/session");
            }
            stop.set(true);
            assertThat(permits.get()).isPositive();
            // Counted by when the request was sent.
            assertThat(latest.get()).isLessThan(returned);
        }
    }

    static CompletableFuture<Integer> listen(Client client) {
        var closed = new CompletableFuture<Integer>();
        var open = new CompletableFuture<Boolean>();
        var listener =
                new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                            WebSocket socket, CharSequence data, boolean last) {
                        open.complete(true);
                        socket.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
                        closed.complete(status);
                        return null;
                    }
                };
        URI base = client.base();
        client.http()
                .newWebSocketBuilder()
                .header("Origin", base.toString())
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + base.getPort() + "/api/v1/live"), listener)
                .join()
                .sendText("{\"op\":\"ping\"}", true)
                .join();
        open.join();
        return closed;
    }

    /**
     * Signed in elsewhere: by a recovery code, as codes of the second factor must be waited for.
     */
    private Client another(Client of, int code) {
        return recover(app.anonymous().signIn(of.email(), TestApplication.PASSWORD), of, code);
    }

    private static Client recover(Client browser, Client of, int code) {
        String text = of.confirmation().get("recoveryCodes").get(code).asString();
        Response answer = browser.post("/api/v1/sign-in/recovery", Map.of("code", text));
        assertThat(answer.json().get("state").asString()).isEqualTo("active");
        return browser;
    }

    private Response forgot(String email) {
        Client somebody = app.anonymous();
        return somebody.post("/api/v1/password/forgotten", Map.of("email", email));
    }

    private Response reset(String token, String password) {
        return app.anonymous()
                .post("/api/v1/password/reset", Map.of("token", token, "password", password));
    }

    private Response password(String email, String password) {
        return app.anonymous()
                .post("/api/v1/sign-in", Map.of("email", email, "password", password));
    }

    private static Response change(Client client, String present, String next) {
        return client.post(
                "/api/v1/account/password", Map.of("present", present, "password", next));
    }

    private static int actions(Client client, String action) {
        return client.get("/api/v1/audit?action=" + action).json().get("items").size();
    }
}
