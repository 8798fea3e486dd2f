package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stranger, a thief and a forger try at the door. */
class AttackIT {
    private final TestApplication app = TestApplication.shared();

    @Test
    void refusesAWriteWithoutTheCsrfHeaderEvenWithASession() {
        var ada = app.newTenant();
        var body = Map.of("email", "x@example.org", "role", "analyst");
        var forged = ada.send(ada.json("/api/v1/invitations", "POST", body));
        assertThat(forged.status()).isEqualTo(403);
        assertThat(forged.problem()).isEqualTo("csrf");
        var wrong =
                ada.send(
                        ada.json("/api/v1/invitations", "POST", body)
                                .header("X-XSRF-TOKEN", UUID.randomUUID().toString()));
        assertThat(wrong.problem()).isEqualTo("csrf");
    }

    @Test
    void refusesASignInThatAnotherSiteSends() {
        var victim = app.anonymous();
        var forged =
                victim.send(
                        victim.json(
                                "/api/v1/sign-in",
                                "POST",
                                Map.of("email", "a@example.org", "password", "whatever it is")));
        assertThat(forged.problem()).isEqualTo("csrf");
        assertThat(victim.cookie("CSSESSION")).isEmpty();
    }

    @Test
    void changesSessionIdAndCsrfTokenAtEachFactor() {
        var ada = app.newTenant();
        var thief = app.anonymous();
        // A session id planted before sign-in must not become the victim's session.
        thief.setCookie("CSSESSION", ada.cookie("CSSESSION"));
        String planted = thief.cookie("CSSESSION");
        String csrf0 = ada.cookie("XSRF-TOKEN");
        ada.signIn(ada.email(), TestApplication.PASSWORD);
        String first = ada.cookie("CSSESSION");
        String csrf1 = ada.cookie("XSRF-TOKEN");
        assertThat(first).isNotEmpty().isNotEqualTo(planted);
        assertThat(csrf1).isNotEmpty().isNotEqualTo(csrf0);
        assertThat(state(thief)).isEqualTo("anonymous");

        thief.setCookie("CSSESSION", first);
        assertThat(ada.post("/api/v1/sign-in/totp", Map.of("code", ada.nextCode())).status())
                .isEqualTo(200);
        assertThat(ada.cookie("CSSESSION")).isNotEqualTo(first);
        assertThat(ada.cookie("XSRF-TOKEN")).isNotEqualTo(csrf1);
        assertThat(state(thief)).isEqualTo("anonymous");
    }

    @Test
    void sessionIsDeadAfterSignOutEvenForWhoKeptItsCookie() {
        var ada = app.newTenant();
        var thief = app.anonymous();
        thief.setCookie("CSSESSION", ada.cookie("CSSESSION"));
        assertThat(state(thief)).isEqualTo("active");
        ada.post("/api/v1/sign-out", Map.of());
        assertThat(state(thief)).isEqualTo("anonymous");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/users", "/api/v1/audit", "/api/v1/audit/verify"})
    void opensNothingBeforeTheSecondFactor(String path) {
        var ada = app.newTenant();
        var halfWay = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        assertThat(halfWay.get(path).status()).isEqualTo(401);
        assertThat(halfWay.get(path).problem()).isEqualTo("not-signed-in");
        assertThat(
                        halfWay.post(
                                        "/api/v1/invitations",
                                        Map.of("email", "x@example.org", "role", "analyst"))
                                .problem())
                .isEqualTo("not-signed-in");
        // Nor may the password alone replace the second factor by a new one.
        assertThat(halfWay.post("/api/v1/totp/setup", Map.of()).problem()).isEqualTo("wrong-step");
    }

    @Test
    void slowsGuessingDownAndTellsHowLongToWait() {
        var ada = app.newTenant();
        var guesser = app.anonymous();
        for (int i = 0; i < 5; i++) {
            assertThat(guess(guesser, ada.email(), "guess number " + i).problem())
                    .isEqualTo("wrong-credentials");
        }
        var slowed = guess(guesser, ada.email(), "one guess more");
        assertThat(slowed.status()).isEqualTo(429);
        assertThat(slowed.problem()).isEqualTo("too-many-attempts");
        assertThat(Long.parseLong(slowed.header("Retry-After"))).isPositive();
        // The right password has to wait as well, or the delay would tell which guess was right.
        assertThat(guess(guesser, ada.email(), TestApplication.PASSWORD).status()).isEqualTo(429);
        // The person's open session goes on, and other people sign in as ever.
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(guess(guesser, ada.email(), TestApplication.PASSWORD).status())
                                .isEqualTo(200));
    }

