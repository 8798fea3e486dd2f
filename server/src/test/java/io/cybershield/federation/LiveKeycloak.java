package io.cybershield.federation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * The real Keycloak, a process of its own on loopback with one realm; one at a time, also where
 * tests run side by side, as all have one home.
 */
record LiveKeycloak(Process process, int port, FileChannel turn) implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The client that stands for us, as a company registers it there. */
    static Map<String, Object> client(String redirect) {
        return Map.of(
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
                Map.of("pkce.code.challenge.method", "S256"));
    }

    /**
     * @param realm all of it but its name
     */
    static LiveKeycloak start(Map<String, Object> realm) throws IOException {
        Path home;
        try (var found = Files.list(Path.of("target", "keycloak"))) {
            home = found.findFirst().orElseThrow();
        }
        var turn =
                FileChannel.open(
                        Path.of("target", "keycloak.lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        turn.lock();
        // What is kept of another realm would be taken for this one.
        FileSystemUtils.deleteRecursively(home.resolve("data"));
        Path realms = Files.createDirectories(home.resolve("data/import"));
        Map<String, Object> named = new LinkedHashMap<>(Map.of("realm", "main", "enabled", true));
        named.putAll(realm);
        Files.writeString(realms.resolve("main-realm.json"), JSON.writeValueAsString(named));
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
        var keycloak = new LiveKeycloak(builder.start(), port, turn);
        try {
            Awaitility.await()
                    .atMost(Duration.ofMinutes(4))
                    .pollInterval(Duration.ofSeconds(1))
                    .ignoreExceptions()
                    .until(() -> {
                        assertThat(keycloak.process.isAlive()).isTrue();
                        var discovery =
                                URI.create(keycloak.issuer() + "/.well-known/openid-configuration");
                        return new Browser().get(discovery).statusCode() == 200;
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

    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        turn.close();
    }

    /** Keeps cookies, fills forms, and follows redirects only when it is told to. */
    static final class Browser {
        private final Map<String, String> cookies = new LinkedHashMap<>();

        HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
            return send(HttpRequest.newBuilder(uri).GET());
        }

        HttpResponse<String> post(URI uri, Map<String, String> form)
                throws IOException, InterruptedException {
            String body =
                    form.entrySet().stream()
                            .map(field ->
                                    field.getKey()
                                            + "="
                                            + URLEncoder.encode(field.getValue(), UTF_8))
                            .collect(Collectors.joining("&"));
            return send(
                    HttpRequest.newBuilder(uri)
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(HttpRequest.BodyPublishers.ofString(body)));
        }

        /** Where an answer leads within its own host, until it leads elsewhere or nowhere. */
        HttpResponse<String> follow(HttpResponse<String> from)
                throws IOException, InterruptedException {
            var now = from;
            for (int i = 0; i < 10; i++) {
                var next = location(now);
                if (next == null || !next.getAuthority().equals(now.uri().getAuthority())) {
                    break;
                }
                now = get(next);
            }
            return now;
        }

        /** Where it redirects to; null where it does not. */
        static URI location(HttpResponse<String> answer) {
            return answer.headers().firstValue("Location").map(answer.uri()::resolve).orElse(null);
        }

        /** An address in a page, as an attribute has it. */
        static URI in(HttpResponse<String> page, Pattern attribute) {
            Matcher found = attribute.matcher(page.body());
            assertThat(found.find()).as(page.statusCode() + " " + page.body()).isTrue();
            return page.uri().resolve(found.group(1).replace("&amp;", "&"));
        }

        private HttpResponse<String> send(HttpRequest.Builder request)
                throws IOException, InterruptedException {
            request.timeout(Duration.ofSeconds(30));
            if (!cookies.isEmpty()) {
                request.header(
                        "Cookie",
                        cookies.entrySet().stream()
                                .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                                .collect(Collectors.joining("; ")));
            }
            try (var http = HttpClient.newHttpClient()) {
                var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
                for (String cookie : answer.headers().allValues("Set-Cookie")) {
                    String[] pair = cookie.split(";", 2)[0].split("=", 2);
                    if (cookie.contains("Max-Age=0")) {
                        cookies.remove(pair[0]);
                    } else {
                        cookies.put(pair[0], pair[1]);
                    }
                }
                return answer;
            }
        }
    }
}
