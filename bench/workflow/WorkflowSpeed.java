package io.cybershield.workflow;

import io.cybershield.Application;
import io.cybershield.connector.Connector;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.flow.Description;
import io.cybershield.flow.Drawing;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * How fast and how dear runs are: boots the whole product on an embedded PostgreSQL with fsync on, and starts runs inside
 * the process, so that what is measured is the engine and not HTTP. CPU seconds count this process and all of PostgreSQL.
 *
 * <p>{@code bench/run workflows [--runs 3000] [--only pure,acting,...]}
 */
public final class WorkflowSpeed {
    private final ConfigurableApplicationContext app;
    private final Map<String, String> options;
    private final JdbcClient database;
    private final Scope tenant;
    private final Callable<TenantId> companies;
    private final Runs runs;
    private final Workflows workflows;

    /** Node types that only a measurement needs. */
    static class Kinds {
        /** Touches nothing: what is left is the price of knowing that it did. */
        @Bean
        Connector noEffect() {
            return new Connector() {
                @Override
                public Description description() {
                    return new Description(
                            NodeType.action("bench-nothing", NodeType.Category.ACTION, NodeType.Idempotency.KEY_SUPPORTING),
                            "Nothing", "Does nothing.", "bolt", "{\"type\":\"object\"}", List.of(), Map.of("out", "Done"), true);
                }

                @Override
                public Outcome act(Call call) {
                    return new Outcome.Succeeded(null, Map.of("done", true));
                }
            };
        }
    }

    private WorkflowSpeed(ConfigurableApplicationContext app, Map<String, String> options, Callable<TenantId> companies) throws Exception {
        this.app = app;
        this.options = options;
        this.companies = companies;
        this.tenant = of(companies.call());
        this.runs = app.getBean(Runs.class);
        this.workflows = app.getBean(Workflows.class);
        this.database = JdbcClient.create(app.getBean(DataSource.class));
    }

    private static Scope of(TenantId company) {
        return Scope.tenant(company, new Principal(Principal.Kind.WORKFLOW, "bench", "Bench"));
    }

