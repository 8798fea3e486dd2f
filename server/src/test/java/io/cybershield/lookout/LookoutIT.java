package io.cybershield.lookout;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * Sign-ins that stand out, seen from outside: behind a proxy that is trusted, so that browsers come
 * from where the test says, with a small file of places.
 */
class LookoutIT {
    private static TestApplication app;
    private static Path places;

    @BeforeAll
    static void boot() throws IOException {
        places = TestPlaces.write(Files.createTempFile("places", ".mmdb"));
        app =
                TestApplication.boot(
                        Map.of(
                                "cybershield.trusted-proxies",
                                "127.0.0.1/32, 10.9.0.0/16",
                                "cybershield.access.geo",
                                places.toString(),
                                "cybershield.access.free-failures",
                                1_000));
    }

    @AfterAll
    static void close() throws IOException {
        app.close();
        Files.delete(places);
    }

    // ------------------------------------------------------------ help

    private static Client signIn(Client browser, Client who) {
        browser.signIn(who.email(), TestApplication.PASSWORD);
        var answer = browser.post("/api/v1/sign-in/totp", Map.of("code", app.codeAtOnce(who)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return browser;
    }

    /** A new browser, from there. */
    private static Client signInFrom(String address, Client who) {
        return signIn(app.anonymous().from(address), who);
    }

    /** An administrator who was in Berlin, a while ago. */
    private static Client adaOfBerlin() {
        Client ada = app.newTenant();
        signInFrom(TestPlaces.BERLIN, ada);
        awaitCountries(ada, 1);
        longAgo(ada, "3 days");
        return ada;
    }

    private static void awaitCountries(Client who, int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () ->
                                ask(
                                        who,
                                        "SELECT count(*) FROM platform.sign_in_habit WHERE kind ="
                                                + " 'country' AND subject = '"
                                                + who.account()
                                                + "'"),
                        found -> found == count);
    }

    private static long ask(Client who, String sql) {
        return app.bean(Transactions.class)
                .callAs(
                        Scope.tenant(new TenantId(who.tenant()), Principal.system("test")),
                        () -> app.bean(JdbcClient.class).sql(sql).query(Long.class).single());
    }

    private static void longAgo(Client who, String ago) {
        app.database()
                .asOwner(
                        "UPDATE platform.sign_in_visit SET at = at - interval '"
                                + ago
                                + "' WHERE subject = '"
                                + who.account()
                                + "'");
    }

    private static List<JsonNode> items(Client who, String path) {
        return StreamSupport.stream(who.get(path).json().get("items").spliterator(), false)
                .toList();
    }

    private static List<JsonNode> stoodOut(Client who, int atLeast) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> items(who, "/api/v1/account/stood-out"),
                        found -> found.size() >= atLeast);
    }

    private static List<JsonNode> findings(Client who) {
        return items(who, "/api/v1/findings?limit=200").stream()
                .filter(f -> f.get("ruleId").asString().startsWith("cybershield-sign-in-"))
                .toList();
    }

    private static List<JsonNode> mails(String to) {
        return items(app.anonymous(), "/api/v1/developer/mailbox?limit=200").stream()
                .filter(mail -> mail.get("to").asString().equals(to))
                .filter(mail -> mail.get("subject").asString().contains("stands out"))
                .toList();
    }

    private static String why(JsonNode finding) {
        return finding.get("why").toString();
    }

    private static void fail(String from, String email, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(
                            app.anonymous()
                                    .from(from)
                                    .post(
                                            "/api/v1/sign-in",
                                            Map.of("email", email, "password", "wrong horse " + i))
                                    .status())
                    .isEqualTo(401);
        }
    }

    // ------------------------------------------------------------ people

    @Test
    void aNewDeviceInANewCountryIsAFindingAndTold() {
        Client ada = adaOfBerlin();
        signInFrom(TestPlaces.TOKYO, ada);
        JsonNode seen = stoodOut(ada, 1).getFirst();
        assertThat(seen.get("kinds").toString()).isEqualTo("[\"new-device-and-country\"]");
        assertThat(seen.get("country").asString()).isEqualTo("JP");
        assertThat(seen.get("address").asString()).isEqualTo(TestPlaces.TOKYO);

        JsonNode finding = findings(ada).getFirst();
        assertThat(finding.get("title").asString())
                .isEqualTo("Sign-in from a new device in a new country");
        assertThat(finding.get("tags").toString()).contains("attack.t1078");
        assertThat(finding.get("user").asString()).isEqualTo(ada.email());
        assertThat(why(finding)).contains("Japan (JP)", TestPlaces.TOKYO);
        // The same door as rules' findings: an incident, and an event to look at.
        String incident = finding.get("incidentId").asString();
        assertThat(ada.get("/api/v1/incidents/" + incident).json().get("host").asString())
                .isEqualTo("CyberShield");
        JsonNode event =
                ada.get("/api/v1/events/" + finding.get("eventIds").get(0).asString()).json();
        assertThat(event.toString()).contains("Authentication", TestPlaces.TOKYO);

        JsonNode mail =
                Awaitility.await().until(() -> mails(ada.email()), m -> !m.isEmpty()).getFirst();
        assertThat(mail.toString()).contains("Japan (JP)", TestPlaces.TOKYO, "/account");
        assertThat(mail.get("links").toString()).doesNotContain("token");
        assertThat(ada.get("/api/v1/audit?limit=50").body()).contains("lookout.sign-in-stood-out");
    }

    @Test
    void aDeviceThatIsKnownMayTravelAndIsLearntFrom() {
        Client ada = app.newTenant();
        Client laptop = signInFrom(TestPlaces.BERLIN, ada);
        awaitCountries(ada, 1);
        longAgo(ada, "1 day");
        laptop.post("/api/v1/sign-out", Map.of());
        signIn(laptop.from(TestPlaces.TOKYO), ada);
        awaitCountries(ada, 2);
        longAgo(ada, "1 day");
        // From where the laptop was, another device is nothing new either.
        signInFrom(TestPlaces.TOKYO, ada);
        longAgo(ada, "1 day");
        signInFrom(TestPlaces.SAO_PAULO, ada);
        assertThat(stoodOut(ada, 1)).hasSize(1);
        assertThat(stoodOut(ada, 1).getFirst().get("country").asString()).isEqualTo("BR");
    }

    @Test
    void nobodyIsInBerlinAndTokyoAtOnce() {
        Client ada = app.newTenant();
        Client laptop = signInFrom(TestPlaces.BERLIN, ada);
        awaitCountries(ada, 1);
        signIn(laptop.from(TestPlaces.BERLIN_TOO), ada);
        signIn(laptop.from(TestPlaces.TOKYO), ada);
        List<JsonNode> seen = stoodOut(ada, 1);
        assertThat(seen).hasSize(1);
        assertThat(seen.getFirst().get("kinds").toString()).isEqualTo("[\"impossible-travel\"]");
        assertThat(seen.getFirst().get("words").asString()).contains("8,8", "km/h");
        assertThat(findings(ada).getFirst().get("severity").asString()).isEqualTo("high");
    }

    @Test
    void theFirstSignInEverDoesNotStandOut() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        signInFrom(TestPlaces.TOKYO, bob);
        awaitCountries(bob, 1);
        assertThat(items(bob, "/api/v1/account/stood-out")).isEmpty();
        assertThat(findings(ada)).isEmpty();
    }

    @Test
    void guessingThatSucceedsIsSeenAndGuessingAloneMailsNobody() {
        Client ada = app.newTenant();
        Client laptop = signInFrom(TestPlaces.BERLIN, ada);
        awaitCountries(ada, 1);
        fail(TestPlaces.MUNICH, ada.email(), 12);
        // Her usual browser is not suspected for what strangers did, nor kept out.
        signIn(laptop.from(TestPlaces.BERLIN), ada);
        longAgo(ada, "1 day");
        assertThat(mails(ada.email())).isEmpty();
        signInFrom("192.0.2.200", ada); // another address of the guesser's network
        JsonNode seen = stoodOut(ada, 1).getFirst();
        assertThat(seen.get("kinds").get(0).asString()).isEqualTo("failures-then-success");
        assertThat(seen.get("words").asString()).contains("12 tries");
        assertThat(findings(ada).getFirst().get("tags").toString())
                .contains("attack.t1110.001", "attack.t1078");
        Awaitility.await().until(() -> mails(ada.email()).size(), n -> n == 1);
    }

    @Test
    void oneNetworkThatTriesManyAccountsIsOneFindingAndKeepsNobodyOut() {
        Client ada = app.newTenant();
        List<String> people =
                IntStream.range(0, Judge.SPRAYED_ACCOUNTS).mapToObj(_ -> invited(ada)).toList();
        people.subList(0, 7).forEach(email -> fail(TestPlaces.SAO_PAULO, email, 2));
        people.forEach(email -> fail(TestPlaces.SAO_PAULO, email, 1));
        List<JsonNode> found = Awaitility.await().until(() -> findings(ada), f -> !f.isEmpty());
        people.forEach(email -> fail(TestPlaces.SAO_PAULO, email, 1));
        assertThat(found.getFirst().get("tags").toString()).contains("attack.t1110.003");
        assertThat(why(found.getFirst())).contains("2001:db8:0", "8 accounts", "Brazil");
        awaitTimes(ada, 2);
        assertThat(findings(ada)).hasSize(1);
        for (String email : people) {
            assertThat(mails(email)).isEmpty();
            assertThat(app.anonymous().signIn(email, TestApplication.PASSWORD).session().toString())
                    .contains("mfa-setup");
        }
    }

    private static void awaitTimes(Client who, int least) {
        Awaitility.await()
                .until(
                        () -> ask(who, "SELECT max(times) FROM platform.sign_in_notice"),
                        times -> times >= least);
    }

    /** Somebody with a password, who never signed in. */
    private static String invited(Client admin) {
        String email = "person-" + UUID.randomUUID() + "@example.org";
        admin.post("/api/v1/invitations", Map.of("email", email, "role", "analyst"));
        String token = TestApplication.token(app.mailedLink(email, "/invitation"));
        assertThat(
                        app.anonymous()
                                .post(
                                        "/api/v1/invitations/accept",
                                        Map.of(
                                                "token",
                                                token,
                                                "name",
                                                "Cora",
                                                "password",
                                                TestApplication.PASSWORD))
                                .status())
                .isEqualTo(200);
        return email;
    }

    @Test
    void theSameThingIsToldOnceADay() {
        Client ada = adaOfBerlin();
        for (int i = 0; i < 3; i++) {
            signInFrom(TestPlaces.TOKYO, ada);
            stoodOut(ada, 1);
            app.database()
                    .asOwner(
                            "DELETE FROM platform.sign_in_habit WHERE value = 'JP' AND subject = '"
                                    + ada.account()
                                    + "'");
            longAgo(ada, "2 days");
        }
        awaitTimes(ada, 3);
        assertThat(stoodOut(ada, 1)).hasSize(1);
        assertThat(findings(ada)).hasSize(1);
        assertThat(mails(ada.email())).hasSize(1);
    }

    @Test
    void aRecoveryCodeOnANewDeviceStandsOutAndThePrivateNetworkIsNamed() {
        Client ada = app.newTenant();
        signInFrom("127.0.0.1", ada);
        Client thief =
                app.anonymous().from("10.1.2.3").signIn(ada.email(), TestApplication.PASSWORD);
        String code = ada.confirmation().get("recoveryCodes").get(0).asString();
        assertThat(thief.post("/api/v1/sign-in/recovery", Map.of("code", code)).status())
                .isEqualTo(200);
        JsonNode seen = stoodOut(ada, 1).getFirst();
        assertThat(seen.get("kinds").toString()).isEqualTo("[\"recovery-code-on-new-device\"]");
        assertThat(seen.get("country").isNull()).isTrue();
        assertThat(why(findings(ada).getFirst())).contains("network is private");
    }

    @Test
    void withoutAFileOfPlacesTheFindingSaysWhatIsNotSeen() {
        TestApplication blind = TestApplication.shared();
        Client ada = blind.newTenant();
        assertThat(ada.get("/api/v1/lookout").json().get("places").isNull()).isTrue();
        Client thief = blind.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        String code = ada.confirmation().get("recoveryCodes").get(0).asString();
        thief.post("/api/v1/sign-in/recovery", Map.of("code", code));
        stoodOut(ada, 1);
        assertThat(why(findings(ada).getFirst())).contains("CYBERSHIELD_ACCESS_GEO");
    }

    @Test
    void whoSaysThatItWasNotThemUnteachesItAndTellsTheCompany() {
        Client ada = adaOfBerlin();
        Client eve = signInFrom(TestPlaces.TOKYO, ada);
        String id = stoodOut(ada, 1).getFirst().get("id").asString();
        Map<String, Object> notMe = Map.of("id", id, "mine", false);
        String answers = "/api/v1/account/stood-out/answers";
        // Neither a stranger, nor whoever has but the cookie of a session.
        assertThat(app.confirmed(app.newTenant()).post(answers, notMe).status()).isEqualTo(404);
        assertThat(app.anonymous().post(answers, notMe).status()).isEqualTo(401);
        app.database().asOwner("UPDATE platform.step_up SET at = at - interval '301 seconds'");
        assertThat(ada.post(answers, notMe).problem()).isEqualTo("fresh-code-needed");

        app.confirmed(ada);
        assertThat(eve.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(ada.post(answers, notMe).status()).isEqualTo(204);
        assertThat(eve.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(ada.get("/api/v1/users").status()).isEqualTo(200);
        app.confirmed(ada);
        assertThat(ada.post(answers, Map.of("id", id, "mine", true)).status()).isEqualTo(404);
        assertThat(findings(ada).stream().map(f -> f.get("ruleId").asString()))
                .contains("cybershield-sign-in-not-mine");
        // What she taught counts for nothing: the same again stands out again.
        awaitCountries(ada, 1);
        assertThat(ada.get("/api/v1/audit?limit=50").body()).contains("lookout.sign-in-disowned");
    }

    @Test
    void onesOwnStandOutOnly() {
        Client ada = adaOfBerlin();
        Client bob = app.newColleague(ada, "analyst");
        signInFrom(TestPlaces.TOKYO, ada);
        stoodOut(ada, 1);
        assertThat(items(bob, "/api/v1/account/stood-out")).isEmpty();
        assertThat(app.anonymous().get("/api/v1/account/stood-out").status()).isEqualTo(401);
        assertThat(app.anonymous().get("/api/v1/lookout").status()).isEqualTo(401);
        assertThat(ada.get("/api/v1/lookout").json().get("places").asString())
                .isEqualTo("GeoLite2-City");
    }

    // ------------------------------------------------------------ programs

    @Test
    void aKeyFromANewCountryIsAFindingAndNoMail() {
        Client ada = adaOfBerlin();
        app.confirmed(ada);
        String secret =
                ada.post(
                                "/api/v1/account/api-keys",
                                Map.of(
                                        "name",
                                        "nightly",
                                        "scopes",
                                        List.of("incident:read"),
                                        "days",
                                        1))
                        .json()
                        .get("secret")
                        .asString();
        var key = app.anonymous().withKey(secret);
        for (String from : List.of(TestPlaces.BERLIN, TestPlaces.MUNICH, "10.0.0.8")) {
            assertThat(key.from(from).get("/api/v1/incidents").status()).isEqualTo(200);
        }
        for (int i = 0; i < 5; i++) {
            assertThat(key.from(TestPlaces.TOKYO).get("/api/v1/incidents").status()).isEqualTo(200);
        }
        List<JsonNode> found = Awaitility.await().until(() -> findings(ada), f -> !f.isEmpty());
        assertThat(found).hasSize(1);
        assertThat(why(found.getFirst())).contains("nightly", "Japan (JP)");
        assertThat(mails(ada.email())).isEmpty();
    }

    // ------------------------------------------------------------ proxies

    @Test
    void aForgedHeaderOfAStrangerChangesNothing() {
        TestApplication direct = TestApplication.shared();
        Client ada = direct.newTenant();
        Client other = direct.anonymous().from(TestPlaces.TOKYO);
        other.signIn(ada.email(), TestApplication.PASSWORD);
        other.post("/api/v1/sign-in/totp", Map.of("code", direct.codeAtOnce(ada)));
        assertThat(addresses(ada)).containsOnly("127.0.0.1");
        assertThat(ada.get("/api/v1/audit?limit=50").body()).doesNotContain(TestPlaces.TOKYO);
    }

    @Test
    void ofATrustedProxysHeaderOnlyTheRightMostStrangerCounts() {
        Client ada = app.newTenant();
        signInFrom("1.2.3.4, " + TestPlaces.TOKYO + ", 10.9.0.3", ada);
        assertThat(addresses(ada)).containsExactlyInAnyOrder("127.0.0.1", TestPlaces.TOKYO);
        assertThat(ada.get("/api/v1/audit?limit=50").body())
                .contains(TestPlaces.TOKYO)
                .doesNotContain("1.2.3.4");
    }

    /** Neither the limits nor a key's networks can be gone round by it. */
    @Test
    void aKeysNetworksHoldBehindAProxy() {
        Client ada = app.newTenant();
        app.confirmed(ada);
        String secret =
                ada.post(
                                "/api/v1/account/api-keys",
                                Map.of(
                                        "name",
                                        "office",
                                        "scopes",
                                        List.of("incident:read"),
                                        "networks",
                                        List.of("203.0.113.0/24"),
                                        "days",
                                        1))
                        .json()
                        .get("secret")
                        .asString();
        var key = app.anonymous().withKey(secret);
        assertThat(key.from(TestPlaces.BERLIN).get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(
                        key.from(TestPlaces.BERLIN + ", " + TestPlaces.TOKYO)
                                .get("/api/v1/incidents")
                                .problem())
                .isEqualTo("key-refused");
        assertThat(key.from("").get("/api/v1/incidents").problem()).isEqualTo("key-refused");
    }

    /** Whoever comes through a proxy is never this machine's operator. */
    @Test
    void theOperatorsDoorStaysShutToWhatWasPassedOn() throws IOException {
        String token = Files.readString(app.data().resolve("operator.token")).strip();
        assertThat(
                        app.anonymous()
                                .withKey(token)
                                .from("127.0.0.1")
                                .get("/api/v1/operator/surroundings")
                                .status())
                .isIn(401, 403);
        var surroundings =
                app.anonymous().withKey(token).get("/api/v1/operator/surroundings").json();
        assertThat(surroundings.get("trustedProxies").toString()).contains("127.0.0.1/32");
    }

    private static List<String> addresses(Client who) {
        return items(who, "/api/v1/account/sessions").stream()
                .map(s -> s.get("address").asString())
                .toList();
    }
}
