package io.cybershield.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running server's API; what it refuses becomes a {@link Refused} that a person can read. */
final class Api {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http;
    private final URI base;

    /**
     * What the server would not do.
     *
     * @see #places()
     */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;
        private final int status;
        private final ArrayList<String> places;

        Refused(int status, String message, List<String> places) {
            super(message);
            this.status = status;
            this.places = new ArrayList<>(places);
        }

        int status() {
            return status;
        }

        /** "where: what and the mend", as the server names them; often empty. */
        List<String> places() {
            return List.copyOf(places);
        }
    }

    Api(HttpClient http, URI base) {
        this.http = http;
        this.base = base;
    }

    URI base() {
        return base;
    }

    JsonNode get(String path, Map<String, String> headers)
            throws IOException, InterruptedException {
        return send("GET", path, headers, BodyPublishers.noBody(), PATIENCE);
    }

    JsonNode post(String path, Map<String, String> headers, Object body)
            throws IOException, InterruptedException {
        var all = new java.util.LinkedHashMap<>(headers);
        all.put("Content-Type", "application/json");
        return send(
                "POST",
                path,
                all,
                BodyPublishers.ofString(JSON.writeValueAsString(body)),
                PATIENCE);
    }

    /** Streams a body; may take as long as it takes. */
    JsonNode stream(String path, Map<String, String> headers, Supplier<InputStream> body)
            throws IOException, InterruptedException {
        return send("POST", path, headers, BodyPublishers.ofInputStream(body), null);
    }

    /** Asks by POST and writes what comes to a file; may take as long as it takes. */
    void download(String path, Map<String, String> headers, Path to)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(base.resolve(path)).POST(BodyPublishers.noBody());
        headers.forEach(request::setHeader);
        try {
            var answer = http.send(request.build(), BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                if (answer.statusCode() / 100 != 2) {
                    throw refused(
                            answer.statusCode(),
                            new String(body.readNBytes(1 << 16), StandardCharsets.UTF_8));
                }
                Files.deleteIfExists(to); // of an attempt that was cut off
                Files.createFile(
                        to,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
                try (var file = Files.newOutputStream(to)) {
                    body.transferTo(file);
                }
            }
        } catch (ConnectException e) {
            throw new IOException(
                    "The server at " + base + " does not answer. Is it still running?", e);
        }
    }

    JsonNode send(
            String method,
            String path,
            Map<String, String> headers,
            BodyPublisher body,
            @Nullable Duration patience)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(base.resolve(path)).method(method, body);
        if (patience != null) {
            request.timeout(patience);
        }
        headers.forEach(request::setHeader);
        try {
            var answer = http.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (answer.statusCode() / 100 != 2) {
                throw refused(answer.statusCode(), answer.body());
            }
            return answer.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(answer.body());
        } catch (ConnectException e) {
            throw new IOException(
                    "The server at " + base + " does not answer. Is it still running?", e);
        } catch (HttpTimeoutException e) {
            throw new IOException(
                    "The server at " + base + " took longer than " + PATIENCE.toSeconds() + " s.",
                    e);
        } catch (JacksonException e) {
            throw new IOException(
                    base + " answered something that is not of CyberShield's API.", e);
        }
    }

    /** Shapes RFC 9457's problem; anything else as its status alone. */
    static Refused refused(int status, String body) {
        try {
            JsonNode problem = JSON.readTree(body);
            String title = problem.path("title").asString("");
            String detail = problem.path("detail").asString("");
            var places = new ArrayList<String>();
            for (JsonNode place : problem.path("errors")) {
                places.add(
                        place.path("pointer").asString("")
                                + ": "
                                + place.path("detail").asString(""));
            }
            if (!title.isEmpty() || !detail.isEmpty()) {
                return new Refused(
                        status,
                        detail.isEmpty() ? title : title.isEmpty() ? detail : title + ". " + detail,
                        places);
            }
        } catch (JacksonException e) {
            // Not a problem of ours: a proxy's page, say. The status is all there is.
        }
        return new Refused(status, "The server answered " + status + ".", List.of());
    }
}