    /**
     * @param company signs up at this address and returns the id of the company
     */
    public static void measure(String[] args, Company company) throws Exception {
        var options = new HashMap<String, String>();
        for (int i = 1; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        Map<String, Object> settings = new HashMap<>(Map.of(
                "server.port", 0,
                "server.address", "127.0.0.1",
                "cybershield.data", args[0],
                "cybershield.home", System.getProperty("cybershield.home"),
                "cybershield.developer", true,
                "logging.threshold.console", "warn"));
        var app = new SpringApplicationBuilder(Application.class, Kinds.class)
                .initializers(c -> c.getEnvironment().getPropertySources().addFirst(new MapPropertySource("bench", settings)))
                .run();
        try (app) {
            String url = "http://127.0.0.1:" + app.getEnvironment().getRequiredProperty("local.server.port");
            new WorkflowSpeed(app, options, () -> new TenantId(UUID.fromString(company.signUp(url)))).measure();
        }
    }

    /** Who signs up. */
    public interface Company {
        String signUp(String url) throws Exception;
    }

    private int number(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    private boolean wanted(String name) {
        return !options.containsKey("only") || List.of(options.get("only").split(",")).contains(name);
    }

    private void measure() throws Exception {
        System.out.println("| load | runs | steps | seconds | runs/s | steps/s | CPU s for 1,000 steps (JVM + PostgreSQL) | WAL bytes a step | commits a run | start to end |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|");
        int many = number("runs", 3_000);
        if (wanted("pure")) {
            load("10 pure steps in a line", line("condition", 10), 10, many);
        }
        if (wanted("many")) {
            many("10 pure steps in a line", line("condition", 10), 10, number("companies", 20), many);
        }
        if (wanted("pure5")) {
            load("5 pure steps in a line", line("condition", 5), 5, many);
        }
        if (wanted("acting")) {
            load("10 acting steps in a line", line("bench-nothing", 10), 10, many / 3);
        }
        if (wanted("line40")) {
            one("40 acting steps, one run at a time", line("bench-nothing", 40), 40, 10);
        }
        if (wanted("acting-rate")) {
            Ready line = publish(line("bench-nothing", 10));
            steady(line, 100, 10, null);
            for (String rate : options.getOrDefault("rates", "100,200,300").split(",")) {
                steady(line, Integer.parseInt(rate), number("rate-seconds", 20), "10 acting steps in a line, " + rate + " runs/s");
            }
        }
        if (wanted("split")) {
            split("split into 100, 100 at once, join", 100, 100, 50);
        }
        if (wanted("items")) {
            split("10,000 items, 100 at once", 10_000, 100, 1);
        }
        if (wanted("webhook")) {
            webhook();
        }
        if (wanted("parked")) {
            parked(number("parked", 50_000), number("due", 10_000));
        }
        if (wanted("fair")) {
            fair(number("backlog", 100_000));
        }
    }

    // ---------------------------------------------------------------- drawings

    private static Drawing line(String type, int steps) {
        var nodes = new ArrayList<Drawing.Box>();
        var edges = new ArrayList<Drawing.Arrow>();
        nodes.add(box("start", "manual", Map.of()));
        String before = "start";
        for (int i = 0; i < steps; i++) {
            String key = "step" + i;
            boolean pure = type.equals("condition");
            nodes.add(box(key, type, pure ? Map.of("expression", "trigger.n >= 0") : Map.of()));
            edges.add(new Drawing.Arrow(before, before.equals("start") || !pure ? "out" : "true", key));
            before = key;
        }
        return new Drawing(type + " " + steps, "", nodes, edges);
    }

    private static Drawing.Box box(String key, String type, Map<String, Object> config) {
        return new Drawing.Box(key, type, key, new HashMap<>(config), 0, 0, null, null, null);
    }

    private static Drawing loop(int parallelism) {
        return new Drawing("loop " + parallelism, "",
                List.of(
                        box("start", "manual", Map.of()),
                        box("each", "for-each", Map.of("items", "trigger.items", "parallelism", parallelism)),
                        box("odd", "condition", Map.of("expression", "item % 2 == 1"))),
                List.of(
                        new Drawing.Arrow("start", "out", "each"),
                        new Drawing.Arrow("each", "each", "odd"),
                        new Drawing.Arrow("odd", "true", "each"),
                        new Drawing.Arrow("odd", "false", "each")));
    }

    private static Drawing hook() {
        return new Drawing("hook", "",
                List.of(
                        box("start", "webhook", Map.of("auth", "none", "reply", "sync")),
                        box("big", "condition", Map.of("expression", "trigger.body.n >= 0")),
                        box("more", "condition", Map.of("expression", "trigger.body.n >= 1"))),
                List.of(new Drawing.Arrow("start", "out", "big"), new Drawing.Arrow("big", "true", "more")));
    }

    private static Drawing park() {
        return new Drawing("park", "",
                List.of(
                        box("start", "manual", Map.of()),
                        box("wait", "wait", Map.of("until", "{{ trigger.until }}"))),
                List.of(new Drawing.Arrow("start", "out", "wait")));
    }

    // ---------------------------------------------------------------- loads

    private record Ready(UUID workflow, int version) {}

    private Ready publish(Drawing drawing) {
        return publish(tenant, drawing);
    }

    private Ready publish(Scope of, Drawing drawing) {
        return of.get(() -> {
            var made = workflows.create(drawing.name(), null);
            workflows.save(made.id(), drawing, made.revision());
            workflows.publish(made.id());
            return new Ready(made.id(), 1);
        });
    }

    /** As many as go, from several starters at once, of which each waits for its start only. */
    private void load(String name, Drawing drawing, int steps, int many) throws Exception {
        Ready ready = publish(drawing);
        int before = many * number("warm", 3);
        run(ready, before);
        awaitEnd(ready, before);
        long wal = wal();
        long commits = commits();
        double cpu = cpu();
        var seen = new ConcurrentHashMap<String, Integer>();
        Thread sampler = options.containsKey("sample") ? Thread.ofPlatform().daemon().start(() -> sample(seen)) : null;
        var threads = options.containsKey("sample") ? threads() : Map.<String, Double>of();
        double jvm = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
        long began = System.nanoTime();
        run(ready, many);
        awaitEnd(ready, before + many);
        double seconds = (System.nanoTime() - began) / 1e9;
        if (sampler != null) {
            sampler.interrupt();
            System.out.printf("| JVM %.2f CPU s |%n", ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9 - jvm);
            threads().forEach((kind, used) -> {
                double own = used - threads.getOrDefault(kind, 0.0);
                if (own > 0.05) {
                    System.out.printf("| %.2f s | %s |%n", own, kind);
                }
            });
            seen.entrySet().stream().sorted((a, b) -> b.getValue() - a.getValue()).limit(16).forEach(e -> System.out.println("| " + e.getValue() + " | " + e.getKey()));
        }
        double spent = cpu() - cpu;
        String times = tenant.get(() -> app.getBean(Transactions.class).call(() -> app.getBean(JdbcClient.class)
                .sql("""
                        SELECT format('p50 %s ms, p99 %s ms', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)), round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)))
                        FROM (SELECT extract(epoch FROM ended_at - started_at) * 1000 AS ms FROM workflow_instances WHERE workflow_id = :id ORDER BY id DESC LIMIT :many) r
                        """)
                .param("id", ready.workflow()).param("many", many).query(String.class).single()));
        System.out.printf(Locale.ROOT, "| %s | %,d | %,d | %.1f | %,.0f | %,.0f | %.3f | %,d | %.2f | %s |%n",
                name, many, many * steps, seconds, many / seconds, many * steps / seconds, spent * 1000 / (many * steps),
                (wal() - wal) / ((long) many * steps), (double) (commits() - commits) / many, times);
    }

    /** As {@link #load}, for many companies in turn: no two starts after one another are of the same. */
    private void many(String name, Drawing drawing, int steps, int count, int many) throws Exception {
        var all = new ArrayList<Scope>();
        var ready = new ArrayList<Ready>();
        for (int i = 0; i < count; i++) {
            all.add(of(companies.call()));
            ready.add(publish(all.get(i), drawing));
        }
        for (int round = 0; round < 2; round++) {
            int runsNow = round == 0 ? many * number("warm", 3) : many;
            double cpu = cpu();
            long began = System.nanoTime();
            var places = new Semaphore(number("starters", 64));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < runsNow; i++) {
                    int n = i % count;
                    places.acquire();
                    threads.execute(() -> {
                        try {
                            all.get(n).get(() -> runs.startTogether(() ->
                                    runs.start(ready.get(n).workflow(), 1, "start", new HashMap<>(Map.of("n", n)), "bench", null)));
                        } finally {
                            places.release();
                        }
                    });
                }
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            if (round == 1) {
                System.out.printf(Locale.ROOT, "| %s, %d companies in turn | %,d | %,d | %.1f | %,.0f | %,.0f | %.3f | | | |%n",
                        name, count, many, many * steps, seconds, many / seconds, many * steps / seconds, (cpu() - cpu) * 1000 / (many * steps));
            }
        }
    }

    /** Starts at a fixed rate; what each step takes from the end of the one before it to its own. */
    private void steady(Ready ready, int rate, int seconds, String name) throws Exception {
        int before = ended(ready);
        int many = rate * seconds;
        double cpu = cpu();
        long began = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < many; i++) {
                LockSupport.parkNanos(began + i * 1_000_000_000L / rate - System.nanoTime());
                threads.execute(() -> tenant.get(() -> runs.startTogether(() ->
                        runs.start(ready.workflow(), ready.version(), "start", new HashMap<>(Map.of("n", 1)), "bench", null))));
            }
        }
        double starting = (System.nanoTime() - began) / 1e9;
        awaitEnd(ready, before + many);
        double whole = (System.nanoTime() - began) / 1e9;
        if (name == null) {
            return;
        }
        String times = tenant.get(() -> app.getBean(Transactions.class).call(() -> app.getBean(JdbcClient.class)
                .sql("""
                        SELECT format('a step p50 %s ms, p99 %s ms, most %s ms', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)), round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)), round(max(ms)))
                        FROM (SELECT extract(epoch FROM e.ended_at - coalesce(lag(e.ended_at) OVER (PARTITION BY e.run_id ORDER BY e.ended_at), i.started_at)) * 1000 AS ms
                              FROM (SELECT * FROM workflow_instances WHERE workflow_id = :id ORDER BY id DESC LIMIT :many) i
                              JOIN workflow_executions e ON e.run_id = i.id WHERE e.step LIKE 'step%') r
                        """)
                .param("id", ready.workflow()).param("many", many).query(String.class).single()));
        System.out.printf(Locale.ROOT, "| %s | %,d | %,d | started in %.1f, all ended after %.1f | %,.0f | %,.0f | %.3f | | | %s |%n",
                name, many, many * 10, starting, whole, many / whole, many * 10 / whole, (cpu() - cpu) * 1000 / (many * 10), times);
    }

    /** CPU seconds by kind of thread. */
    private static Map<String, Double> threads() throws IOException {
        var all = new TreeMap<String, Double>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                String stat = Files.readString(task.resolve("stat"));
                String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                all.merge(stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')')).replaceAll("\\d+", "N"),
                        (Double.parseDouble(rest[11]) + Double.parseDouble(rest[12])) / 100, Double::sum);
            }
        }
        return all;
    }

    /** What PostgreSQL is busy with. */
    private void sample(Map<String, Integer> seen) {
        try {
            while (true) {
                Thread.sleep(10);
                database.sql("SELECT regexp_replace(left(query, 400), '\\s+', ' ', 'g') || ' <' || coalesce(wait_event, 'cpu') || '>' FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
                        .query(String.class).list().forEach(q -> seen.merge(q.substring(0, Math.min(90, q.length())) + q.substring(q.lastIndexOf('<')), 1, Integer::sum));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs that go over a list; the memory is what is in use after a collection, before and at the end. */
    private void split(String name, int items, int parallelism, int many) throws Exception {
        Ready ready = publish(loop(parallelism));
        var list = LongStream.range(0, items).boxed().toList();
        int before = Math.max(1, many / 5);
        start(ready, before, n -> Map.of("items", list));
        awaitEnd(ready, before);
        long atRest = heap();
        var most = new AtomicLong();
        Thread watch = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    Thread.sleep(50);
                    most.accumulateAndGet(Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(), Math::max);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        double cpu = cpu();
        long began = System.nanoTime();
        start(ready, many, n -> Map.of("items", list));
        awaitEnd(ready, before + many);
        double seconds = (System.nanoTime() - began) / 1e9;
        watch.interrupt();
        int steps = many * items;
        System.out.printf(Locale.ROOT, "| %s | %,d | %,d | %.2f | %,.1f | %,.0f | %.3f | | | heap before %d MB, most while it ran (garbage included) %d MB |%n",
                name, many, steps, seconds, many / seconds, steps / seconds, (cpu() - cpu) * 1000 / steps, atRest >> 20, most.get() >> 20);
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Requests at a fixed rate, each answered with what its run came to; times count from when a request was due. */
    private void webhook() throws Exception {
        Ready ready = publish(hook());
        String hook = tenant.get(() -> app.getBean(Transactions.class).call(() -> app.getBean(JdbcClient.class)
                .sql("SELECT hook FROM trigger_state WHERE workflow_id = :id").param("id", ready.workflow()).query(String.class).single()));
        String url = "http://127.0.0.1:" + app.getEnvironment().getRequiredProperty("local.server.port") + "/hooks/" + hook;
        hit(url, 50, 5, null);
        hit(url, 50, 20, "webhook to result, 3 nodes, 50/s, soon after the start");
        hit(url, number("hooks", 600), number("hooks-seconds", 40), "webhook to result, 3 nodes, 600/s");
        hit(url, 50, number("later-seconds", 60), "webhook to result, 3 nodes, 50/s, later");
    }

    private void hit(String url, int rate, int seconds, String name) throws Exception {
        int many = rate * seconds;
        double[] took = new double[many];
        var wrong = new AtomicInteger();
        var done = new CountDownLatch(many);
        double cpu = cpu();
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long began = System.nanoTime();
            for (int i = 0; i < many; i++) {
                long due = began + i * 1_000_000_000L / rate;
                long left = due - System.nanoTime();
                if (left > 0) {
                    LockSupport.parkNanos(left);
                }
                int n = i;
                threads.execute(() -> {
                    try {
                        var answer = client.send(
                                HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.ofString("{\"n\":" + n + "}")).build(),
                                HttpResponse.BodyHandlers.ofString());
                        if (answer.statusCode() / 100 != 2 || !answer.body().contains("succeeded")) {
                            if (wrong.getAndIncrement() == 0) {
                                System.err.println(answer.statusCode() + " " + answer.body());
                            }
                        }
                    } catch (IOException | InterruptedException e) {
                        wrong.incrementAndGet();
                    } finally {
                        took[n] = (System.nanoTime() - due) / 1e6;
                        done.countDown();
                    }
                });
            }
            done.await();
            double whole = (System.nanoTime() - began) / 1e9;
            if (name != null) {
                Arrays.sort(took);
                System.out.printf(Locale.ROOT, "| %s | %,d | | %.1f | %,.0f | | %.3f CPU s for 1,000 runs, client included | | | p50 %.1f ms, p99 %.1f ms, most %.1f ms; %d wrong |%n",
                        name, many, whole, many / whole, (cpu() - cpu) * 1000 / many, took[many / 2], took[many * 99 / 100], took[many - 1], wrong.get());
            }
        }
    }

    /** Very many runs wait for another day, and some for a moment within 20 s: what they all cost, and how late the latter go on. */
    private void parked(int many, int due) throws Exception {
        Ready ready = publish(park());
        start(ready, 500, n -> Map.of("until", Instant.now().plusMillis(200).toString()));
        awaitEnd(ready, 500);
        long before = heap();
        var tomorrow = Instant.now().plus(Duration.ofDays(1));
        long began = System.nanoTime();
        start(ready, many, n -> Map.of("until", tomorrow.plusMillis(n).toString()));
        double starting = (System.nanoTime() - began) / 1e9;
        long parked = heap();
        var first = Instant.now().plusSeconds(Math.max(20, due / 500));
        start(ready, due, n -> Map.of("until", first.plusMillis(20_000L * n / due).toString()));
        awaitEnd(ready, due + 500);
        String late = tenant.get(() -> app.getBean(Transactions.class).call(() -> app.getBean(JdbcClient.class)
                .sql("""
                        SELECT format('late p50 %s ms, p99 %s ms, most %s ms', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)), round(percentile_cont(0.99) WITHIN GROUP (ORDER BY ms)), round(max(ms)))
                        FROM (SELECT extract(epoch FROM e.ended_at - (e.input ->> 'until')::timestamptz) * 1000 AS ms
                              FROM workflow_executions e JOIN workflow_instances i ON i.id = e.run_id
                              WHERE i.workflow_id = :id AND e.step = 'wait' ORDER BY i.number DESC LIMIT :due) r
                        """)
                .param("id", ready.workflow()).param("due", due).query(String.class).single()));
        System.out.printf(Locale.ROOT, "| %,d runs parked until tomorrow, and %,d of which %,.0f a second are due | %,d | | started in %.1f | %,.0f | | | | | heap before %d MB, parked %d MB, after %d MB; %s |%n",
                many, due, due / 20.0, many, starting, many / starting, before >> 20, parked >> 20, heap() >> 20, late);
    }

    /** What a company waits for its starts while another has very many runs to do. */
    private void fair(int backlog) throws Exception {
        Scope small = of(companies.call());
        Drawing drawing = line("bench-nothing", 3);
        Ready mine = publish(small, drawing);
        Ready theirs = publish(drawing);
        latencies(small, mine, 10, null);
        latencies(small, mine, 20, "starts of one company at 10/s, alone");
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            try {
                run(theirs, backlog);
            } catch (Exception e) {
                System.err.println(e);
            }
        });
        Thread.sleep(5_000);
        latencies(small, mine, 20, String.format(Locale.ROOT, "the same while another starts %,d", backlog));
        System.out.printf(Locale.ROOT, "| (of those, %,d had started then and %,d ended; were still being started: %s) | | | | | | | | | |%n", started(theirs), ended(theirs), other.isAlive());
    }

    /** How long after a start is asked for it is committed, and its first action begins. */
    private void latencies(Scope of, Ready ready, int seconds, String name) throws Exception {
        int many = 10 * seconds;
        var asked = new ConcurrentHashMap<UUID, Instant>();
        var committed = new ConcurrentLinkedQueue<Double>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long began = System.nanoTime();
            for (int i = 0; i < many; i++) {
                LockSupport.parkNanos(began + i * 100_000_000L - System.nanoTime());
                threads.execute(() -> {
                    Instant at = Instant.now();
                    UUID run = of.get(() -> runs.startTogether(() ->
                            runs.start(ready.workflow(), ready.version(), "start", new HashMap<>(Map.of("n", 1)), "bench", null).id()));
                    asked.put(run, at);
                    committed.add(Duration.between(at, Instant.now()).toNanos() / 1e6);
                });
            }
        }
        var begun = new ArrayList<Double>();
        for (var entry : asked.entrySet()) {
            Instant first = null;
            for (int i = 0; first == null && i < 600; i++) {
                first = of.get(() -> app.getBean(Transactions.class).call(() -> app.getBean(JdbcClient.class)
                        .sql("SELECT started_at FROM workflow_executions WHERE run_id = :id AND step = 'step0' AND state <> 'queued'")
                        .param("id", entry.getKey()).query((row, n) -> row.getTimestamp(1).toInstant()).optional().orElse(null)));
                if (first == null) {
                    Thread.sleep(100);
                }
            }
            begun.add(first == null ? 60_000 : Duration.between(entry.getValue(), first).toNanos() / 1e6);
        }
        if (name != null) {
            System.out.printf(Locale.ROOT, "| %s | %,d | | | | | | | | committed %s; first action begun %s |%n", name, many, percentiles(new ArrayList<>(committed)), percentiles(begun));
        }
    }

    private static String percentiles(List<Double> all) {
        all.sort(null);
        return String.format(Locale.ROOT, "p50 %.1f ms, p95 %.1f ms", all.get(all.size() / 2), all.get(all.size() * 95 / 100));
    }

    /** One run after another: what a step costs in time when nothing else goes on. */
    private void one(String name, Drawing drawing, int steps, int many) throws Exception {
        Ready ready = publish(drawing);
        double[] seconds = new double[many];
        for (int i = 0; i < many; i++) {
            long began = System.nanoTime();
            run(ready, 1);
            awaitEnd(ready, i + 1);
            seconds[i] = (System.nanoTime() - began) / 1e9;
        }
        Arrays.sort(seconds);
        System.out.printf(Locale.ROOT, "| %s | %d | %d | median %.3f, longest %.3f | | | | | | |%n", name, many, many * steps, seconds[many / 2], seconds[many - 1]);
    }

    private void run(Ready ready, int many) throws Exception {
        start(ready, many, n -> Map.of("n", n));
    }

    private void start(Ready ready, int many, IntFunction<Map<String, Object>> input) throws Exception {
        var places = new Semaphore(number("starters", 64));
        var done = new CountDownLatch(many);
        var failed = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < many; i++) {
                int n = i;
                places.acquire();
                threads.execute(() -> {
                    try {
                        tenant.get(() -> runs.startTogether(() ->
                                runs.start(ready.workflow(), ready.version(), "start", new HashMap<>(input.apply(n)), "bench", null)));
                    } catch (RuntimeException e) {
                        if (failed.getAndIncrement() == 0) {
                            e.printStackTrace();
                        }
                    } finally {
                        places.release();
                        done.countDown();
                    }
                });
            }
            done.await();
        }
        if (failed.get() > 0) {
            throw new IllegalStateException(failed + " starts failed");
        }
    }

    private void awaitEnd(Ready ready, int expected) throws InterruptedException {
        while (true) {
            if (ended(ready) >= expected) {
                return;
            }
            Thread.sleep(expected > 100 ? 100 : 5);
        }
    }

    private int started(Ready ready) {
        return tenant.get(() -> app.getBean(Transactions.class).call(() -> app.getBean(JdbcClient.class)
                .sql("SELECT count(*) FROM workflow_instances WHERE workflow_id = :id")
                .param("id", ready.workflow()).query(Integer.class).single()));
    }

    private int ended(Ready ready) {
        return tenant.get(() -> app.getBean(Transactions.class).call(() -> app.getBean(JdbcClient.class)
                .sql("SELECT count(*) FROM workflow_instances WHERE workflow_id = :id AND state = 'succeeded'")
                .param("id", ready.workflow()).query(Integer.class).single()));
    }

    // ---------------------------------------------------------------- meters

    private long wal() {
        return database.sql("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint").query(Long.class).single();
    }

    private long commits() {
        return database.sql("SELECT sum(xact_commit)::bigint FROM pg_stat_database").query(Long.class).single();
    }

    /** CPU seconds of this process and of all processes of PostgreSQL, dead ones included. */
    private static double cpu() throws IOException {
        double sum = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
        var parents = new HashMap<Long, String[]>();
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all) {
                try {
                    String stat = Files.readString(process.resolve("stat"));
                    parents.put(Long.parseLong(process.getFileName().toString()), stat.substring(stat.lastIndexOf(')') + 2).split(" "));
                } catch (IOException e) {
                    // It ended meanwhile.
                }
            }
        }
        long self = ProcessHandle.current().pid();
        for (var process : parents.entrySet()) {
            boolean ours = false;
            for (long p = process.getKey(); p > 1 && parents.containsKey(p) && !ours; p = Long.parseLong(parents.get(p)[1])) {
                ours = p == self && process.getKey() != self;
            }
            if (ours) {
                String[] stat = process.getValue();
                for (int i = 11; i <= 14; i++) {
                    sum += Double.parseDouble(stat[i]) / 100;
                }
            }
        }
        return sum;
    }
}
