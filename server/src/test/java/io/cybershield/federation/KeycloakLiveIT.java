package io.cybershield.federation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.TestApplication.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * The real Keycloak as a company's provider, through its own sign-in form. Runs with {@code
 * -Dsuite=live}, which unpacks its distribution to {@code target/keycloak}.
 */
@Tag("live")
class KeycloakLiveIT {
    private static final String PASSWORD = "keycloak battery 4";
    private static final Pattern FORM = Pattern.compile("action=\"([^\"]+)\"");
    private static final JsonMapper JSON = JsonMapper.builder().build();

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
            try (var keycloak = Keycloak.start(redirect, "jo@" + domain)) {
                setUp(admin, dns, keycloak, domain);

                Client jo = app.anonymous();
                Response opened = signIn(jo, keycloak, redirect, "jo@" + domain, PASSWORD);
                assertThat(opened.status()).as(opened.body()).isEqualTo(200);
                jo.setUpSecondFactor();
                assertThat(jo.session().get("user").get("email").asString())
                        .isEqualTo("jo@" + domain);
                assertThat(jo.session().get("user").get("name").asString()).isEqualTo("Jo Neu");
                assertThat(jo.session().get("user").get("role").asString()).isEqualTo("none");
                // And again, as the same person.
                Client again = app.anonymous();
                signIn(again, keycloak, redirect, "jo@" + domain, PASSWORD);
                assertThat(again.get("/api/v1/session").json().get("user").get("id").asString())
                        .isEqualTo(jo.account().toString());
            }
        }
    }

    private static void setUp(Client admin, TestDns dns, Keycloak keycloak, String domain) {
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
            Client browser, Keycloak keycloak, String redirect, String email, String password)
            throws IOException, InterruptedException {
        Response begun = browser.post("/api/v1/sign-in/provider-begin", Map.of("email", email));
        assertThat(begun.status()).as(begun.body()).isEqualTo(200);
        URI back =
                keycloak.signIn(
                        URI.create(begun.json().get("location").asString()), email, password);
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

    /** Its own process, on loopback, with one realm that has one client and one person. */
    private record Keycloak(Process process, int port) implements AutoCloseable {
        static Keycloak start(String redirect, String email) throws IOException {
            Path home;
            try (var found = Files.list(Path.of("target", "keycloak"))) {
                home = found.findFirst().orElseThrow();
            }
            Path realms = Files.createDirectories(home.resolve("data/import"));
            Files.writeString(
                    realms.resolve("main-realm.json"),
                    JSON.writeValueAsString(
                            Map.of(
                                    "realm",
                                    "main",
                                    "enabled",
                                    true,
                                    "clients",
                                    List.of(
                                            Map.of(
                                                    "clientId",
                                                    "cybershield",
                                                    "secret",
                                                    "keycloak-secret",
                                                    "publicClient",
                                                    false,
                                                    "standardFlowEnabled",
                                                    true,
                                                    "redirectUris",
                                                    List.of(redirect),
                                                    "attributes",
                                                    Map.of("pkce.code.challenge.method", "S256"))),
                                    "users",
                                    List.of(
                                            Map.of(
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
                                                    List.of(
                                                            Map.of(
                                                                    "type",
                                                                    "password",
                                                                    "value",
                                                                    PASSWORD)))))));
            int port = freePort();
            var builder =
                    new ProcessBuilder(
                                    "bash",
                                    home.resolve("bin/kc.sh").toString(),
                                    "start-dev",
                                    "--http-host=127.0.0.1",
                                    "--http-port=" + port,
                                    "--cache=local",
                                    "--import-realm")
                            .redirectErrorStream(true)
                            .redirectOutput(Path.of("target", "keycloak.log").toFile());
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().put("JAVA_OPTS_KC_HEAP", "-Xms128m -Xmx640m");
            var keycloak = new Keycloak(builder.start(), port);
            try {
                Awaitility.await()
                        .atMost(Duration.ofMinutes(4))
                        .pollInterval(Duration.ofSeconds(1))
                        .ignoreExceptions()
                        .until(() -> {
                            assertThat(keycloak.process.isAlive()).isTrue();
                            return keycloak.get(
                                                    URI.create(
                                                            keycloak.issuer()
                                                                    + "/.well-known/openid-configuration"),
                                                    Map.of())
                                            .statusCode()
                                    == 200;
                        });
            } catch (RuntimeException e) {
                keycloak.close();
                throw e;
            }
            return keycloak;
        }

        private static int freePort() throws IOException {
            try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            }
        }

        String issuer() {
            return "http://127.0.0.1:" + port + "/realms/main";
        }

        URI signIn(URI location, String email, String password)
                throws IOException, InterruptedException {
            var form = get(location, Map.of());
            assertThat(form.statusCode()).as(form.body()).isEqualTo(200);
            Map<String, String> cookies = new LinkedHashMap<>();
            for (String cookie : form.headers().allValues("Set-Cookie")) {
                String[] pair = cookie.split(";", 2)[0].split("=", 2);
                cookies.put(pair[0], pair[1]);
            }
            var action = FORM.matcher(form.body());
            assertThat(action.find()).as(form.body()).isTrue();
            var answer =
                    send(
                            request(URI.create(action.group(1).replace("&amp;", "&")), cookies)
                                    .header("Content-Type", "application/x-www-form-urlencoded")
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    "username="
                                                            + URLEncoder.encode(email, UTF_8)
                                                            + "&password="
                                                            + URLEncoder.encode(password, UTF_8)
                                                            + "&credentialId=")));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(302);
            return URI.create(answer.headers().firstValue("Location").orElseThrow());
        }

        private HttpResponse<String> get(URI uri, Map<String, String> cookies)
                throws IOException, InterruptedException {
            return send(request(uri, cookies).GET());
        }

        private static HttpRequest.Builder request(URI uri, Map<String, String> cookies) {
            var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30));
            return cookies.isEmpty()
                    ? request
                    : request.header(
                            "Cookie",
                            cookies.entrySet().stream()
                                    .map(c -> c.getKey() + "=" + c.getValue())
                                    .collect(Collectors.joining("; ")));
        }

        private static HttpResponse<String> send(HttpRequest.Builder request)
                throws IOException, InterruptedException {
            try (var http = HttpClient.newHttpClient()) {
                return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            }
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        }
    }
}
