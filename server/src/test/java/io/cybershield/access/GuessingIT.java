package io.cybershield.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cybershield.TestApplication;
import io.cybershield.TestApplication.Client;
import io.cybershield.platform.ProblemException;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Guessing against several nodes, and at the token endpoint; behind a proxy that is trusted. */
class GuessingIT {
    private static final String HERE = "203.0.113.7";
    private static final String ELSEWHERE = "198.51.100.7";
    private static TestApplication app;

    @BeforeAll
    static void boot() {
        app = TestApplication.boot(Map.of("cybershield.trusted-proxies", "127.0.0.1/32"));
    }

    @AfterAll
    static void close() {
        app.close();
    }

    /** As another node has it: nothing in common but the database. */
    private static Throttle otherNode() {
        return new Throttle(
                app.bean(AccessSettings.class),
                new JdbcFailedTries(app.bean(JdbcClient.class), app.bean(Transactions.class)),
                Clock.systemUTC());
    }

    private static int signIn(Client who, String from, String password) {
        Client browser = app.anonymous().from(from);
        return browser.post("/api/v1/sign-in", Map.of("email", who.email(), "password", password))
                .status();
    }

    @Test
    void whatFailedAtOneNodeDelaysAtTheOthers() {
        Client ada = app.newTenant();
        Throttle other = otherNode();
        for (int i = 0; i < 10; i++) {
            other.failed("password", ada.email(), HERE);
        }
        assertThat(signIn(ada, HERE, TestApplication.PASSWORD)).isEqualTo(429);
        // From her own network she comes in.
        assertThat(signIn(ada, ELSEWHERE, TestApplication.PASSWORD)).isEqualTo(200);
        other.succeeded("password", ada.email(), HERE);
        assertThat(signIn(ada, HERE, TestApplication.PASSWORD)).isEqualTo(200);
    }

    @Test
    void whatFailedHereDelaysAtTheOthersAndNobodysNameIsKept() {
        Client ada = app.newTenant();
        for (int i = 0; i < 6; i++) {
            int status = signIn(ada, HERE, "wrong horse battery " + i);
            assertThat(status).isIn(401, 429);
        }
        Throttle other = otherNode();
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 3; i++) {
                                other.failed("password", ada.email(), HERE);
                            }
                            other.admit("password", ada.email(), HERE);
                        })
                .isInstanceOf(ProblemException.class);
        other.admit("password", ada.email(), ELSEWHERE);
    }

    /** A header that a stranger makes up gives no fresh start. */
    @Test
    void forgedHeadersGiveNoFreshStart() {
        Client ada = app.newTenant();
        int slowed = 0;
        for (int i = 0; i < 9; i++) {
            slowed +=
                    signIn(ada, "192.0.2." + i + ", " + HERE, "wrong horse battery " + i) == 429
                            ? 1
                            : 0;
        }
        assertThat(slowed).isPositive();
    }

    @Test
    void wrongSecretsAtTheTokenEndpointAreSlowedWhereTheyComeFromAndNowhereElse() throws Exception {
        Client ada = app.newTenant();
        String service =
                ada.post(
                                "/api/v1/service-accounts",
                                Map.of("name", "robot", "description", "", "role", "analyst"))
                        .json()
                        .get("id")
                        .asString();
        JsonNode made =
                ada.post(
                                "/api/v1/oauth-clients",
                                Map.of(
                                        "name",
                                        "robot",
                                        "serviceAccount",
                                        service,
                                        "scopes",
                                        List.of("incident:read"),
                                        "code",
                                        app.codeAtOnce(ada)))
                        .json();
        String id = made.get("client").get("id").asString();
        String secret = made.get("secret").asString();
        assertThat(token(HERE, id, secret).statusCode()).isEqualTo(200);
        for (int i = 0; i < 50; i++) {
            assertThat(token(HERE, id, "wrong").statusCode()).isEqualTo(401);
        }
        var slowed = token(HERE, id, secret);
        assertThat(slowed.statusCode()).isEqualTo(429);
        assertThat(slowed.headers().firstValue("Retry-After")).isPresent();
        // A stranger who knows the id delays nobody but themselves; nor people in the same office.
        assertThat(token(ELSEWHERE, id, secret).statusCode()).isEqualTo(200);
        assertThat(signIn(ada, HERE, TestApplication.PASSWORD)).isEqualTo(200);
        assertThat(token(HERE, UUID.randomUUID().toString(), "x").statusCode()).isEqualTo(401);
    }

    private static HttpResponse<String> token(String from, String id, String secret)
            throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            URI address = app.address().resolve("/oauth2/token");
            return http.send(
                    HttpRequest.newBuilder(address)
                            .header("X-Forwarded-For", from)
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            "grant_type=client_credentials&client_id="
                                                    + id
                                                    + "&client_secret="
                                                    + secret,
                                            UTF_8))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
