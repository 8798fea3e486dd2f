package io.cybershield.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseMode;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.AuthenticationSuccessResponse;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.SubjectType;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.claims.UserInfo;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import tools.jackson.databind.JsonNode;

/**
 * Signing in elsewhere with an account here, with a library of others as the program that does; and
 * all that a program must not learn.
 */
class OpenIdIT {
    private static final String CLIENTS = "/api/v1/oauth-clients";
    private static final String ASK = "/api/v1/account/oauth-questions";
    private static final String GRANTS = "/api/v1/account/oauth-grants";
    private static final String REFUSALS = "/api/v1/oauth-refusals";
    private static final String USERINFO = "/oauth2/userinfo";
    private static final String USERS = "/api/v1/users";
    private static final String CALLBACK = "https://app.example.org/callback";
    private static final String VERIFIER = "v".repeat(43);
    private static final String NONCE = "n-0S6_WzA2Mj";
    private static final List<String> ALL = List.of("openid", "profile", "email", "user:read");

    private final TestApplication app = TestApplication.shared();

    // ------------------------------------------------------------ what it is for

    @Test
    void aProgramThatIsNotOursSignsItsPersonIn() throws Exception {
        Instant before = Instant.now().minusSeconds(1);
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        OIDCProviderMetadata found = discovery();

        // 1. It sends the browser away, with what discovery told it.
        var verifier = new CodeVerifier();
        var nonce = new Nonce();
        var state = new State();
        var request =
                new AuthenticationRequest.Builder(
                                ResponseType.CODE,
                                new Scope("openid", "profile", "email"),
                                new ClientID(client),
                                URI.create(CALLBACK))
                        .endpointURI(found.getAuthorizationEndpointURI())
                        .responseMode(ResponseMode.QUERY)
                        .state(state)
                        .nonce(nonce)
                        .codeChallenge(verifier, CodeChallengeMethod.S256)
                        .build();

        // 2. Its person says yes on our page.
        URI back = URI.create(redirect(answer(ada, question(request.toURI()))));
        AuthenticationSuccessResponse yes =
                AuthenticationResponseParser.parse(back).toSuccessResponse();
        assertThat(yes.getState()).isEqualTo(state);
        assertThat(yes.getIssuer()).isEqualTo(found.getIssuer());

        // 3. It changes the code for tokens, and believes the ID token by its own checks.
        var exchange =
                new TokenRequest.Builder(
                                at(found.getTokenEndpointURI()),
                                new ClientID(client),
                                new AuthorizationCodeGrant(
                                        yes.getAuthorizationCode(), URI.create(CALLBACK), verifier))
                        .build();
        OIDCTokenResponse given =
                (OIDCTokenResponse)
                        OIDCTokenResponseParser.parse(exchange.toHTTPRequest().send())
                                .toSuccessResponse();
        var token = given.getOIDCTokens().getIDToken();
        JWKSet keys = JWKSet.parse(app.anonymous().get("/oauth2/jwks").body());
        IDTokenClaimsSet claims = validator(found.getIssuer(), client, keys).validate(token, nonce);

        assertThat(claims.getSubject().getValue()).isEqualTo(ada.account().toString());
        assertThat(claims.getAuthorizedParty().getValue()).isEqualTo(client);
        assertThat(claims.getExpirationTime().getTime() - claims.getIssueTime().getTime())
                .isEqualTo(300_000);
        assertThat(claims.getAuthenticationTime().toInstant()).isBetween(before, Instant.now());
        assertThat(claims.getAMR()).hasToString("[mfa]");
        assertThat(claims.getACR()).isNull();
        assertThat(claims.getStringClaim("tenant")).isEqualTo(ada.tenant().toString());
        assertThat(claims.getStringClaim("name")).isEqualTo("Ada Admin");
        assertThat(claims.getStringClaim("email")).isEqualTo(ada.email());
        assertThat(claims.getBooleanClaim("email_verified")).isTrue();
        assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.ES256);
        assertThat(((JWSHeader) token.getHeader()).getType()).isEqualTo(JOSEObjectType.JWT);

        // 4. It asks the same with its access token, in both ways.
        var access = given.getOIDCTokens().getBearerAccessToken();
        for (HTTPRequest.Method method : List.of(HTTPRequest.Method.GET, HTTPRequest.Method.POST)) {
            var answered =
                    new UserInfoRequest(at(found.getUserInfoEndpointURI()), method, access)
                            .toHTTPRequest()
                            .send();
            assertThat(answered.getStatusCode())
                    .as("%s %s %s", method, answered.getWWWAuthenticate(), answered.getBody())
                    .isEqualTo(200);
            UserInfo info = UserInfoResponse.parse(answered).toSuccessResponse().getUserInfo();
            assertThat(info.getSubject()).as("%s", method).isEqualTo(claims.getSubject());
            assertThat(info.getName()).isEqualTo("Ada Admin");
            assertThat(info.getEmailAddress()).isEqualTo(ada.email());
            assertThat(info.getEmailVerified()).isTrue();
        }
        assertThat(userInfo(access.getValue()).header("Cache-Control")).contains("no-store");
        assertThat(ada.get("/api/v1/audit?limit=200").body())
                .contains("access.oauth-allowed", "email openid profile");

