package io.cybershield.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.bouncycastle.util.encoders.Base32;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who lost every second factor gets another one by two administrators, and by nobody less. */
class FactorResetIT {
    private final TestApplication app = TestApplication.shared();

    /** Three administrators, and somebody who lost their factor. */
    private final class Company {
        final Client ada = app.newTenant();
        final Client bea = app.newColleague(ada, "tenant-admin");
        final Client lost = app.newColleague(ada, "analyst");
        final String path = "/api/v1/users/" + lost.account() + "/factor-reset";

        Response ask(Client by) {
            return by.post(path, Map.of("code", app.codeAtOnce(by)));
        }

        Response agree(Client by) {
            return by.post(path + "/agreement", Map.of("code", app.codeAtOnce(by)));
        }

        String link() {
            assertThat(ask(ada).status()).isEqualTo(204);
            Response agreed = agree(bea);
            assertThat(agreed.status()).as(agreed.body()).isEqualTo(204);
            return mailed();
        }

        String mailed() {
            return TestApplication.token(app.mailedLink(lost.email(), "/reset-factor"));
        }
    }

    private Client halfWay(Client who) {
        return app.anonymous().signIn(who.email(), TestApplication.PASSWORD);
    }

    private static Response open(Client browser, String token) {
        return browser.post("/api/v1/sign-in/factor-reset", Map.of("token", token));
    }

