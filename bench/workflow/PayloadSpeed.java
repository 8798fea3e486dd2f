package io.cybershield.workflow;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.net.httpserver.HttpServer;
import io.cybershield.Application;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.core.env.MapPropertySource;

/**
 * What a step with a large output costs: boots the whole product with a small heap, and lets runs fetch so many
 * megabytes of JSON from a server in this process, look into it, reshape a part and send all of it on.
 *
 * <p>{@code bench/run payloads [--megabytes 100] [--runs 3]}. The heap is what is left in use after each collection, less
 * what was in use before the first run.
 */
public final class PayloadSpeed {
    private PayloadSpeed() {}

    /**
     * @param company signs up at this address and returns the id of the company
     */
    public static void measure(String[] args, WorkflowSpeed.Company company) throws Exception {
        var options = new HashMap<String, String>();
        for (int i = 1; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        long bytes = Long.parseLong(options.getOrDefault("megabytes", "100")) * 1_000_000;
        int runs = Integer.parseInt(options.getOrDefault("runs", "3"));
        Map<String, Object> settings = new HashMap<>(Map.of(
                "server.port", 0,
                "server.address", "127.0.0.1",
                "cybershield.data", args[0],
                "cybershield.home", System.getProperty("cybershield.home"),
                "cybershield.developer", true,
                "cybershield.http.allowed-hosts", "127.0.0.1",
                "logging.threshold.console", "warn"));
        var world = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        world.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        var received = new AtomicLong();
        var seed = new AtomicLong();
        world.createContext("/large", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            try (var out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16)) {
                items(out, bytes, new Random(seed.incrementAndGet()));
            }
        });
        world.createContext("/sink", exchange -> {
            received.addAndGet(exchange.getRequestBody().transferTo(OutputStream.nullOutputStream()));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        world.start();
        String at = "http://127.0.0.1:" + world.getAddress().getPort();
        var app = new SpringApplicationBuilder(Application.class)
                .initializers(c -> c.getEnvironment().getPropertySources().addFirst(new MapPropertySource("bench", settings)))
                .run();
        try (app) {
            String url = "http://127.0.0.1:" + app.getEnvironment().getRequiredProperty("local.server.port");
            var tenant = Scope.tenant(
                    new TenantId(UUID.fromString(company.signUp(url))),
                    new Principal(Principal.Kind.WORKFLOW, "bench", "Bench"));
            var workflows = app.getBean(Workflows.class);
            var all = app.getBean(Runs.class);
            UUID workflow = tenant.get(() -> {
                var made = workflows.create("Large", null);
                workflows.save(made.id(), drawing(at), made.revision());
                workflows.publish(made.id());
                return made.id();
            });
            var left = new AtomicLong();
            watch(left);
            System.out.println("| run | answer | heap in use after collections, most, above before | seconds |");
            System.out.println("|---|---|---|---|");
            System.gc();
            Thread.sleep(2_000);
            System.gc();
            long before = used();
            for (int i = 1; i <= runs; i++) {
                left.set(0);
                received.set(0);
                long began = System.nanoTime();
                UUID run = tenant.get(() -> all.startTogether(() -> all.start(workflow, 1, "start", new HashMap<>(), "bench", null))).id();
                String state;
                do {
                    Thread.sleep(50);
                    state = tenant.get(() -> all.find(new RunId(run)).orElseThrow().state());
                } while (!List.of("succeeded", "failed", "in-doubt").contains(state));
                double seconds = (System.nanoTime() - began) / 1e9;
                System.gc();
                Thread.sleep(500);
                System.out.printf(
                        "| %d, %s | %.1f MB in, %.1f MB out | %.1f MB | %.1f |%n",
                        i, state, bytes / 1e6, received.get() / 1e6, (left.get() - before) / 1e6, seconds);
            }
            System.out.printf("| before | | %.1f MB in use of %.0f MB | |%n", before / 1e6, Runtime.getRuntime().maxMemory() / 1e6);
        } finally {
            world.stop(0);
        }
    }

    private static long used() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void watch(AtomicLong most) {
        for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            ((NotificationEmitter) collector).addNotificationListener(
                    (notification, _) -> {
                        if (notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
                            var info = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
                            long after = info.getGcInfo().getMemoryUsageAfterGc().entrySet().stream()
                                    .filter(e -> e.getKey().contains("Eden") || e.getKey().contains("Survivor")
                                            || e.getKey().contains("Old") || e.getKey().contains("Tenured"))
                                    .mapToLong(e -> e.getValue().getUsed())
                                    .sum();
                            most.accumulateAndGet(after, Math::max);
                        }
                    },
                    null,
                    null);
        }
    }

    private static void items(OutputStream out, long bytes, Random random) throws java.io.IOException {
        out.write("{\"items\":[".getBytes(StandardCharsets.UTF_8));
        long written = 12;
        for (int i = 0; written < bytes; i++) {
            String item = (i == 0 ? "" : ",") + "{\"name\":\"host-" + i + "\",\"risk\":" + random.nextInt(100)
                    + ",\"id\":\"" + Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong())
                    + "\",\"tags\":[\"a\",\"b\"],\"note\":\"" + "found by the scanner in the night of ".repeat(5) + "\"}";
            out.write(item.getBytes(StandardCharsets.UTF_8));
            written += item.length();
        }
        out.write("]}".getBytes(StandardCharsets.UTF_8));
    }

    private static Drawing.Box box(String key, String type, Map<String, Object> config) {
        return new Drawing.Box(key, type, key, new HashMap<>(config), 0, 0, null, null, null);
    }

    private static Drawing drawing(String at) {
        return new Drawing(
                "Large",
                "",
                List.of(
                        box("start", "manual", Map.of()),
                        box("get", "http-get", Map.of("url", at + "/large")),
                        box("if", "condition", Map.of(
                                "expression", "size(steps.get.output.json.items) > 10000 && steps.get.output.json.items[9000].risk >= 0")),
                        box("shape", "transform", Map.of(
                                "expression", "{'name': steps.get.output.json.items[12345].name, 'many': $count(steps.get.output.json.items)}")),
                        box("send", "http-request-keyed", Map.of(
                                "method", "POST", "url", at + "/sink", "body", "{{ steps.get.output.json }}"))),
                List.of(
                        new Drawing.Arrow("start", "out", "get"),
                        new Drawing.Arrow("get", "out", "if"),
                        new Drawing.Arrow("if", "true", "shape"),
                        new Drawing.Arrow("shape", "out", "send")));
    }
}