    @Test
    void slowsGuessingOfTheSecondFactorDown() {
        var ada = app.newTenant();
        var thief = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        for (int i = 0; i < 5; i++) {
            assertThat(thief.post("/api/v1/sign-in/totp", Map.of("code", wrongCode(ada))).problem())
                    .isEqualTo("wrong-credentials");
        }
        assertThat(thief.post("/api/v1/sign-in/totp", Map.of("code", wrongCode(ada))).status())
                .isEqualTo(429);
        assertThat(
                        thief.post(
                                        "/api/v1/sign-in/recovery",
                                        Map.of("code", "AAAA-AAAA-AAAA-AAAA"))
                                .status())
                .isEqualTo(429);
    }

    @Test
    void takesACodeOnce() {
        var ada = app.newTenant();
        var first = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        var second = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        String code = ada.nextCode();
        assertThat(first.post("/api/v1/sign-in/totp", Map.of("code", code)).status())
                .isEqualTo(200);
        assertThat(second.post("/api/v1/sign-in/totp", Map.of("code", code)).problem())
                .isEqualTo("wrong-credentials");
    }

    @Test
    void refusesCodesOlderOrNewerThanOneStep() {
        var ada = app.newTenant();
        long now = Instant.now().getEpochSecond() / 30;
        var thief = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        for (long step : new long[] {now - 3, now + 3}) {
            assertThat(
                            thief.post(
                                            "/api/v1/sign-in/totp",
                                            Map.of("code", Client.code(ada.totpSecret(), step)))
                                    .problem())
                    .isEqualTo("wrong-credentials");
        }
    }

    @Test
    void takesARecoveryCodeOnce() {
        var admin = app.newTenant();
        var bob = app.anonymous();
        String email = "rec-" + UUID.randomUUID() + "@example.org";
        admin.post("/api/v1/invitations", Map.of("email", email, "role", "analyst"));
        bob.post(
                "/api/v1/invitations/accept",
                Map.of(
                        "token",
                        TestApplication.token(app.mailedLink(email, "/invitation")),
                        "name",
                        "Bob",
                        "password",
                        TestApplication.PASSWORD));
        bob.signIn(email, TestApplication.PASSWORD);
        bob.setUpSecondFactor();
        List<String> codes =
                bob.confirmation()
                        .get("recoveryCodes")
                        .valueStream()
                        .map(c -> c.asString())
                        .toList();
        assertThat(codes).hasSize(10).doesNotHaveDuplicates();

        var again = app.anonymous().signIn(email, TestApplication.PASSWORD);
        String typed = codes.getFirst().toLowerCase(java.util.Locale.ROOT).replace("-", " ");
        assertThat(again.post("/api/v1/sign-in/recovery", Map.of("code", typed)).status())
                .isEqualTo(200);
        var thief = app.anonymous().signIn(email, TestApplication.PASSWORD);
        assertThat(
                        thief.post("/api/v1/sign-in/recovery", Map.of("code", codes.getFirst()))
                                .problem())
                .isEqualTo("wrong-credentials");
        assertThat(thief.post("/api/v1/sign-in/recovery", Map.of("code", codes.get(1))).status())
                .isEqualTo(200);
        // The owner is told of each use.
        Awaitility.await()
                .until(() ->
                        app.anonymous()
                                        .get("/api/v1/developer/mailbox?limit=200")
                                        .json()
                                        .get("items")
                                        .valueStream()
                                        .filter(m -> m.get("to").asString().equals(email))
                                        .filter(m ->
                                                m.get("subject").asString().contains("recovery"))
                                        .count()
                                == 2);
    }

    @Test
    void answersAlikeForKnownAndUnknownAddresses() {
        var ada = app.newTenant();
        var stranger = app.anonymous();
        var wrongPassword = guess(stranger, ada.email(), "not the password at all");
        var nobody =
                guess(
                        stranger,
                        "nobody-" + UUID.randomUUID() + "@example.org",
                        "not the password at all");
        assertThat(nobody.status()).isEqualTo(wrongPassword.status()).isEqualTo(401);
        assertThat(nobody.body()).isEqualTo(wrongPassword.body());

        var known = signUp(stranger, ada.email());
        String fresh = "fresh-" + UUID.randomUUID() + "@example.org";
        var unknown = signUp(stranger, fresh);
        assertThat(known.status()).isEqualTo(unknown.status()).isEqualTo(202);
        assertThat(known.body()).isEqualTo(unknown.body());
        // The known address gets another mail: one without a link that makes anything.
        assertThat(app.mailedLink(ada.email(), "/sign-in")).doesNotContain("token=");
        assertThat(app.mailedLink(fresh, "/verify")).contains("token=");
    }

