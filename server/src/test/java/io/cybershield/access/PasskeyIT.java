package io.cybershield.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.SoftPasskey;
import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Passkeys: made, shown, forged, lost. */
class PasskeyIT {
    private final TestApplication app = TestApplication.shared();

    // ---------------------------------------------------------------- signing in

    @Test
    void theSessionKnowsTheFactorThatWasJustSetUp() {
        Client ada = app.newTenant();
        assertThat(ada.confirmation().get("session").get("factors").toString())
                .isEqualTo("[\"totp\"]");
    }

    @Test
    void isTheFirstSecondFactorAndThenOpensAlone() {
        Client ada = app.newTenantHalfWay("Keys " + UUID.randomUUID());
        assertThat(ada.session().get("state").asString()).isEqualTo("mfa-setup");
        assertThat(ada.session().get("passkeyOrigin").asString())
                .isEqualTo("http://localhost:8080");
        assertThat(ada.get("/api/v1/account/passkeys").problem()).isEqualTo("not-signed-in");
        var passkey = new SoftPasskey();
        JsonNode asked = ada.post("/api/v1/passkey/setup", Map.of()).json();
        Response made = ada.post("/api/v1/passkey/confirm", passkey.make(asked));
        assertThat(made.status()).as(made.body()).isEqualTo(200);
        assertThat(made.json().get("recoveryCodes").size()).isEqualTo(10);
        assertThat(made.json().get("session").get("state").asString()).isEqualTo("active");
        assertThat(ada.post("/api/v1/passkey/setup", Map.of()).problem()).isEqualTo("wrong-step");
        // What the authenticator keeps says nothing of the account.
        assertThat(passkey.handle).hasSize(32);
        assertThat(asked.toString()).doesNotContain(ada.account().toString());
        assertThat(ada.post("/api/v1/sign-out", Map.of()).status()).isEqualTo(204);
        assertThat(ada.get("/api/v1/account").problem()).isEqualTo("not-signed-in");

        Client again = app.anonymous();
        Response alone = showAlone(again, passkey);
        assertThat(alone.status()).as(alone.body()).isEqualTo(200);
        assertThat(alone.json().get("state").asString()).isEqualTo("active");
        assertThat(alone.json().get("user").get("email").asString()).isEqualTo(ada.email());
        JsonNode kept = again.get("/api/v1/account/passkeys").json().get("items");
        assertThat(kept.size()).isEqualTo(1);
        assertThat(kept.get(0).get("lastUsedAt").isNull()).isFalse();
        assertThat(entries(again, "access.sign-in").toString()).contains("\"factor\":\"passkey\"");
        assertThat(entries(again, "access.mfa-set-up").toString())
                .contains("\"factor\":\"passkey\"");
        // One more authenticator app would be a second way in; the first set-up is over.
        assertThat(again.post("/api/v1/totp/setup", Map.of()).problem()).isEqualTo("wrong-step");
    }

    @Test
    void isASecondFactorAfterThePassword() {
        var owner = new Owner();
        Client again = app.anonymous().signIn(owner.client.email(), TestApplication.PASSWORD);
        assertThat(again.session().get("state").asString()).isEqualTo("mfa-challenge");
        assertThat(again.session().get("factors").toString()).isEqualTo("[\"passkey\"]");
        JsonNode asked = again.post("/api/v1/passkey/challenge", Map.of()).json();
        assertThat(asked.get("allow").size()).isEqualTo(1);
        String cookie = again.cookie("CSSESSION");
        // Where it is known whose passkeys may answer, they need not say it.
        owner.passkey.handle = null;
        Response shown = again.post("/api/v1/passkey/answer", owner.passkey.show(asked));
        assertThat(shown.json().get("state").asString()).as(shown.body()).isEqualTo("active");
        assertThat(again.cookie("CSSESSION")).isNotEqualTo(cookie);

        Client apps = app.newTenant();
        Client totp = app.anonymous().signIn(apps.email(), TestApplication.PASSWORD);
        assertThat(totp.session().get("factors").toString()).isEqualTo("[\"totp\"]");
        assertThat(totp.post("/api/v1/passkey/challenge", Map.of()).problem())
                .isEqualTo("wrong-step");
        assertThat(totp.post("/api/v1/passkey/setup", Map.of()).problem()).isEqualTo("wrong-step");
    }