    @Test
    void twoAdministratorsAndThePersonsPasswordSetANewFactorAndTheOldOnesEnd() {
        var company = new Company();
        String token = company.link();
        // Nothing is changed yet: the old factor and its session work.
        assertThat(company.lost.get("/api/v1/users").status()).isEqualTo(200);
        Client old = halfWay(company.lost);
        assertThat(
                        old.post(
                                        "/api/v1/sign-in/totp",
                                        Map.of("code", app.codeAtOnce(company.lost)))
                                .status())
                .isEqualTo(200);

        Client browser = halfWay(company.lost);
        assertThat(open(browser, token).json().get("state").asString()).isEqualTo("mfa-setup");
        assertThat(old.get("/api/v1/users").status()).isEqualTo(200);
        browser.setUpSecondFactor();
        assertThat(browser.session().get("state").asString()).isEqualTo("active");
        assertThat(browser.get("/api/v1/users").status()).isEqualTo(200);

        assertThat(old.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        assertThat(company.lost.get("/api/v1/users").problem()).isEqualTo("not-signed-in");
        Client again = halfWay(company.lost);
        assertThat(
                        again.post(
                                        "/api/v1/sign-in/totp",
                                        Map.of("code", app.codeAtOnce(company.lost)))
                                .problem())
                .isEqualTo("wrong-credentials");
        String oldCode = company.lost.confirmation().get("recoveryCodes").get(0).asString();
        assertThat(again.post("/api/v1/sign-in/recovery", Map.of("code", oldCode)).problem())
                .isEqualTo("wrong-credentials");
        // Once.
        assertThat(open(halfWay(company.lost), token).problem()).isEqualTo("link-used-or-expired");
        String trail = company.ada.get("/api/v1/audit?limit=100").body();
        assertThat(trail)
                .contains(
                        "access.factor-reset-asked",
                        "access.factor-reset-confirmed",
                        "access.factor-reset-used");
        String mails = app.anonymous().get("/api/v1/developer/mailbox?limit=200").body();
        assertThat(mails)
                .contains(
                        "Your CyberShield account has a new second factor",
                        "A colleague has set a new second factor in CyberShield");
        assertThat(app.mailedLink(company.ada.email(), "/settings/users")).isNotEmpty();
        assertThat(app.mailedLink(company.bea.email(), "/settings/users")).isNotEmpty();
    }

    /** Whoever took the lost factor may have made keys and let applications in. */
    @Test
    void whatThePersonMadeWithTheOldFactorsEndsWithThem() {
        var company = new Company();
        String own = key(company.lost);
        String others = key(company.ada);
        Response service =
                company.ada.post(
                        "/api/v1/service-accounts",
                        Map.of("name", "robot", "description", "", "role", "auditor"));
        String path = "/api/v1/service-accounts/" + service.json().get("id").asString();
        String robots = key(company.ada, path + "/api-keys");
        Client program = app.anonymous().withKey(own);
        String token = company.link();
        assertThat(program.get("/api/v1/users").status()).as("nothing yet").isEqualTo(200);
        Client browser = halfWay(company.lost);
        assertThat(open(browser, token).status()).isEqualTo(200);
        assertThat(program.get("/api/v1/users").status()).as("nothing yet").isEqualTo(200);
        browser.setUpSecondFactor();

        assertThat(program.get("/api/v1/users").problem()).isEqualTo("key-refused");
        for (String another : List.of(others, robots)) {
            assertThat(app.anonymous().withKey(another).get("/api/v1/users").status())
                    .isEqualTo(200);
        }
        assertThat(browser.get("/api/v1/account/api-keys").body()).contains("\"revoked\"");
        assertThat(company.ada.get("/api/v1/audit?action=access.factor-reset-used").body())
                .contains("\"keysRevoked\":1");
        assertThat(
                        app.anonymous()
                                .get("/api/v1/developer/mailbox?limit=200")
                                .json()
                                .get("items")
                                .valueStream()
                                .filter(mail ->
                                        mail.get("to").asString().equals(company.lost.email()))
                                .map(mail -> mail.toString()))
                .anyMatch(mail -> mail.contains("API keys of yours that ended with them: 1"));
        // Made with the new factor, they are the person's again.
        browser.post("/api/v1/account/step-up", Map.of("code", app.codeAtOnce(browser)));
        assertThat(app.anonymous().withKey(key(browser)).get("/api/v1/users").status())
                .isEqualTo(200);
    }

    private String key(Client of) {
        return key(of, "/api/v1/account/api-keys");
    }

    private String key(Client of, String path) {
        Response made =
                of.post(
                        path,
                        Map.of(
                                "name",
                                "reads",
                                "scopes",
                                List.of("user:read"),
                                "networks",
                                List.of(),
                                "days",
                                1,
                                "code",
                                app.codeAtOnce(of)));
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made.json().get("secret").asString();
    }

    @Test
    void nobodyIsTwoAdministrators() {
        var company = new Company();
        assertThat(company.agree(company.bea).status()).isEqualTo(404);
        assertThat(company.ask(company.ada).status()).isEqualTo(204);
        assertThat(company.agree(company.ada).problem()).isEqualTo("two-administrators-needed");
        // Who asked and is no administrator any more does not count.
        company.bea.patch("/api/v1/users/" + company.ada.account(), Map.of("role", "analyst"));
        assertThat(company.agree(company.bea).problem()).isEqualTo("two-administrators-needed");
    }

    @Test
    void nobodyDoesItForThemselvesOrWithoutAFreshFactorOrFromElsewhere() {
        var company = new Company();
        String own = "/api/v1/users/" + company.ada.account() + "/factor-reset";
        assertThat(own(company.ada, own).problem()).isEqualTo("two-administrators-needed");
        app.database().asOwner("UPDATE platform.step_up SET at = at - interval '301 seconds'");
        assertThat(company.ada.post(company.path, Map.of()).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(company.ada.post(company.path, Map.of("code", "000000")).problem())
                .isEqualTo("fresh-code-needed");
        Client stranger = app.newTenant();
        assertThat(own(stranger, company.path).status()).isEqualTo(404);
        assertThat(company.lost.post(company.path, Map.of()).problem()).isEqualTo("denied");
        assertThat(app.anonymous().post(company.path, Map.of()).status()).isEqualTo(401);
        assertThat(company.ask(company.ada).status()).isEqualTo(204);
        assertThat(own(stranger, company.path + "/agreement").status()).isEqualTo(404);
        assertThat(stranger.delete(company.path).status()).isEqualTo(404);
        assertThat(stranger.get("/api/v1/factor-resets").json().get("items").size()).isZero();
    }

    private Response own(Client by, String path) {
        return by.post(path, Map.of("code", app.codeAtOnce(by)));
    }

    @Test
    void oneAdministratorAloneIsSentToTheOperator() {
        Client ada = app.newTenant();
        Client lost = app.newColleague(ada, "analyst");
        assertThat(own(ada, "/api/v1/users/" + lost.account() + "/factor-reset").problem())
                .isEqualTo("two-administrators-needed");
        // An administrator who lost theirs, beside one other.
        Client bea = app.newColleague(ada, "tenant-admin");
        assertThat(own(ada, "/api/v1/users/" + bea.account() + "/factor-reset").problem())
                .isEqualTo("two-administrators-needed");
    }

    @Test
    void theOperatorDoesItOnlyWhereThereAreNoTwoAndIsSeen() throws IOException {
        Client ada = app.newTenant();
        Client lost = app.newColleague(ada, "analyst");
        var body = Map.of("tenant", ada.tenant(), "email", lost.email());
        String path = "/api/v1/operator/factor-resets";
        assertThat(ada.post(path, body).status()).isIn(401, 403);
        Client operator =
                app.anonymous()
                        .withKey(Files.readString(app.data().resolve("operator.token")).strip());
        assertThat(operator.post(path, body).json().get("otherAdministrators").asInt())
                .isEqualTo(1);
        String token = TestApplication.token(app.mailedLink(lost.email(), "/reset-factor"));
        Client browser = halfWay(lost);
        assertThat(open(browser, token).status()).isEqualTo(200);
        browser.setUpSecondFactor();
        assertThat(browser.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(ada.get("/api/v1/audit?limit=50").body())
                .contains("access.factor-reset-confirmed", "otherAdministrators");
        assertThat(app.mailedLink(ada.email(), "/settings/users")).isNotEmpty();

        var company = new Company();
        assertThat(
                        operator.post(
                                        path,
                                        Map.of(
                                                "tenant",
                                                company.ada.tenant(),
                                                "email",
                                                company.lost.email()))
                                .problem())
                .isEqualTo("two-administrators-needed");
        assertThat(
                        operator.post(
                                        path,
                                        Map.of(
                                                "tenant",
                                                ada.tenant(),
                                                "email",
                                                company.lost.email()))
                                .status())
                .isEqualTo(404);
    }

    @Test
    void theLinkIsForItsPersonOnlyAndOpensNothingWithoutThePassword() {
        var company = new Company();
        String token = company.link();
        assertThat(open(app.anonymous(), token).problem()).isEqualTo("not-signed-in");
        // Whoever reads the mail of somebody else has an account of their own.
        Client eve = halfWay(app.newColleague(company.ada, "analyst"));
        assertThat(open(eve, token).problem()).isEqualTo("link-used-or-expired");
        assertThat(open(halfWay(company.lost), "made-up").problem())
                .isEqualTo("link-used-or-expired");
        // A session that is complete is no place for it.
        assertThat(open(company.lost, token).problem()).isEqualTo("wrong-step");
        // With the password alone a second factor cannot be set.
        Client thief = halfWay(company.lost);
        assertThat(thief.post("/api/v1/totp/setup", Map.of()).problem()).isEqualTo("wrong-step");
        assertThat(open(halfWay(company.lost), token).status()).isEqualTo(200);
    }

    @Test
    void whatIsStoppedOpensNothingNotEvenHalfWay() {
        var company = new Company();
        String token = company.link();
        Client browser = halfWay(company.lost);
        assertThat(open(browser, token).status()).isEqualTo(200);
        browser.post("/api/v1/totp/setup", Map.of());
        // The person has their factor after all; it was somebody else who asked.
        assertThat(
                        company.lost
                                .get("/api/v1/account/factor-reset")
                                .json()
                                .get("reset")
                                .get("agreedBy")
                                .asString())
                .isNotEmpty();
        assertThat(company.lost.delete("/api/v1/account/factor-reset").status()).isEqualTo(204);
        Client late = browser;
        assertThat(late.post("/api/v1/totp/setup", Map.of()).status()).isEqualTo(200);
        assertThat(confirmAnyhow(late).problem()).isEqualTo("link-used-or-expired");
        assertThat(company.lost.get("/api/v1/users").status()).isEqualTo(200);
        assertThat(open(halfWay(company.lost), token).problem()).isEqualTo("link-used-or-expired");

        assertThat(company.ask(company.ada).status()).isEqualTo(204);
        assertThat(company.bea.delete(company.path).status()).isEqualTo(204);
        assertThat(company.agree(company.bea).status()).isEqualTo(404);
    }

    private static Response confirmAnyhow(Client browser) {
        var setup = browser.post("/api/v1/totp/setup", Map.of()).json();
        byte[] secret =
                Base32.decode(
                        setup.get("secret").asString()
                                + "="
                                        .repeat(
                                                (8 - setup.get("secret").asString().length() % 8)
                                                        % 8));
        long step = Instant.now().getEpochSecond() / 30;
        return browser.post(
                "/api/v1/totp/confirm", Map.of("code", TestApplication.Client.code(secret, step)));
    }

    @Test
    void ofManyAtOnceOneSetsTheFactor() throws Exception {
        var company = new Company();
        String token = company.link();
        List<Client> browsers =
                IntStream.range(0, 4)
                        .mapToObj(_ -> {
                            Client browser = halfWay(company.lost);
                            assertThat(open(browser, token).status()).isEqualTo(200);
                            return browser;
                        })
                        .toList();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Response>> answers =
                    threads.invokeAll(
                            browsers.stream()
                                    .map(b -> (Callable<Response>) () -> confirmAnyhow(b))
                                    .toList());
            long set = 0;
            for (var answer : answers) {
                set += answer.get().status() == 200 ? 1 : 0;
            }
            assertThat(set).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void theLinkEndsAfterADayAndADayCanBeLetPassBefore() {
        var company = new Company();
        String settings = "/api/v1/settings/factor-resets";
        assertThat(company.ada.get(settings).json().get("day").asBoolean()).isFalse();
        app.database().asOwner("UPDATE platform.step_up SET at = at - interval '301 seconds'");
        assertThat(company.ada.put(settings, Map.of("day", true)).problem())
                .isEqualTo("fresh-code-needed");
        assertThat(
                        company.ada
                                .put(
                                        settings,
                                        Map.of("day", true, "code", app.codeAtOnce(company.ada)))
                                .status())
                .isEqualTo(200);
        String token = company.link();
        assertThat(open(halfWay(company.lost), token).problem()).isEqualTo("wrong-step");
        later(company, "25 hours");
        assertThat(open(halfWay(company.lost), token).status()).isEqualTo(200);
        later(company, "24 hours");
        assertThat(open(halfWay(company.lost), token).problem()).isEqualTo("link-used-or-expired");
    }

    private void later(Company company, String time) {
        app.database()
                .asOwner(
                        "UPDATE platform.factor_reset SET usable_at = usable_at - interval '"
                                + time
                                + "', expires_at = expires_at - interval '"
                                + time
                                + "' WHERE account_id = '"
                                + company.lost.account()
                                + "'");
    }

    @Test
    void noAnswerEverShowsTheLink() {
        var company = new Company();
        String token = company.link();
        for (String path :
                List.of("/api/v1/factor-resets", "/api/v1/users", "/api/v1/audit?limit=100")) {
            assertThat(company.ada.get(path).body()).doesNotContain(token);
        }
        assertThat(company.lost.get("/api/v1/account/factor-reset").body()).doesNotContain(token);
    }

    /** What a tenant's own database role could do, if SQL got in. */
    @Test
    void aTenantsRoleCannotConfirmOne() {
        var company = new Company();
        assertThat(company.ask(company.ada).status()).isEqualTo(204);
        var scope = Scope.tenant(new TenantId(company.ada.tenant()), Principal.system("test"));
        var transactions = app.bean(Transactions.class);
        var jdbc = app.bean(JdbcClient.class);
        for (String sql :
                List.of(
                        "UPDATE platform.factor_reset SET confirmed_at = now()",
                        "SELECT token_hash FROM platform.factor_reset")) {
            assertThatThrownBy(() -> transactions.runAs(scope, () -> jdbc.sql(sql).update()))
                    .rootCause()
                    .hasMessageContaining("permission denied");
        }
    }
}
