import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends a steady load to a server on this machine and checks what came of it.
 *
 * <p>Signs up through the real API with a second factor (needs {@code start --developer} for the mailbox), makes a source, sends
 * numbered events at a fixed rate over several connections, and afterwards reads every one of them back through the events API:
 * each number must be there exactly once. Meanwhile it watches a probe host (event to visible) and the live socket (event to
 * incident). Times count from when a batch was due, so a server that stalls cannot hide it.
 *
 * <p>No library: {@code java bench/Load.java --url http://127.0.0.1:8080 --pid PID}. Loopback only; it ends by itself.
 */
public final class Load {
    private static final int PROBES_PER_SECOND = 20;
    private static final Pattern SEQUENCE = Pattern.compile("\"message\":\"(?:[^\"\\\\]|\\\\.)*?seq-(\\d{7})");
    private static final Pattern ATTACKED = Pattern.compile("\"host\":\"(bench-attack-\\d+)\"");
    private static final Pattern NEXT = Pattern.compile("\"next\":(?:\"([^\"]*)\"|null)");

    private final Map<String, String> options;
    private final String url;
    private final int seconds;
    private final int rate;
    private final int batch;
    private final int connections;
    private final int sources;
    private final int attacksPerSecond;
    private final long pid;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Client client;

    private final int total;
    private final long[] dueAt;
    private final long[] storedAfter;
    private final Map<String, Long> attackDue = new ConcurrentHashMap<>();
    private final Map<String, Long> attackPushed = new ConcurrentHashMap<>();
    private final Map<String, Long> attackListed = new ConcurrentHashMap<>();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicInteger repeats = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private volatile boolean watching = true;

    private Load(Map<String, String> options) {
        this.options = options;
        this.url = options.getOrDefault("url", "http://127.0.0.1:8080");
        this.client = new Client(http, url);
        this.seconds = Math.min(600, number("seconds", 60));
        this.rate = Math.min(100_000, number("rate", 3_000));
        this.batch = number("batch", 30);
        this.connections = Math.min(64, number("connections", 8));
        this.sources = Math.min(32, number("sources", 1));
        this.attacksPerSecond = number("attacks", 5);
        this.pid = number("pid", 0);
        this.total = rate * seconds / batch * batch;
        this.dueAt = new long[total];
        this.storedAfter = new long[total];
    }

    private int number(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    public static void main(String... args) throws Exception {
        var options = new HashMap<String, String>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        System.exit(new Load(options).run() ? 0 : 1);
    }

    private boolean run() throws Exception {
        client.signIn();
        var doors = new Door[sources];
        for (int i = 0; i < sources; i++) {
            String made = client.post("/api/v1/sources", "{\"name\":\"bench " + i + "\",\"kind\":\"json\"}", 201);
            doors[i] = new Door(Client.field(made, "id"), Client.field(made, "token"));
        }
        warmUp(doors);

        WebSocket live = watchIncidents();
        Thread probes = Thread.ofPlatform().start(this::watchLists);
        Map<String, Double> cpuBefore = cpu();
        long began = System.nanoTime() + 200_000_000L;
        send(doors, began);
        long sent = System.nanoTime();
        Map<String, Double> cpuAfter = cpu();
        boolean all = awaitAll();
        double drained = (System.nanoTime() - sent) / 1e9;
        Thread.sleep(2_000);
        watching = false;
        probes.join();
        live.sendClose(WebSocket.NORMAL_CLOSURE, "");

        return report(audit(), incidents(), (sent - began) / 1e9, drained, all, cpuBefore, cpuAfter);
    }

    private record Door(String source, String token) {}

    // ---------------------------------------------------------------- sending

    private void send(Door[] doors, long began) throws InterruptedException {
        var next = new AtomicInteger();
        var done = new CountDownLatch(connections);
        for (int c = 0; c < connections; c++) {
            Thread.ofPlatform().name("sender-" + c).start(() -> {
                try (var sender = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
                    int number;
                    while ((number = next.getAndIncrement()) * batch < total) {
                        long due = began + (long) (number * (batch * 1e9 / rate));
                        long now;
                        while ((now = System.nanoTime()) < due) {
                            LockSupport.parkNanos(due - now);
                        }
                        sendBatch(sender, doors[number % sources], number * batch, due);
                    }
                } finally {
                    done.countDown();
                }
            });
        }
        done.await();
    }

    private void sendBatch(HttpClient sender, Door door, int first, long due) {
        String at = Instant.now().toString();
        var body = new StringBuilder(batch * 320);
        for (int n = first; n < first + batch; n++) {
            dueAt[n] = due;
            body.append(event(n, at, due)).append('\n');
        }
        String text = body.toString();
        for (int tries = 0; tries < 60; tries++) {
            try {
                var answer = sender.send(ingest(door, text), BodyHandlers.ofString());
                if (answer.statusCode() == 202) {
                    accepted.addAndGet(Long.parseLong(Client.number(answer.body(), "accepted")));
                    return;
                }
                if (answer.statusCode() != 429 && answer.statusCode() != 503) {
                    System.err.println("ingest answered " + answer.statusCode() + " " + answer.body());
                    broken.incrementAndGet();
                    return;
                }
                repeats.incrementAndGet();
                Thread.sleep(1_000L * answer.headers().firstValueAsLong("Retry-After").orElse(1));
            } catch (IOException e) {
                // Whether it was taken is unknown, as for any agent; a repeat may double it, and the audit would show that.
                if (broken.incrementAndGet() == 20) {
                    System.err.println("The server is gone: " + e);
                    System.exit(3);
                }
                System.err.println("ingest broke off: " + e);
                return;
            } catch (InterruptedException e) {
                return;
            }
        }
        broken.incrementAndGet();
    }

    private HttpRequest ingest(Door door, String body) {
        return HttpRequest.newBuilder(URI.create(url + "/api/v1/ingest/" + door.source()))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + door.token())
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    /** A mix as a small firm's: application JSON, sshd, sudo, web; some probes; a few attacks, each on a host of its own. */
    private String event(int n, String at, long due) {
        String seq = String.format(Locale.ROOT, "seq-%07d", n);
        if (n % (rate / PROBES_PER_SECOND) == 7) {
            return json(at, "bench-probe", "app", "probe " + seq);
        }
        if (attacksPerSecond > 0 && n % (rate / attacksPerSecond) == 11) {
            String host = "bench-attack-" + n;
            attackDue.put(host, due);
            return json(at, host, "sshd", "Failed password for invalid user oracle from 203.0.113." + n % 250 + " port 52144 ssh2 " + seq);
        }
        String host = "bench-" + n % 60;
        return switch (n % 10) {
            case 0, 1, 2 -> json(at, host, "sshd", "Accepted publickey for deploy from 10.20.0." + n % 200 + " port " + (20_000 + n % 40_000) + " ssh2: ED25519 SHA256:6m1f " + seq);
            case 3 -> json(at, host, "sudo", "alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/systemctl status nginx " + seq);
            case 4, 5 -> json(at, host, "cron", "(root) CMD (/usr/lib/php/sessionclean " + seq + ")");
            default ->
                    "{\"time\":\"" + at + "\",\"host\":\"" + host + "\",\"user\":\"user" + n % 97 + "\",\"severity\":\"info\",\"service\":\"shop\","
                            + "\"request\":{\"method\":\"GET\",\"path\":\"/api/orders/" + n + "\",\"status\":200,\"ms\":" + n % 300 + "},"
                            + "\"message\":\"order " + n + " was read by the shop front end " + seq + "\"}";
        };
    }

    private static String json(String at, String host, String program, String message) {
        return "{\"time\":\"" + at + "\",\"host\":\"" + host + "\",\"program\":\"" + program + "\",\"pid\":\"4711\",\"message\":\"" + message + "\"}";
    }

    /** Some seconds at a third of the rate, so that figures are not those of a cold JVM; its events carry no number. */
    private void warmUp(Door[] doors) throws Exception {
        int warm = number("warm", 10);
        long number = 0;
        long end = System.nanoTime() + warm * 1_000_000_000L;
        while (System.nanoTime() < end) {
            var body = new StringBuilder();
            for (int i = 0; i < batch; i++) {
                body.append(event(i % 7 + 12, Instant.now().toString(), 0).replaceAll("seq-\\d+", "warm-up")).append('\n');
            }
            http.send(ingest(doors[(int) (number++ % sources)], body.toString()), BodyHandlers.ofString());
            LockSupport.parkNanos((long) (3e9 * batch / rate));
        }
        attackDue.clear();
    }

    // ---------------------------------------------------------------- watching

    /** Five looks a second: what they add to the times is at most 0.2 s, and they must not be half of the load. */
    private void watchLists() {
        int looks = 0;
        while (watching) {
            try {
                String page = client.get("/api/v1/events?host=bench-probe&limit=" + (looks++ % 10 == 0 ? 200 : 40));
                long now = System.nanoTime();
                Matcher m = SEQUENCE.matcher(page);
                while (m.find()) {
                    int n = Integer.parseInt(m.group(1));
                    if (storedAfter[n] == 0) {
                        storedAfter[n] = now - dueAt[n];
                    }
                }
                note(client.get("/api/v1/incidents?limit=50"), attackListed);
                Thread.sleep(200);
            } catch (IOException e) {
                System.err.println("probe: " + e);
                LockSupport.parkNanos(1_000_000_000L);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void note(CharSequence json, Map<String, Long> after) {
        long now = System.nanoTime();
        Matcher m = ATTACKED.matcher(json);
        while (m.find()) {
            Long due = attackDue.get(m.group(1));
            if (due != null) {
                after.putIfAbsent(m.group(1), now - due);
            }
        }
    }

    private WebSocket watchIncidents() {
        return http.newWebSocketBuilder()
                .header("Cookie", client.cookieHeader())
                .header("Origin", url)
                .buildAsync(
                        URI.create(url.replaceFirst("^http", "ws") + "/api/v1/live"),
                        new WebSocket.Listener() {
                            private final StringBuilder message = new StringBuilder();

                            @Override
                            public void onOpen(WebSocket socket) {
                                socket.sendText("{\"op\":\"subscribe\",\"topic\":\"incidents\"}", true);
                                socket.request(1);
                            }

                            @Override
                            public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                                message.append(data);
                                if (last) {
                                    if (message.indexOf("\"op\":\"denied\"") >= 0) {
                                        System.err.println("live socket: " + message);
                                    }
                                    note(message, attackPushed);
                                    message.setLength(0);
                                }
                                socket.request(1);
                                return null;
                            }

                            @Override
                            public void onError(WebSocket socket, Throwable error) {
                                System.err.println("live socket: " + error);
                            }
                        })
                .join();
    }

    /** CPU seconds so far: the server's JVM, its PostgreSQL with all backends, and ourselves. */
    private Map<String, Double> cpu() throws IOException {
        var seconds = new LinkedHashMap<String, Double>();
        if (pid == 0) {
            return seconds;
        }
        double jvm = 0;
        double database = 0;
        Map<Long, String[]> processes = new HashMap<>();
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all) {
                try {
                    String stat = Files.readString(process.resolve("stat"));
                    processes.put(Long.parseLong(process.getFileName().toString()), stat.substring(stat.lastIndexOf(')') + 2).split(" "));
                } catch (IOException e) {
                    // It ended meanwhile.
                }
            }
        }
        for (var process : processes.entrySet()) {
            String[] stat = process.getValue();
            double own = (Double.parseDouble(stat[11]) + Double.parseDouble(stat[12])) / 100;
            double ended = (Double.parseDouble(stat[13]) + Double.parseDouble(stat[14])) / 100;
            if (process.getKey() == pid) {
                jvm += own;
            } else if (isBelow(process.getKey(), processes)) {
                database += own + ended;
            }
        }
        seconds.put("JVM", jvm);
        seconds.put("PostgreSQL", database);
        seconds.put("load generator", ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0);
        return seconds;
    }

    private boolean isBelow(long child, Map<Long, String[]> processes) {
        for (long p = child; p > 1 && processes.containsKey(p); p = Long.parseLong(processes.get(p)[1])) {
            if (p == pid) {
                return true;
            }
        }
        return false;
    }

    // ---------------------------------------------------------------- checking

    /** Waits until every probe of the last second is visible; false after two minutes. */
    private boolean awaitAll() throws Exception {
        long until = System.nanoTime() + 120_000_000_000L;
        while (System.nanoTime() < until) {
            var missing = 0;
            for (int n = total - 1; n >= Math.max(0, total - rate); n--) {
                if (n % (rate / PROBES_PER_SECOND) == 7 && storedAfter[n] == 0) {
                    missing++;
                }
            }
            if (missing == 0) {
                return true;
            }
            Thread.sleep(50);
        }
        return false;
    }

    private record Audit(int stored, int lost, int doubled, String firstLost, double seconds) {}

    /** Reads every event of the company back and ticks its number off. */
    private Audit audit() throws Exception {
        long began = System.nanoTime();
        var seen = new BitSet(total);
        int doubled = 0;
        int rows = 0;
        String cursor = null;
        do {
            String page = client.get("/api/v1/events?limit=200" + (cursor == null ? "" : "&cursor=" + cursor));
            Matcher m = SEQUENCE.matcher(page);
            while (m.find()) {
                int n = Integer.parseInt(m.group(1));
                rows++;
                if (seen.get(n)) {
                    doubled++;
                }
                seen.set(n);
            }
            Matcher next = NEXT.matcher(page.substring(Math.max(0, page.length() - 300)));
            cursor = next.find() ? next.group(1) : null;
        } while (cursor != null);
        int lost = total - seen.cardinality();
        return new Audit(rows, lost, doubled, lost == 0 ? "" : "first " + seen.nextClearBit(0), (System.nanoTime() - began) / 1e9);
    }

    /** Attack hosts that have an incident, by the API: the truth, where the socket might have missed one. */
    private int incidents() throws Exception {
        var hosts = new java.util.HashSet<String>();
        String cursor = null;
        do {
            String page = client.get("/api/v1/incidents?limit=200" + (cursor == null ? "" : "&cursor=" + cursor));
            Matcher m = ATTACKED.matcher(page);
            while (m.find()) {
                hosts.add(m.group(1));
            }
            Matcher next = NEXT.matcher(page.substring(Math.max(0, page.length() - 300)));
            cursor = next.find() ? next.group(1) : null;
        } while (cursor != null);
        hosts.retainAll(attackDue.keySet());
        return hosts.size();
    }

    private boolean report(Audit audit, int opened, double took, double drained, boolean all, Map<String, Double> before, Map<String, Double> after) {
        long[] stored = Arrays.stream(storedAfter).filter(t -> t > 0).toArray();
        long[] listed = attackListed.values().stream().mapToLong(Long::longValue).toArray();
        long[] pushed = attackPushed.values().stream().mapToLong(Long::longValue).toArray();
        System.out.printf(Locale.ROOT, "| figure | value |%n|---|---|%n");
        row("load asked for", "%,d events/s for %d s, %d a request, %d connections, %d sources", rate, seconds, batch, connections, sources);
        row("sent and accepted", "%,d in %.1f s: %,.0f events/s", accepted.get(), took, accepted.get() / took);
        row("requests told to repeat (429, 503)", "%d", repeats.get());
        row("requests that failed", "%d", broken.get());
        row("sequence audit", "%,d expected, %,d lost%s, %,d doubled (read back in %.0f s)", total, audit.lost(), audit.firstLost().isEmpty() ? "" : " (" + audit.firstLost() + ")", audit.doubled(), audit.seconds());
        row("event to visible in the API", "%s (%d probes)", percentiles(stored), stored.length);
        row("... p99 of each tenth of the time", "%s", tenths());
        row("event to incident in the API's list", "%s (%d of %d attacks)", percentiles(listed), listed.length, attackDue.size());
        row("event to incident in the browser's socket", "%s (%d of %d attacks)", percentiles(pushed), pushed.length, attackDue.size());
        row("attack hosts that have an incident", "%d of %d", opened, attackDue.size());
        row("last event visible after the end of sending", all ? "%.1f s" : "not within %.0f s", drained);
        after.forEach((who, cpu) -> row("CPU while sending, " + who, "%.1f s (%.0f %% of one core)", cpu - before.get(who), 100 * (cpu - before.get(who)) / took));
        return audit.lost() == 0 && audit.doubled() == 0 && broken.get() == 0 && opened == attackDue.size();
    }

    private static void row(String name, String format, Object... values) {
        System.out.println("| " + name + " | " + String.format(Locale.ROOT, format, values) + " |");
    }

    private static String percentiles(long[] nanos) {
        if (nanos.length == 0) {
            return "none seen";
        }
        Arrays.sort(nanos);
        return String.format(Locale.ROOT, "p50 %.0f ms, p95 %.0f ms, p99 %.0f ms, longest %.0f ms", at(nanos, 50), at(nanos, 95), at(nanos, 99), nanos[nanos.length - 1] / 1e6);
    }

    /** In the order of sending, so that a slow beginning can be told from a slow server. */
    private String tenths() {
        var text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            long[] part = Arrays.stream(storedAfter, total / 10 * i, total / 10 * (i + 1)).filter(t -> t > 0).sorted().toArray();
            text.append(part.length == 0 ? "-" : String.format(Locale.ROOT, "%.1f", at(part, 99) / 1000)).append(i < 9 ? ", " : " s");
        }
        return text.toString();
    }

    /** Nearest rank. */
    private static double at(long[] sorted, int percent) {
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100.0) - 1)] / 1e6;
    }
}