    @Test
    void whatIsForgedOpensNothing() {
        var owner = new Owner();
        var other = new Owner();
        var attacks = new LinkedHashMap<String, Consumer<SoftPasskey>>();
        attacks.put("another site", p -> p.origin = "https://evil.example");
        attacks.put("another port", p -> p.origin = "http://localhost:8081");
        attacks.put("the number instead of the name", p -> p.origin = "http://127.0.0.1:8080");
        attacks.put("a longer name", p -> p.origin = "http://localhost:8080.evil.example");
        attacks.put("inside another site's page", p -> p.crossOrigin = true);
        attacks.put("for another relying party", p -> p.rpId = "evil.example");
        attacks.put("a challenge of one's own", p -> p.challenge = text(new byte[32]));
        attacks.put("what makes passkeys", p -> p.type = "webauthn.create");
        attacks.put("the person did not prove it is them", p -> p.flags = SoftPasskey.PRESENT);
        attacks.put("nobody was there", p -> p.flags = SoftPasskey.VERIFIED);
        attacks.put(
                "suddenly one that can be copied",
                p ->
                        p.flags =
                                SoftPasskey.PRESENT
                                        | SoftPasskey.VERIFIED
                                        | SoftPasskey.MAY_BE_BACKED_UP);
        attacks.put("for nobody", p -> p.handle = null);
        attacks.put("for somebody else", p -> p.handle = other.passkey.handle);
        attacks.put("another one's id", p -> p.credentialId = other.passkey.credentialId);
        attacks.put("an unknown id", p -> p.credentialId = new byte[32]);
        attacks.forEach((what, forge) -> {
            Client client = app.anonymous();
            var asked = askAlone(client);
            Response refused =
                    client.post("/api/v1/sign-in/passkey", owner.passkey.copy(forge).show(asked));
            refused(what, refused, client);
            // The same without the forgery is good; and failures in a row are slowed.
            assertThat(showAlone(client, owner.passkey).status()).as(what).isEqualTo(200);
        });
        var broken = new LinkedHashMap<String, String>();
        broken.put("signature", text(new byte[70]));
        broken.put("authenticatorData", text(new byte[5]));
        broken.put("clientDataJSON", text("{}".getBytes(UTF_8)));
        broken.put("credentialId", "abcde");
        broken.forEach((part, value) -> {
            Client client = app.anonymous();
            Map<String, Object> shown = owner.passkey.show(askAlone(client));
            shown.put(part, value);
            refused(part, client.post("/api/v1/sign-in/passkey", shown), client);
            assertThat(showAlone(client, owner.passkey).status()).as(part).isEqualTo(200);
        });
    }

