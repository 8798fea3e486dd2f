import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Kills what carries workflows, and asks a witness outside what was done.
 *
 * <p>Some nodes of the product share one PostgreSQL. Runs are started all the time; each calls a ledger in this process three
 * times: twice by a request that may be repeated with its key, once by one that may not. Meanwhile a seeded dice kills nodes (SIGKILL),
 * freezes them beyond their leases and lets them go on (SIGSTOP, SIGCONT), and stops PostgreSQL at once ({@code pg_ctl -m
 * immediate}). Steps in doubt are settled as a person would: by what the ledger says. In the end every run that was accepted must have
 * succeeded, every keyed effect must stand in the ledger once, and nothing that may not be repeated may have come twice.
 * A schedule of every second fires on all nodes; no tick of it may have started two runs.
 *
 * <p>{@code bench/run kills [--kills 30] [--nodes 3] [--rate 4] [--seed 1] [--away 0] [--pause 1000] [--minutes 1000]}: no blow comes after so many minutes; {@code away} is for how many
 * seconds a killed node stays away before it starts again, {@code pause} the least milliseconds between two blows. Loopback only; it ends all that it starts.
 */
public final class Kills {
    private static final List<String> STEPS = List.of("first", "second", "once");
    private static final String PASSED_BY = "cs_kills";

