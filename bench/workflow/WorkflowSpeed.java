package io.cybershield.workflow;

import io.cybershield.Application;
import io.cybershield.connector.Connector;
import io.cybershield.engine.NodeType;
import io.cybershield.engine.Outcome;
import io.cybershield.platform.Principal;
import io.cybershield.platform.Scope;
import io.cybershield.platform.TenantId;
import io.cybershield.platform.Transactions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
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

    private WorkflowSpeed(ConfigurableApplicationContext app, Map<String, String> options, TenantId company) {
        this.app = app;
        this.options = options;
        this.tenant = Scope.tenant(company, new Principal(Principal.Kind.WORKFLOW, "bench", "Bench"));
        this.runs = app.getBean(Runs.class);
        this.workflows = app.getBean(Workflows.class);
        this.database = JdbcClient.create(app.getBean(DataSource.class));
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
            new WorkflowSpeed(app, options, new TenantId(UUID.fromString(company.signUp(url)))).measure();
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
        if (wanted("pure5")) {
            load("5 pure steps in a line", line("condition", 5), 5, many);
        }
        if (wanted("acting")) {
            load("10 acting steps in a line", line("bench-nothing", 10), 10, many / 3);
        }
        if (wanted("line40")) {
            one("40 acting steps, one run at a time", line("bench-nothing", 40), 40, 10);
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

    // ---------------------------------------------------------------- loads

    private record Ready(UUID workflow, int version) {}

    private Ready publish(Drawing drawing) {
        return tenant.get(() -> {
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
        long began = System.nanoTime();
        run(ready, many);
        awaitEnd(ready, before + many);
        double seconds = (System.nanoTime() - began) / 1e9;
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
                                runs.start(ready.workflow(), ready.version(), "start", Map.of("n", n), "bench", null)));
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
            int ended = tenant.get(() -> app.getBean(Transactions.class).call(() -> app.getBean(JdbcClient.class)
                    .sql("SELECT count(*) FROM workflow_instances WHERE workflow_id = :id AND state = 'succeeded'")
                    .param("id", ready.workflow()).query(Integer.class).single()));
            if (ended >= expected) {
                return;
            }
            Thread.sleep(expected > 100 ? 100 : 5);
        }
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
