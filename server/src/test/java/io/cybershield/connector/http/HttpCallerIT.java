package io.cybershield.connector.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.cybershield.connector.Connector.Call;
import io.cybershield.engine.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests to a real server on the loopback, which these tests allow. */
class HttpCallerIT {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private final HttpCaller caller =
            new HttpCaller(
                    new HttpSettings(
                            Set.of("127.0.0.1"),
                            Duration.ofSeconds(3),
                            1000,
                            Duration.ofMinutes(1)));
    private final AtomicInteger status = new AtomicInteger(200);
    private final AtomicReference<String> key = new AtomicReference<>("");
    private final AtomicReference<String> body = new AtomicReference<>("hello");
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    key.set(
                            String.valueOf(
                                    exchange.getRequestHeaders().getFirst("Idempotency-Key")));
                    if (status.get() == 0) {
                        exchange.close(); // the answer is lost after the request was read
                        return;
                    }
                    exchange.getResponseHeaders().set("Retry-After", "7");
                    exchange.getResponseHeaders().set("Location", "http://169.254.169.254/");
                    byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status.get(), bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() throws IOException {
        server.stop(0);
        caller.destroy();
    }

    private Outcome send(String method) {
        return caller.send(
                method,
                new Call(
                        "run/step",
                        Map.of(
                                "url",
                                "http://127.0.0.1:" + server.getAddress().getPort() + "/x",
                                "body",
                                "{}"),
                        NOW));
    }

    @Test
    void anAnswerBecomesOutputAndTheKeyIsSent() {
        assertThat(send("POST"))
                .isEqualTo(new Outcome.Succeeded(null, Map.of("status", 200L, "body", "hello")));
        assertThat(key.get()).isEqualTo("run/step");
    }

    @Test
    void retryAfterIsHonoured() {
        status.set(503);
        assertThat(send("POST"))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        f -> {
                            assertThat(f.retryable()).isTrue();
                            assertThat(f.notBefore()).isEqualTo(NOW.plusSeconds(7));
                        });
    }

    @Test
    void aRedirectIsNotFollowed() {
        status.set(302);
        assertThat(send("GET"))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class, f -> assertThat(f.retryable()).isFalse());
    }

    @Test
    void aLostAnswerIsInDoubtWhenTheRequestMayHaveActed() {
        status.set(0);
        assertThat(send("POST")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(send("GET"))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class, f -> assertThat(f.retryable()).isTrue());
    }

    @Test
    void anAnswerThatIsTooLargeFails() {
        body.set("x".repeat(1001));
        assertThat(send("GET"))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class, f -> assertThat(f.reason()).contains("1000 bytes"));
    }

    @Test
    void readsRetryAfterAsSecondsOrAsADate() {
        Instant at = Instant.parse("2026-11-22T10:00:00Z");
        assertThat(HttpCaller.retryAfter("120", at)).isEqualTo(at.plusSeconds(120));
        assertThat(HttpCaller.retryAfter("Sun, 22 Nov 2026 10:05:00 GMT", at))
                .isEqualTo(at.plusSeconds(300));
        assertThat(HttpCaller.retryAfter("Sun, 22 Nov 2026 09:00:00 GMT", at)).isNull();
        for (String nonsense : List.of("", "soon", "-5", "1e9", "99999999999999999999")) {
            assertThat(HttpCaller.retryAfter(nonsense, at)).as(nonsense).isNull();
        }
    }
}