    private final Path root;
    private final Path scratch;
    private final Map<String, String> options;
    private final Random dice;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(2)).build();
    private final Ledger ledger = new Ledger();
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger unsure = new AtomicInteger();
    private final AtomicInteger settled = new AtomicInteger();
    private final Map<String, Integer> done = new HashMap<>();
    private Process postgres;
    private final ExecutorService frozen = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean starting = true;

    private Kills(Path root, Path scratch, Map<String, String> options) {
        this.root = root;
        this.scratch = scratch;
        this.options = options;
        this.dice = new Random(number("seed", 1));
    }

    private int number(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    public static void main(String... args) throws Exception {
        var options = new HashMap<String, String>();
        for (int i = 2; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        var kills = new Kills(Path.of(args[0]), Path.of(args[1]), options);
        boolean good = false;
        try {
            good = kills.run();
        } finally {
            kills.end();
        }
        System.exit(good ? 0 : 1);
    }

    private boolean run() throws Exception {
        ledger.open();
        startPostgres(true);
        for (int i = 0; i < number("nodes", 3); i++) {
            nodes.add(new Node(i));
        }
        nodes.getFirst().start();
        nodes.getFirst().awaitReady();
        for (Node node : nodes.subList(1, nodes.size())) {
            node.start();
        }
        var client = new Client(http, nodes.getFirst().url());
        client.signIn();
        String workflow = draw(client);
        String clock = drawClock(client);
        for (Node node : nodes) {
            node.awaitReady();
        }
        say("%d nodes are ready, kills begin", nodes.size());
        Thread starter = Thread.ofPlatform().start(() -> startRuns(client, workflow));
        long began = System.nanoTime();
        long atMost = number("minutes", 1_000) * 60_000_000_000L;
        for (int i = 1; i <= number("kills", 30) && System.nanoTime() - began < atMost; i++) {
            Thread.sleep(number("pause", 1_000) + dice.nextInt(3 * number("pause", 1_000)));
            strike(i);
        }
        frozen.close(); // and those that lie there go on
        starting = false;
        starter.join();
        for (Node node : nodes) {
            node.awaitReady();
        }
        double lasted = (System.nanoTime() - began) / 1e9;
        client.moveTo(nodes.getFirst().url());
        client.post("/api/v1/workflows/" + clock + "/archive", "", 200);
        return report(settleAll(client, workflow), settleAll(client, clock), lasted);
    }

    // ---------------------------------------------------------------- the blows

    private void strike(int number) throws Exception {
        Node node = aNodeOfMany();
        int what = dice.nextInt(100);
        if (what < 60) {
            node.kill();
            strikes("SIGKILL");
            Thread.sleep(1_000L * number("away", 0));
            node.start();
        } else if (what < 85) {
            long pid = node.pid();
            signal("STOP", pid);
            strikes("SIGSTOP");
            int beyondItsLease = 6_000 + dice.nextInt(5_000);
            node.frozen = true;
            frozen.execute(() -> {
                try {
                    Thread.sleep(beyondItsLease);
                    signal("CONT", pid);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                node.frozen = false;
            });
        } else {
            stopPostgres("immediate");
            strikes("pg_ctl stop -m immediate");
            startPostgres(false);
        }
        if (number % 10 == 0) {
            say("%d blows, %d runs accepted, %d effects", number, accepted.size(), ledger.applied.size());
        }
    }

    /** One that works, while another does too: somebody must be there to take over. */
    private Node aNodeOfMany() throws Exception {
        while (true) {
            var working = new ArrayList<Node>();
            for (Node node : nodes) {
                if (node.isAtWork()) {
                    working.add(node);
                }
            }
            if (working.size() > 1) {
                return working.get(dice.nextInt(working.size()));
            }
            Thread.sleep(200);
        }
    }

    private void strikes(String blow) {
        ledger.struck(blow);
        done.merge(blow, 1, Integer::sum);
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start().waitFor();
    }

    // ---------------------------------------------------------------- the runs

    private String draw(Client client) throws Exception {
        String id = Client.field(client.post("/api/v1/workflows", "{\"name\":\"Ledger\"}", 201), "id");
        var nodes = new StringBuilder("{\"key\":\"start\",\"type\":\"manual\",\"name\":\"Start\",\"config\":{},\"x\":0,\"y\":0}");
        for (String step : STEPS) {
            String type = step.equals("once") ? "http-request" : "http-request-keyed";
            nodes.append(",{\"key\":\"").append(step).append("\",\"type\":\"").append(type).append("\",\"name\":\"").append(step)
                    .append("\",\"config\":{\"method\":\"POST\",\"url\":\"").append(ledger.url()).append("\",\"body\":\"{}\"},\"x\":0,\"y\":0,")
                    .append("\"retry\":{\"maxAttempts\":50,\"delaySeconds\":1,\"backoff\":\"fixed\"},\"timeoutSeconds\":60}");
        }
        nodes.append(",{\"key\":\"pause\",\"type\":\"wait\",\"name\":\"Pause\",\"config\":{\"seconds\":1},\"x\":0,\"y\":0}");
        String edges = edge("start", "first") + "," + edge("first", "pause") + "," + edge("pause", "second") + "," + edge("second", "once");
        String draft = "{\"name\":\"Ledger\",\"description\":\"\",\"nodes\":[" + nodes + "],\"edges\":[" + edges + "]}";
        client.put("/api/v1/workflows/" + id + "/draft", draft, "\"1\"", 200);
        client.post("/api/v1/workflows/" + id + "/publish", "", 200);
        return id;
    }

    /** Ticks of a schedule, each told to the ledger by its time. */
    private String drawClock(Client client) throws Exception {
        String id = Client.field(client.post("/api/v1/workflows", "{\"name\":\"Clock\"}", 201), "id");
        String draft = "{\"name\":\"Clock\",\"description\":\"\",\"nodes\":["
                + "{\"key\":\"start\",\"type\":\"schedule\",\"name\":\"Start\",\"config\":{\"everySeconds\":1},\"x\":0,\"y\":0},"
                + "{\"key\":\"tick\",\"type\":\"http-request-keyed\",\"name\":\"Tick\",\"config\":{\"method\":\"POST\",\"url\":\"" + ledger.url()
                + "?tick={{ trigger.scheduledAt }}\",\"body\":\"{}\"},\"x\":0,\"y\":0,"
                + "\"retry\":{\"maxAttempts\":50,\"delaySeconds\":1,\"backoff\":\"fixed\"},\"timeoutSeconds\":60}],\"edges\":[" + edge("start", "tick") + "]}";
        client.put("/api/v1/workflows/" + id + "/draft", draft, "\"1\"", 200);
        client.post("/api/v1/workflows/" + id + "/publish", "", 200);
        return id;
    }

    private static String edge(String from, String to) {
        return "{\"from\":\"" + from + "\",\"port\":\"out\",\"to\":\"" + to + "\"}";
    }

    private void startRuns(Client client, String workflow) {
        var which = new Random(7);
        long pause = 1_000 / number("rate", 4);
        while (starting) {
            client.moveTo(nodes.get(which.nextInt(nodes.size())).url());
            try {
                accepted.add(Client.field(client.post("/api/v1/workflows/" + workflow + "/runs", "{\"input\":{}}", 201), "id"));
            } catch (IOException | IllegalStateException e) {
                // The node is dead, frozen or without its database: the run may have begun or not.
                unsure.incrementAndGet();
            } catch (InterruptedException e) {
                return;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private record RunLine(String id, String state) {}

    private static final Pattern RUN = Pattern.compile("\\{\"id\":\"([0-9a-f-]{36})\",\"number\":\\d+.*?\"state\":\"([a-z-]+)\"");
    private static final Pattern NEXT = Pattern.compile("\"next\":(?:\"([^\"]*)\"|null)");

    private List<RunLine> runs(Client client, String workflow) throws Exception {
        var all = new ArrayList<RunLine>();
        String cursor = null;
        do {
            String page = client.get("/api/v1/runs?limit=200&workflow=" + workflow + (cursor == null ? "" : "&cursor=" + cursor));
            Matcher m = RUN.matcher(page);
            while (m.find()) {
                all.add(new RunLine(m.group(1), m.group(2)));
            }
            Matcher next = NEXT.matcher(page.substring(Math.max(0, page.length() - 100)));
            cursor = next.find() ? next.group(1) : null;
        } while (cursor != null);
        return all;
    }

    /** Waits until all runs have ended, and says of each step in doubt what the ledger knows. */
    private List<RunLine> settleAll(Client client, String workflow) throws Exception {
        long until = System.nanoTime() + 300_000_000_000L;
        while (true) {
            List<RunLine> runs = runs(client, workflow);
            boolean open = false;
            for (RunLine run : runs) {
                if (run.state().equals("in-doubt")) {
                    settle(client, run.id());
                }
                open |= !Set.of("succeeded", "failed", "cancelled").contains(run.state());
            }
            if (!open || System.nanoTime() > until) {
                return runs;
            }
            Thread.sleep(1_000);
        }
    }

    private void settle(Client client, String run) throws Exception {
        String detail = client.get("/api/v1/runs/" + run);
        for (String step : STEPS) {
            var doubt =
                    Pattern.compile(
                                    "\"key\":\"" + step + "\",\"name\":\"[^\"]*\",\"type\":\"[^\"]*\",\"state\":\"in-doubt\"[^{}]*\"epoch\":(\\d+)")
                            .matcher(detail);
            if (doubt.find()) {
                String said = ledger.applied.containsKey(run + "/" + step) ? "happened" : "did-not-happen";
                client.post("/api/v1/runs/" + run + "/steps/" + step + "/settle", "{\"epoch\":" + doubt.group(1) + ",\"outcome\":\"" + said + "\",\"note\":\"The ledger says so.\"}", 200);
                settled.incrementAndGet();
            }
        }
    }

    private boolean report(List<RunLine> runs, List<RunLine> clock, double lasted) {
        Map<String, Integer> states = new HashMap<>();
        var known = new HashSet<String>();
        runs.forEach(run -> {
            states.merge(run.state(), 1, Integer::sum);
            known.add(run.id());
        });
        long lostRuns = accepted.stream().filter(id -> !known.contains(id)).count();
        int missing = 0;
        int doubled = 0;
        var expected = new HashSet<String>();
        for (RunLine run : runs) {
            for (String step : STEPS) {
                String key = run.id() + "/" + step;
                expected.add(key);
                Integer times = ledger.applied.get(key);
                if (times == null) {
                    missing++;
                } else if (times > 1) {
                    doubled++;
                }
            }
        }
        clock.forEach(run -> expected.add(run.id() + "/tick"));
        long strange = ledger.applied.keySet().stream().filter(key -> !expected.contains(key)).count();
        long twice = ledger.ticks.values().stream().filter(times -> times.size() > 1).count();
        long clockEnded = clock.stream().filter(run -> run.state().equals("succeeded")).count();
        int ended = states.getOrDefault("succeeded", 0);
        System.out.printf(Locale.ROOT, "| figure | value |%n|---|---|%n");
        row("blows", "%s in %.0f s, %d nodes on one PostgreSQL", done, lasted, nodes.size());
        row("runs accepted", "%,d; %,d starts whose answer was lost; %,d runs in all", accepted.size(), unsure.get(), runs.size());
        row("runs by state", "%s", states);
        row("accepted runs that are gone", "%d", lostRuns);
        row("effects in the ledger", "%,d of %,d expected, ticks included; %d missing, %d doubled, %d of no run", ledger.applied.size(), expected.size(), missing, doubled, strange);
        row("ticks of a schedule of every second", "%,d, each by one run but %d; %,d of %,d runs succeeded", ledger.ticks.size(), twice, clockEnded, clock.size());
        row("keyed requests that came again and were told so", "%d", ledger.repeats.get());
        row("steps in doubt, settled by the ledger", "%d", settled.get());
        ledger.recoveries.forEach((blow, waits) -> row(blow + " to the repeated request of a step it cut off", "%s", spread(waits)));
        return lostRuns == 0 && missing == 0 && doubled == 0 && strange == 0 && ended == runs.size()
                && twice == 0 && !ledger.ticks.isEmpty() && clockEnded == clock.size();
    }

    private static String spread(Collection<Long> waits) {
        long[] nanos = waits.stream().mapToLong(Long::longValue).sorted().toArray();
        return String.format(Locale.ROOT, "p50 %.1f s, p95 %.1f s, longest %.1f s (%d)",
                nanos[nanos.length / 2] / 1e9, nanos[(int) Math.ceil(nanos.length * 0.95) - 1] / 1e9, nanos[nanos.length - 1] / 1e9, nanos.length);
    }

    private static void row(String name, String format, Object... values) {
        System.out.println("| " + name + " | " + String.format(Locale.ROOT, format, values) + " |");
    }

    private static void say(String format, Object... values) {
        System.err.println(String.format(Locale.ROOT, format, values));
    }

    // ---------------------------------------------------------------- the witness

    /** Counts what arrives by idempotency key, and is sometimes slow, busy or gone before it has answered. */
    private static final class Ledger {
        final Map<String, Integer> applied = new ConcurrentHashMap<>();
        final Map<String, Set<String>> ticks = new ConcurrentHashMap<>();
        final AtomicInteger repeats = new AtomicInteger();
        private final ConcurrentSkipListMap<Long, String> blows = new ConcurrentSkipListMap<>();
        final Map<String, Queue<Long>> recoveries = new ConcurrentSkipListMap<>();
        private final Map<String, Long> began = new ConcurrentHashMap<>();
        private final Random moods = new Random(11);
        private HttpServer server;

        void open() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/effect", this::take);
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/effect";
        }

        void struck(String blow) {
            blows.put(System.nanoTime(), blow);
        }

        private void take(HttpExchange exchange) throws IOException {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
                boolean keyed = !key.endsWith("/once");
                String tick = exchange.getRequestURI().getQuery();
                if (tick != null) {
                    ticks.computeIfAbsent(tick, t -> ConcurrentHashMap.newKeySet()).add(key);
                }
                int mood;
                synchronized (moods) {
                    mood = moods.nextInt(100);
                }
                if (mood < 3) {
                    exchange.sendResponseHeaders(503, -1);
                    return;
                }
                long now = System.nanoTime();
                Long before = began.put(key, now);
                if (keyed && applied.containsKey(key)) {
                    repeats.incrementAndGet();
                    var blow = before == null ? null : blows.higherEntry(before);
                    if (blow != null) {
                        recoveries.computeIfAbsent(blow.getValue(), _ -> new ConcurrentLinkedQueue<>()).add(now - blow.getKey());
                    }
                } else {
                    applied.merge(key, 1, Integer::sum);
                }
                if (mood < 40) {
                    Thread.sleep(100 + mood * 30L);
                }
                if (mood == 99 && !keyed) {
                    return; // takes effect, and hangs up without an answer
                }
                byte[] answer = "{\"ok\":true}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void close() {
            if (server != null) {
                server.stop(0);
            }
        }
    }

    // ---------------------------------------------------------------- processes

    private final class Node {
        private final int port;
        private final Path data;
        private final int number;
        private Process process;
        private volatile boolean frozen;

        Node(int number) {
            this.number = number;
            this.port = 18_300 + number;
            this.data = scratch.resolve("node" + number);
        }

        String url() {
            return "http://127.0.0.1:" + port;
        }

        void start() throws Exception {
            Files.createDirectories(data);
            var builder = new ProcessBuilder(
                    root.resolve("cybershield").toString(), "start", "--data", data.toString(), "--port", Integer.toString(port),
                    "--db", "jdbc:postgresql://127.0.0.1:18390/postgres", "--developer");
            builder.environment().putAll(Map.of(
                    "CYBERSHIELD_ROOT_KEY", java.util.Base64.getEncoder().encodeToString(PASSED_BY.repeat(4).getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                    "CYBERSHIELD_HTTP_ALLOWEDHOSTS", "127.0.0.1",
                    "CYBERSHIELD_DB_USER", "postgres",
                    "CYBERSHIELD_DB_PASSWORD", "none",
                    "CYBERSHIELD_HEAP", "512m"));
            process = builder.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start();
        }

        Path log() {
            return scratch.resolve("node" + number + ".log");
        }

        long pid() {
            return process.pid();
        }

        void kill() throws Exception {
            process.destroyForcibly();
            process.waitFor();
        }

        boolean isReady() {
            try {
                return http.send(
                                        HttpRequest.newBuilder(URI.create(url() + "/actuator/health/readiness")).timeout(Duration.ofSeconds(2)).build(),
                                        BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Starts it again where it gave up. */
        boolean isAtWork() throws Exception {
            if (frozen) {
                return false;
            }
            if (!process.isAlive()) { // robbed of its database in the middle of its start; what supervises it starts it again
                say("node %d ended by itself and is started again; the log has %d bytes", number, Files.size(log()));
                done.merge("starts that gave up", 1, Integer::sum);
                start();
            }
            return isReady();
        }

        void awaitReady() throws Exception {
            for (int i = 0; i < 1_200 && !isAtWork(); i++) {
                Thread.sleep(100);
            }
        }

        void stop() throws Exception {
            if (process != null && process.isAlive()) {
                signal("CONT", process.pid());
                process.destroy();
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            }
        }
    }

    private void startPostgres(boolean fresh) throws Exception {
        Path data = scratch.resolve("postgres");
        if (fresh) {
            asPlainUser("initdb", "-D", data.toString(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C").waitFor();
        }
        postgres = asPlainUser("postgres", "-D", data.toString(), "-p", "18390", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200");
        Thread.sleep(500);
    }

    private void stopPostgres(String mode) throws Exception {
        asPlainUser("pg_ctl", "stop", "-D", scratch.resolve("postgres").toString(), "-m", mode).waitFor();
        postgres.waitFor(30, TimeUnit.SECONDS);
    }

    /** PostgreSQL refuses to run as root. */
    private Process asPlainUser(String program, String... arguments) throws IOException {
        Path bin;
        try (var found = Files.newDirectoryStream(root.resolve("server/target/app"), "postgres-*")) {
            bin = found.iterator().next().resolve("bin");
        }
        var command = new ArrayList<String>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        command.add(bin.resolve(program).toString());
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(scratch.resolve("postgres.log").toFile()))
                .start();
    }

    private void end() throws Exception {
        starting = false;
        for (Node node : nodes) {
            node.stop();
        }
        if (postgres != null) {
            stopPostgres("fast");
        }
        ledger.close();
    }
}