    @Test
    void takesForgedAndMissingTokensForUsedOnes() {
        var stranger = app.anonymous();
        for (String path : List.of("/api/v1/sign-up/verify", "/api/v1/sign-in/link")) {
            assertThat(stranger.post(path, Map.of("token", "made-up")).problem())
                    .isEqualTo("link-used-or-expired");
        }
        assertThat(
                        stranger.post(
                                        "/api/v1/invitations/accept",
                                        Map.of(
                                                "token",
                                                "made-up",
                                                "name",
                                                "X",
                                                "password",
                                                TestApplication.PASSWORD))
                                .problem())
                .isEqualTo("link-used-or-expired");
    }

    @Test
    void refusesWeakPasswordsAndNamesThePlace() {
        for (String weak : List.of("short", "password1234", "aaaaaaaaaaaaaa", "Password2024!")) {
            var answer =
                    app.anonymous()
                            .post(
                                    "/api/v1/sign-up",
                                    Map.of(
                                            "company",
                                            "C",
                                            "name",
                                            "N",
                                            "email",
                                            "weak-" + UUID.randomUUID() + "@example.org",
                                            "password",
                                            weak));
            assertThat(answer.status()).as(weak).isEqualTo(422);
            assertThat(answer.json().get("errors").get(0).get("pointer").asString())
                    .isEqualTo("#/password");
        }
    }

