package io.cybershield.federation;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * Sign-in through a company's own provider, and attacks on it by everybody who has a part in it:
 * strangers, other companies, colleagues, and the provider itself.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FederationIT {
    private TestApplication app;
    private TestDns dns;
    private final List<TestProvider> providers = new ArrayList<>();

    @BeforeAll
    void boot() throws IOException {
        dns = new TestDns();
        app =
                TestApplication.boot(
                        Map.of(
                                "cybershield.federation.allowed-hosts",
                                "127.0.0.1",
                                "cybershield.federation.dns-servers",
                                dns.address()));
    }

    @AfterEach
    void stopProviders() {
        providers.forEach(TestProvider::close);
        providers.clear();
    }

    @AfterAll
    void stop() {
        app.close();
        dns.close();
    }

    // ------------------------------------------------------------ what there is to attack

    /** A company with a domain of its own, proved, and a provider that is offered. */
    private final class Company {
        final Client admin = app.newTenant();
        final String domain = "d" + UUID.randomUUID().toString().substring(0, 13) + ".example";
        final TestProvider provider = provider();
        final Map<String, Object> settings = new HashMap<>();
        UUID id;

        Company() {
            settings.putAll(
                    Map.of(
                            "name",
                            "Northwind ID",
                            "issuer",
                            provider.issuer(),
                            "clientId",
                            TestProvider.CLIENT,
                            "secret",
                            TestProvider.SECRET,
                            "mode",
                            "offered",
                            "newPeople",
                            true,
                            "trustsFactors",
                            false,
                            "acrValues",
                            List.of(),
                            "revision",
                            0));
            app.confirmed(admin);
            prove(admin, domain);
            set(Map.of());
        }

        Company set(Map<String, Object> changes) {
            Response set = trySet(changes);
            assertThat(set.status()).as(set.body()).isEqualTo(200);
            settings.remove("secret");
            JsonNode view = set.json();
            settings.put("revision", view.get("provider").get("revision").asInt());
            String back = view.get("redirectUri").asString();
            id = UUID.fromString(back.substring(back.lastIndexOf('/') + 1));
            return this;
        }

        Response trySet(Map<String, Object> changes) {
            settings.putAll(changes);
            return admin.put("/api/v1/identity-provider", settings);
        }

        String address(String name) {
            return name + "@" + domain;
        }
    }

    private TestProvider provider() {
        try {
            var provider = new TestProvider();
            providers.add(provider);
            return provider;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Response prove(Client admin, String domain) {
        Response added = admin.post("/api/v1/identity-provider/domains", Map.of("domain", domain));
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        dns.put(
                added.json().get("record").asString(),
                "v=spf1 -all",
                added.json().get("text").asString());
        Response proved =
                admin.post("/api/v1/identity-provider/domains/" + domain + "/proof", Map.of());
        assertThat(proved.status()).as(proved.body()).isEqualTo(200);
        return proved;
    }

    /** Somebody with an account, password and second factor, at an address of the company. */
    private Client colleague(Company company, String email, String role) {
        Response invited =
                company.admin.post("/api/v1/invitations", Map.of("email", email, "role", role));
        assertThat(invited.status()).as(invited.body()).isEqualTo(201);
        Client colleague = app.anonymous();
        Response taken =
                colleague.post(
                        "/api/v1/invitations/accept",
                        Map.of(
                                "token",
                                TestApplication.token(app.mailedLink(email, "/invitation")),
                                "name",
                                "Cora Colleague",
                                "password",
                                TestApplication.PASSWORD));
        assertThat(taken.status()).as(taken.body()).isEqualTo(200);
        return colleague.signIn(email, TestApplication.PASSWORD).setUpSecondFactor();
    }

    /** A sign-in that has come to the provider. */
    private record Begun(Client browser, URI location, Map<String, String> request) {
        String state() {
            return request.getOrDefault("state", "");
        }
    }

    private static Begun begin(Client browser, String email, @Nullable String next) {
        var body = new HashMap<String, Object>(Map.of("email", email));
        if (next != null) {
            body.put("next", next);
        }
        Response begun = browser.post("/api/v1/sign-in/provider-begin", body);
        assertThat(begun.status()).as(begun.body()).isEqualTo(200);
        URI location = URI.create(begun.json().get("location").asString());
        return new Begun(browser, location, TestProvider.form(location.getRawQuery()));
    }

    private static Response answer(
            Client browser,
            UUID provider,
            String state,
            @Nullable String code,
            @Nullable String iss) {
        var body = new HashMap<String, Object>(Map.of("provider", provider, "state", state));
        if (code != null) {
            body.put("code", code);
        }
        if (iss != null) {
            body.put("iss", iss);
        }
        return browser.post("/api/v1/sign-in/provider-answer", body);
    }

    private static Consumer<JWTClaimsSet.Builder> person(String subject, String email) {
        return claims -> claims.subject(subject).claim("email", email).claim("name", "Jo Neu");
    }

    /** From the sign-in page to the answer. */
    private Response signIn(
            Company company, Client browser, Consumer<JWTClaimsSet.Builder> claims) {
        Begun begun = begin(browser, company.address("whoever"), null);
        return answer(
                browser,
                company.id,
                begun.state(),
                company.provider.code(begun.location(), claims),
                company.provider.issuer());
    }

    private Response signIn(Company company, Client browser, String subject, String email) {
        return signIn(company, browser, person(subject, email));
    }

    private static String state(Client browser) {
        return browser.get("/api/v1/session").json().get("state").asString();
    }

    private void refused(Response answer, String why) {
        assertThat(answer.problem()).as(answer.body()).isEqualTo("provider-sign-in-refused");
        assertThat(answer.json().get("detail").asString()).contains(why);
        assertThat(answer.json().get("detail").asString())
                .containsPattern("Reference [0-9A-F]{12}\\.$");
        assertThat(answer.body()).doesNotContain("eyJ");
    }

    /** The token as this changes it opens nothing. */
    private void refusesToken(Consumer<JWTClaimsSet.Builder> lie, String why) {
        var company = new Company();
        Client browser = app.anonymous();
        refused(signIn(company, browser, person("s1", company.address("jo")).andThen(lie)), why);
        assertThat(state(browser)).isEqualTo("anonymous");
        assertThat(accounts(company.address("jo"))).isZero();
    }

    private void refusesSignature(Function<JWTClaimsSet, String> signer, String why) {
        refusesSignature(new Company(), signer, why);
    }

    private void refusesSignature(
            Company company, Function<JWTClaimsSet, String> signer, String why) {
        company.provider.signsWith(signer);
        refused(signIn(company, app.anonymous(), "s1", company.address("jo")), why);
        assertThat(accounts(company.address("jo"))).isZero();
    }

    private int accounts(String email) {
        return Integer.parseInt(
                one("SELECT count(*)::text FROM platform.account WHERE email = '" + email + "'"));
    }

    private String one(String sql) {
        return app.database()
                .transactions()
                .callAs(
                        Scope.platform("test"),
                        () -> app.database().jdbc().sql(sql).query(String.class).single());
    }

    private long actions(Client who, String action) {
        return who.get("/api/v1/audit?action=" + action).json().get("items").size();
    }

    // ------------------------------------------------------------ how it is meant

    @Test
    void somebodyNewGetsAnAccountWithoutRoleAndSetsUpASecondFactor() {
        var company = new Company();
        Client jo = app.anonymous();
        Begun begun = begin(jo, company.address("jo"), "/incidents?x=1");
        assertThat(begun.request())
                .containsEntry("response_type", "code")
                .containsEntry("scope", "openid email profile")
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("tenant", "1")
                .containsEntry(
                        "redirect_uri", "http://127.0.0.1:8080/sign-in/provider/" + company.id)
                .containsEntry("login_hint", company.address("jo"));
        Response opened =
                answer(
                        jo,
                        company.id,
                        begun.state(),
                        company.provider.code(
                                begun.location(), person("subject-1", company.address("Jo"))),
                        company.provider.issuer());
        assertThat(opened.status()).as(opened.body()).isEqualTo(200);
        assertThat(opened.json().get("step").asString()).isEqualTo("signed-in");
        assertThat(opened.json().get("next").asString()).isEqualTo("/incidents?x=1");
        assertThat(state(jo)).isEqualTo("mfa-setup");
        jo.setUpSecondFactor();
        JsonNode session = jo.get("/api/v1/session").json();
        assertThat(session.get("state").asString()).isEqualTo("active");
        assertThat(session.get("user").get("role").asString()).isEqualTo("none");
        assertThat(session.get("user").get("email").asString()).isEqualTo(company.address("jo"));
        assertThat(session.get("permissions")).isEmpty();
        assertThat(jo.get("/api/v1/users").problem()).isEqualTo("denied");

        Response given =
                company.admin.patch(
                        "/api/v1/users/" + session.get("user").get("id").asString(),
                        Map.of("role", "responder"));
        assertThat(given.status()).as(given.body()).isEqualTo(200);
        assertThat(jo.get("/api/v1/incidents").status()).isEqualTo(200);
        assertThat(actions(company.admin, "access.account-made")).isEqualTo(1);
        assertThat(actions(company.admin, "federation.linked")).isEqualTo(1);

        Client again = app.anonymous();
        assertThat(signIn(company, again, "subject-1", company.address("jo")).status())
                .isEqualTo(200);
        assertThat(state(again)).isEqualTo("mfa-challenge");
    }

    @Test
    void withoutTheSwitchStrangersOfTheDomainGetNoAccountAndInvitedPeopleDo() {
        var company = new Company().set(Map.of("newPeople", false));
        refused(
                signIn(company, app.anonymous(), "s1", company.address("jo")),
                "wants people to be invited first");
        assertThat(accounts(company.address("jo"))).isZero();
        assertThat(
                        company.admin
                                .post(
                                        "/api/v1/invitations",
                                        Map.of("email", company.address("jo"), "role", "auditor"))
                                .status())
                .isEqualTo(201);
        Client jo = app.anonymous();
        assertThat(signIn(company, jo, "s1", company.address("jo")).status()).isEqualTo(200);
        jo.setUpSecondFactor();
        assertThat(jo.session().get("user").get("role").asString()).isEqualTo("auditor");
        // The mailed link is used up by it.
        assertThat(
                        app.anonymous()
                                .post(
                                        "/api/v1/invitations/accept",
                                        Map.of(
                                                "token",
                                                TestApplication.token(
                                                        app.mailedLink(
                                                                company.address("jo"),
                                                                "/invitation")),
                                                "name",
                                                "Mallory",
                                                "password",
                                                TestApplication.PASSWORD))
                                .problem())
                .isEqualTo("link-used-or-expired");
    }

    @Test
    void whomTheDirectoryEndedGetsNoAccountByTheProvider() {
        var company = new Company();
        Response key =
                company.admin.post(
                        "/api/v1/provisioning/keys",
                        Map.of("name", "d", "days", 1, "code", app.codeAtOnce(company.admin)));
        Client directory = app.anonymous().withKey(key.json().get("secret").asString());
        Response added =
                directory.send(
                        directory.json(
                                "/scim/v2/Users",
                                "POST",
                                Map.of(
                                        "userName",
                                        company.address("jo"),
                                        "emails",
                                        List.of(Map.of("value", company.address("jo"))))));
        assertThat(added.status()).as(added.body()).isEqualTo(201);
        String id = added.json().get("id").asString();
        directory.send(directory.request("/scim/v2/Users/" + id).DELETE());
        refused(
                signIn(company, app.anonymous(), "s1", company.address("jo")),
                "directory has ended your access");
        assertThat(accounts(company.address("jo"))).isZero();
    }

    @Test
    void whoHasAnAccountTiesItBySigningInAsBeforeOnce() {
        var company = new Company();
        Client cora = colleague(company, company.address("cora"), "analyst");
        Client browser = app.anonymous();
        Response first = signIn(company, browser, "s7", company.address("cora"));
        assertThat(first.json().get("step").asString()).isEqualTo("tie");
        assertThat(first.json().get("email").asString()).isEqualTo(company.address("cora"));
        assertThat(state(browser)).isEqualTo("anonymous");
        assertThat(browser.post("/api/v1/account/provider-link", Map.of()).problem())
                .isEqualTo("not-signed-in");
        browser.signIn(company.address("cora"), TestApplication.PASSWORD).useSecondFactorOf(cora);
        assertThat(browser.post("/api/v1/account/provider-link", Map.of()).status()).isEqualTo(200);
        assertThat(actions(company.admin, "federation.linked")).isEqualTo(1);
        assertThat(browser.post("/api/v1/account/provider-link", Map.of()).problem())
                .isEqualTo("provider-sign-in-gone");

        Client later = app.anonymous();
        Response opened = signIn(company, later, "s7", company.address("cora"));
        assertThat(opened.json().get("step").asString()).isEqualTo("signed-in");
        assertThat(state(later)).isEqualTo("mfa-challenge");
        later.post("/api/v1/sign-in/totp", Map.of("code", app.codeAtOnce(cora)));
        assertThat(state(later)).isEqualTo("active");
        assertThat(later.get("/api/v1/account/sessions").json().get("items").size())
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void theProvidersSecondFactorCountsOnlyIfTheCompanySaysSoAndTheProviderShowsOne() {
        var company = new Company();
        Client jo = app.anonymous();
        Consumer<JWTClaimsSet.Builder> who = person("s1", company.address("jo"));
        Consumer<JWTClaimsSet.Builder> mfa =
                who.andThen(c -> c.claim("amr", List.of("pwd", "mfa")));
        signIn(company, jo, mfa);
        // None of one's own yet: it is set up all the same, since grave things ask for it.
        assertThat(state(jo)).isEqualTo("mfa-setup");
        jo.setUpSecondFactor();
        Client before = app.anonymous();
        signIn(company, before, mfa);
        assertThat(state(before)).isEqualTo("mfa-challenge");

        company.set(Map.of("trustsFactors", true, "acrValues", List.of("phr")));
        Client without = app.anonymous();
        signIn(company, without, who);
        assertThat(state(without)).isEqualTo("mfa-challenge");
        Client wrongClass = app.anonymous();
        signIn(company, wrongClass, who.andThen(c -> c.claim("acr", "1")));
        assertThat(state(wrongClass)).isEqualTo("mfa-challenge");
        Client with = app.anonymous();
        signIn(company, with, mfa);
        assertThat(state(with)).isEqualTo("active");
        Client byClass = app.anonymous();
        signIn(company, byClass, who.andThen(c -> c.claim("acr", "phr")));
        assertThat(state(byClass)).isEqualTo("active");
        // It is a sign-in like others: what stands out about it would be seen, too.
        Awaitility.await()
                .until(
                        () ->
                                app.bean(Transactions.class)
                                        .callAs(
                                                Scope.tenant(
                                                        new TenantId(jo.tenant()),
                                                        Principal.system("test")),
                                                () ->
                                                        app.bean(JdbcClient.class)
                                                                .sql(
                                                                        "SELECT count(*) FROM"
                                                                            + " platform.sign_in_habit"
                                                                            + " WHERE kind ="
                                                                            + " 'device' AND"
                                                                            + " subject = ?")
                                                                .param(jo.account())
                                                                .query(Long.class)
                                                                .single()),
                        devices -> devices == 3);
    }

    // ------------------------------------------------------------ tokens that open nothing

    @Test
    void aTokenOfAnotherIssuerOpensNothing() {
        refusesToken(c -> c.issuer("https://accounts.example.org"), "another issuer");
    }

    @Test
    void aTokenForAnotherClientOpensNothing() {
        refusesToken(c -> c.audience("another-client"), "another client (aud)");
        refusesToken(c -> c.audience(List.of()), "another client (aud)");
        refusesToken(
                c -> c.audience(List.of(TestProvider.CLIENT, "another")), "another client (azp)");
        refusesToken(c -> c.claim("azp", "another"), "another client (azp)");
    }

    @Test
    void aTokenThatIsTooOldOrFromTheFutureOpensNothing() {
        Instant now = Instant.now();
        refusesToken(
                c ->
                        c.issueTime(Date.from(now.minusSeconds(3600)))
                                .expirationTime(Date.from(now.minusSeconds(90))),
                "too old");
        refusesToken(
                c ->
                        c.issueTime(Date.from(now.plusSeconds(180)))
                                .expirationTime(Date.from(now.plusSeconds(600))),
                "from the future");
        refusesToken(c -> c.notBeforeTime(Date.from(now.plusSeconds(180))), "not good yet");
        refusesToken(c -> c.expirationTime(null), "lacks a claim");
        refusesToken(c -> c.issueTime(null), "lacks a claim");
        refusesToken(c -> c.subject(null), "lacks a claim");
    }

    @Test
    void aCodeFromAnotherSignInOpensNothing() {
        refusesToken(c -> c.claim("nonce", "another"), "another sign-in (nonce)");
        refusesToken(c -> c.claim("nonce", null), "another sign-in (nonce)");
        // A code that was stolen from somebody else's browser, put into one's own answer.
        var company = new Company();
        Begun victim = begin(app.anonymous(), company.address("ceo"), null);
        String stolen =
                company.provider.code(victim.location(), person("ceo", company.address("ceo")));
        Client thief = app.anonymous();
        Begun own = begin(thief, company.address("thief"), null);
        refused(
                answer(thief, company.id, own.state(), stolen, company.provider.issuer()),
                "did not take the code");
        assertThat(state(thief)).isEqualTo("anonymous");
    }

    @Test
    void onlyAKeyOfTheProviderSigns() {
        refusesSignature(TestProvider::unsigned, "no signed JWT");
        var company = new Company();
        refusesSignature(company, company.provider::signedByPublicKey, "signed in a way");
        RSAKey stranger = TestProvider.newKey();
        refusesSignature(claims -> TestProvider.signed(claims, stranger), "does not fit a key");
        var sameName = new Company();
        RSAKey named =
                new RSAKey.Builder(stranger).keyID(sameName.provider.key().getKeyID()).build();
        refusesSignature(
                sameName, claims -> TestProvider.signed(claims, named), "does not fit a key");
        refusesSignature(_ -> "not.a.token", "no signed JWT");
        refusesSignature(_ -> "x".repeat(40_000), "too long");
    }

    @Test
    void aKeyThatIsTooShortIsNoKey() {
        var company = new Company();
        RSAKey weak = TestProvider.key(1024);
        company.provider.on(
                "/jwks",
                x -> TestProvider.json(x, 200, new JWKSet(weak).toPublicJWKSet().toString()));
        company.provider.signsWith(claims -> TestProvider.signed(claims, weak));
        assertThat(signIn(company, app.anonymous(), "s1", company.address("jo")).problem())
                .isEqualTo("provider-unreachable");
    }

    @Test
    void aNewKeyOfTheProviderIsAskedForOnceAndMadeUpOnesNotAgainAndAgain() {
        var company = new Company();
        assertThat(signIn(company, app.anonymous(), "s1", company.address("jo")).status())
                .isEqualTo(200);
        assertThat(company.provider.keysAsked).hasValue(1);
        company.provider.rotate();
        assertThat(signIn(company, app.anonymous(), "s1", company.address("jo")).status())
                .isEqualTo(200);
        assertThat(company.provider.keysAsked).hasValue(2);
        company.provider.signsWith(claims -> TestProvider.signed(claims, TestProvider.newKey()));
        for (int i = 0; i < 5; i++) {
            refused(
                    signIn(company, app.anonymous(), "s1", company.address("jo")),
                    "does not fit a key");
        }
        assertThat(company.provider.keysAsked).hasValue(2);
        assertThat(company.provider.discoveryAsked).hasValue(1);
    }

    @Test
    void whoProvedThemselvesTooLongAgoIsAskedAgain() {
        var company = new Company();
        Client browser = app.anonymous();
        assertThat(begin(browser, company.address("jo"), null).location().getQuery())
                .contains("max_age=43200");
        refusesToken(
                c -> c.claim("auth_time", Instant.now().minusSeconds(13 * 3600).getEpochSecond()),
                "too long ago");
        refusesToken(c -> c.claim("auth_time", 1), "too long ago");
        refusesToken(c -> c.claim("auth_time", "yesterday"), "wrong type");
        Consumer<JWTClaimsSet.Builder> lately =
                c -> c.claim("auth_time", Instant.now().minusSeconds(11 * 3600).getEpochSecond());
        assertThat(
                        signIn(
                                        company,
                                        app.anonymous(),
                                        person("s1", company.address("jo")).andThen(lately))
                                .status())
                .isEqualTo(200);
    }

    // ------------------------------------------------------------ who somebody is

    @Test
    void anAddressThatIsNotVerifiedOpensNothing() {
        refusesToken(c -> c.claim("email_verified", false), "not verified your address");
        refusesToken(c -> c.claim("email_verified", null), "not verified your address");
        refusesToken(c -> c.claim("email_verified", "maybe"), "not verified your address");
        refusesToken(c -> c.claim("email", null), "no usable address");
        var entra = new Company();
        assertThat(
                        signIn(
                                        entra,
                                        app.anonymous(),
                                        person("s", entra.address("jo"))
                                                .andThen(c ->
                                                        c.claim("email_verified", null)
                                                                .claim("xms_edov", "1")))
                                .status())
                .isEqualTo(200);
    }

    @Test
    void anAddressOfAForeignDomainOpensNothing() {
        refusesToken(c -> c.claim("email", "jo@example.net"), "has not proved");
        var company = new Company();
        for (String trick :
                List.of(
                        "jo@sub." + company.domain,
                        "jo@" + company.domain + "@example.net",
                        "jo@example.net." + company.domain + ".example.net",
                        "jo@" + company.domain + "\u0000.example.net",
                        "j\u0000o@" + company.domain,
                        "jac\u212a@" + company.domain,
                        " jo@" + company.domain)) {
            Response answer = signIn(company, app.anonymous(), "s1", trick);
            assertThat(answer.problem()).as(trick).isEqualTo("provider-sign-in-refused");
        }
    }

    @Test
    void theProviderOfOneCompanyNeverOpensAnotherOne() {
        var ours = new Company();
        Client ceo = colleague(ours, ours.address("ceo"), "tenant-admin");
        assertThat(signIn(ours, app.anonymous(), "s1", ours.address("jo")).status()).isEqualTo(200);
        var theirs = new Company();
        // It says that it has our people, by address, by subject, and after having "proved" our
        // domain.
        refused(signIn(theirs, app.anonymous(), "s1", ours.address("ceo")), "has not proved");
        app.confirmed(theirs.admin);
        Response added =
                theirs.admin.post(
                        "/api/v1/identity-provider/domains", Map.of("domain", ours.domain));
        assertThat(added.status()).isEqualTo(201);
        Response unproved =
                theirs.admin.post(
                        "/api/v1/identity-provider/domains/" + ours.domain + "/proof", Map.of());
        assertThat(unproved.problem()).isEqualTo("domain-not-proved");
        refused(signIn(theirs, app.anonymous(), "s1", ours.address("ceo")), "has not proved");
        dns.put(added.json().get("record").asString(), added.json().get("text").asString());
        assertThat(
                        theirs.admin
                                .post(
                                        "/api/v1/identity-provider/domains/"
                                                + ours.domain
                                                + "/proof",
                                        Map.of())
                                .problem())
                .isEqualTo("domain-taken");
        // The domain still leads to us, and the same issuer and subject elsewhere is somebody else.
        assertThat(begin(app.anonymous(), ours.address("x"), null).location().toString())
                .startsWith(ours.provider.issuer());
        Client elsewhere = app.anonymous();
        assertThat(signIn(theirs, elsewhere, "s1", theirs.address("jo")).status()).isEqualTo(200);
        assertThat(elsewhere.get("/api/v1/session").json().get("tenant").get("id").asString())
                .isEqualTo(theirs.admin.tenant().toString());
        assertThat(ceo.get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void theSubjectCountsNotTheAddress() {
        var company = new Company();
        Client jo = app.anonymous();
        signIn(company, jo, "s1", company.address("jo"));
        jo.setUpSecondFactor();
        // The same subject under another address is the same account.
        Client married = app.anonymous();
        signIn(company, married, "s1", company.address("jo.neu"));
        assertThat(married.get("/api/v1/session").json().get("user").get("id").asString())
                .isEqualTo(jo.account().toString());
        assertThat(accounts(company.address("jo.neu"))).isZero();
        // Another subject under the same address opens nothing by itself.
        Client other = app.anonymous();
        Response answer = signIn(company, other, "s2", company.address("jo"));
        assertThat(answer.json().get("step").asString()).isEqualTo("tie");
        assertThat(state(other)).isEqualTo("anonymous");
    }

    @Test
    void nobodyTiesAnotherPersonsSubjectToAnAccount() {
        var company = new Company();
        Client cora = colleague(company, company.address("cora"), "analyst");
        Client mallory = colleague(company, company.address("mallory"), "analyst");
        // Mallory's browser holds Cora's sign-in at the provider, and Mallory's own session here.
        Client browser = app.anonymous();
        signIn(company, browser, "cora", company.address("cora"));
        browser.signIn(mallory.email(), TestApplication.PASSWORD).useSecondFactorOf(mallory);
        refused(browser.post("/api/v1/account/provider-link", Map.of()), "has another address");
        // A session that was open before is no proof that its owner is there now.
        Client open = app.anonymous();
        Begun begun = begin(open, company.address("cora"), null);
        open.signIn(cora.email(), TestApplication.PASSWORD).useSecondFactorOf(cora);
        answer(
                open,
                company.id,
                begun.state(),
                company.provider.code(begun.location(), person("evil", company.address("cora"))),
                company.provider.issuer());
        refused(open.post("/api/v1/account/provider-link", Map.of()), "sign out and begin again");
        assertThat(actions(company.admin, "federation.linked")).isZero();
    }

    @Test
    void whoIsDisabledComesInNoMoreAndIsOutAtOnce() {
        var company = new Company();
        Client jo = app.anonymous();
        signIn(company, jo, "s1", company.address("jo"));
        jo.setUpSecondFactor();
        Client half = app.anonymous();
        signIn(company, half, "s1", company.address("jo"));
        assertThat(state(half)).isEqualTo("mfa-challenge");
        assertThat(
                        company.admin
                                .patch("/api/v1/users/" + jo.account(), Map.of("disabled", true))
                                .status())
                .isEqualTo(200);
        assertThat(jo.get("/api/v1/account/sessions").problem()).isEqualTo("not-signed-in");
        assertThat(half.post("/api/v1/sign-in/totp", Map.of("code", app.codeAtOnce(jo))).problem())
                .isEqualTo("not-signed-in");
        refused(
                signIn(company, app.anonymous(), "s1", company.address("jo")),
                "account here is disabled");
        // Neither by another subject of the same address.
        refused(
                signIn(company, app.anonymous(), "s2", company.address("jo")),
                "account here is disabled");
    }

    // ------------------------------------------------------------ the way there and back

    @Test
    void aStateIsGoodOnceInTheBrowserThatBeganIt() {
        var company = new Company();
        Client jo = app.anonymous();
        Begun begun = begin(jo, company.address("jo"), null);
        String code = company.provider.code(begun.location(), person("s1", company.address("jo")));
        // The victim of a forged sign-in has another browser, with or without a cookie of its own.
        Client victim = app.anonymous();
        assertThat(
                        answer(victim, company.id, begun.state(), code, company.provider.issuer())
                                .problem())
                .isEqualTo("provider-sign-in-gone");
        assertThat(answer(jo, company.id, begun.state(), code, company.provider.issuer()).problem())
                .isEqualTo("provider-sign-in-gone");

        Begun mine = begin(jo, company.address("jo"), null);
        begin(victim, company.address("jo"), null);
        String next = company.provider.code(mine.location(), person("s1", company.address("jo")));
        assertThat(
                        answer(victim, company.id, mine.state(), next, company.provider.issuer())
                                .problem())
                .isEqualTo("provider-sign-in-gone");

        Begun last = begin(jo, company.address("jo"), null);
        String good = company.provider.code(last.location(), person("s1", company.address("jo")));
        assertThat(answer(jo, company.id, last.state(), good, company.provider.issuer()).status())
                .isEqualTo(200);
        String again = company.provider.code(last.location(), person("s1", company.address("jo")));
        assertThat(answer(jo, company.id, last.state(), again, company.provider.issuer()).problem())
                .isEqualTo("provider-sign-in-gone");
        assertThat(company.provider.tokensAsked).hasValue(1);
    }

    @Test
    void aStateThatIsTooOldOpensNothing() {
        var company = new Company();
        Client jo = app.anonymous();
        Begun begun = begin(jo, company.address("jo"), null);
        app.database()
                .asOwner(
                        "UPDATE platform.federation_attempt SET expires_at = now() - interval '1"
                                + " second'");
        String code = company.provider.code(begun.location(), person("s1", company.address("jo")));
        assertThat(answer(jo, company.id, begun.state(), code, company.provider.issuer()).problem())
                .isEqualTo("provider-sign-in-gone");
    }

    @Test
    void anAnswerNamesTheIssuerThatWasAsked() {
        var company = new Company();
        Client jo = app.anonymous();
        for (String iss : new String[] {null, "https://honest.example.org"}) {
            Begun begun = begin(jo, company.address("jo"), null);
            String code =
                    company.provider.code(begun.location(), person("s1", company.address("jo")));
            refused(answer(jo, company.id, begun.state(), code, iss), "issuer that was asked");
        }
        // Mixed up: the answer of one provider comes to the address of another.
        var other = new Company();
        Begun begun = begin(jo, company.address("jo"), null);
        String code = company.provider.code(begun.location(), person("s1", company.address("jo")));
        refused(
                answer(jo, other.id, begun.state(), code, company.provider.issuer()),
                "another provider's address");
        assertThat(company.provider.tokensAsked).hasValue(0);
    }

    @Test
    void errorsOfTheProviderAreToldInOurWords() {
        var company = new Company();
        Client jo = app.anonymous();
        Begun begun = begin(jo, company.address("jo"), null);
        Response answer =
                jo.post(
                        "/api/v1/sign-in/provider-answer",
                        Map.of(
                                "provider",
                                company.id,
                                "state",
                                begun.state(),
                                "error",
                                "access_denied",
                                "iss",
                                company.provider.issuer()));
        refused(answer, "you said no there");
        assertThat(actions(company.admin, "federation.refused")).isEqualTo(1);
    }

    @Test
    void afterSignInOneGoesNowhereElse() {
        var company = new Company();
        for (String next :
                List.of(
                        "https://evil.example",
                        "//evil.example",
                        "/\\evil.example",
                        "/a\\b",
                        "javascript:alert(1)",
                        "/x\r\nSet-Cookie: a=b")) {
            Client jo = app.anonymous();
            Begun begun = begin(jo, company.address("jo"), next);
            Response answer =
                    answer(
                            jo,
                            company.id,
                            begun.state(),
                            company.provider.code(
                                    begun.location(), person("s1", company.address("jo"))),
                            company.provider.issuer());
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.json().path("next").isString()).as(next).isFalse();
        }
    }

    @Test
    void theSignInPageLearnsOfDomainsNeverOfPeople() {
        var company = new Company();
        colleague(company, company.address("cora"), "analyst");
        Client stranger = app.anonymous();
        Response offered =
                stranger.post("/api/v1/sign-in/provider", Map.of("domain", company.domain));
        assertThat(offered.json().get("name").asString()).isEqualTo("Northwind ID");
        assertThat(
                        stranger.post("/api/v1/sign-in/provider", Map.of("domain", "example.net"))
                                .json()
                                .path("name")
                                .isString())
                .isFalse();
        assertThat(begin(stranger, company.address("cora"), null).location().getPath())
                .isEqualTo(begin(stranger, company.address("nobody"), null).location().getPath());
        company.set(Map.of("mode", "off"));
        assertThat(
                        stranger.post(
                                        "/api/v1/sign-in/provider-begin",
                                        Map.of("email", company.address("cora")))
                                .problem())
                .isEqualTo("no-provider");
    }

    // ------------------------------------------------------------ required

    @Test
    void whereItIsRequiredNeitherPasswordNorPasskeyOpens() {
        var company = new Company();
        Client cora = colleague(company, company.address("cora"), "analyst");
        Client boss = colleague(company, company.address("boss"), "tenant-admin");
        Client half = app.anonymous().signIn(cora.email(), TestApplication.PASSWORD);
        assertThat(company.trySet(Map.of("mode", "required")).body())
                .contains("#/emergencyAccount");
        assertThat(company.trySet(Map.of("emergencyAccount", cora.account())).body())
                .contains("#/emergencyAccount");
        company.set(Map.of("emergencyAccount", boss.account()));

        assertThat(password(app.anonymous(), cora.email(), TestApplication.PASSWORD).problem())
                .isEqualTo("provider-required");
        assertThat(password(app.anonymous(), cora.email(), "a wrong password 1").problem())
                .isEqualTo("wrong-credentials");
        // Nor does a sign-in that was half way when it began to be required.
        assertThat(
                        half.post("/api/v1/sign-in/totp", Map.of("code", app.codeAtOnce(cora)))
                                .problem())
                .isEqualTo("provider-required");
        // A new password does not help.
        app.anonymous().post("/api/v1/password/forgotten", Map.of("email", cora.email()));
        String token = TestApplication.token(app.mailedLink(cora.email(), "/reset-password"));
        app.anonymous()
                .post(
                        "/api/v1/password/reset",
                        Map.of("token", token, "password", "another battery horse 7"));
        assertThat(password(app.anonymous(), cora.email(), "another battery horse 7").problem())
                .isEqualTo("provider-required");
        // Who is not of the domain is not asked.
        assertThat(
                        password(app.anonymous(), company.admin.email(), TestApplication.PASSWORD)
                                .status())
                .isEqualTo(200);

        // The one of emergencies comes in, and it is seen.
        Client emergency = app.anonymous().signIn(boss.email(), TestApplication.PASSWORD);
        emergency.post("/api/v1/sign-in/totp", Map.of("code", app.codeAtOnce(boss)));
        assertThat(state(emergency)).isEqualTo("active");
        assertThat(actions(company.admin, "federation.emergency-sign-in")).isGreaterThan(0);

        // Who ties their account has just shown themselves at the provider, and comes in.
        Client tying = app.anonymous();
        signIn(company, tying, "cora", cora.email());
        tying.signIn(cora.email(), "another battery horse 7");
        tying.post("/api/v1/sign-in/totp", Map.of("code", app.codeAtOnce(cora)));
        assertThat(tying.post("/api/v1/account/provider-link", Map.of()).status()).isEqualTo(200);
        assertThat(password(tying, cora.email(), "another battery horse 7").problem())
                .isEqualTo("provider-required");
        // Nor does another address, which is everybody's own to set.
        String moved = "cora-" + UUID.randomUUID() + "@example.net";
        app.database()
                .asOwner(
                        "UPDATE platform.account SET email = '"
                                + moved
                                + "' WHERE id = '"
                                + cora.account()
                                + "'");
        assertThat(password(app.anonymous(), moved, "another battery horse 7").problem())
                .isEqualTo("provider-required");
    }

    @Test
    void ifTheOneOfEmergenciesIsNoAdministratorAnyMoreAllAdministratorsAre() {
        var company = new Company();
        Client boss = colleague(company, company.address("boss"), "tenant-admin");
        Client second = colleague(company, company.address("second"), "tenant-admin");
        company.set(Map.of("mode", "required", "emergencyAccount", boss.account()));
        assertThat(password(app.anonymous(), second.email(), TestApplication.PASSWORD).problem())
                .isEqualTo("provider-required");
        company.admin.patch("/api/v1/users/" + boss.account(), Map.of("role", "analyst"));
        assertThat(password(app.anonymous(), second.email(), TestApplication.PASSWORD).status())
                .isEqualTo(200);
        assertThat(password(app.anonymous(), boss.email(), TestApplication.PASSWORD).problem())
                .isEqualTo("provider-required");
    }

    private static Response password(Client browser, String email, String password) {
        return browser.post("/api/v1/sign-in", Map.of("email", email, "password", password));
    }

    // ------------------------------------------------------------ going out

    private String discoveryProblem(Consumer<TestProvider> lie) {
        return discoveryProblem(lie, "DISCOVERY");
    }

    private String discoveryProblem(Consumer<TestProvider> lie, String part) {
        Client admin = app.newTenant();
        TestProvider provider = provider();
        lie.accept(provider);
        Response test =
                admin.post(
                        "/api/v1/identity-provider/test",
                        Map.of(
                                "issuer",
                                provider.issuer(),
                                "clientId",
                                TestProvider.CLIENT,
                                "secret",
                                TestProvider.SECRET));
        assertThat(test.status()).as(test.body()).isEqualTo(200);
        JsonNode check =
                test.json()
                        .get("checks")
                        .valueStream()
                        .filter(c -> c.get("part").asString().equalsIgnoreCase(part))
                        .findFirst()
                        .orElseThrow();
        assertThat(check.get("right").asBoolean()).as(test.body()).isFalse();
        return check.get("detail").asString();
    }

    @Test
    void theTestSaysInWordsWhatIsWrong() {
        Client admin = app.newTenant();
        TestProvider good = provider();
        Response fine =
                admin.post(
                        "/api/v1/identity-provider/test",
                        Map.of(
                                "issuer",
                                good.issuer(),
                                "clientId",
                                TestProvider.CLIENT,
                                "secret",
                                TestProvider.SECRET));
        assertThat(fine.json().get("checks").valueStream().map(c -> c.get("right").asBoolean()))
                .containsExactly(true, true, true);
        Response wrong =
                admin.post(
                        "/api/v1/identity-provider/test",
                        Map.of("issuer", good.issuer(), "clientId", "x", "secret", "wrong"));
        assertThat(wrong.body()).contains("does not know this client id, or the secret is wrong");
        assertThat(discoveryProblem(p -> p.says("issuer", "https://else.example")))
                .contains("another issuer", "https://else.example");
        assertThat(
                        discoveryProblem(p ->
                                p.on(
                                        "/.well-known/openid-configuration",
                                        x -> TestProvider.json(x, 404, "{}"))))
                .contains("answers 404");
        assertThat(
                        discoveryProblem(p ->
                                p.on(
                                        "/.well-known/openid-configuration",
                                        x -> TestProvider.json(x, 200, "<html>"))))
                .contains("no JSON object");
        assertThat(discoveryProblem(p -> p.says("authorization_endpoint", "javascript:alert(1)")))
                .contains("authorization endpoint");
        assertThat(discoveryProblem(p -> p.says("token_endpoint", "http://example.org/token")))
                .contains("does not begin with https://");
    }

    @Test
    void redirectsAreNotFollowed() {
        TestProvider target = provider();
        assertThat(
                        discoveryProblem(p ->
                                p.on(
                                        "/.well-known/openid-configuration",
                                        x -> {
                                            x.getResponseHeaders()
                                                    .set(
                                                            "Location",
                                                            target.issuer()
                                                                    + "/.well-known/openid-configuration");
                                            x.sendResponseHeaders(302, -1);
                                            x.close();
                                        })))
                .contains("redirects are not followed");
        assertThat(target.discoveryAsked).hasValue(0);
    }

    @Test
    void hugeAnswersAreNotRead() {
        assertThat(
                        discoveryProblem(p ->
                                p.on(
                                        "/.well-known/openid-configuration",
                                        x -> {
                                            x.sendResponseHeaders(200, 0);
                                            try (var out = x.getResponseBody()) {
                                                byte[] blanks = new byte[64 * 1024];
                                                for (int i = 0; i < 10_000; i++) {
                                                    out.write(blanks);
                                                }
                                            }
                                        })))
                .contains("more than 256 KB");
    }

    @Test
    void slowAnswersAreGivenUp() {
        Instant began = Instant.now();
        assertThat(
                        discoveryProblem(p ->
                                p.on(
                                        "/.well-known/openid-configuration",
                                        x -> {
                                            x.sendResponseHeaders(200, 0);
                                            try (var out = x.getResponseBody()) {
                                                // A byte a second: no pause is long enough to end
                                                // it.
                                                var pause = new CountDownLatch(1);
                                                for (int i = 0; i < 60; i++) {
                                                    out.write(' ');
                                                    out.flush();
                                                    pause.await(1, TimeUnit.SECONDS);
                                                }
                                            } catch (InterruptedException e) {
                                                Thread.currentThread().interrupt();
                                            }
                                        })))
                .contains("not within 10 seconds");
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(25));
    }

    @Test
    void internalAddressesAreNotReached() {
        // 'localhost' is not what the operator allowed here; 127.0.0.1 is.
        assertThat(discoveryProblem(p -> p.says("jwks_uri", "https://localhost:1/keys"), "KEYS"))
                .contains("internal address", "cybershield.federation.allowed-hosts");
        assertThat(
                        discoveryProblem(
                                p -> p.says("jwks_uri", "https://169.254.169.254/latest"), "KEYS"))
                .contains("internal address");
        assertThat(
                        discoveryProblem(
                                p -> p.says("token_endpoint", "https://[::1]:1/token"), "CLIENT"))
                .contains("internal address");
        Client admin = app.newTenant();
        app.confirmed(admin);
        for (String issuer :
                List.of(
                        "http://example.org",
                        "file:///etc/passwd",
                        "https://user@example.org",
                        "https://example.org/#x",
                        "https://example.org/?x",
                        "nonsense")) {
            Response test =
                    admin.post(
                            "/api/v1/identity-provider/test",
                            Map.of("issuer", issuer, "clientId", "x"));
            assertThat(test.body()).as(issuer).contains("#/issuer");
        }
    }

    // ------------------------------------------------------------ the settings

    @Test
    void settingsTakeTheRightAndAFreshFactorAndNeverShowTheSecret() {
        var company = new Company();
        Client analyst = app.newColleague(company.admin, "analyst");
        assertThat(analyst.get("/api/v1/identity-provider").problem()).isEqualTo("denied");
        assertThat(analyst.put("/api/v1/identity-provider", company.settings).problem())
                .isEqualTo("denied");
        Client stale = app.newTenant();
        assertThat(stale.put("/api/v1/identity-provider", with(company, "secret", "x")).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(
                        stale.post(
                                        "/api/v1/identity-provider/domains",
                                        Map.of("domain", "example.org"))
                                .problem())
                .isEqualTo("fresh-code-needed");
        assertThat(company.admin.get("/api/v1/identity-provider").body())
                .doesNotContain(TestProvider.SECRET);
        assertThat(company.admin.get("/api/v1/audit?action=federation.provider-set").body())
                .doesNotContain(TestProvider.SECRET);
        assertThat(
                        one(
                                "SELECT encode(client_secret, 'escape') FROM"
                                        + " platform.identity_provider WHERE tenant_id = '"
                                        + company.admin.tenant()
                                        + "'"))
                .doesNotContain(TestProvider.SECRET);
    }

    private static Map<String, Object> with(Company company, String name, Object value) {
        var settings = new HashMap<>(company.settings);
        settings.put("revision", 0);
        settings.put(name, value);
        return settings;
    }

    @Test
    void theSecretGoesToNobodyElseAndAnOldEditIsRefused() {
        var company = new Company();
        TestProvider thief = provider();
        assertThat(company.trySet(Map.of("issuer", thief.issuer())).body()).contains("#/secret");
        assertThat(
                        company.admin
                                .post(
                                        "/api/v1/identity-provider/test",
                                        Map.of(
                                                "issuer",
                                                thief.issuer(),
                                                "clientId",
                                                TestProvider.CLIENT))
                                .status())
                .isEqualTo(200);
        assertThat(thief.tokensAsked).hasValue(0);
        company.settings.put("issuer", company.provider.issuer());
        company.settings.put("revision", 7);
        assertThat(company.trySet(Map.of()).problem()).isEqualTo("provider-changed");
    }

    @Test
    void aRemovedProviderOrDomainOpensNothing() {
        var company = new Company();
        Client jo = app.anonymous();
        Begun begun = begin(jo, company.address("jo"), null);
        String code = company.provider.code(begun.location(), person("s1", company.address("jo")));
        assertThat(
                        company.admin
                                .post(
                                        "/api/v1/identity-provider/domains/"
                                                + company.domain
                                                + "/removal",
                                        Map.of())
                                .status())
                .isEqualTo(204);
        refused(
                answer(jo, company.id, begun.state(), code, company.provider.issuer()),
                "has not proved");
        prove(company.admin, company.domain);
        Begun second = begin(jo, company.address("jo"), null);
        assertThat(company.admin.post("/api/v1/identity-provider/removal", Map.of()).status())
                .isEqualTo(204);
        refused(
                answer(
                        jo,
                        company.id,
                        second.state(),
                        company.provider.code(
                                second.location(), person("s1", company.address("jo"))),
                        company.provider.issuer()),
                "changed meanwhile");
        assertThat(actions(company.admin, "federation.provider-removed")).isEqualTo(1);
    }
}
