package io.cybershield.billing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.json.JsonMapper;

/**
 * As much of Stripe as is used, as its reference documents it: bearer key, forms, idempotency keys
 * (the same answer again; an error if the parameters are others), error bodies, rate limits.
 */
final class StripeFake implements AutoCloseable {
    static final String KEY = "sk_test_only_for_this_4711";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final HttpServer server;
    private final Map<String, Kept> keys = new ConcurrentHashMap<>();
    final Map<String, Map<String, String>> customers = new TreeMap<>();
    final Map<String, Map<String, String>> subscriptions = new TreeMap<>();
    final List<String> calls = new CopyOnWriteArrayList<>();

    /** Status codes to answer with before anything is done. */
    final Deque<Integer> failing = new ArrayDeque<>();

    private record Kept(String request, int status, String body) {}

    StripeFake() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::take);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private synchronized void take(HttpExchange call) throws IOException {
        String path = call.getRequestURI().getPath();
        String body = new String(call.getRequestBody().readAllBytes(), UTF_8);
        calls.add(call.getRequestMethod() + " " + path);
        Integer failure = failing.poll();
        if (failure != null) {
            if (failure == 429) {
                call.getResponseHeaders().add("Retry-After", "7200");
            }
            answer(
                    call,
                    failure,
                    error(
                            failure == 429 ? "rate_limit" : "api_error",
                            "api_error",
                            "",
                            "Try later"));
            return;
        }
        if (!("Bearer " + KEY).equals(call.getRequestHeaders().getFirst("Authorization"))) {
            answer(call, 401, error("", "invalid_request_error", "", "Invalid API Key provided"));
            return;
        }
        if (call.getRequestMethod().equals("DELETE")) {
            var gone = subscriptions.get(path.substring("/v1/subscriptions/".length()));
            if (gone == null || gone.get("status").equals("canceled")) {
                answer(
                        call,
                        404,
                        error("resource_missing", "invalid_request_error", "id", "No such"));
                return;
            }
            gone.put("status", "canceled");
            answer(call, 200, JSON.writeValueAsString(Map.of("status", "canceled")));
            return;
        }
        if (!"application/x-www-form-urlencoded"
                .equals(call.getRequestHeaders().getFirst("Content-Type"))) {
            answer(call, 400, error("", "invalid_request_error", "", "Send a form"));
            return;
        }
        String key = call.getRequestHeaders().getFirst("Idempotency-Key");
        Kept kept = key == null ? null : keys.get(key);
        if (kept != null) {
            if (!kept.request().equals(path + "?" + body)) {
                answer(
                        call,
                        400,
                        error("", "idempotency_error", "", "Keys can only be used with the same"));
                return;
            }
            call.getResponseHeaders().add("Idempotent-Replayed", "true");
            answer(call, kept.status(), kept.body());
            return;
        }
        var done = post(path, form(body));
        if (key != null) {
            keys.put(key, new Kept(path + "?" + body, done.status(), done.body()));
        }
        answer(call, done.status(), done.body());
    }

    private Kept post(String path, Map<String, String> form) {
        if (path.equals("/v1/customers")) {
            String id = "cus_" + (customers.size() + 1);
            customers.put(id, form);
            return new Kept(
                    "", 200, JSON.writeValueAsString(Map.of("id", id, "object", "customer")));
        }
        String price = form.getOrDefault("items[0][price]", "");
        if (!price.startsWith("price_")) {
            return new Kept(
                    "",
                    400,
                    error(
                            "resource_missing",
                            "invalid_request_error",
                            "items[0][price]",
                            "No such"));
        }
        if (path.equals("/v1/subscriptions")) {
            if (!customers.containsKey(form.get("customer"))) {
                return new Kept(
                        "",
                        400,
                        error("resource_missing", "invalid_request_error", "customer", "No such"));
            }
            String id = "sub_" + (subscriptions.size() + 1);
            form.put("status", form.containsKey("trial_end") ? "trialing" : "active");
            subscriptions.put(id, form);
            return new Kept("", 200, subscription(id));
        }
        String id = path.substring("/v1/subscriptions/".length());
        var known = subscriptions.get(id);
        if (known == null || !("si_" + id).equals(form.get("items[0][id]"))) {
            return new Kept(
                    "", 404, error("resource_missing", "invalid_request_error", "id", "No such"));
        }
        known.putAll(form);
        return new Kept("", 200, subscription(id));
    }

    private String subscription(String id) {
        return JSON.writeValueAsString(
                Map.of(
                        "id",
                        id,
                        "object",
                        "subscription",
                        "status",
                        subscriptions.get(id).get("status"),
                        "items",
                        Map.of("object", "list", "data", List.of(Map.of("id", "si_" + id)))));
    }

    private static Map<String, String> form(String body) {
        var form = new TreeMap<String, String>();
        Arrays.stream(body.split("&"))
                .map(pair -> pair.split("=", 2))
                .forEach(pair ->
                        form.put(
                                URLDecoder.decode(pair[0], UTF_8),
                                URLDecoder.decode(pair[1], UTF_8)));
        return form;
    }

    private static String error(String code, String type, String param, String message) {
        return JSON.writeValueAsString(
                Map.of(
                        "error",
                        Map.of("code", code, "type", type, "param", param, "message", message)));
    }

    private static void answer(HttpExchange call, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        call.getResponseHeaders().add("Content-Type", "application/json");
        call.sendResponseHeaders(status, bytes.length);
        try (var out = call.getResponseBody()) {
            out.write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
