package io.cybershield.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A demonstration behind HTTPS: one link opens everything, once; no mailbox without its flag. */
class DemoIT {
    private static TestApplication app;

    @BeforeAll
    static void boot() {
        app =
                TestApplication.boot(
                        Map.of(
                                "cybershield.demo",
                                true,
                                "cybershield.developer",
                                false,
                                "cybershield.public-url",
                                "https://demo.example.org"));
    }

    @AfterAll
    static void close() {
        app.close();
    }

    @Test
    void operatorMakesATenantAndItsLinkSignsInOnce() throws IOException {
        var answer =
                app.anonymous()
                        .send(
                                app.anonymous()
                                        .json(
                                                "/api/v1/operator/demo-tenant",
                                                "POST",
                                                Map.of(
                                                        "company",
                                                        "Demo Ltd",
                                                        "email",
                                                        "demo@example.org",
                                                        "name",
                                                        "Dana Demo"))
                                        .header(
                                                "Authorization",
                                                "Bearer "
                                                        + Files.readString(
                                                                        app.data()
                                                                                .resolve(
                                                                                        "operator.token"))
                                                                .strip()));
        assertThat(answer.status()).isEqualTo(200);
        String link = answer.json().get("link").asString();
        assertThat(link).startsWith("https://demo.example.org/sign-in/link?token=");

        // Cookies are Secure here, so the browser's part is played by hand.
        var first = app.anonymous().get("/api/v1/session");
        assertThat(first.json().get("demo").asBoolean()).isTrue();
        assertThat(first.header("Strict-Transport-Security")).startsWith("max-age=31536000");
        String csrf = cookie(first, "XSRF-TOKEN");
        var signedIn = signIn(link, csrf);
        assertThat(signedIn.status()).isEqualTo(200);
        assertThat(signedIn.json().get("state").asString()).isEqualTo("active");
        assertThat(signedIn.raw().headers().allValues("Set-Cookie"))
                .allSatisfy(cookie -> assertThat(cookie).contains("; Secure"));
        var users =
                app.anonymous()
                        .send(
                                app.anonymous()
                                        .request("/api/v1/users")
                                        .header(
                                                "Cookie",
                                                "CSSESSION=" + cookie(signedIn, "CSSESSION")));
        assertThat(users.body()).contains("demo@example.org");
        assertThat(signIn(link, csrf).problem()).isEqualTo("link-used-or-expired");
    }

    @Test
    void mailboxIsNotThereWithoutItsFlag() {
        var answer = app.anonymous().get("/api/v1/developer/mailbox");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.problem()).isEqualTo("not-found");
    }

    private static TestApplication.Response signIn(String link, String csrf) {
        var client = app.anonymous();
        return client.send(
                client.json(
                                "/api/v1/sign-in/link",
                                "POST",
                                Map.of("token", TestApplication.token(link)))
                        .header("Cookie", "XSRF-TOKEN=" + csrf)
                        .header("X-XSRF-TOKEN", csrf));
    }

    private static String cookie(TestApplication.Response response, String name) {
        return response.raw().headers().allValues("Set-Cookie").stream()
                .filter(c -> c.startsWith(name + "="))
                .map(c -> c.substring(name.length() + 1, c.indexOf(';')))
                .findFirst()
                .orElseThrow();
    }
}