    @Test
    void anAnswerIsGoodOnceInItsSessionForItsPurposeAndFiveMinutes() {
        var owner = new Owner();
        owner.passkey.counts = false;
        Client client = app.anonymous();
        String challenge = askAlone(client).get("challenge").asString();
        assertThat(Base64.getUrlDecoder().decode(challenge)).hasSize(32);
        assertThat(askAlone(client).get("challenge").asString()).isNotEqualTo(challenge);
        Map<String, Object> shown = owner.passkey.show(askAlone(client));
        assertThat(client.post("/api/v1/sign-in/passkey", shown).status()).isEqualTo(200);
        Client thief = app.anonymous();
        refused("replayed elsewhere", thief.post("/api/v1/sign-in/passkey", shown), thief);
        askAlone(thief);
        refused("replayed elsewhere", thief.post("/api/v1/sign-in/passkey", shown), thief);

        // A wrong answer takes the challenge with it.
        Client twice = app.anonymous();
        var asked = askAlone(twice);
        refused(
                "no verification",
                twice.post(
                        "/api/v1/sign-in/passkey",
                        owner.passkey.copy(p -> p.flags = SoftPasskey.PRESENT).show(asked)),
                twice);
        refused(
                "the challenge is gone",
                twice.post("/api/v1/sign-in/passkey", owner.passkey.show(asked)),
                twice);
        assertThat(showAlone(twice, owner.passkey).status()).isEqualTo(200);

        // Somebody has another session's challenge signed, as by a page in the middle.
        Client mallory = app.anonymous();
        JsonNode bait = askAlone(mallory);
        Client victim = app.anonymous();
        askAlone(victim);
        refused(
                "challenge of another session",
                victim.post("/api/v1/sign-in/passkey", owner.passkey.show(bait)),
                victim);

        Client halfWay = app.anonymous().signIn(owner.client.email(), TestApplication.PASSWORD);
        JsonNode second = halfWay.post("/api/v1/passkey/challenge", Map.of()).json();
        assertThat(halfWay.post("/api/v1/sign-in/passkey", owner.passkey.show(second)).problem())
                .isEqualTo("wrong-credentials");
        assertThat(halfWay.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(halfWay.post("/api/v1/passkey/answer", owner.passkey.show(second)).status())
                .isEqualTo(200);

        Client late = app.anonymous();
        JsonNode old = askAlone(late);
        app.database()
                .asOwner(
                        "UPDATE platform.passkey_challenge SET expires_at = expires_at - interval"
                                + " '301 seconds'");
        refused("late", late.post("/api/v1/sign-in/passkey", owner.passkey.show(old)), late);
        assertThat(showAlone(late, owner.passkey).status()).isEqualTo(200);
    }

    @Test
    void aCounterThatDoesNotGoOnIsRefusedAndTold() {
        var owner = new Owner();
        Client client = app.anonymous();
        owner.passkey.counter = 40;
        assertThat(showAlone(client, owner.passkey).status()).isEqualTo(200);
        owner.passkey.counter = 40;
        owner.passkey.counts = false;
        Client copy = app.anonymous();
        refused("goes back", showAlone(copy, owner.passkey), copy);
        owner.passkey.counter = 41;
        refused("the same again", showAlone(copy, owner.passkey), copy);
        owner.passkey.counter = 0;
        refused("counts no longer", showAlone(copy, owner.passkey), copy);
        owner.passkey.counter = 42;
        assertThat(showAlone(copy, owner.passkey).status()).isEqualTo(200);
        assertThat(entries(client, "access.passkey-counter").size()).isEqualTo(3);
    }

    @Test
    void onesThatDoNotCountAndAreCopiedByTheirOwnerAreGood() {
        var passkey = new SoftPasskey();
        passkey.counts = false;
        passkey.flags |= SoftPasskey.MAY_BE_BACKED_UP;
        var owner = new Owner(passkey);
        assertThat(passkeys(owner.client).get(0).get("backedUp").asBoolean()).isFalse();
        passkey.flags |= SoftPasskey.BACKED_UP;
        for (int i = 0; i < 2; i++) {
            assertThat(showAlone(app.anonymous(), passkey).status()).isEqualTo(200);
        }
        assertThat(passkeys(owner.client).get(0).get("backedUp").asBoolean()).isTrue();
    }

    @Test
    void anotherCompanysPasskeyIsNoSecondFactorHere() {
        var ada = new Owner();
        var eve = new Owner();
        Client halfWay = app.anonymous().signIn(ada.client.email(), TestApplication.PASSWORD);
        JsonNode asked = halfWay.post("/api/v1/passkey/challenge", Map.of()).json();
        assertThat(asked.toString()).doesNotContain(text(eve.passkey.credentialId));
        assertThat(halfWay.post("/api/v1/passkey/answer", eve.passkey.show(asked)).problem())
                .isEqualTo("wrong-credentials");
        asked = halfWay.post("/api/v1/passkey/challenge", Map.of()).json();
        assertThat(
                        halfWay.post(
                                        "/api/v1/passkey/answer",
                                        eve.passkey
                                                .copy(p -> p.handle = ada.passkey.handle)
                                                .show(asked))
                                .problem())
                .isEqualTo("wrong-credentials");
        assertThat(halfWay.get("/api/v1/account").problem()).isEqualTo("not-signed-in");
        // Nor does it confirm somebody else's session.
        asked = ada.client.post("/api/v1/account/step-up/challenge", Map.of()).json();
        assertThat(
                        ada.client
                                .post(
                                        "/api/v1/account/step-up",
                                        Map.of("passkey", eve.passkey.show(asked)))
                                .problem())
                .isEqualTo("fresh-code-needed");
        assertThat(ada.client.post("/api/v1/account/passkeys/challenge", Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(entries(eve.client, "access.step-up").size()).isZero();
        // Its id cannot be taken over.
        ada.confirm();
        Response taken =
                make(ada.client, eve.passkey.copy(p -> p.credentialId = eve.passkey.credentialId));
        assertThat(taken.problem()).isEqualTo("passkey-refused");
        assertThat(showAlone(app.anonymous(), eve.passkey).json().get("user").get("email"))
                .hasToString("\"" + eve.client.email() + "\"");
    }

    @Test
    void guessingIsSlowedAsWithCodes() {
        var owner = new Owner();
        Client halfWay = app.anonymous().signIn(owner.client.email(), TestApplication.PASSWORD);
        var answers = new ArrayList<String>();
        for (int i = 0; i < 7; i++) {
            JsonNode asked = halfWay.post("/api/v1/passkey/challenge", Map.of()).json();
            answers.add(
                    halfWay.post("/api/v1/passkey/answer", new SoftPasskey().show(asked))
                            .problem());
        }
        assertThat(answers).startsWith("wrong-credentials").endsWith("too-many-attempts");
        assertThat(entries(owner.client, "access.sign-in").toString()).contains("failed");
        assertThat(owner.client.get("/api/v1/account").status()).isEqualTo(200);
    }

    @Test
    void aDisabledPersonsPasskeyOpensNothing() {
        Client ada = app.newTenant();
        Client bob = app.newColleague(ada, "analyst");
        var passkey = new SoftPasskey();
        bob.post("/api/v1/account/step-up", Map.of("code", bob.nextCode()));
        assertThat(make(bob, passkey).status()).isEqualTo(201);
        assertThat(showAlone(app.anonymous(), passkey).status()).isEqualTo(200);
        assertThat(ada.patch("/api/v1/users/" + bob.account(), Map.of("disabled", true)).status())
                .isEqualTo(200);
        Client again = app.anonymous();
        refused("disabled", showAlone(again, passkey), again);
    }

    // ---------------------------------------------------------------- one's own

    @Test
    void makingOneIsForTheSessionThatWasAskedAndProvesThePerson() {
        Client ada = app.newTenantHalfWay("Keys " + UUID.randomUUID());
        Map<String, BiFunction<JsonNode, SoftPasskey, Map<String, Object>>> attacks =
                new LinkedHashMap<>();
        attacks.put(
                "another site",
                (asked, p) -> p.copy(c -> c.origin = "https://x.example").make(asked));
        attacks.put(
                "no verification",
                (asked, p) -> p.copy(c -> c.flags = SoftPasskey.PRESENT).make(asked));
        attacks.put(
                "a challenge of one's own",
                (asked, p) -> p.copy(c -> c.challenge = text(new byte[32])).make(asked));
        attacks.put(
                "another relying party",
                (asked, p) -> p.copy(c -> c.rpId = "x.example").make(asked));
        attacks.put(
                "what signs in", (asked, p) -> p.copy(c -> c.type = "webauthn.get").make(asked));
        attacks.put(
                "no passkey",
                (asked, p) -> {
                    var made = new HashMap<>(p.make(asked));
                    made.put("attestationObject", "oWNmbXRkbm9uZQ");
                    return made;
                });
        var passkey = new SoftPasskey();
        attacks.forEach((what, forge) -> {
            JsonNode asked = ada.post("/api/v1/passkey/setup", Map.of()).json();
            Response refused = ada.post("/api/v1/passkey/confirm", forge.apply(asked, passkey));
            assertThat(refused.problem()).as(what).isEqualTo("passkey-refused");
        });
        Client eve = app.newTenantHalfWay("Keys " + UUID.randomUUID());
        JsonNode hers = eve.post("/api/v1/passkey/setup", Map.of()).json();
        JsonNode mine = ada.post("/api/v1/passkey/setup", Map.of()).json();
        assertThat(ada.post("/api/v1/passkey/confirm", passkey.make(hers)).problem())
                .isEqualTo("passkey-refused");
        assertThat(ada.get("/api/v1/session").json().get("state").asString())
                .isEqualTo("mfa-setup");
        assertThat(ada.post("/api/v1/passkey/confirm", passkey.make(mine)).problem())
                .as("the challenge was used up")
                .isEqualTo("passkey-refused");
        mine = ada.post("/api/v1/passkey/setup", Map.of()).json();
        assertThat(ada.post("/api/v1/passkey/confirm", passkey.make(mine)).status()).isEqualTo(200);
    }

    @Test
    void anAuthenticatorAppIsRevokedByItsOwnerWhereAPasskeyIsLeft() {
        Client client = app.newTenant();
        String app = "/api/v1/account/totp";
        assertThat(client.delete(app).problem()).isEqualTo("last-factor");
        this.app.confirmed(client);
        var passkey = new SoftPasskey();
        assertThat(make(client, passkey).status()).isEqualTo(201);
        this.app.database().asOwner("UPDATE platform.step_up SET at = at - interval '301 seconds'");
        assertThat(client.delete(app).problem()).isEqualTo("fresh-code-needed");
        this.app.confirmed(client);
        assertThat(client.delete(app).status()).isEqualTo(204);
        assertThat(client.delete(app).status()).isEqualTo(404);
        assertThat(client.get("/api/v1/session").json().get("factors").toString())
                .isEqualTo("[\"passkey\"]");

        Client again = this.app.anonymous().signIn(client.email(), TestApplication.PASSWORD);
        assertThat(
                        again.post(
                                        "/api/v1/sign-in/totp",
                                        Map.of("code", this.app.codeAtOnce(client)))
                                .status())
                .isIn(401, 409);
        assertThat(again.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        String last = "/api/v1/account/passkeys/" + passkeys(client).get(0).get("id").asString();
        assertThat(client.delete(last).problem()).isEqualTo("last-factor");
        assertThat(entries(client, "access.totp-removed").size()).isEqualTo(1);
        Awaitility.await()
                .until(
                        () -> subjects(client.email()),
                        told ->
                                told.contains(
                                        "Your authenticator app no longer opens CyberShield"));
    }

    @Test
    void addingAndRemovingTakeAFreshFactorAndAreTold() {
        var ada = new Owner();
        Client client = ada.client;
        assertThat(client.post("/api/v1/account/passkeys/challenge", Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(
                        client.post(
                                        "/api/v1/account/passkeys",
                                        new SoftPasskey().make(askAlone(client, ada)))
                                .problem())
                .as("a challenge for something else")
                .isEqualTo("passkey-refused");
        ada.confirm();
        var second = new SoftPasskey();
        JsonNode asked = client.post("/api/v1/account/passkeys/challenge", Map.of()).json();
        assertThat(asked.get("exclude").size()).isEqualTo(1);
        var named = new HashMap<>(second.make(asked));
        named.put("name", "  Blue\nkey ");
        Response added = client.post("/api/v1/account/passkeys", named);
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        assertThat(added.json().get("name").asString()).isEqualTo("Blue key");
        String path = "/api/v1/account/passkeys/" + added.json().get("id").asString();
        assertThat(client.patch(path, Map.of("name", "Red key")).json().get("name").asString())
                .isEqualTo("Red key");

        // The confirmation is this session's, not the person's.
        Client elsewhere = app.anonymous();
        showAlone(elsewhere, second);
        assertThat(elsewhere.delete(path).problem()).isEqualTo("fresh-code-needed");
        // And it is over after five minutes.
        app.database().asOwner("UPDATE platform.step_up SET at = at - interval '301 seconds'");
        assertThat(client.delete(path).problem()).isEqualTo("fresh-code-needed");
        ada.confirm();
        assertThat(client.delete(path).status()).isEqualTo(204);
        Client gone = app.anonymous();
        refused("removed", showAlone(gone, second), gone);

        String last = "/api/v1/account/passkeys/" + passkeys(client).get(0).get("id").asString();
        Response refused = client.delete(last);
        assertThat(refused.problem()).isEqualTo("last-factor");
        assertThat(refused.json().get("detail").asString()).contains("only second factor");
        assertThat(entries(client, "access.passkey-added").size()).isEqualTo(1);
        assertThat(entries(client, "access.passkey-renamed").size()).isEqualTo(1);
        assertThat(entries(client, "access.passkey-removed").size()).isEqualTo(1);
        Awaitility.await()
                .until(
                        () -> subjects(client.email()),
                        told ->
                                told.contains("A passkey of your CyberShield account was added")
                                        && told.contains(
                                                "A passkey of your CyberShield account was"
                                                        + " removed"));
    }

    @Test
    void ofTwoRemovedAtOnceOneStays() throws Exception {
        var ada = new Owner();
        ada.confirm();
        assertThat(make(ada.client, new SoftPasskey()).status()).isEqualTo(201);
        var paths =
                passkeys(ada.client)
                        .valueStream()
                        .map(p -> "/api/v1/account/passkeys/" + p.get("id").asString())
                        .toList();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers =
                    threads
                            .invokeAll(
                                    paths.stream()
                                            .<Callable<Integer>>map(
                                                    path -> () -> ada.client.delete(path).status())
                                            .toList())
                            .stream()
                            .map(Future::resultNow)
                            .toList();
            assertThat(answers).containsExactlyInAnyOrder(204, 409);
        }
        assertThat(passkeys(ada.client).size()).isEqualTo(1);
    }

    @Test
    void anAuthenticatorAppIsAFactorToo() {
        Client ada = app.newTenant();
        Response stepUp = ada.post("/api/v1/account/step-up", Map.of("code", "000000"));
        assertThat(stepUp.problem()).isEqualTo("fresh-code-needed");
        String code = ada.nextCode();
        assertThat(ada.post("/api/v1/account/step-up", Map.of("code", code)).status())
                .isEqualTo(204);
        assertThat(ada.post("/api/v1/account/step-up", Map.of("code", code)).problem())
                .as("once")
                .isEqualTo("fresh-code-needed");
        assertThat(ada.post("/api/v1/account/step-up", Map.of()).problem()).isEqualTo("invalid");
        Response made = make(ada, new SoftPasskey());
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        Client again = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        assertThat(again.session().get("factors").toString()).isEqualTo("[\"passkey\",\"totp\"]");
        // The app is left, so the only passkey may go.
        assertThat(
                        ada.delete("/api/v1/account/passkeys/" + made.json().get("id").asString())
                                .status())
                .isEqualTo(204);
    }

    @Test
    void whoLostTheirPasskeyGetsAnotherWithARecoveryCodeAndNothingElse() {
        var ada = new Owner();
        Client again = app.anonymous().signIn(ada.client.email(), TestApplication.PASSWORD);
        assertThat(again.post("/api/v1/sign-in/recovery", Map.of("code", ada.code(0))).status())
                .isEqualTo(200);
        assertThat(again.post("/api/v1/account/passkeys/challenge", Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(again.post("/api/v1/account/step-up", Map.of("code", ada.code(0))).problem())
                .as("used before")
                .isEqualTo("fresh-code-needed");
        assertThat(again.post("/api/v1/account/step-up", Map.of("code", ada.code(1))).status())
                .isEqualTo(204);
        assertThat(again.post("/api/v1/account/recovery-codes", Map.of()).problem())
                .as("no new codes for an old one")
                .isEqualTo("fresh-code-needed");
        var next = new SoftPasskey();
        assertThat(make(again, next).status()).isEqualTo(201);
        assertThat(showAlone(app.anonymous(), next).status()).isEqualTo(200);
        assertThat(subjects(ada.client.email()))
                .contains("A recovery code of your account was used");
    }

    @Test
    void aConfirmedSessionMakesNewRecoveryCodes() {
        var ada = new Owner();
        assertThat(ada.client.post("/api/v1/account/recovery-codes", Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        ada.confirm();
        assertThat(ada.client.post("/api/v1/account/recovery-codes", Map.of()).status())
                .isEqualTo(200);
        assertThat(entries(ada.client, "access.stepped-up").toString())
                .contains("\"factor\":\"passkey\"");
        // An answer is good once: the same again confirms nothing.
        JsonNode asked = ada.client.post("/api/v1/account/step-up/challenge", Map.of()).json();
        var shown = Map.of("passkey", ada.passkey.show(asked));
        assertThat(ada.client.post("/api/v1/account/step-up", shown).status()).isEqualTo(204);
        assertThat(ada.client.post("/api/v1/account/step-up", shown).problem())
                .isEqualTo("fresh-code-needed");
    }

    @Test
    void browsersMayAskForPasskeysOnThisSiteOnly() {
        assertThat(app.anonymous().get("/api/v1/session").header("Permissions-Policy"))
                .contains(
                        "publickey-credentials-create=(self)", "publickey-credentials-get=(self)");
    }

    // ---------------------------------------------------------------- people

    /** Somebody whose only second factor is a passkey. */
    private final class Owner {
        final Client client = app.newTenantHalfWay("Keys " + UUID.randomUUID());
        final SoftPasskey passkey;
        final JsonNode confirmed;

        Owner() {
            this(new SoftPasskey());
        }

        Owner(SoftPasskey passkey) {
            this.passkey = passkey;
            JsonNode asked = client.post("/api/v1/passkey/setup", Map.of()).json();
            Response made = client.post("/api/v1/passkey/confirm", passkey.make(asked));
            assertThat(made.status()).as(made.body()).isEqualTo(200);
            confirmed = made.json();
        }

        String code(int which) {
            return confirmed.get("recoveryCodes").get(which).asString();
        }

        /** Shows the passkey once more. */
        void confirm() {
            JsonNode asked = client.post("/api/v1/account/step-up/challenge", Map.of()).json();
            Response done =
                    client.post("/api/v1/account/step-up", Map.of("passkey", passkey.show(asked)));
            assertThat(done.status()).as(done.body()).isEqualTo(204);
        }
    }

    private static JsonNode askAlone(Client client) {
        return client.post("/api/v1/sign-in/passkey-challenge", Map.of()).json();
    }

    /** What was asked for confirming a session, in the shape of what is asked for making. */
    private static JsonNode askAlone(Client client, Owner owner) {
        var asked = (ObjectNode) client.post("/api/v1/account/step-up/challenge", Map.of()).json();
        return asked.put("userHandle", text(owner.passkey.handle));
    }

    private static Response showAlone(Client client, SoftPasskey passkey) {
        return client.post("/api/v1/sign-in/passkey", passkey.show(askAlone(client)));
    }

    private static Response make(Client client, SoftPasskey passkey) {
        Response asked = client.post("/api/v1/account/passkeys/challenge", Map.of());
        assertThat(asked.status()).as(asked.body()).isEqualTo(200);
        return client.post("/api/v1/account/passkeys", passkey.make(asked.json()));
    }

    private static void refused(String what, Response answer, Client client) {
        assertThat(answer.problem()).as(what).isEqualTo("wrong-credentials");
        assertThat(client.get("/api/v1/account").problem()).as(what).isEqualTo("not-signed-in");
    }

    private static JsonNode passkeys(Client client) {
        return client.get("/api/v1/account/passkeys").json().get("items");
    }

    private static JsonNode entries(Client client, String action) {
        return client.get("/api/v1/audit?action=" + action).json().get("items");
    }

    private List<String> subjects(String to) {
        return app.anonymous()
                .get("/api/v1/developer/mailbox?limit=200")
                .json()
                .get("items")
                .valueStream()
                .filter(mail -> mail.get("to").asString().equals(to))
                .map(mail -> mail.get("subject").asString())
                .toList();
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
