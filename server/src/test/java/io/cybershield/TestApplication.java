package io.cybershield;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import io.cybershield.platform.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.bouncycastle.util.encoders.Base32;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole application on a fresh database and a random port, reached only as people reach it:
 * over HTTP. {@link #shared} is booted once for all tests of the JVM; tests keep apart by each
 * signing up its own tenant.
 */
public final class TestApplication implements AutoCloseable {
    public static final String PASSWORD = "correct battery horse 9";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final TestDatabase database;
    private final Path data;
    private final ConfigurableApplicationContext context;
    private final boolean first;

    private TestApplication(
            TestDatabase database,
            Path data,
            ConfigurableApplicationContext context,
            boolean first) {
        this.database = database;
        this.data = data;
        this.context = context;
        this.first = first;
    }

    private static final class Shared {
        static final TestApplication INSTANCE = boot(Map.of());
    }

    /** One for all; never close it. */
    public static TestApplication shared() {
        return Shared.INSTANCE;
    }

    /** An application of one's own, with further settings; close it. */
    public static TestApplication boot(Map<String, Object> settings) {
        return boot(TestDatabase.create(), settings);
    }

    private static TestApplication boot(TestDatabase database, Map<String, Object> settings) {
        try {
            Path data = Files.createTempDirectory("cybershield-test-data");
            return boot(database, data, settings, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Another node of the same installation: a second server on the same database, with the same
     * keys. Close it before the first.
     */
    public TestApplication secondNode(Map<String, Object> settings) {
        return boot(database, data, settings, false);
    }

    private static TestApplication boot(
            TestDatabase database, Path data, Map<String, Object> settings, boolean first) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("server.port", 0);
        all.put("server.address", "127.0.0.1");
        all.put("cybershield.data", data.toString());
        all.put("cybershield.home", "target");
        all.put("cybershield.keys", data.resolve("tenant-keys").toString());
        all.put("cybershield.developer", true);
        all.put("cybershield.db.url", database.ownerUrl());
        all.put("cybershield.access.sign-ups-per-address", 10_000);
        all.put("cybershield.access.failures-per-address", 10_000);
        all.putAll(settings);
        var context =
                new SpringApplicationBuilder(Application.class)
                        .registerShutdownHook(false)
                        .initializers(c ->
                                c.getEnvironment()
                                        .getPropertySources()
                                        .addFirst(
                                                new org.springframework.core.env.MapPropertySource(
                                                        "test", all)))
                        .run();
        return new TestApplication(database, data, context, first);
    }

    public URI address() {
        return URI.create(
                "http://127.0.0.1:"
                        + context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    /** The database behind it, for tests that look or tamper. */
    public TestDatabase database() {
        return database;
    }

    public Path data() {
        return data;
    }

    /** A bean of the running application. */
    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** A browser with no session. */
    /** All of a type. */
    public <T> java.util.Collection<T> beans(Class<T> type) {
        return context.getBeansOfType(type).values();
    }

    public Client anonymous() {
        return new Client(address());
    }

    /** Signs a new company up and its administrator in, second factor and all. */
    public Client newTenant() {
        return newTenant("Company " + UUID.randomUUID());
    }

    public Client newTenant(String company) {
        return newTenantHalfWay(company).setUpSecondFactor();
    }

    /** As {@link #newTenant}, but with the password only: the second factor is not set up. */
    public Client newTenantHalfWay(String company) {
        String email = "admin-" + UUID.randomUUID() + "@example.org";
        Client admin = anonymous();
        expect(
                admin.post(
                        "/api/v1/sign-up",
                        Map.of(
                                "company",
                                company,
                                "name",
                                "Ada Admin",
                                "email",
                                email,
                                "password",
                                PASSWORD)),
                202);
        expect(
                admin.post(
                        "/api/v1/sign-up/verify",
                        Map.of("token", token(mailedLink(email, "/verify")))),
                200);
        return admin.signIn(email, PASSWORD);
    }

    /** A colleague in the tenant of this administrator, invited and signed in. */
    public Client newColleague(Client admin, String role) {
        String email = role + "-" + UUID.randomUUID() + "@example.org";
        expect(admin.post("/api/v1/invitations", Map.of("email", email, "role", role)), 201);
        Client colleague = anonymous();
        expect(
                colleague.post(
                        "/api/v1/invitations/accept",
                        Map.of(
                                "token",
                                token(mailedLink(email, "/invitation")),
                                "name",
                                "Cora " + role,
                                "password",
                                PASSWORD)),
                200);
        colleague.signIn(email, PASSWORD);
        colleague.setUpSecondFactor();
        return colleague;
    }

    /** A code that works now, however many were used: the account forgets which it has seen. */
    public String codeAtOnce(Client who) {
        database.asOwner(
                "UPDATE platform.account SET totp_step = 0 WHERE id = '" + who.account() + "'");
        who.lastStep = 0;
        return who.nextCode();
    }

    /** Shows the second factor once more: for five minutes the session counts as confirmed. */
    public Client confirmed(Client who) {
        var answer = who.post("/api/v1/account/step-up", Map.of("code", codeAtOnce(who)));
        assertThat(answer.status()).as(answer.body()).isBetween(200, 204);
        return who;
    }

    /** The newest link to that page in a mail to that address; waits for the mail. */
    public String mailedLink(String to, String page) {
        Client reader = anonymous();
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            JsonNode mails =
                                    reader.get("/api/v1/developer/mailbox?limit=200").json();
                            for (JsonNode mail : mails.get("items")) {
                                for (JsonNode link : mail.get("links")) {
                                    if (mail.get("to").asString().equals(to)
                                            && link.asString().contains(page)) {
                                        return link.asString();
                                    }
                                }
                            }
                            return "";
                        },
                        link -> !link.isEmpty());
    }

    /** The token in a mailed link. */
    public static String token(String link) {
        return link.substring(link.indexOf("token=") + "token=".length());
    }

    static Response expect(Response response, int status) {
        if (response.status() != status) {
            throw new AssertionError(
                    "Expected "
                            + status
                            + " but got "
                            + response.status()
                            + ": "
                            + response.body());
        }
        return response;
    }

    @Override
    public void close() {
        context.close();
        if (first) {
            database.close();
        }
    }

    /** An answer, with its body as text. */
    public record Response(HttpResponse<String> raw) {
        public int status() {
            return raw.statusCode();
        }

        public String body() {
            return raw.body();
        }

        public JsonNode json() {
            return JSON.readTree(raw.body());
        }

        public String header(String name) {
            return raw.headers().firstValue(name).orElse("");
        }

        /** The problem's slug; empty if the answer is no problem. */
        public String problem() {
            return header("Content-Type").startsWith("application/problem+json")
                    ? json().get("type").asString().replace("/problems/", "")
                    : "";
        }
    }

    /** One browser: its cookies, and the CSRF header as the UI sends it. */
    public static final class Client {
        private static final long STEP_SECONDS = 30;
        private final URI base;
        private final CookieManager cookies;
        private final HttpClient http;
        private String email = "";
        private byte[] totpSecret = new byte[0];
        private long lastStep;
        private String key = "";
        private String from = "";
        private JsonNode session = JSON.createObjectNode();
        private JsonNode confirmation = JSON.createObjectNode();

        Client(URI base) {
            this(base, new CookieManager(null, CookiePolicy.ACCEPT_ALL));
        }

        private Client(URI base, CookieManager cookies) {
            this.base = base;
            this.cookies = cookies;
            this.http =
                    HttpClient.newBuilder()
                            .cookieHandler(cookies)
                            .connectTimeout(Duration.ofSeconds(10))
                            .build();
        }

        /** The same browser or program, led to another node; cookies are one for both. */
        public Client at(TestApplication node) {
            var there = new Client(node.address(), cookies);
            there.email = email;
            there.totpSecret = totpSecret;
            there.lastStep = lastStep;
            there.key = key;
            there.from = from;
            there.session = session;
            there.confirmation = confirmation;
            return there;
        }

        public URI base() {
            return base;
        }

        public HttpClient http() {
            return http;
        }

        public String email() {
            return email;
        }

        /** The session as last answered by a step of signing in. */
        public JsonNode session() {
            return session;
        }

        /** What setting the second factor up answered: recovery codes and session. */
        public JsonNode confirmation() {
            return confirmation;
        }

        public UUID account() {
            return UUID.fromString(session.get("user").get("id").asString());
        }

        public UUID tenant() {
            return UUID.fromString(session.get("tenant").get("id").asString());
        }

        public byte[] totpSecret() {
            return totpSecret.clone();
        }

        public Response get(String path) {
            return send(request(path).GET());
        }

        public Response post(String path, Object body) {
            return send(csrf(json(path, "POST", body)));
        }

        public Response put(String path, Object body) {
            return send(csrf(json(path, "PUT", body)));
        }

        public Response patch(String path, Object body) {
            return send(csrf(json(path, "PATCH", body)));
        }

        public Response delete(String path) {
            return send(csrf(request(path).DELETE()));
        }

        /** A request of one's own making; cookies are added, the CSRF header is not. */
        public HttpRequest.Builder request(String path) {
            var request =
                    HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(60));
            if (!from.isEmpty()) {
                request.header("X-Forwarded-For", from);
            }
            return key.isEmpty() ? request : request.header("Authorization", "Bearer " + key);
        }

        /** Says with each request from now on that it was passed on for that address. */
        public Client from(String address) {
            from = address;
            return this;
        }

        /** Shows that API key with each request from now on. */
        public Client withKey(String secret) {
            key = secret;
            return this;
        }

        /** Adds the CSRF header. */
        public HttpRequest.Builder csrf(HttpRequest.Builder request) {
            if (cookie("XSRF-TOKEN").isEmpty()) {
                get("/api/v1/session");
            }
            return request.setHeader("X-XSRF-TOKEN", cookie("XSRF-TOKEN"));
        }

        public HttpRequest.Builder json(String path, String method, Object body) {
            return request(path)
                    .header("Content-Type", "application/json")
                    .method(
                            method,
                            HttpRequest.BodyPublishers.ofString(
                                    JSON.writeValueAsString(body), UTF_8));
        }

        public Response send(HttpRequest.Builder request) {
            try {
                var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
                ApiContract.holds(answer);
                return new Response(answer);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** A cookie's value; empty if there is none. */
        public String cookie(String name) {
            return cookies.getCookieStore().getCookies().stream()
                    .filter(cookie -> cookie.getName().equals(name))
                    .map(HttpCookie::getValue)
                    .findFirst()
                    .orElse("");
        }

        public void setCookie(String name, String value) {
            var cookie = new HttpCookie(name, value);
            cookie.setPath("/");
            cookie.setVersion(0);
            cookies.getCookieStore().add(base, cookie);
        }

        /** First factor. */
        public Client signIn(String address, String password) {
            email = address;
            session =
                    expect(
                                    post(
                                            "/api/v1/sign-in",
                                            Map.of("email", address, "password", password)),
                                    200)
                            .json();
            return this;
        }

        /** Second factor for the first time. */
        public Client setUpSecondFactor() {
            JsonNode setup = expect(post("/api/v1/totp/setup", Map.of()), 200).json();
            totpSecret = Base32.decode(padded(setup.get("secret").asString()));
            confirmation =
                    expect(post("/api/v1/totp/confirm", Map.of("code", nextCode())), 200).json();
            session = confirmation.get("session");
            return this;
        }

        /** Second factor of an account that another browser set up. */
        public Client useSecondFactorOf(Client other) {
            totpSecret = other.totpSecret;
            String code = other.nextCode();
            lastStep = other.lastStep;
            session = expect(post("/api/v1/sign-in/totp", Map.of("code", code)), 200).json();
            return this;
        }

        /**
         * A code that the server has not seen and will take for ten seconds more; waits when there
         * is none.
         */
        public String nextCode() {
            long step =
                    Awaitility.await()
                            .atMost(Duration.ofSeconds(70))
                            .until(
                                    () -> {
                                        long second = Instant.now().getEpochSecond();
                                        long oldest = (second + 10) / STEP_SECONDS - 1;
                                        long next = Math.max(oldest, lastStep + 1);
                                        return next <= second / STEP_SECONDS + 1 ? next : 0L;
                                    },
                                    next -> next > 0);
            lastStep = step;
            return code(totpSecret, step);
        }

        public static String code(byte[] secret, long step) {
            try {
                return new TimeBasedOneTimePasswordGenerator()
                        .generateOneTimePasswordString(
                                new SecretKeySpec(secret, "HmacSHA1"),
                                Instant.ofEpochSecond(step * STEP_SECONDS));
            } catch (java.security.InvalidKeyException e) {
                throw new IllegalStateException(e);
            }
        }

        private static String padded(String base32) {
            return base32 + "=".repeat((8 - base32.length() % 8) % 8);
        }
    }
}