    @Test
    void cookiesCarryTheirFlags() {
        var ada = app.newTenant();
        ada.post("/api/v1/sign-out", Map.of());
        var answer =
                ada.post(
                        "/api/v1/sign-in",
                        Map.of("email", ada.email(), "password", TestApplication.PASSWORD));
        List<String> set = answer.raw().headers().allValues("Set-Cookie");
        assertThat(set)
                .anySatisfy(cookie ->
                        assertThat(cookie)
                                .startsWith("CSSESSION=")
                                .contains("HttpOnly", "SameSite=Strict", "Path=/"))
                .anySatisfy(cookie ->
                        assertThat(cookie)
                                .startsWith("XSRF-TOKEN=")
                                .contains("SameSite=Strict")
                                .doesNotContain("HttpOnly"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api/v1/session", "/api/v1/nothing", "/assets/nothing.js"})
    void everyAnswerCarriesTheSecurityHeaders(String path) {
        var answer = app.anonymous().get(path);
        assertThat(answer.header("Content-Security-Policy"))
                .startsWith("default-src 'none'; script-src 'self';")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(answer.header("Referrer-Policy")).isEqualTo("same-origin");
        assertThat(answer.header("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
        assertThat(answer.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
    }

    @Test
    void unknownPathsAreProblemsAndNeverRedirects() {
        var ada = app.newTenant();
        for (String path : List.of("/api/v1/nothing", "/assets/nothing.js", "/nothing.css")) {
            var answer = ada.get(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.problem()).as(path).isEqualTo("not-found");
        }
        var anonymous = app.anonymous().get("/api/v1/nothing");
        assertThat(anonymous.status()).isEqualTo(401);
        assertThat(anonymous.problem()).isEqualTo("not-signed-in");
        assertThat(anonymous.header("Location")).isEmpty();
    }

    @Test
    void managementShowsHealthWithoutDetailsAndNothingElse() {
        var stranger = app.anonymous();
        var health = stranger.get("/actuator/health");
        assertThat(health.status()).isEqualTo(200);
        assertThat(health.body()).doesNotContain("components").doesNotContain("details");
        assertThat(stranger.get("/actuator/env").status()).isIn(401, 403, 404);
        assertThat(stranger.get("/actuator/prometheus").body()).contains("jvm_memory_used_bytes");
    }

    @Test
    void operatorDoorNeedsItsTokenAndASessionDoesNotHelp() throws Exception {
        var ada = app.newTenant();
        assertThat(ada.get("/api/v1/operator/tenants").status()).isEqualTo(401);
        assertThat(
                        ada.send(
                                        ada.request("/api/v1/operator/tenants")
                                                .header("Authorization", "Bearer guess"))
                                .status())
                .isEqualTo(401);
        var file = app.data().resolve("operator.token");
        assertThat(java.nio.file.Files.getPosixFilePermissions(file))
                .isEqualTo(java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        HttpRequest.Builder asked =
                ada.request("/api/v1/operator/tenants")
                        .header(
                                "Authorization",
                                "Bearer " + java.nio.file.Files.readString(file).strip());
        var answer = ada.send(asked);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains(ada.tenant().toString());
        // Not a demonstration: no tenant without a mail.
        var demo =
                ada.send(
                        ada.json(
                                        "/api/v1/operator/demo-tenant",
                                        "POST",
                                        Map.of("company", "C", "email", "d@e.org", "name", "D"))
                                .header(
                                        "Authorization",
                                        "Bearer " + java.nio.file.Files.readString(file).strip()));
        assertThat(demo.status()).isEqualTo(404);
    }

    @Test
    void prometheusIsForThisMachineAndNotForItsProxy() {
        var proxied = app.anonymous();
        var answer =
                proxied.send(
                        proxied.request("/actuator/prometheus")
                                .header("X-Forwarded-For", "203.0.113.7"));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.body()).doesNotContain("jvm_memory");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "AGFiYw==",
                "J09SIDE9MS0t",
                "not base64 !",
                "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MA=="
            })
    void garbageInTheSessionCookieIsNobody(String cookie) {
        var client = app.anonymous();
        var answer =
                client.send(
                        client.request("/api/v1/session").header("Cookie", "CSSESSION=" + cookie));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("state").asString()).isEqualTo("anonymous");
    }

    @Test
    void zeroCharactersAreRefusedNotStumbledOver() {
        var ada = app.newTenant();
        String zero = "a\0b@example.org";
        assertThat(guess(app.anonymous(), zero, "whatever it may be").status()).isEqualTo(401);
        assertThat(signUp(app.anonymous(), zero).status()).isIn(202, 422);
        assertThat(
                        ada.post("/api/v1/invitations", Map.of("email", zero, "role", "analyst"))
                                .status())
                .isIn(201, 422);
        assertThat(app.anonymous().post("/api/v1/sign-up/verify", Map.of("token", "a\0b")).status())
                .isEqualTo(410);
        assertThat(ada.get("/api/v1/audit?q=%00").status()).isEqualTo(400);
        assertThat(ada.post("/api/v1/sign-in/totp", Map.of("code", "\0")).status()).isEqualTo(409);
    }

    @Test
    void wrongBodiesAreNamedAsSuch() {
        var stranger = app.anonymous();
        for (String body : List.of("", "{", "[]", "{\"email\": [1]}", "\"text\"")) {
            var answer =
                    stranger.send(
                            stranger.csrf(
                                    stranger.request("/api/v1/sign-in")
                                            .header("Content-Type", "application/json")
                                            .POST(HttpRequest.BodyPublishers.ofString(body))));
            assertThat(answer.status()).as(body).isIn(400, 422);
            assertThat(answer.problem()).as(body).isIn("malformed", "invalid");
        }
    }

    @Test
    void refusalsOfKnownAndUnknownAddressesTakeTheSameTime() {
        var ada = app.newTenant();
        var stranger = app.anonymous();
        guess(stranger, "warm-up@example.org", "not the password at all");
        for (String email : List.of(ada.email(), "nobody-" + UUID.randomUUID() + "@example.org")) {
            long before = System.nanoTime();
            guess(stranger, email, "not the password at all");
            assertThat(java.time.Duration.ofNanos(System.nanoTime() - before))
                    .isGreaterThan(java.time.Duration.ofMillis(390));
        }
    }

    @Test
    void rootKeyIsReadableByUsOnlyAndTheStoredSecretIsSealed() throws Exception {
        assertThat(
                        java.nio.file.Files.getPosixFilePermissions(
                                app.data().resolve("secrets/root.key")))
                .isEqualTo(java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        var ada = app.newTenant();
        byte[] stored =
                app.database()
                        .transactions()
                        .callAs(
                                io.cybershield.platform.Scope.platform("test"),
                                () ->
                                        app.database()
                                                .jdbc()
                                                .sql(
                                                        "SELECT totp_secret FROM platform.account"
                                                                + " WHERE id = :id")
                                                .param("id", ada.account())
                                                .query(byte[].class)
                                                .single());
        assertThat(indexOf(stored, ada.totpSecret())).isNegative();
    }

    private static int indexOf(byte[] in, byte[] what) {
        return new String(in, java.nio.charset.StandardCharsets.ISO_8859_1)
                .indexOf(new String(what, java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    private static Response guess(Client client, String email, String password) {
        return client.post("/api/v1/sign-in", Map.of("email", email, "password", password));
    }

    private static Response signUp(Client client, String email) {
        return client.post(
                "/api/v1/sign-up",
                Map.of(
                        "company",
                        "C",
                        "name",
                        "N",
                        "email",
                        email,
                        "password",
                        TestApplication.PASSWORD));
    }

    /** Six digits that are right at no time near now. */
    private static String wrongCode(Client of) {
        long now = Instant.now().getEpochSecond() / 30;
        List<String> right =
                java.util.stream.LongStream.rangeClosed(now - 3, now + 3)
                        .mapToObj(step -> Client.code(of.totpSecret(), step))
                        .toList();
        return java.util.stream.IntStream.range(0, 10)
                .mapToObj(i -> String.valueOf(i).repeat(6))
                .filter(code -> !right.contains(code))
                .findFirst()
                .orElseThrow();
    }

    private static String state(Client client) {
        return client.get("/api/v1/session").json().get("state").asString();
    }
}
