package io.cybershield.access;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Access tokens of registered programs, and everything that must not get one or keep one. */
class OauthIT {
    private static final String CLIENTS = "/api/v1/oauth-clients";
    private static final String ASK = "/api/v1/account/oauth-questions";
    private static final String GRANTS = "/api/v1/account/oauth-grants";
    private static final String USERS = "/api/v1/users";
    private static final String AUDIT = "/api/v1/audit?limit=200";
    private static final String CALLBACK = "https://app.example.org/callback";
    private static final String VERIFIER = "v".repeat(20) + "-._~" + "0".repeat(30);
    private final TestApplication app = TestApplication.shared();

    /** A registered client with a secret. */
    private record Program(String id, String secret, String service) {}

    /** What a person's yes came to. */
    private record Family(String access, String refresh) {}

    // ------------------------------------------------------------ what it is for

    @Test
    void aProgramWithASecretActsAsItsServiceAccountWithinItsScopes() throws Exception {
        Client ada = app.newTenant();
        Program program = program(ada, "auditor", List.of("audit:read", "incident:read"));
        Response given = own(program, "");
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        assertThat(given.header("Cache-Control")).contains("no-store");
        assertThat(given.json().get("token_type").asString()).isEqualTo("Bearer");
        // What is left when it is written.
        assertThat(given.json().get("expires_in").asInt()).isBetween(270, 300);
        assertThat(given.json().has("refresh_token")).isFalse();
        String token = given.json().get("access_token").asString();
        JWTClaimsSet claims = SignedJWT.parse(token).getJWTClaimsSet();
        assertThat(claims.getSubject()).isEqualTo(program.service());
        assertThat(claims.getStringClaim("tenant")).isEqualTo(ada.tenant().toString());
        assertThat(claims.getStringClaim("client_id")).isEqualTo(program.id());
        assertThat(claims.getStringClaim("scope")).isEqualTo("audit:read incident:read");
        assertThat(claims.getJWTID()).isNotBlank();
        assertThat(claims.getExpirationTime().getTime() - claims.getIssueTime().getTime())
                .isEqualTo(300_000);

        Client caller = app.anonymous().withKey(token);
        assertThat(caller.get(AUDIT).status()).isEqualTo(200);
        Response denied = caller.get("/api/v1/sources");
        assertThat(denied.problem()).isEqualTo("denied");
        assertThat(denied.body()).contains("this token");
        Client narrow = app.anonymous().withKey(token(own(program, "incident:read")));
        assertThat(narrow.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(narrow.get(AUDIT).problem()).isEqualTo("denied");
        assertThat(ada.get(AUDIT).body()).contains("access.oauth-client-made", "(client nightly)");
        // the secret was told once and is kept nowhere
        assertThat(ada.get(CLIENTS).body()).contains(program.id()).doesNotContain(program.secret());
    }

    @Test
    void aPersonLetsAPublicProgramActAndTakesItBack() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read", "incident:read"), CALLBACK);
        Map<String, Object> question = question(client, CALLBACK, "user:read");
        JsonNode asked = ada.post(ASK, question).json();
        assertThat(asked.get("client").asString()).isEqualTo("desk");
        assertThat(texts(asked.get("scopes"))).containsExactly("user:read");
        assertThat(asked.get("missing")).isEmpty();

        Family family = family(ada, client, question);
        Client caller = app.anonymous().withKey(family.access());
        assertThat(caller.get(USERS).status()).isEqualTo(200);
        assertThat(caller.get("/api/v1/incidents").problem()).isEqualTo("denied");
        Response again = refresh(client, family.refresh(), "");
        assertThat(again.status()).as(again.body()).isEqualTo(200);
        assertThat(again.json().get("refresh_token").asString()).isNotEqualTo(family.refresh());
        assertThat(app.anonymous().withKey(token(again)).get(USERS).status()).isEqualTo(200);

        JsonNode mine = ada.get(GRANTS).json().get("items");
        assertThat(mine).hasSize(1);
        assertThat(ada.delete(GRANTS + "/" + mine.get(0).get("id").asString()).status())
                .isEqualTo(204);
        assertThat(caller.get(USERS).problem()).isEqualTo("token-refused");
        assertThat(refresh(client, again.json().get("refresh_token").asString(), "").body())
                .contains("invalid_grant");
        assertThat(ada.get(GRANTS).json().get("items")).isEmpty();
        assertThat(ada.get(AUDIT).body())
                .contains("access.oauth-allowed", "access.oauth-grant-ended", "(client desk)");
    }