        // What its checks are worth: another word, another client, another issuer.
        refuses(found.getIssuer(), client, keys, token.serialize(), new Nonce("another"));
        refuses(found.getIssuer(), UUID.randomUUID().toString(), keys, token.serialize(), nonce);
        refuses(new Issuer("https://evil.example.org"), client, keys, token.serialize(), nonce);
        // And an access token is no ID token, though our own key signed it.
        refuses(found.getIssuer(), client, keys, access.getValue(), null);
    }

    @Test
    void discoveryTellsWhatIsThereAndNothingElse() throws Exception {
        OIDCProviderMetadata found = discovery();
        JsonNode plain = app.anonymous().get("/.well-known/openid-configuration").json();
        assertThat(found.getSubjectTypes()).containsExactly(SubjectType.PUBLIC);
        assertThat(found.getIDTokenJWSAlgs()).containsExactly(JWSAlgorithm.ES256);
        assertThat(found.getResponseTypes()).containsExactly(ResponseType.CODE);
        assertThat(found.getResponseModes()).containsExactly(ResponseMode.QUERY);
        assertThat(found.getCodeChallengeMethods()).containsExactly(CodeChallengeMethod.S256);
        assertThat(found.getScopes().toStringList()).contains("openid", "profile", "email");
        assertThat(found.supportsClaimsParam()).isFalse();
        assertThat(found.supportsRequestParam()).isFalse();
        // left out, it would mean yes
        assertThat(plain.get("request_uri_parameter_supported").asBoolean()).isFalse();
        assertThat(found.getEndSessionEndpointURI()).isNull();
        assertThat(found.getACRs()).isNullOrEmpty();
        assertThat(found.getIssuer().getValue())
                .isEqualTo(
                        app.anonymous()
                                .get("/.well-known/oauth-authorization-server")
                                .json()
                                .get("issuer")
                                .asString());
        // Each address that it names is one: none of them answers with the web page's 404.
        for (URI named : List.of(found.getTokenEndpointURI(), found.getRevocationEndpointURI())) {
            assertThat(form(named.getPath(), Map.of("a", "b")).status())
                    .as("%s", named)
                    .isEqualTo(401);
        }
        assertThat(app.anonymous().get(found.getJWKSetURI().getPath()).status()).isEqualTo(200);
        assertThat(app.anonymous().get(found.getUserInfoEndpointURI().getPath()).status())
                .isEqualTo(401);
        // Each claim that it names is given, and each that is given is named.
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        Given given = sign(ada, client, "openid profile email");
        var said = plain.get("claims_supported").valueStream().map(JsonNode::asString).toList();
        assertThat(given.claims().getClaims().keySet()).containsExactlyInAnyOrderElementsOf(said);
        // Nothing signs anybody out from outside, so nobody can be made to.
        for (String none : List.of("/connect/logout", "/oauth2/logout", "/logout")) {
            assertThat(ada.post(none, Map.of()).status()).as(none).isGreaterThanOrEqualTo(400);
        }
        assertThat(ada.get(USERS).status()).isEqualTo(200);
    }

    // ------------------------------------------------------------ how much

    @Test
    void aProgramLearnsWhatItAskedForAndNoMore() {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);

        Given bare = sign(ada, client, "openid");
        assertThat(bare.claims().getClaims()).doesNotContainKeys("name", "email", "email_verified");
        assertThat(userInfo(bare.access()).json().propertyNames())
                .containsExactlyInAnyOrder("sub", "tenant");

        Given address = sign(ada, client, "openid email");
        assertThat(address.claims().getClaims())
                .containsKeys("email", "email_verified")
                .doesNotContainKey("name");
        assertThat(userInfo(address.access()).json().propertyNames())
                .containsExactlyInAnyOrder("sub", "tenant", "email", "email_verified");

        Given name = sign(ada, client, "openid profile");
        assertThat(userInfo(name.access()).body()).contains("Ada Admin").doesNotContain("@");

        // Without openid there is nothing of it, whether something else is asked for or nothing.
        for (String scope : List.of("user:read", "")) {
            JsonNode plain = redeem(client, code(ada, question(client, scope)));
            assertThat(plain.has("id_token")).as(scope).isFalse();
            assertThat(plain.get("scope").asString()).isEqualTo("user:read");
            String access = plain.get("access_token").asString();
            assertThat(app.anonymous().withKey(access).get(USERS).status()).isEqualTo(200);
            Response refused = userInfo(access);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.header("WWW-Authenticate"))
                    .startsWith("Bearer error=\"insufficient_scope\"")
                    .contains("scope=\"openid\"");
            assertThat(refused.body()).doesNotContain("Ada", "@");
        }
        // And nothing of it can be had beside it.
        for (String scope : List.of("email", "profile", "user:read email")) {
            Response refused = ada.post(ASK, question(client, scope));
            assertThat(refused.problem()).as(scope).isEqualTo("client-refused");
        }
        // Nor what the program was not registered with.
        String narrow = publicClient(ada, List.of("openid"));
        assertThat(ada.post(ASK, question(narrow, "openid email")).problem())
                .isEqualTo("client-refused");
        assertThat(ada.post(ASK, question(narrow, "")).problem()).isEqualTo("client-refused");
    }

    @Test
    void registeringIsForProgramsOfPeopleAndTakesOpenidBesideTheRest() {
        Client ada = app.newTenant();
        Response service =
                ada.post(
                        "/api/v1/service-accounts",
                        Map.of("name", "nightly", "description", "", "role", "auditor"));
        String id = service.json().get("id").asString();
        Response refused =
                register(
                        ada,
                        Map.of(
                                "name",
                                "nightly",
                                "serviceAccount",
                                id,
                                "scopes",
                                List.of("openid", "audit:read")));
        assertThat(refused.problem()).isEqualTo("invalid");
        assertThat(refused.body()).contains("a service account is none");
        Response alone =
                register(
                        ada,
                        Map.of(
                                "name",
                                "desk",
                                "redirectUris",
                                List.of(CALLBACK),
                                "scopes",
                                List.of("email")));
        assertThat(alone.body()).contains("takes 'openid' beside it");
        // Telling who one is takes no permission: who may do nothing here can sign in elsewhere.
        String client = publicClient(ada, List.of("openid", "email"));
        Client bob = app.newColleague(ada, "auditor");
        Response changed = ada.patch(USERS + "/" + bob.account(), Map.of("role", "none"));
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        JsonNode asked = bob.post(ASK, question(client, "openid email")).json();
        assertThat(asked.get("missing")).isEmpty();
        assertThat(sign(bob, client, "openid email").claims().getSubject())
                .isEqualTo(bob.account().toString());
    }

    @Test
    void theProgramsWordIsBoundedAndPlain() {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        String longest = "x".repeat(500);
        Given given = sign(ada, client, with(question(client, "openid"), "nonce", longest));
        assertThat(given.claims().getClaim("nonce")).isEqualTo(longest);
        for (String wrong : List.of("", longest + "x", "a\u0000b", "\u00e9", "a\nb")) {
            Response refused = ada.post(ASK, with(question(client, "openid"), "nonce", wrong));
            assertThat(refused.problem()).as(wrong).isEqualTo("client-refused");
            assertThat(answer(ada, with(question(client, "openid"), "nonce", wrong)).problem())
                    .isEqualTo("client-refused");
        }
    }

    // ------------------------------------------------------------ one token for another

    @Test
    void noTokenPassesForOneOfTheOtherKind() throws Exception {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        Given given = sign(ada, client, "openid profile email user:read");
        Client caller = app.anonymous().withKey(given.access());
        assertThat(caller.get(USERS).status()).isEqualTo(200);

        // An ID token opens nothing, ends nothing, and tells nothing.
        assertThat(app.anonymous().withKey(given.idToken()).get(USERS).problem())
                .isEqualTo("token-refused");
        invalid(given.idToken());
        form("/oauth2/revoke", Map.of("client_id", client, "token", given.idToken()));
        assertThat(caller.get(USERS).status()).isEqualTo(200);
        Map<String, String> refresh = new HashMap<>();
        refresh.put("grant_type", "refresh_token");
        refresh.put("client_id", client);
        refresh.put("refresh_token", given.idToken());
        assertThat(form("/oauth2/token", refresh).body()).contains("invalid_grant");

        // Signed by our own key, so that each is refused for its own reason.
        ECKey ours = app.bean(OauthKeys.class).signing();
        JWTClaimsSet access = SignedJWT.parse(given.access()).getJWTClaimsSet();
        assertThat(userInfo(signed(ours, "at+jwt", access)).status()).isEqualTo(200);
        invalid(signed(ours, "JWT", access));
        assertThat(
                        app.anonymous()
                                .withKey(signed(ours, "at+jwt", given.claims()))
                                .get(USERS)
                                .problem())
                .isEqualTo("token-refused");
        invalid(signed(ours, "at+jwt", given.claims()));
    }

    @Test
    void aTokenThatOnlyTellsWhoSomebodyIsOpensNoApi() {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        Given given = sign(ada, client, "openid profile email");
        Client caller = app.anonymous().withKey(given.access());
        for (String path :
                List.of(
                        USERS,
                        "/api/v1/incidents",
                        "/api/v1/plans",
                        "/api/v1/session",
                        "/api/v1/look")) {
            Response refused = caller.get(path);
            assertThat(refused.problem()).as(path).isEqualTo("token-refused");
        }
        assertThat(userInfo(given.access()).status()).isEqualTo(200);
    }

    @Test
    void tokensOfOthersTellNothing() throws Exception {
        Client ada = app.newTenant();
        Client eve = app.newTenant();
        String client = publicClient(ada, ALL);
        String hers = publicClient(eve, ALL);
        Given given = sign(ada, client, "openid email");
        Given eves = sign(eve, hers, "openid email");
        // What is hers tells of her, whoever's browser shows it, and with whatever cookie.
        Response told = ada.send(bearer(ada, eves.access()).GET());
        assertThat(told.body()).contains(eve.email()).doesNotContain(ada.email());
        // A token that mixes two of them is none, though our key signed it.
        ECKey ours = app.bean(OauthKeys.class).signing();
        JWTClaimsSet good = SignedJWT.parse(eves.access()).getJWTClaimsSet();
        JWTClaimsSet his = SignedJWT.parse(given.access()).getJWTClaimsSet();
        for (String name : List.of("grant", "sub", "tenant", "client_id")) {
            invalid(
                    signed(
                            ours,
                            "at+jwt",
                            new JWTClaimsSet.Builder(good)
                                    .claim(name, his.getClaim(name))
                                    .build()));
        }
        for (Map.Entry<String, Object> wrong :
                Map.<String, Object>of(
                                "exp",
                                Date.from(Instant.now().minusSeconds(2)),
                                "iss",
                                "https://evil.example.org",
                                "aud",
                                client)
                        .entrySet()) {
            invalid(
                    signed(
                            ours,
                            "at+jwt",
                            new JWTClaimsSet.Builder(his)
                                    .claim(wrong.getKey(), wrong.getValue())
                                    .build()));
        }
        // Her program gets nothing for his code, and an ID token names one program only.
        String code = code(ada, question(client, "openid"));
        Response stolen = form("/oauth2/token", codeForm(hers, code));
        assertThat(stolen.body()).contains("invalid_grant").doesNotContain("id_token");
        assertThat(given.claims().getAudience()).containsExactly(client);
    }

    @Test
    void onlyAPersonsTokenIsAnsweredAndNoneInAnAddress() {
        Client ada = app.newTenant();
        Response none = app.anonymous().get(USERINFO);
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.header("WWW-Authenticate")).isEqualTo("Bearer");
        // a session is no token
        assertThat(ada.get(USERINFO).status()).isEqualTo(401);
        assertThat(ada.post(USERINFO, Map.of()).status()).isEqualTo(401);
        String client = publicClient(ada, ALL);
        Given given = sign(ada, client, "openid");
        assertThat(app.anonymous().get(USERINFO + "?access_token=" + given.access()).status())
                .isEqualTo(401);
        // a form may bring it, once
        var inForm = Map.of("access_token", given.access());
        assertThat(form(USERINFO, inForm).status()).isEqualTo(200);
        assertThat(form(USERINFO + "?access_token=" + given.access(), inForm).status())
                .isEqualTo(401);
        Response twice = form(app.anonymous().withKey(given.access()), USERINFO, inForm);
        assertThat(twice.status()).isEqualTo(400);
        assertThat(twice.header("WWW-Authenticate")).contains("invalid_request");
        for (String wrong : List.of("nonsense", "a.b.c", "eyJhbGciOiJub25lIn0.e30.")) {
            invalid(wrong);
        }
        // an API key of one's own
        Response key =
                ada.post(
                        "/api/v1/account/api-keys",
                        Map.of(
                                "name",
                                "mine",
                                "scopes",
                                List.of("user:read"),
                                "days",
                                1,
                                "code",
                                app.codeAtOnce(ada)));
        assertThat(key.status()).as(key.body()).isEqualTo(201);
        invalid(key.json().get("secret").asString());
        // a service account is nobody
        Response service =
                ada.post(
                        "/api/v1/service-accounts",
                        Map.of("name", "nightly", "description", "", "role", "auditor"));
        Response made =
                register(
                        ada,
                        Map.of(
                                "name",
                                "nightly",
                                "serviceAccount",
                                service.json().get("id").asString(),
                                "scopes",
                                List.of("audit:read")));
        String id = made.json().get("client").get("id").asString();
        Map<String, String> own = new HashMap<>();
        own.put("grant_type", "client_credentials");
        own.put("client_id", id);
        own.put("client_secret", made.json().get("secret").asString());
        assertThat(form("/oauth2/token", with(own, "scope", "openid")).body())
                .contains("invalid_scope");
        Response token = form("/oauth2/token", own);
        assertThat(token.status()).as(token.body()).isEqualTo(200);
        assertThat(token.json().has("id_token")).isFalse();
        assertThat(userInfo(token.json().get("access_token").asString()).status()).isEqualTo(403);
    }

    // ------------------------------------------------------------ at once

    @Test
    void nothingIsToldAfterWhateverEndsIt() {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        Map<String, Ending> endings = new LinkedHashMap<>();
        endings.put(
                "the person takes it back",
                (who, given) ->
                        who.get(GRANTS)
                                .json()
                                .get("items")
                                .forEach(grant ->
                                        who.delete(GRANTS + "/" + grant.get("id").asString())));
        endings.put(
                "the program gives it back",
                (_, given) ->
                        form(
                                "/oauth2/revoke",
                                Map.of("client_id", client, "token", given.refresh())));
        endings.put(
                "the refresh token comes again",
                (_, given) -> {
                    refresh(client, given.refresh(), "");
                    refresh(client, given.refresh(), "");
                });
        endings.put(
                "signed out everywhere",
                (who, _) -> ada.post(USERS + "/" + who.account() + "/sign-out", Map.of()));
        endings.put(
                "disabled",
                (who, _) -> ada.patch(USERS + "/" + who.account(), Map.of("disabled", true)));
        endings.put("the program is revoked", (_, _) -> ada.delete(CLIENTS + "/" + client));
        endings.forEach((why, ending) -> {
            Client bob = app.newColleague(ada, "auditor");
            Given given = sign(bob, client, "openid email");
            assertThat(userInfo(given.access()).body()).as("before").contains(bob.email());
            ending.end(bob, given);
            assertThat(userInfo(given.access()).status()).as(why).isEqualTo(401);
            invalid(given.access());
            Response more = refresh(client, given.refresh(), "");
            assertThat(more.body()).as(why).contains("invalid_").doesNotContain("id_token");
        });
    }

    private interface Ending {
        void end(Client who, Given given);
    }

    @Test
    void aRefreshTellsTheSameOfTheSameSignInAndNeverMore() throws Exception {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        Given first = sign(ada, client, "openid email user:read");
        assertThat(first.claims().getClaim("nonce")).isEqualTo(NONCE);
        JsonNode again = refreshed(client, first.refresh(), "");
        JWTClaimsSet claims = claims(again);
        assertThat(claims.getClaim("nonce")).isNull();
        for (String same : List.of("iss", "sub", "aud", "azp", "auth_time", "tenant", "email")) {
            assertThat(claims.getClaim(same)).as(same).isEqualTo(first.claims().getClaim(same));
        }
        JsonNode narrow = refreshed(client, next(again), "openid");
        assertThat(claims(narrow).getClaims()).doesNotContainKey("email");
        assertThat(userInfo(narrow.get("access_token").asString()).body()).doesNotContain("@");
        JsonNode none = refreshed(client, next(narrow), "user:read");
        assertThat(none.has("id_token")).isFalse();
        assertThat(userInfo(none.get("access_token").asString()).status()).isEqualTo(403);
        assertThat(refresh(client, next(none), "openid profile").body()).contains("invalid_scope");
    }

    @Test
    void whoGetsAnotherAddressStaysTheSamePerson() {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        Given before = sign(ada, client, "openid email");
        String old = ada.email();
        String next = "next-" + UUID.randomUUID() + "@example.org";
        Response asked =
                ada.post(
                        "/api/v1/account/email",
                        Map.of("email", next, "code", app.codeAtOnce(ada)));
        assertThat(asked.status()).as(asked.body()).isEqualTo(202);
        // Not before it is confirmed from its own mailbox.
        assertThat(userInfo(before.access()).json().get("email").asString()).isEqualTo(old);
        String link = TestApplication.token(app.mailedLink(next, "/confirm-email"));
        Response confirmed = app.anonymous().post("/api/v1/email/confirm", Map.of("token", link));
        assertThat(confirmed.status()).as(confirmed.body()).isBetween(200, 204);

        Client again =
                app.anonymous().signIn(next, TestApplication.PASSWORD).useSecondFactorOf(ada);
        Given after = sign(again, client, "openid email");
        assertThat(after.claims().getClaim("email")).isEqualTo(next);
        assertThat(after.claims().getSubject()).isEqualTo(before.claims().getSubject());
        assertThat(after.claims().getSubject()).doesNotContain("@");
    }

    // ------------------------------------------------------------ how the person is asked

    @Test
    void whoMustNotBeAskedIsNotAndTheProgramLearnsWhy() {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        var silent = with(question(client, "openid"), "prompt", "none");
        error(app.anonymous(), silent, "login_required");
        Client halfWay = app.anonymous().signIn(ada.email(), TestApplication.PASSWORD);
        error(halfWay, silent, "login_required");
        error(ada, silent, "consent_required");
        // A yes of before is none for the next: anybody can say that they are this program.
        sign(ada, client, "openid");
        error(ada, silent, "consent_required");
        assertThat(ada.get(GRANTS).json().get("items")).hasSize(1);
        error(ada, with(silent, "maxAge", "0"), "login_required");
        error(ada, with(silent, "maxAge", "3600"), "consent_required");
        // Nor is there a way around the page: asked for so, nobody is asked and nothing is given.
        assertThat(ada.post(ASK, silent).problem()).isEqualTo("client-refused");
        Response forced = answer(ada, silent);
        assertThat(forced.problem()).isEqualTo("client-refused");
        assertThat(forced.body()).doesNotContain("code=");
    }

    @Test
    void nothingIsSentToAnAddressThatWasNotCheckedWhoeverAsks() {
        Client ada = app.newTenant();
        Client eve = app.newTenant();
        String client = publicClient(ada, ALL);
        String revoked = publicClient(ada, ALL);
        assertThat(ada.delete(CLIENTS + "/" + revoked).status()).isEqualTo(204);
        var silent = with(question(client, "openid"), "prompt", "none");
        Map<String, Map<String, Object>> wrong = new LinkedHashMap<>();
        wrong.put("redirect", with(silent, "redirectUri", "https://evil.example.org/"));
        wrong.put("path", with(silent, "redirectUri", CALLBACK + "/more"));
        wrong.put("unknown", with(silent, "clientId", UUID.randomUUID().toString()));
        wrong.put("no id", with(silent, "clientId", "desk"));
        wrong.put("revoked", with(silent, "clientId", revoked));
        wrong.put("scope", with(silent, "scope", "openid user:manage"));
        wrong.put("no PKCE", without(silent, "codeChallenge"));
        wrong.put("implicit", with(silent, "responseType", "id_token"));
        wrong.put("prompts", with(silent, "prompt", "none login"));
        wrong.put("to be asked", without(silent, "prompt"));
        wrong.put("login", with(silent, "prompt", "login"));
        wrong.forEach((what, question) -> {
            for (Client who : List.of(app.anonymous(), ada)) {
                Response refused = who.post(REFUSALS, question);
                assertThat(refused.problem()).as(what).isEqualTo("client-refused");
                assertThat(refused.body()).as(what).doesNotContain("error=", "redirect\"");
            }
        });
        // Who is signed in at another company is told nothing of this one's programs.
        Response foreign = eve.post(REFUSALS, silent);
        Response unknown = eve.post(REFUSALS, wrong.get("unknown"));
        assertThat(foreign.problem()).isEqualTo("client-refused");
        assertThat(foreign.json().get("detail")).isEqualTo(unknown.json().get("detail"));
        // And it takes the token against forgery, as everything that is sent does.
        Client stranger = app.anonymous();
        assertThat(stranger.send(stranger.json(REFUSALS, "POST", silent)).problem())
                .isEqualTo("csrf");
    }

    @Test
    void whatThereIsNotIsToldByTheErrorOfTheProtocol() {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        var question = question(client, "openid");
        error(ada, with(question, "prompt", "select_account"), "account_selection_required");
        error(ada, with(question, "prompt", "login select_account"), "account_selection_required");
        error(ada, with(question, "unsupported", "request"), "request_not_supported");
        error(ada, with(question, "unsupported", "request_uri"), "request_uri_not_supported");
        error(ada, with(question, "unsupported", "registration"), "registration_not_supported");
        assertThat(ada.post(REFUSALS, with(question, "unsupported", "x")).problem())
                .isEqualTo("invalid");
        // Only codes are given, and only in the query: no implicit flow, no hybrid one.
        for (String type :
                List.of("token", "id_token", "id_token token", "code id_token", "code token")) {
            refused(ada, with(question, "responseType", type), type);
        }
        for (String mode : List.of("fragment", "form_post", "query.jwt")) {
            refused(ada, with(question, "responseMode", mode), mode);
        }
        for (String prompt : List.of("none login", "create", "", "NONE")) {
            refused(ada, with(question, "prompt", prompt), "prompt=" + prompt);
        }
        for (String age : List.of("", "-1", "1.5", "soon", "9999999999")) {
            refused(ada, with(question, "maxAge", age), "max_age=" + age);
        }
    }

    private void refused(Client who, Map<String, Object> question, String what) {
        assertThat(who.post(ASK, question).problem()).as(what).isEqualTo("client-refused");
        assertThat(answer(who, question).problem()).as(what).isEqualTo("client-refused");
    }

    @Test
    void aSessionThatIsTooOldTakesASignInAndTheTimeOfItIsTold() {
        Client ada = app.newTenant();
        String client = publicClient(ada, ALL);
        Instant longAgo = Instant.now().minus(Duration.ofHours(2));
        age(ada, longAgo);
        var question = question(client, "openid");
        Given plain = sign(ada, client, question);
        assertThat(time(plain)).isEqualTo(longAgo.getEpochSecond());
        assertThat(time(sign(ada, client, with(question, "maxAge", "7300"))))
                .isEqualTo(longAgo.getEpochSecond());
        for (Map<String, Object> fresh :
                List.of(
                        with(question, "maxAge", "3600"),
                        with(question, "maxAge", "0"),
                        with(question, "prompt", "login"),
                        with(question, "prompt", "login consent"),
                        with(with(question, "maxAge", "7300"), "prompt", "login"),
                        // However long the page says that it waited.
                        with(with(question, "maxAge", "3600"), "waitedSeconds", 1_000_000))) {
            JsonNode asked = ada.post(ASK, fresh).json();
            assertThat(asked.get("signInAgain").asBoolean()).as("%s", fresh).isTrue();
            Response yes = answer(ada, fresh);
            assertThat(yes.problem()).as("%s", fresh).isEqualTo("sign-in-again");
            // A no needs none, and asking has signed nobody out.
            assertThat(ada.get(USERS).status()).isEqualTo(200);
        }
        assertThat(ada.get(GRANTS).json().get("items")).hasSize(2);

        Instant now = Instant.now().minusSeconds(1);
        Client again =
                app.anonymous()
                        .signIn(ada.email(), TestApplication.PASSWORD)
                        .useSecondFactorOf(ada);
        for (Map<String, Object> fresh :
                List.of(
                        with(question, "maxAge", "3600"),
                        with(with(question, "maxAge", "0"), "waitedSeconds", 120),
                        with(with(question, "prompt", "login"), "waitedSeconds", 120))) {
            JsonNode asked = again.post(ASK, fresh).json();
            assertThat(asked.get("signInAgain").asBoolean()).as("%s", fresh).isFalse();
            assertThat(time(sign(again, client, fresh)))
                    .isBetween(now.getEpochSecond(), Instant.now().getEpochSecond());
        }
        // The one that is old is old still.
        assertThat(answer(ada, with(question, "maxAge", "3600")).problem())
                .isEqualTo("sign-in-again");
    }

    private static long time(Given given) {
        return ((Number) given.claims().getClaim("auth_time")).longValue();
    }

    // ------------------------------------------------------------ hands

    /** What a program got. */
    private record Given(String idToken, JWTClaimsSet claims, String access, String refresh) {}

    private OIDCProviderMetadata discovery() throws ParseException {
        Response found = app.anonymous().get("/.well-known/openid-configuration");
        assertThat(found.status()).isEqualTo(200);
        return OIDCProviderMetadata.parse(found.body());
    }

    /** Where it really is: the address that the installation is told to name is another. */
    private URI at(URI named) {
        return app.address().resolve(named.getPath());
    }

    private static IDTokenValidator validator(Issuer issuer, String client, JWKSet keys) {
        return new IDTokenValidator(issuer, new ClientID(client), JWSAlgorithm.ES256, keys);
    }

    private static void refuses(
            Issuer issuer, String client, JWKSet keys, String token, @Nullable Nonce nonce) {
        assertThatThrownBy(() ->
                        validator(issuer, client, keys).validate(SignedJWT.parse(token), nonce))
                .isInstanceOf(BadJOSEException.class);
    }

    private void invalid(String token) {
        Response refused = userInfo(token);
        assertThat(refused.status()).as(token).isEqualTo(401);
        assertThat(refused.header("WWW-Authenticate"))
                .startsWith("Bearer error=\"invalid_token\"")
                .doesNotContain("resource_metadata");
        assertThat(refused.body()).isEmpty();
    }

    private Response userInfo(String token) {
        return app.anonymous().withKey(token).get(USERINFO);
    }

    private static HttpRequest.Builder bearer(Client who, String token) {
        return who.request(USERINFO).setHeader("Authorization", "Bearer " + token);
    }

    private void error(Client who, Map<String, Object> question, String error) {
        Response answered = who.post(REFUSALS, question);
        assertThat(answered.status()).as(answered.body()).isEqualTo(200);
        String redirect = redirect(answered);
        assertThat(redirect).startsWith(CALLBACK + "?");
        assertThat(query(URI.create(redirect)))
                .containsEntry("error", error)
                .containsEntry("state", "st&te=1")
                .containsKey("iss")
                .doesNotContainKey("code");
    }

    private <S extends Session> void age(Client who, Instant signedInAt) {
        @SuppressWarnings("unchecked")
        FindByIndexNameSessionRepository<S> sessions =
                app.bean(FindByIndexNameSessionRepository.class);
        sessions.findByPrincipalName(who.account().toString())
                .values()
                .forEach(session -> {
                    session.setAttribute("signedInAt", signedInAt.toEpochMilli());
                    sessions.save(session);
                });
    }

    private Given sign(Client who, String client, String scope) {
        return sign(who, client, question(client, scope));
    }

    private Given sign(Client who, String client, Map<String, Object> question) {
        JsonNode given = redeem(client, code(who, question));
        return new Given(
                given.get("id_token").asString(),
                claims(given),
                given.get("access_token").asString(),
                next(given));
    }

    private static JWTClaimsSet claims(JsonNode given) {
        try {
            return SignedJWT.parse(given.get("id_token").asString()).getJWTClaimsSet();
        } catch (java.text.ParseException e) {
            throw new AssertionError(e);
        }
    }

    private static String next(JsonNode given) {
        return given.get("refresh_token").asString();
    }

    private Response answer(Client who, Map<String, Object> question) {
        return who.post(
                GRANTS, Map.of("question", question, "allow", true, "code", app.codeAtOnce(who)));
    }

    private static String redirect(Response answered) {
        assertThat(answered.status()).as(answered.body()).isEqualTo(200);
        return answered.json().get("redirect").asString();
    }

    private String code(Client who, Map<String, Object> question) {
        return query(URI.create(redirect(answer(who, question)))).get("code");
    }

    private static Map<String, String> codeForm(String client, String code) {
        return Map.of(
                "grant_type",
                "authorization_code",
                "client_id",
                client,
                "code",
                code,
                "redirect_uri",
                CALLBACK,
                "code_verifier",
                VERIFIER);
    }

    private JsonNode redeem(String client, String code) {
        Response given = form("/oauth2/token", codeForm(client, code));
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        return given.json();
    }

    private JsonNode refreshed(String client, String refresh, String scope) {
        Response given = refresh(client, refresh, scope);
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        return given.json();
    }

    private Response refresh(String client, String refresh, String scope) {
        Map<String, String> body = new HashMap<>();
        body.put("grant_type", "refresh_token");
        body.put("client_id", client);
        body.put("refresh_token", refresh);
        if (!scope.isEmpty()) {
            body.put("scope", scope);
        }
        return form("/oauth2/token", body);
    }

    private String publicClient(Client admin, List<String> scopes) {
        Response made =
                register(
                        admin,
                        Map.of(
                                "name",
                                "desk",
                                "redirectUris",
                                List.of(CALLBACK),
                                "scopes",
                                scopes));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made.json().get("client").get("id").asString();
    }

    private Response register(Client who, Map<String, Object> wanted) {
        return who.post(CLIENTS, with(wanted, "code", app.codeAtOnce(who)));
    }

    private static Map<String, Object> question(String client, String scope) {
        Map<String, Object> question = new HashMap<>();
        question.put("responseType", "code");
        question.put("clientId", client);
        question.put("redirectUri", CALLBACK);
        question.put("scope", scope);
        question.put("state", "st&te=1");
        question.put("nonce", NONCE);
        question.put("codeChallenge", OauthGrants.challenge(VERIFIER));
        question.put("codeChallengeMethod", "S256");
        return question;
    }

    /** As the page reads an address. */
    private static Map<String, Object> question(URI address) {
        Map<String, String> said = query(address);
        Map<String, Object> question = new HashMap<>();
        said.forEach((name, value) -> {
            String[] words = name.split("_");
            String member =
                    words[0]
                            + Arrays.stream(words)
                                    .skip(1)
                                    .map(w ->
                                            w.substring(0, 1).toUpperCase(Locale.ROOT)
                                                    + w.substring(1))
                                    .collect(Collectors.joining());
            question.put(member, value);
        });
        return question;
    }

    private Response form(String path, Map<String, ?> body) {
        return form(app.anonymous(), path, body);
    }

    private static Response form(Client program, String path, Map<String, ?> body) {
        return program.send(
                program.request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(
                                BodyPublishers.ofString(
                                        body.entrySet().stream()
                                                .map(e ->
                                                        e.getKey()
                                                                + "="
                                                                + URLEncoder.encode(
                                                                        String.valueOf(
                                                                                e.getValue()),
                                                                        UTF_8))
                                                .collect(Collectors.joining("&")))));
    }

    private static Map<String, String> query(URI address) {
        return Arrays.stream(address.getRawQuery().split("&"))
                .map(part -> part.split("=", 2))
                .collect(
                        Collectors.toMap(
                                part -> part[0], part -> URLDecoder.decode(part[1], UTF_8)));
    }

    private static Map<String, Object> with(Map<String, ?> map, String name, Object value) {
        Map<String, Object> changed = new HashMap<>(map);
        changed.put(name, value);
        return changed;
    }

    private static Map<String, Object> without(Map<String, ?> map, String name) {
        Map<String, Object> changed = new HashMap<>(map);
        changed.remove(name);
        return changed;
    }

    private static String signed(ECKey key, String type, JWTClaimsSet claims) throws JOSEException {
        var token =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.ES256)
                                .type(new JOSEObjectType(type))
                                .keyID(key.getKeyID())
                                .build(),
                        claims);
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }
}
