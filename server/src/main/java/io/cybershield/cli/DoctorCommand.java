package io.cybershield.cli;

import io.cybershield.lookout.GeoFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Looks at this machine and says what to do about each thing that is not right. Exit code 0 when
 * nothing fails.
 */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Check Java, memory, disk, ports, database and clock; say what to do.")
final class DoctorCommand implements Callable<Integer> {
    private static final long GIB = 1L << 30;
    private static final String PLACES = "CYBERSHIELD_ACCESS_GEO";
    private static final String KEPT = "CYBERSHIELD_EVENTS_KEPT_DAYS";
    private static final String PROXIES = "CYBERSHIELD_TRUSTED_PROXIES";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port to be used (default: ${DEFAULT-VALUE}).")
    private int port = 8080;

    @Option(names = "--db", paramLabel = "URL", description = "External PostgreSQL to check.")
    private @Nullable String db;

    /** What a check came to. */
    enum Verdict {
        OK,
        WARN,
        FAIL
    }

    record Finding(Verdict verdict, String subject, String text) {}

    @Override
    public Integer call() throws IOException {
        var findings = new ArrayList<Finding>();
        boolean running = RunFile.find(data).isPresent();
        findings.add(java());
        findings.add(memory());
        findings.add(disk());
        findings.add(writable());
        findings.add(
                running
                        ? new Finding(Verdict.OK, "port", "the server runs on this data folder")
                        : portFree());
        findings.add(database(running));
        findings.add(clock());
        findings.addAll(root());
        findings.addAll(
                running
                        ? asServed()
                        : List.of(places(System.getenv(PLACES)), events(System.getenv(KEPT))));
        for (Finding f : findings) {
            System.out.printf(
                    "%-5s %-9s %s%n",
                    f.verdict().name().toLowerCase(Locale.ROOT), f.subject(), f.text());
        }
        boolean failed = findings.stream().anyMatch(f -> f.verdict() == Verdict.FAIL);
        System.out.println(
                failed
                        ? "Mend what says 'fail', then run doctor again."
                        : "Nothing stands in the way of a start.");
        return failed ? 1 : 0;
    }

    private static Finding java() {
        int feature = Runtime.version().feature();
        return feature >= 25
                ? new Finding(
                        Verdict.OK,
                        "java",
                        Runtime.version() + " at " + System.getProperty("java.home"))
                : new Finding(
                        Verdict.FAIL,
                        "java",
                        "version " + feature + "; install a JDK 25 and set JAVA_HOME to it");
    }

