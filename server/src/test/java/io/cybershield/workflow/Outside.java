package io.cybershield.workflow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A world outside that remembers what was asked of it and answers as it is told. */
final class Outside implements AutoCloseable {
    private final HttpServer server;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();

    private record Answer(int status, String retryAfter) {}

    Outside() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** From now on this path answers so; 200 where nothing was said. */
    void answers(String path, int status) {
        answers.put(path, new Answer(status, ""));
    }

    void answers(String path, int status, String retryAfter) {
        answers.put(path, new Answer(status, retryAfter));
    }

    /** From now on this path does what it is asked, and breaks off before it answers. */
    void breaksOff(String path) {
        answers.put(path, new Answer(0, ""));
    }

    /** Whoever asks for this path waits until it is let go. */
    CountDownLatch holds(String path) {
        var latch = new CountDownLatch(1);
        held.put(path, latch);
        return latch;
    }

    /** Paths in the order in which they were asked for. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    long asked(String path) {
        return asked.stream().filter(path::equals).count();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        asked.add(path);
        exchange.getRequestBody().readAllBytes();
        var latch = held.get(path);
        if (latch != null) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        var answer = answers.getOrDefault(path, new Answer(200, ""));
        if (answer.status() == 0) {
            exchange.close();
            return;
        }
        if (!answer.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().add("Retry-After", answer.retryAfter());
        }
        byte[] body = "{}".getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        held.values().forEach(CountDownLatch::countDown);
        server.stop(0);
    }
}
