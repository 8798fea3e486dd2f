import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A newer release started on the data of many companies: how long until each company's schema has its change, and what is answered
 * meanwhile; then the same with the server killed on the way, and with one company's schema in the way.
 *
 * <p>{@code Upgrade.java LAUNCHER NEWER DATA PORT [--companies 300] [--kills 2] [--seed 1]}. NEWER starts a build that adds the column
 * {@code bench_note} with an index to each company's {@code incident}, and to {@code telemetry.source}.
 */
final class Upgrade {
    private static final String HAVE = "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE c.relname = 'incident' AND n.nspname LIKE 't\\_%' AND a.attname = 'bench_note' AND NOT a.attisdropped";
    private final Path older;
    private final Path newer;
    private final Path data;
    private final int port;
    private final String url;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
    private final Map<String, Integer> answers = new TreeMap<>();
    private Process server;

    private Upgrade(Path older, Path newer, Path data, int port) {
        this.older = older;
        this.newer = newer;
        this.data = data;
        this.port = port;
        this.url = "http://127.0.0.1:" + port;
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 4; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        var upgrade = new Upgrade(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]), Integer.parseInt(args[3]));
        boolean fine;
        try {
            fine = upgrade.measure(
                    Integer.parseInt(options.getOrDefault("companies", "300")),
                    Integer.parseInt(options.getOrDefault("kills", "2")),
                    new Random(Long.parseLong(options.getOrDefault("seed", "1"))));
        } finally {
            upgrade.end("KILL");
        }
        System.exit(fine ? 0 : 1);
    }

    private boolean measure(int companies, int kills, Random dice) throws Exception {
        System.out.println("| figure | value |");
        System.out.println("|---|---|");
        start(older);
        awaitReady();
        for (int i = 0; i < companies; i++) {
            var company = new Client(http, url);
            company.verify(company.register());
        }
        end("TERM");
        row("start of the older build with all of them, nothing to change", "%.1f s", timed(older));
        end("TERM");

        answers.clear();
        long began = System.nanoTime();
        start(newer);
        double first = await(1, began);
        double last = await(schemas(), began);
        awaitReady();
        double ready = (System.nanoTime() - began) / 1e9;
        long all = schemas();
        boolean fine = have() == all;
        row("**start of the newer build until all have the change, %d schemas**", "**%.1f s**; the first at %.1f s, ready at %.1f s", all, last, first, ready);
        row("... a schema", "%.0f ms", 1000 * (last - first) / Math.max(1, all - 1));
        row("... answers to a request every 0.1 s meanwhile", "%s", answers);
        var late = new Client(http, url);
        late.verify(late.register());
        all++;
        fine &= have() == all;
        row("a company made afterwards has it", "%s", have() == all);
        end("TERM");
        row("start of the newer build once more, nothing to change", "%.1f s", timed(newer));

        for (int i = 0; i < kills; i++) {
            undo();
            end("TERM");
            start(newer);
            await(1 + dice.nextLong(all), System.nanoTime());
            long had = have();
            end("KILL");
            double seconds = timed(newer);
            fine &= have() == all;
            row("killed (SIGKILL) when %d of %d had it, started again", "ready after %.1f s; %d of %d have it", had, all, seconds, have(), all);
        }

        undo();
        String hindered = one("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%' ORDER BY md5(nspname) LIMIT 1");
        run("ALTER TABLE " + hindered + ".incident ADD COLUMN bench_note text");
        end("TERM");
        start(newer);
        int code = server.waitFor();
        row("one company's column is there already: the newer build", "ends with code %d and says: %s", code, said());
        row("... the older one", "starts in %.1f s; %d of %d have the change", timed(older), have() - 1, all);
        run("ALTER TABLE " + hindered + ".incident DROP COLUMN bench_note");
        end("TERM");
        row("... the newer one, once the column is gone", "starts in %.1f s; %d of %d have the change", timed(newer), have(), all);
        fine &= code != 0 && have() == all;
        end("TERM");
        return fine;
    }

    // ---------------------------------------------------------------- the server

    private void start(Path launcher) throws IOException {
        Files.deleteIfExists(log());
        server = new ProcessBuilder(launcher.toString(), "start", "--data", data.toString(), "--port", Integer.toString(port), "--developer")
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
    }

    private Path log() {
        return data.resolveSibling("upgrade.log");
    }

    /** Seconds from the command to readiness. */
    private double timed(Path launcher) throws Exception {
        long began = System.nanoTime();
        start(launcher);
        awaitReady();
        return (System.nanoTime() - began) / 1e9;
    }

    /** The last words of a server that ended. */
    private String said() throws IOException {
        List<String> lines = Files.readAllLines(log());
        return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size())).replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID").replace("|", "/");
    }

    private void end(String signal) throws Exception {
        if (server == null) {
            return;
        }
        // The launcher's process becomes the server's.
        if (signal.equals("KILL")) {
            server.destroyForcibly();
        } else {
            server.destroy();
        }
        server.waitFor();
        server = null;
        for (int i = 0; i < 200 && schemasOrNone() >= 0; i++) {
            Thread.sleep(50);
        }
    }

    /** Asks until it is ready; notes what it answered. */
    private void awaitReady() throws Exception {
        long until = System.nanoTime() + 900_000_000_000L;
        while (System.nanoTime() < until) {
            if (ask()) {
                return;
            }
            if (!server.isAlive()) {
                throw new IllegalStateException("The server ended before it was ready: " + said());
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException("Not ready in time");
    }

    private boolean ask() throws InterruptedException {
        String answer;
        try {
            answer = "" + http.send(HttpRequest.newBuilder(URI.create(url + "/actuator/health/readiness")).timeout(Duration.ofSeconds(5)).build(), BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            answer = "no connection";
        }
        answers.merge(answer, 1, Integer::sum);
        return answer.equals("200");
    }

    /** Waits until so many schemas have the change, and goes on asking. */
    private double await(long many, long began) throws Exception {
        while (have() < many) {
            ask();
            if (!server.isAlive()) {
                throw new IllegalStateException("The server ended on the way: " + said());
            }
            Thread.sleep(100);
        }
        return (System.nanoTime() - began) / 1e9;
    }

    // ---------------------------------------------------------------- its database

    private Connection owner() throws SQLException, IOException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + Files.readString(data.resolve("postgres/port")).strip() + "/cybershield",
                "cybershield",
                Files.readString(data.resolve("postgres/password")).strip());
    }

    private String one(String query) throws Exception {
        try (var connection = owner();
                var sql = connection.createStatement();
                var rows = sql.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private void run(String statement) throws Exception {
        try (var connection = owner();
                var sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    /** -1 while the database is not up. */
    private long have() throws Exception {
        try {
            return Long.parseLong(one(HAVE));
        } catch (SQLException e) {
            return -1;
        }
    }

    private long schemas() throws Exception {
        return Long.parseLong(one("SELECT count(*) FROM platform.tenant_schema"));
    }

    private long schemasOrNone() throws Exception {
        try {
            return schemas();
        } catch (SQLException | IOException e) {
            return -1;
        }
    }

    /** Every schema as the older build left it. */
    private void undo() throws Exception {
        try (var connection = owner();
                var sql = connection.createStatement();
                var more = connection.createStatement();
                var rows = sql.executeQuery("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")) {
            while (rows.next()) {
                more.execute("ALTER TABLE " + rows.getString(1) + ".incident DROP COLUMN bench_note");
                more.execute("DELETE FROM " + rows.getString(1) + ".databasechangelog WHERE author = 'bench'");
            }
            more.execute("UPDATE platform.tenant_schema SET changelog = 'older'");
        }
    }

    private static void row(String name, String format, Object... values) {
        // Placeholders of the name come first.
        String line = "| " + name + " | " + format + " |";
        System.out.println(String.format(Locale.ROOT, line, values));
    }
}