    private static Finding memory() throws IOException {
        Path info = Path.of("/proc/meminfo");
        if (!Files.isReadable(info)) {
            return new Finding(
                    Verdict.WARN, "memory", "cannot be read here; 2 GiB free are needed");
        }
        long available =
                Files.readAllLines(info).stream()
                        .filter(line -> line.startsWith("MemAvailable:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                        .findFirst()
                        .orElse(0);
        String text = gib(available) + " available";
        if (available < GIB) {
            return new Finding(
                    Verdict.FAIL,
                    "memory",
                    text + "; free some, at least 1 GiB is needed and 2 GiB are wise");
        }
        return new Finding(
                available < 2 * GIB ? Verdict.WARN : Verdict.OK,
                "memory",
                text + (available < 2 * GIB ? "; 2 GiB are wise" : ""));
    }

    private Finding disk() throws IOException {
        Path place = existing(data);
        long free = Files.getFileStore(place).getUsableSpace();
        String text = gib(free) + " free under " + place;
        if (free < GIB) {
            return new Finding(
                    Verdict.FAIL,
                    "disk",
                    text + "; free at least 1 GiB or choose another place with --data");
        }
        return new Finding(
                free < 10 * GIB ? Verdict.WARN : Verdict.OK,
                "disk",
                text + (free < 10 * GIB ? "; events need room, 10 GiB are wise" : ""));
    }

    private Finding writable() {
        Path place = existing(data);
        return Files.isWritable(place)
                ? new Finding(Verdict.OK, "folder", place + " can be written")
                : new Finding(
                        Verdict.FAIL,
                        "folder",
                        place
                                + " cannot be written by "
                                + System.getProperty("user.name")
                                + "; change its owner or use --data");
    }

    private Finding portFree() {
        try (var probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return new Finding(Verdict.OK, "port", probe.getLocalPort() + " is free");
        } catch (IOException e) {
            return new Finding(
                    Verdict.FAIL,
                    "port",
                    port + " is taken by another program; use --port with a free one");
        }
    }

    private Finding database(boolean running) {
        if (db == null) {
            boolean supported = System.getProperty("os.name").equals("Linux");
            return supported
                    ? new Finding(
                            Verdict.OK,
                            "database",
                            running
                                    ? "embedded, its server runs"
                                    : "embedded PostgreSQL 18 in " + data.resolve("postgres"))
                    : new Finding(
                            Verdict.FAIL,
                            "database",
                            "the embedded PostgreSQL is for Linux; use --db with a server of your"
                                    + " own");
        }
        try (var connection = DriverManager.getConnection(db);
                var sql = connection.createStatement();
                var rows =
                        sql.executeQuery(
                                "SELECT current_setting('server_version_num')::int, (SELECT"
                                    + " rolcreaterole OR rolsuper FROM pg_roles WHERE rolname ="
                                    + " current_user), has_database_privilege(current_database(),"
                                    + " 'CREATE')")) {
            rows.next();
            if (rows.getInt(1) < 150000) {
                return new Finding(
                        Verdict.FAIL,
                        "database",
                        "PostgreSQL "
                                + rows.getInt(1) / 10000
                                + " is too old; 15 or later is needed");
            }
            if (!rows.getBoolean(2) || !rows.getBoolean(3)) {
                return new Finding(
                        Verdict.FAIL,
                        "database",
                        "the user may not create roles and schemas; run: ALTER ROLE ... CREATEROLE;"
                                + " GRANT CREATE ON DATABASE ... TO ...");
            }
            return new Finding(
                    Verdict.OK,
                    "database",
                    "PostgreSQL " + rows.getInt(1) / 10000 + " with the rights it needs");
        } catch (SQLException e) {
            return new Finding(Verdict.FAIL, "database", "cannot be reached: " + e.getMessage());
        }
    }

    /** A clock before this program was made is wrong; small skews show only against a peer. */
    private static Finding clock() throws IOException {
        Instant now = Instant.now();
        var build = new java.util.Properties();
        try (var in = DoctorCommand.class.getResourceAsStream("/META-INF/build-info.properties")) {
            if (in != null) {
                build.load(in);
            }
        }
        Instant made = Instant.parse(build.getProperty("build.time", "2026-11-21T00:00:00Z"));
        if (now.isBefore(made.minus(Duration.ofDays(1)))) {
            return new Finding(
                    Verdict.FAIL,
                    "clock",
                    "says "
                            + now
                            + ", before this program was made; set it (timedatectl set-ntp true)");
        }
        boolean synchronised = Files.exists(Path.of("/run/systemd/timesync/synchronized"));
        return new Finding(
                Verdict.OK,
                "clock",
                now
                        + (synchronised
                                ? ", kept by the network"
                                : "; not known to be kept by the network, one-time codes need it"
                                        + " within 30 s"));
    }

    private List<Finding> root() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        return List.of(
                new Finding(
                        Verdict.WARN,
                        "user",
                        "root works (PostgreSQL runs as the system user 'cybershield'), an ordinary"
                                + " user is better"));
    }

    /** What the server that runs here says about where requests come from. */
    private List<Finding> asServed() throws IOException {
        try (var operator = OperatorClient.of(data)) {
            var seen = operator.surroundings();
            return List.of(
                    proxies(seen.trustedProxies(), seen.unasked()),
                    seen.blind().isEmpty()
                            ? new Finding(Verdict.OK, "places", "seen by " + seen.places())
                            : new Finding(Verdict.WARN, "places", seen.blind()),
                    events(seen.eventsKeptDays()));
        } catch (IOException e) {
            return List.of(
                    new Finding(
                            Verdict.WARN,
                            "proxies",
                            "the server could not be asked: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    static Finding proxies(List<String> trusted, List<String> unasked) {
        if (!unasked.isEmpty()) {
            return new Finding(
                    Verdict.WARN,
                    "proxies",
                    "requests from "
                            + String.join(", ", unasked)
                            + " say for whom they were passed on, and are not believed. If that is"
                            + " your proxy, name it in "
                            + PROXIES
                            + "; if not, somebody tries to look like somebody else");
        }
        return new Finding(
                Verdict.OK,
                "proxies",
                trusted.isEmpty()
                        ? "none trusted; whoever connects counts as themselves"
                        : "trusted: " + String.join(", ", trusted));
    }

    /**
     * @param file as the operator named it; null or blank where they did not
     */
    static Finding places(@Nullable String file) {
        if (file == null || file.isBlank()) {
            return new Finding(
                    Verdict.OK,
                    "places",
                    "no file ("
                            + PLACES
                            + "), so countries and distances of sign-ins are not seen");
        }
        try (var read = GeoFile.open(Path.of(file))) {
            boolean old = read.builtAt().isBefore(Instant.now().minus(Duration.ofDays(180)));
            return new Finding(
                    old ? Verdict.WARN : Verdict.OK,
                    "places",
                    read.type()
                            + " of "
                            + read.builtAt()
                            + (old ? "; addresses move, get a newer one" : ""));
        } catch (IOException | InvalidPathException e) {
            return new Finding(
                    Verdict.FAIL,
                    "places",
                    PLACES + ": " + e.getMessage() + "; name a file in MaxMind's format");
        }
    }

    /**
     * @param days as the operator wrote it; null or blank where they did not
     */
    static Finding events(@Nullable String days) {
        if (days == null || days.isBlank()) {
            return new Finding(
                    Verdict.OK,
                    "events",
                    "kept for ever where no plan says otherwise (" + KEPT + "); the disk fills");
        }
        return days.matches("[1-9][0-9]{0,3}|[12][0-9]{4}|3[0-5][0-9]{3}|36[0-4][0-9]{2}|36500")
                ? new Finding(Verdict.OK, "events", "kept for " + days + " days (" + KEPT + ")")
                : new Finding(
                        Verdict.FAIL,
                        "events",
                        KEPT + " is '" + days + "'; make it 1 to 36500, or leave it out");
    }

    private static Path existing(Path wanted) {
        Path place = wanted.toAbsolutePath().normalize();
        while (!Files.exists(place) && place.getParent() != null) {
            place = place.getParent();
        }
        return place;
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB);
    }
}