    @Test
    void aNoIsToldAndGivesNothing() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        Response no =
                ada.post(
                        GRANTS, Map.of("question", question(client, CALLBACK, ""), "allow", false));
        Map<String, String> answer = query(no.json().get("redirect").asString());
        assertThat(answer)
                .containsEntry("error", "access_denied")
                .containsEntry("state", "st&te=1")
                .containsKey("iss")
                .doesNotContainKey("code");
        assertThat(ada.get(AUDIT).body()).contains("access.oauth-denied");
    }

    @Test
    void discoveryNamesWhatThereIsAndTheKeysArePublicHalvesOnly() {
        JsonNode found = app.anonymous().get("/.well-known/oauth-authorization-server").json();
        assertThat(found.get("token_endpoint").asString()).endsWith("/oauth2/token");
        assertThat(texts(found.get("code_challenge_methods_supported"))).containsExactly("S256");
        assertThat(texts(found.get("scopes_supported")))
                .contains("incident:read")
                .doesNotContain("approval:decide", "workflow:publish");
        JsonNode keys = app.anonymous().get("/oauth2/jwks").json().get("keys");
        assertThat(keys).isNotEmpty();
        keys.forEach(key -> {
            assertThat(key.get("alg").asString()).isEqualTo("ES256");
            assertThat(key.has("d")).isFalse();
        });
        // nothing else pretends to be there
        assertThat(form("/oauth2/introspect", Map.of("token", "x"), "").status())
                .isGreaterThanOrEqualTo(400);
    }

    // ------------------------------------------------------------ registering

    @Test
    void registeringTakesTheRightAndAFreshCode() {
        Client ada = app.newTenant();
        Client analyst = app.newColleague(ada, "analyst");
        assertThat(analyst.get(CLIENTS).problem()).isEqualTo("denied");
        assertThat(register(analyst, Map.of("redirectUris", List.of(CALLBACK))).problem())
                .isEqualTo("denied");
        var body = new HashMap<String, Object>();
        body.put("name", "desk");
        body.put("scopes", List.of("user:read"));
        body.put("redirectUris", List.of(CALLBACK));
        assertThat(ada.post(CLIENTS, body).problem()).isEqualTo("fresh-code-needed");

        Response person =
                register(
                        ada,
                        Map.of(
                                "redirectUris",
                                List.of(CALLBACK),
                                "scopes",
                                List.of("approval:decide", "no:such")));
        assertThat(person.problem()).isEqualTo("invalid");
        assertThat(person.body()).contains("takes a person", "no:such");
        assertThat(register(ada, Map.of()).body()).contains("#/redirectUris");
        Response everywhere = register(ada, Map.of("redirectUris", List.of("https://*.evil.org/")));
        assertThat(everywhere.body()).contains("#/redirectUris/0");
        Response nobody = register(ada, Map.of("serviceAccount", UUID.randomUUID()));
        assertThat(nobody.body()).contains("#/serviceAccount");
    }

    @Test
    void nobodyRegistersMoreThanTheyMayDoThemselves() {
        Client ada = app.newTenant();
        ada.put(
                "/api/v1/roles/keeper",
                Map.of("permissions", List.of("user:manage", "user:read"), "conditions", ""));
        Client keeper = app.newColleague(ada, "analyst");
        change(ada, keeper, Map.of("role", "keeper"));
        Response more =
                register(
                        keeper,
                        Map.of("redirectUris", List.of(CALLBACK), "scopes", List.of("audit:read")));
        assertThat(more.problem()).isEqualTo("invalid");
        assertThat(more.body()).contains("audit:read");
        String auditor = service(ada, "auditor");
        assertThat(
                        register(
                                        keeper,
                                        Map.of(
                                                "serviceAccount",
                                                auditor,
                                                "scopes",
                                                List.of("audit:read")))
                                .problem())
                .isEqualTo("more-than-own");
        // nor takes somebody else's by giving it a new secret
        Program strong = program(ada, "auditor", List.of("audit:read"));
        assertThat(
                        keeper.post(
                                        CLIENTS + "/" + strong.id() + "/secret",
                                        Map.of("code", app.codeAtOnce(keeper)))
                                .problem())
                .isEqualTo("more-than-own");
    }

    // ------------------------------------------------------------ who asks

    @Test
    void onlyTheSecretOpensAndOnlyWhatTheClientIsFor() {
        Client ada = app.newTenant();
        Program program = program(ada, "auditor", List.of("audit:read"));
        Program other = program(ada, "auditor", List.of("audit:read"));
        for (String wrong : List.of("x", other.secret(), program.id(), "null")) {
            Response refused = own(new Program(program.id(), wrong, ""), "");
            assertThat(refused.status()).as(wrong).isEqualTo(401);
            assertThat(refused.body()).contains("invalid_client").doesNotContain("token");
        }
        var credentials = Map.of("grant_type", "client_credentials");
        assertThat(form("/oauth2/token", credentials, "").status()).isEqualTo(401);
        // it does not do to say one's name only, nor to be public and ask as if one were not
        assertThat(form("/oauth2/token", with(credentials, "client_id", program.id()), "").status())
                .isEqualTo(401);
        String open = publicClient(ada, List.of("user:read"), CALLBACK);
        assertThat(form("/oauth2/token", with(credentials, "client_id", open), "").body())
                .contains("unauthorized_client");
        for (String scope : List.of("user:manage", "audit:read user:manage", "approval:decide")) {
            assertThat(own(program, scope).body()).as(scope).contains("invalid_scope");
        }
        // a secret in the address would be in every log
        Response inQuery =
                form(
                        "/oauth2/token?client_id="
                                + program.id()
                                + "&client_secret="
                                + program.secret(),
                        credentials,
                        "");
        assertThat(inQuery.status()).isBetween(400, 401);
        for (String grant :
                List.of("password", "urn:ietf:params:oauth:grant-type:token-exchange")) {
            Response refused = form("/oauth2/token", Map.of("grant_type", grant), basic(program));
            assertThat(refused.status()).as(grant).isBetween(400, 401);
        }
        // an API key is no client
        assertThat(form("/oauth2/token", credentials, "Bearer cybershield_x").status())
                .isEqualTo(401);
    }

    @Test
    void aNewSecretEndsTheOldOneAndWhatItGot() {
        Client ada = app.newTenant();
        Program program = program(ada, "auditor", List.of("audit:read"));
        Client caller = app.anonymous().withKey(token(own(program, "")));
        assertThat(caller.get(AUDIT).status()).isEqualTo(200);
        assertThat(ada.post(CLIENTS + "/" + program.id() + "/secret", Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        Response renewed =
                ada.post(
                        CLIENTS + "/" + program.id() + "/secret",
                        Map.of("code", app.codeAtOnce(ada)));
        assertThat(renewed.status()).as(renewed.body()).isEqualTo(200);
        assertThat(caller.get(AUDIT).problem()).isEqualTo("token-refused");
        assertThat(own(program, "").status()).isEqualTo(401);
        var now = new Program(program.id(), renewed.json().get("secret").asString(), "");
        assertThat(app.anonymous().withKey(token(own(now, ""))).get(AUDIT).status()).isEqualTo(200);
    }

    // ------------------------------------------------------------ the code

    @Test
    void aRequestThatDoesNotFitIsToldToThePersonAndSentNowhere() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        Map<String, Object> good = question(client, CALLBACK, "user:read");
        Map<String, Object> tricks =
                Map.ofEntries(
                        Map.entry("responseType", "token"),
                        Map.entry("scope", "user:read user:manage"),
                        Map.entry("clientId", UUID.randomUUID().toString()),
                        Map.entry("codeChallengeMethod", "plain"),
                        Map.entry("codeChallenge", VERIFIER));
        tricks.forEach((name, value) -> refused(ada, with(good, name, value), name));
        // PKCE cannot be left away
        refused(ada, without(good, "codeChallenge"), "no challenge");
        refused(ada, without(good, "codeChallengeMethod"), "no method");
        refused(ada, without(without(good, "codeChallenge"), "codeChallengeMethod"), "no PKCE");
        Stream.of(
                        "https://app.example.org/callback/",
                        "https://app.example.org/callback?x=1",
                        "https://app.example.org/callback#x",
                        "https://app.example.org/callback/../evil",
                        "https://app.example.org/Callback",
                        "https://app.example.org:443/callback",
                        "https://app.example.org.evil.org/callback",
                        "https://app.example.org@evil.org/callback",
                        "https://evil.org/https://app.example.org/callback",
                        "http://app.example.org/callback",
                        "//app.example.org/callback",
                        "https:/app.example.org/callback",
                        "javascript:alert(1)//app.example.org/callback",
                        "https://app.example.org/callback%0d%0aLocation:evil",
                        " https://app.example.org/callback",
                        "")
                .forEach(uri -> refused(ada, with(good, "redirectUri", uri), uri));
    }

    private void refused(Client who, Map<String, Object> question, String what) {
        assertThat(who.post(ASK, question).problem()).as(what).isEqualTo("client-refused");
        Response answered = answer(who, question);
        assertThat(answered.problem()).as(what).isEqualTo("client-refused");
        assertThat(answered.body()).as(what).doesNotContain("redirect\"");
    }

    @Test
    void onThisMachineThePortIsFreeAndNothingElse() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), "http://127.0.0.1/back");
        Map<String, Object> question = question(client, "http://127.0.0.1:49152/back", "");
        assertThat(ada.post(ASK, question).status()).isEqualTo(200);
        Family family = family(ada, client, question);
        assertThat(app.anonymous().withKey(family.access()).get(USERS).status()).isEqualTo(200);
        Stream.of(
                        "http://127.0.0.1:49152/other",
                        "http://127.0.0.1:49152/back/",
                        "http://127.0.0.1:1@evil.org/back",
                        "http://127.0.0.1.evil.org/back",
                        "http://127.0.0.2:49152/back",
                        "http://localhost:49152/back",
                        "http://[::1]:49152/back",
                        "https://127.0.0.1:49152/back",
                        "http://127.0.0.1:/back",
                        "http://127.1:49152/back")
                .forEach(uri -> refused(ada, with(question, "redirectUri", uri), uri));
    }

    @Test
    void aYesTakesASessionItsTokenAgainstForgeryAndAFreshCode() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        Map<String, Object> body =
                Map.of("question", question(client, CALLBACK, ""), "allow", true);
        assertThat(app.anonymous().post(GRANTS, body).problem()).isEqualTo("not-signed-in");
        assertThat(ada.send(ada.json(GRANTS, "POST", body)).problem()).isEqualTo("csrf");
        assertThat(ada.post(GRANTS, body).problem()).isEqualTo("fresh-code-needed");
        assertThat(ada.get(GRANTS).json().get("items")).isEmpty();
        // nor does looking at it, or anything with a token, give it
        Family family = family(ada, client, question(client, CALLBACK, ""));
        Client caller = app.anonymous().withKey(family.access());
        assertThat(caller.post(GRANTS, body).status()).isEqualTo(403);
        assertThat(caller.get(GRANTS).status()).isEqualTo(403);
    }

    @Test
    void anotherCompanysProgramIsNone() {
        Client ada = app.newTenant();
        Client eve = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        refused(eve, question(client, CALLBACK, ""), "of another company");
        // her own client gets nothing for his code
        String hers = publicClient(eve, List.of("user:read"), CALLBACK);
        String code = code(ada, question(client, CALLBACK, ""));
        assertThat(redeem(hers, code, CALLBACK, VERIFIER).body()).contains("invalid_grant");
        // and the code is burnt, as somebody else has it
        assertThat(redeem(client, code, CALLBACK, VERIFIER).body()).contains("invalid_grant");
        Family family = family(ada, client, question(client, CALLBACK, ""));
        assertThat(refresh(hers, family.refresh(), "").body()).contains("invalid_grant");
        assertThat(app.anonymous().withKey(family.access()).get(USERS).problem())
                .isEqualTo("token-refused");
        // tokens of hers see what is hers
        Family eves = family(eve, hers, question(hers, CALLBACK, ""));
        assertThat(app.anonymous().withKey(eves.access()).get(USERS).body())
                .contains(eve.email())
                .doesNotContain(ada.email());
        Client manager = app.newTenant();
        assertThat(manager.delete(CLIENTS + "/" + hers).status()).isEqualTo(404);
    }

    @Test
    void aWrongVerifierOrRedirectBurnsTheCode() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        Map<String, Object> question = question(client, CALLBACK, "");
        String challenge = challenge(VERIFIER);
        for (String wrong : List.of("w".repeat(43), challenge, "short", VERIFIER + "x")) {
            String code = code(ada, question);
            assertThat(redeem(client, code, CALLBACK, wrong).body())
                    .as(wrong)
                    .contains("invalid_grant");
            assertThat(redeem(client, code, CALLBACK, VERIFIER).body())
                    .as(wrong)
                    .contains("invalid_grant");
        }
        String unproven = code(ada, question);
        assertThat(redeem(client, unproven, CALLBACK, "").body()).contains("invalid");
        String elsewhere = code(ada, question);
        assertThat(redeem(client, elsewhere, "https://evil.org/", VERIFIER).body())
                .contains("invalid_grant");
        assertThat(ada.get(AUDIT).body()).contains("wrong-verifier", "another-redirect");
    }

    @Test
    void aCodeThatIsTooOldGivesNothing() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        String code = code(ada, question(client, CALLBACK, ""));
        app.database()
                .asOwner(
                        "UPDATE platform.oauth_grant SET code_expires_at = now() WHERE client_id ="
                                + " '"
                                + UUID.fromString(client)
                                + "'");
        assertThat(redeem(client, code, CALLBACK, VERIFIER).body()).contains("invalid_grant");
    }

    @Test
    void aCodeUsedAgainKillsWhatItGave() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        String code = code(ada, question(client, CALLBACK, ""));
        Response given = redeem(client, code, CALLBACK, VERIFIER);
        Client caller = app.anonymous().withKey(token(given));
        assertThat(caller.get(USERS).status()).isEqualTo(200);
        assertThat(redeem(client, code, CALLBACK, VERIFIER).body()).contains("invalid_grant");
        assertThat(caller.get(USERS).problem()).isEqualTo("token-refused");
        assertThat(refresh(client, given.json().get("refresh_token").asString(), "").body())
                .contains("invalid_grant");
        assertThat(ada.get(AUDIT).body()).contains("code-used-again");
    }

    @Test
    void ofManyWhoUseACodeAtOnceOneGetsSomethingAndNobodyKeepsIt() throws Exception {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        String code = code(ada, question(client, CALLBACK, ""));
        var answers = race(() -> redeem(client, code, CALLBACK, VERIFIER));
        var won = answers.stream().filter(answer -> answer.status() == 200).toList();
        assertThat(won).hasSize(1);
        assertThat(app.anonymous().withKey(token(won.getFirst())).get(USERS).problem())
                .isEqualTo("token-refused");
    }

    // ------------------------------------------------------------ refresh tokens

    @Test
    void ofManyWhoUseARefreshTokenAtOnceOneWinsAndTheFamilyIsDead() throws Exception {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        Family family = family(ada, client, question(client, CALLBACK, ""));
        var answers = race(() -> refresh(client, family.refresh(), ""));
        var won = answers.stream().filter(answer -> answer.status() == 200).toList();
        assertThat(won).hasSize(1);
        assertThat(answers.stream().filter(answer -> answer.status() != 200))
                .allSatisfy(answer -> assertThat(answer.body()).contains("invalid_grant"));
        for (String dead : List.of(family.access(), token(won.getFirst()))) {
            assertThat(app.anonymous().withKey(dead).get(USERS).problem())
                    .isEqualTo("token-refused");
        }
        assertThat(
                        refresh(client, won.getFirst().json().get("refresh_token").asString(), "")
                                .body())
                .contains("invalid_grant");
        assertThat(
                        ada.get(AUDIT)
                                .json()
                                .get("items")
                                .valueStream()
                                .filter(e -> e.toString().contains("refresh-used-again"))
                                .count())
                .isEqualTo(1);
    }

    @Test
    void aRefreshTokenIsKeptAsAHashNarrowsOnlyAndEndsWithItsFamily() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read", "incident:read"), CALLBACK);
        Family family = family(ada, client, question(client, CALLBACK, "user:read"));
        assertThat(refresh(client, family.refresh(), "incident:read").body())
                .contains("invalid_scope");
        assertThat(refresh(client, family.refresh(), "user:read user:manage").body())
                .contains("invalid_scope");
        // what was refused has used nothing up
        Response next = refresh(client, family.refresh(), "user:read");
        assertThat(next.status()).isEqualTo(200);
        assertThat(form("/oauth2/token", Map.of("grant_type", "refresh_token"), "").status())
                .isEqualTo(401);
        app.database()
                .asOwner(
                        "UPDATE platform.oauth_grant SET expires_at = now() WHERE client_id = '"
                                + UUID.fromString(client)
                                + "'");
        assertThat(app.anonymous().withKey(token(next)).get(USERS).problem())
                .isEqualTo("token-refused");
        assertThat(refresh(client, next.json().get("refresh_token").asString(), "").body())
                .contains("invalid_grant");
    }

    @Test
    void aProgramGivesBackItsOwnAndNobodyElses() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        String other = publicClient(ada, List.of("user:read"), CALLBACK);
        for (boolean byAccess : List.of(true, false)) {
            Family family = family(ada, client, question(client, CALLBACK, ""));
            Client caller = app.anonymous().withKey(family.access());
            String shown = byAccess ? family.access() : family.refresh();
            assertThat(revoke(other, shown).status()).isEqualTo(200);
            assertThat(caller.get(USERS).status()).isEqualTo(200);
            assertThat(revoke(client, shown).status()).isEqualTo(200);
            assertThat(caller.get(USERS).problem()).isEqualTo("token-refused");
            assertThat(refresh(client, family.refresh(), "").body()).contains("invalid_grant");
        }
        assertThat(revoke(client, "nonsense").status()).isEqualTo(200);
        assertThat(form("/oauth2/revoke", Map.of("token", "x"), "").status()).isEqualTo(401);
    }

    // ------------------------------------------------------------ forged tokens

    @Test
    void onlyOurOwnSignatureOnATokenOfOurKindCounts() throws Exception {
        Client ada = app.newTenant();
        Program program = program(ada, "auditor", List.of("audit:read"));
        String good = token(own(program, ""));
        assertThat(audit(good)).isEqualTo(200);
        ECKey ours = app.bean(OauthKeys.class).signing();
        JWTClaimsSet claims = SignedJWT.parse(good).getJWTClaimsSet();
        String[] parts = good.split("\\.");

        // our key does sign what we build here, so that each refusal below is for its own reason
        assertThat(audit(signed(header(ours.getKeyID()), claims, new ECDSASigner(ours))))
                .isEqualTo(200);

        String none = base64("{\"alg\":\"none\",\"typ\":\"at+jwt\"}");
        assertThat(audit(none + "." + parts[1] + ".")).isEqualTo(401);
        assertThat(audit(none + "." + parts[1] + "." + parts[2])).isEqualTo(401);
        assertThat(audit(parts[0] + "." + parts[1] + ".")).isEqualTo(401);
        assertThat(audit(parts[0] + "." + parts[1])).isEqualTo(401);
        // the public key as if it were a shared secret
        var hs256 =
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .type(new JOSEObjectType("at+jwt"))
                        .keyID(ours.getKeyID())
                        .build();
        for (byte[] secret :
                List.of(
                        ours.toECPublicKey().getEncoded(),
                        ours.toPublicJWK().toJSONString().getBytes(UTF_8))) {
            assertThat(audit(signed(hs256, claims, new MACSigner(secret)))).isEqualTo(401);
        }
        ECKey foreign = new ECKeyGenerator(Curve.P_256).keyID("foreign").generate();
        assertThat(audit(signed(header("foreign"), claims, new ECDSASigner(foreign))))
                .isEqualTo(401);
        assertThat(audit(signed(header(ours.getKeyID()), claims, new ECDSASigner(foreign))))
                .isEqualTo(401);
        // a key that the token brings along
        var brought =
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(new JOSEObjectType("at+jwt"))
                        .jwk(foreign.toPublicJWK())
                        .build();
        assertThat(audit(signed(brought, claims, new ECDSASigner(foreign)))).isEqualTo(401);
        // another kind of token, signed by us
        var plain =
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(JOSEObjectType.JWT)
                        .keyID(ours.getKeyID())
                        .build();
        assertThat(audit(signed(plain, claims, new ECDSASigner(ours)))).isEqualTo(401);
        for (JWTClaimsSet wrong : wrongClaims(claims)) {
            assertThat(audit(signed(header(ours.getKeyID()), wrong, new ECDSASigner(ours))))
                    .as(wrong.toString())
                    .isEqualTo(401);
        }
        // a changed scope no longer fits the signature
        String more =
                base64(
                        new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8)
                                .replace("audit:read", "user:manage"));
        assertThat(audit(parts[0] + "." + more + "." + parts[2])).isEqualTo(401);
    }

    private List<JWTClaimsSet> wrongClaims(JWTClaimsSet good) {
        Instant now = Instant.now();
        return List.of(
                claims(good, "exp", Date.from(now.minusSeconds(2))),
                claims(good, "exp", null),
                claims(good, "nbf", Date.from(now.plusSeconds(60))),
                claims(good, "iss", "https://evil.example.org"),
                claims(good, "iss", null),
                claims(good, "aud", "https://evil.example.org"),
                claims(good, "aud", null),
                claims(good, "tenant", app.newTenant().tenant().toString()),
                claims(good, "sub", UUID.randomUUID().toString()),
                claims(good, "client_id", UUID.randomUUID().toString()),
                claims(good, "generation", 2));
    }

    private static JWTClaimsSet claims(JWTClaimsSet good, String name, Object value) {
        return new JWTClaimsSet.Builder(good).claim(name, value).build();
    }

    private int audit(String token) {
        return app.anonymous().withKey(token).get("/api/v1/audit?limit=1").status();
    }

    @Test
    void anOldKeysTokensOutliveItByMinutesOnly() {
        Client ada = app.newTenant();
        Program program = program(ada, "auditor", List.of("audit:read"));
        OauthKeys keys = app.bean(OauthKeys.class);
        String before = token(own(program, ""));
        String old = keys.signing().getKeyID();
        keys.rotate();
        assertThat(keys.signing().getKeyID()).isNotEqualTo(old);
        assertThat(app.anonymous().get("/oauth2/jwks").body())
                .contains(old, keys.signing().getKeyID());
        assertThat(audit(before)).isEqualTo(200);
        assertThat(audit(token(own(program, "")))).isEqualTo(200);
        app.database()
                .asOwner(
                        "UPDATE platform.oauth_key SET retired_at = now() - interval '11 minutes'"
                                + " WHERE retired_at IS NOT NULL");
        keys.lookAgain();
        assertThat(audit(before)).isEqualTo(401);
        assertThat(app.anonymous().get("/oauth2/jwks").body()).doesNotContain(old);
        // and who can only write the database cannot put a key of his own there
        app.database()
                .asOwner(
                        "INSERT INTO platform.oauth_key (id, sealed, created_at, retired_at)"
                                + " SELECT 'forged', sealed, created_at, now() FROM"
                                + " platform.oauth_key LIMIT 1");
        keys.lookAgain();
        assertThat(app.anonymous().get("/oauth2/jwks").body()).doesNotContain("forged");
    }

    // ------------------------------------------------------------ at once

    @Test
    void noPermitOfAHundredProgramsComesAfterTheRevocationReturned() {
        Client ada = app.newTenant();
        Program program = program(ada, "auditor", List.of("audit:read"));
        Map<String, Runnable> endings =
                Map.of(
                        "the service account is disabled",
                        () -> disable(ada, program.service(), true),
                        "the client is revoked",
                        () ->
                                assertThat(ada.delete(CLIENTS + "/" + program.id()).status())
                                        .isEqualTo(204));
        for (String ending : List.of("the service account is disabled", "the client is revoked")) {
            var programs = hundred(token(own(program, "")));
            assertThat(statuses(programs, AUDIT)).as("before " + ending).containsExactly(200);
            endings.get(ending).run();
            assertThat(statuses(programs, AUDIT)).as("after " + ending).containsExactly(401);
            disable(ada, program.service(), false);
        }
        assertThat(own(program, "").status()).isEqualTo(401);
    }

    @Test
    void whatIsTakenFromThePersonIsGoneFromAHundredOfTheirProgramsAtOnce() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read", "audit:read"), CALLBACK);
        Map<String, Object> question = question(client, CALLBACK, "");
        Client bob = app.newColleague(ada, "tenant-admin");
        var programs = hundred(family(bob, client, question).access());
        assertThat(statuses(programs, AUDIT)).containsExactly(200);
        change(ada, bob, Map.of("role", "analyst"));
        assertThat(statuses(programs, AUDIT)).as("role taken").containsExactly(403);
        assertThat(statuses(programs, USERS)).containsExactly(200);
        change(ada, bob, Map.of("disabled", true));
        assertThat(statuses(programs, USERS)).as("disabled").containsExactly(401);
        // enabled again, nothing of before opens anything
        change(ada, bob, Map.of("disabled", false));
        assertThat(statuses(programs, USERS)).as("enabled").containsExactly(401);

        Client cora = app.newColleague(ada, "analyst");
        Family family = family(cora, client, question);
        var hers = hundred(family.access());
        assertThat(statuses(hers, USERS)).containsExactly(200);
        assertThat(ada.post(USERS + "/" + cora.account() + "/sign-out", Map.of()).status())
                .isBetween(200, 204);
        assertThat(statuses(hers, USERS)).as("signed out").containsExactly(401);
        assertThat(refresh(client, family.refresh(), "").body()).contains("invalid_grant");
    }

    @Test
    void aLostFactorsSuccessorEndsWhatProgramsMayDo() {
        Client ada = app.newTenant();
        Client bea = app.newColleague(ada, "tenant-admin");
        Client cora = app.newColleague(ada, "analyst");
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        Family family = family(cora, client, question(client, CALLBACK, ""));
        Client program = app.anonymous().withKey(family.access());
        String path = USERS + "/" + cora.account() + "/factor-reset";
        assertThat(ada.post(path, Map.of("code", app.codeAtOnce(ada))).status()).isEqualTo(204);
        assertThat(bea.post(path + "/agreement", Map.of("code", app.codeAtOnce(bea))).status())
                .isEqualTo(204);
        String token = TestApplication.token(app.mailedLink(cora.email(), "/reset-factor"));
        Client browser = app.anonymous().signIn(cora.email(), TestApplication.PASSWORD);
        assertThat(browser.post("/api/v1/sign-in/factor-reset", Map.of("token", token)).status())
                .isEqualTo(200);
        assertThat(program.get(USERS).status()).as("nothing yet").isEqualTo(200);
        browser.setUpSecondFactor();
        assertThat(program.get(USERS).status()).isEqualTo(401);
        assertThat(refresh(client, family.refresh(), "").body()).contains("invalid_grant");
    }

    @Test
    void aRevokedClientsFamiliesAndCodesAreDead() {
        Client ada = app.newTenant();
        String client = publicClient(ada, List.of("user:read"), CALLBACK);
        Family family = family(ada, client, question(client, CALLBACK, ""));
        String code = code(ada, question(client, CALLBACK, ""));
        var programs = hundred(family.access());
        assertThat(statuses(programs, USERS)).containsExactly(200);
        assertThat(ada.delete(CLIENTS + "/" + client).status()).isEqualTo(204);
        assertThat(statuses(programs, USERS)).containsExactly(401);
        assertThat(refresh(client, family.refresh(), "").status()).isEqualTo(401);
        assertThat(redeem(client, code, CALLBACK, VERIFIER).status()).isEqualTo(401);
        refused(ada, question(client, CALLBACK, ""), "revoked");
        assertThat(ada.get(GRANTS).json().get("items")).isEmpty();
        assertThat(ada.get(AUDIT).body()).contains("access.oauth-client-revoked");
    }

    @Test
    void aCompanysOwnRolesAndPoliciesHoldForTokensAtOnce() {
        Client ada = app.newTenant();
        var role = Map.of("permissions", List.of("audit:read", "user:read"), "conditions", "");
        assertThat(ada.put("/api/v1/roles/copying", role).status()).isBetween(200, 201);
        Program program = program(ada, "copying", List.of("audit:read", "user:read"));
        Client caller = app.anonymous().withKey(token(own(program, "")));
        assertThat(caller.get(AUDIT).status()).isEqualTo(200);
        var less = Map.of("permissions", List.of("user:read"), "conditions", "", "revision", 1);
        assertThat(ada.put("/api/v1/roles/copying", less).status()).isEqualTo(200);
        assertThat(caller.get(AUDIT).problem()).isEqualTo("denied");
        assertThat(caller.get(USERS).status()).isEqualTo(200);
    }

    // ------------------------------------------------------------ what takes a person

    @Test
    void aTokenOpensNothingThatTakesAPerson() {
        Client ada = app.newTenant();
        String client =
                publicClient(ada, List.of("user:manage", "user:read", "settings:manage"), CALLBACK);
        Client caller =
                app.anonymous()
                        .withKey(family(ada, client, question(client, CALLBACK, "")).access());
        for (String path :
                List.of(
                        "/api/v1/account",
                        "/api/v1/account/api-keys",
                        "/api/v1/account/sessions",
                        GRANTS,
                        "/api/v1/live")) {
            assertThat(caller.get(path).status()).as(path).isEqualTo(403);
        }
        assertThat(caller.get("/api/v1/api-key").status()).isEqualTo(404);
        // a stolen token and a shoulder are no person
        assertThat(
                        register(
                                        caller,
                                        Map.of("redirectUris", List.of(CALLBACK)),
                                        app.codeAtOnce(ada))
                                .problem())
                .isEqualTo("fresh-code-needed");
        String service = service(ada, "auditor");
        assertThat(
                        caller.post(
                                        "/api/v1/service-accounts/" + service + "/api-keys",
                                        Map.of(
                                                "name",
                                                "x",
                                                "scopes",
                                                List.of("audit:read"),
                                                "days",
                                                1,
                                                "code",
                                                app.codeAtOnce(ada)))
                                .problem())
                .isEqualTo("fresh-code-needed");
        assertThat(caller.get("/api/v1/operator/status").status()).isBetween(400, 404);
    }

    @Test
    void aCookieBesideATokenCountsForNothingAndATokenNeedsNoneAgainstForgery() {
        Client ada = app.newTenant();
        Client eve = app.newTenant();
        Program program = program(ada, "tenant-admin", List.of("source:manage", "event:read"));
        String token = token(own(program, ""));
        Client caller = app.anonymous().withKey(token);
        var source = Map.of("name", "by token", "kind", "json");
        assertThat(caller.send(caller.json("/api/v1/sources", "POST", source)).status())
                .isEqualTo(201);
        // Eve's session with Ada's token: it is Ada's company that is read
        eve.withKey(token);
        assertThat(eve.get("/api/v1/sources").body()).contains("by token");
        assertThat(eve.get(USERS).problem()).isEqualTo("denied");
        // and nothing that looks like a token is made good by a session
        for (String wrong : List.of("nonsense", "a.b.c", token + "x", "eyJhbGciOiJub25lIn0.e30.")) {
            assertThat(app.newTenant().withKey(wrong).get(USERS).problem())
                    .as(wrong)
                    .isEqualTo("token-refused");
        }
        // a cookie does not help at the token endpoint either
        assertThat(form(app.newTenant(), "/oauth2/token", Map.of("grant_type", "x"), "").status())
                .isEqualTo(401);
        // while a session alone still needs its token against forgery
        Client bob = app.newTenant();
        assertThat(bob.send(bob.json("/api/v1/sources", "POST", source)).problem())
                .isEqualTo("csrf");
    }

    // ------------------------------------------------------------ hands

    private static <T> List<T> race(Callable<T> work) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return threads.invokeAll(IntStream.range(0, 12).mapToObj(_ -> work).toList()).stream()
                    .map(Future::resultNow)
                    .toList();
        }
    }

    private List<Client> hundred(String token) {
        return IntStream.range(0, 100).mapToObj(_ -> app.anonymous().withKey(token)).toList();
    }

    private static List<Integer> statuses(List<Client> programs, String path) {
        return programs.parallelStream().map(p -> p.get(path).status()).distinct().toList();
    }

    private void disable(Client admin, String service, boolean disabled) {
        Response changed =
                admin.patch("/api/v1/service-accounts/" + service, Map.of("disabled", disabled));
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    }

    private static void change(Client admin, Client whom, Map<String, Object> body) {
        Response changed = admin.patch(USERS + "/" + whom.account(), body);
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    }

    private static String service(Client admin, String role) {
        Response made =
                admin.post(
                        "/api/v1/service-accounts",
                        Map.of("name", "s " + UUID.randomUUID(), "description", "", "role", role));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made.json().get("id").asString();
    }

    private Program program(Client admin, String role, List<String> scopes) {
        String service = service(admin, role);
        Response made =
                register(
                        admin,
                        Map.of("name", "nightly", "serviceAccount", service, "scopes", scopes));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return new Program(
                made.json().get("client").get("id").asString(),
                made.json().get("secret").asString(),
                service);
    }

    private String publicClient(Client admin, List<String> scopes, String redirect) {
        Response made =
                register(admin, Map.of("redirectUris", List.of(redirect), "scopes", scopes));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        assertThat(made.body()).doesNotContain(OauthClients.SECRET_PREFIX);
        return made.json().get("client").get("id").asString();
    }

    private Response register(Client who, Map<String, Object> wanted) {
        return register(who, wanted, app.codeAtOnce(who));
    }

    private static Response register(Client who, Map<String, Object> wanted, String code) {
        var body = new HashMap<String, Object>();
        body.put("name", "desk");
        body.put("scopes", List.of("user:read"));
        body.put("code", code);
        body.putAll(wanted);
        return who.post(CLIENTS, body);
    }

    private static Map<String, Object> question(String client, String redirect, String scope) {
        return Map.of(
                "responseType",
                "code",
                "clientId",
                client,
                "redirectUri",
                redirect,
                "scope",
                scope,
                "state",
                "st&te=1",
                "codeChallenge",
                challenge(VERIFIER),
                "codeChallengeMethod",
                "S256");
    }

    private Response answer(Client who, Map<String, Object> question) {
        return who.post(
                GRANTS, Map.of("question", question, "allow", true, "code", app.codeAtOnce(who)));
    }

    private String code(Client who, Map<String, Object> question) {
        Response yes = answer(who, question);
        assertThat(yes.status()).as(yes.body()).isEqualTo(200);
        String redirect = yes.json().get("redirect").asString();
        assertThat(redirect).startsWith(question.get("redirectUri") + "?");
        Map<String, String> answer = query(redirect);
        assertThat(answer).containsEntry("state", "st&te=1").containsKey("iss");
        return answer.get("code");
    }

    private Family family(Client who, String client, Map<String, Object> question) {
        Response given =
                redeem(
                        client,
                        code(who, question),
                        String.valueOf(question.get("redirectUri")),
                        VERIFIER);
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        return new Family(token(given), given.json().get("refresh_token").asString());
    }

    private Response redeem(String client, String code, String redirect, String verifier) {
        return form(
                "/oauth2/token",
                Map.of(
                        "grant_type", "authorization_code",
                        "client_id", client,
                        "code", code,
                        "redirect_uri", redirect,
                        "code_verifier", verifier),
                "");
    }

    private Response refresh(String client, String refresh, String scope) {
        var body = new HashMap<String, Object>();
        body.put("grant_type", "refresh_token");
        body.put("client_id", client);
        body.put("refresh_token", refresh);
        if (!scope.isEmpty()) {
            body.put("scope", scope);
        }
        return form("/oauth2/token", body, "");
    }

    private Response revoke(String client, String token) {
        return form("/oauth2/revoke", Map.of("client_id", client, "token", token), "");
    }

    /** A client's own token. */
    private Response own(Program program, String scope) {
        var body = new HashMap<String, Object>();
        body.put("grant_type", "client_credentials");
        if (!scope.isEmpty()) {
            body.put("scope", scope);
        }
        return form("/oauth2/token", body, basic(program));
    }

    private static String basic(Program program) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((program.id() + ":" + program.secret()).getBytes(UTF_8));
    }

    private Response form(String path, Map<String, ?> body, String authorization) {
        return form(app.anonymous(), path, body, authorization);
    }

    private static Response form(
            Client client, String path, Map<String, ?> body, String authorization) {
        var request =
                client.request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        body.entrySet().stream()
                                                .map(e ->
                                                        e.getKey()
                                                                + "="
                                                                + URLEncoder.encode(
                                                                        String.valueOf(
                                                                                e.getValue()),
                                                                        UTF_8))
                                                .collect(Collectors.joining("&"))));
        return client.send(
                authorization.isEmpty()
                        ? request
                        : request.setHeader("Authorization", authorization));
    }

    private static String token(Response given) {
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        return given.json().get("access_token").asString();
    }

    private static Map<String, String> query(String address) {
        return Arrays.stream(URI.create(address).getRawQuery().split("&"))
                .map(part -> part.split("=", 2))
                .collect(
                        Collectors.toMap(
                                part -> part[0], part -> URLDecoder.decode(part[1], UTF_8)));
    }

    private static Map<String, Object> with(Map<String, ?> map, String name, Object value) {
        var changed = new HashMap<String, Object>(map);
        changed.put(name, value);
        return changed;
    }

    private static Map<String, Object> without(Map<String, ?> map, String name) {
        var changed = new HashMap<String, Object>(map);
        changed.remove(name);
        return changed;
    }

    private static JWSHeader header(String key) {
        return new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(new JOSEObjectType("at+jwt"))
                .keyID(key)
                .build();
    }

    private static String signed(JWSHeader header, JWTClaimsSet claims, JWSSigner signer)
            throws JOSEException {
        var token = new SignedJWT(header, claims);
        token.sign(signer);
        return token.serialize();
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    private static String challenge(String verifier) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(verifier.getBytes(US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }
}
