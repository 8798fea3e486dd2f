package io.cybershield.workflow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** A world that answers with as much as it is asked for, and remembers what it is sent by hash. */
final class LargeWorld implements AutoCloseable {
    private static final String FILLER = "0123456789abcdef".repeat(16);
    private final HttpServer server;
    private final Map<String, String> received = new ConcurrentHashMap<>();
    private final Map<String, String> sent = new ConcurrentHashMap<>();

    LargeWorld() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** {@code /items/N} answers N items of some 300 bytes; {@code /echo} the header X-Say. */
    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** SHA-256 of what a path was sent last. */
    String received(String path) {
        return received.getOrDefault(path, "nothing");
    }

    /** SHA-256 of what a path answered last. */
    String sent(String path) {
        return sent.getOrDefault(path, "nothing");
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        var in = digest();
        try (var to = new DigestOutputStream(OutputStream.nullOutputStream(), in)) {
            exchange.getRequestBody().transferTo(to);
        }
        received.put(path, HexFormat.of().formatHex(in.digest()));
        exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        exchange.sendResponseHeaders(200, 0);
        var digest = digest();
        try (var out =
                new BufferedOutputStream(
                        new DigestOutputStream(exchange.getResponseBody(), digest), 1 << 16)) {
            if (path.startsWith("/items/")) {
                items(out, Integer.parseInt(path.substring("/items/".length())));
            } else if (path.equals("/echo")) {
                echo(out, exchange.getRequestHeaders().getFirst("X-Say"));
            } else {
                out.write("{}".getBytes(UTF_8));
            }
        } finally {
            sent.put(path, HexFormat.of().formatHex(digest.digest()));
            exchange.close();
        }
    }

    private static void items(OutputStream out, int many) throws IOException {
        out.write("{\"total\":".getBytes(UTF_8));
        out.write((many + ",\"items\":[").getBytes(UTF_8));
        for (int i = 0; i < many; i++) {
            out.write(
                    ((i == 0 ? "" : ",")
                                    + "{\"name\":\"n"
                                    + i
                                    + "\",\"price\":"
                                    + i
                                    + ",\"text\":\""
                                    + FILLER
                                    + "\"}")
                            .getBytes(UTF_8));
        }
        out.write("]}".getBytes(UTF_8));
    }

    /** Once early, and once over the border between the first two pieces of a megabyte. */
    private static void echo(OutputStream out, String text) throws IOException {
        String begin = "{\"first\":\"" + text + "\",\"filler\":[\"";
        out.write(begin.getBytes(UTF_8));
        int left = (1 << 20) - text.length() / 2 - begin.length();
        for (; left > 10_000; left -= 10_000) {
            out.write(("x".repeat(9_997) + "\",\"").getBytes(UTF_8));
        }
        out.write(("x".repeat(left) + text + "x".repeat(100_000) + "\"]}").getBytes(UTF_8));
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
