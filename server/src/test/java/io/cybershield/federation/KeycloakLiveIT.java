package io.cybershield.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import io.cybershield.federation.LiveKeycloak.Browser;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The real Keycloak as a company's provider, through its own sign-in form. Runs with {@code
 * -Dsuite=live}, which unpacks its distribution to {@code target/keycloak}.
 */
@Tag("live")
class KeycloakLiveIT {
    private static final String PASSWORD = "keycloak battery 4";
    private static final Pattern FORM = Pattern.compile("action=\"([^\"]+)\"");

    @Test
    void somebodyOfItsRealmSignsInThroughItsForm() throws Exception {
        String domain = "k" + UUID.randomUUID().toString().substring(0, 13) + ".example";
        try (var dns = new TestDns();
                var app =
                        TestApplication.boot(
                                Map.of(
                                        "cybershield.federation.allowed-hosts",
                                        "127.0.0.1",
                                        "cybershield.federation.dns-servers",
                                        dns.address()))) {
            Client admin = app.newTenant();
            app.confirmed(admin);
            String redirect =
                    admin.get("/api/v1/identity-provider").json().get("redirectUri").asString();
            try (var keycloak =
                    LiveKeycloak.start(
                            Map.of(
                                    "clients",
                                    List.of(LiveKeycloak.client(redirect)),
                                    "users",
                                    List.of(person("jo@" + domain))))) {
                setUp(admin, dns, keycloak, domain);

                Client jo = app.anonymous();
                Response opened = signIn(jo, keycloak, redirect, "jo@" + domain);
                assertThat(opened.status()).as(opened.body()).isEqualTo(200);
                jo.setUpSecondFactor();
                assertThat(jo.session().get("user").get("email").asString())
                        .isEqualTo("jo@" + domain);
                assertThat(jo.session().get("user").get("name").asString()).isEqualTo("Jo Neu");
                assertThat(jo.session().get("user").get("role").asString()).isEqualTo("none");
                // And again, as the same person.
                Client again = app.anonymous();
                signIn(again, keycloak, redirect, "jo@" + domain);
                assertThat(again.get("/api/v1/session").json().get("user").get("id").asString())
                        .isEqualTo(jo.account().toString());
            }
        }
    }

    static void setUp(Client admin, TestDns dns, LiveKeycloak keycloak, String domain) {
        Response test =
                admin.post(
                        "/api/v1/identity-provider/test",
                        Map.of(
                                "issuer",
                                keycloak.issuer(),
                                "clientId",
                                "cybershield",
                                "secret",
                                "keycloak-secret"));
        assertThat(test.json().get("checks").valueStream().map(c -> c.get("right").asBoolean()))
                .as(test.body())
                .containsExactly(true, true, true);
        assertThat(
                        admin.post(
                                        "/api/v1/identity-provider/test",
                                        Map.of(
                                                "issuer",
                                                keycloak.issuer(),
                                                "clientId",
                                                "cybershield",
                                                "secret",
                                                "wrong"))
                                .body())
                .contains("the secret is wrong");
        Response added = admin.post("/api/v1/identity-provider/domains", Map.of("domain", domain));
        dns.put(added.json().get("record").asString(), added.json().get("text").asString());
        assertThat(
                        admin.post(
                                        "/api/v1/identity-provider/domains/" + domain + "/proof",
                                        Map.of())
                                .status())
                .isEqualTo(200);
        Response set =
                admin.put(
                        "/api/v1/identity-provider",
                        Map.of(
                                "name",
                                "Keycloak",
                                "issuer",
                                keycloak.issuer(),
                                "clientId",
                                "cybershield",
                                "secret",
                                "keycloak-secret",
                                "mode",
                                "offered",
                                "newPeople",
                                true,
                                "trustsFactors",
                                false,
                                "revision",
                                0));
        assertThat(set.status()).as(set.body()).isEqualTo(200);
    }

    /**
     * As a browser does: to Keycloak's form, with address and password, and back with its answer.
     */
    private static Response signIn(
            Client browser, LiveKeycloak keycloak, String redirect, String email)
            throws IOException, InterruptedException {
        Response begun = browser.post("/api/v1/sign-in/provider-begin", Map.of("email", email));
        assertThat(begun.status()).as(begun.body()).isEqualTo(200);
        var there = new Browser();
        var form = there.get(URI.create(begun.json().get("location").asString()));
        var answer =
                there.post(
                        Browser.in(form, FORM),
                        Map.of("username", email, "password", PASSWORD, "credentialId", ""));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
        return answered(browser, keycloak, redirect, Browser.location(answer));
    }

    /** Brings the provider's answer to us, as our page does. */
    static Response answered(Client browser, LiveKeycloak keycloak, String redirect, URI back) {
        assertThat(back.toString()).startsWith(redirect + "?");
        var sent = TestProvider.form(back.getRawQuery());
        assertThat(sent).containsEntry("iss", keycloak.issuer());
        return browser.post(
                "/api/v1/sign-in/provider-answer",
                Map.of(
                        "provider",
                        redirect.substring(redirect.lastIndexOf('/') + 1),
                        "state",
                        sent.get("state"),
                        "code",
                        sent.get("code"),
                        "iss",
                        sent.get("iss")));
    }

    private static Map<String, Object> person(String email) {
        return Map.of(
                "username",
                email,
                "email",
                email,
                "emailVerified",
                true,
                "enabled",
                true,
                "firstName",
                "Jo",
                "lastName",
                "Neu",
                "credentials",
                List.of(Map.of("type", "password", "value", PASSWORD)));
    }
}
