package io.cybershield.platform.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL as our child: own data folder, loopback only, scram, fsync on. It stops when we
 * stop, stops when we are killed (the kernel sends it SIGINT), and an orphan of an earlier life is
 * stopped before a new one starts (ADR 002).
 *
 * <p>Layout under its folder: {@code cluster/} (PostgreSQL's own), {@code password}, {@code port},
 * {@code postgres.log}.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration READY_WITHIN = Duration.ofSeconds(120);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(30);
    public static final String SUPERUSER = "cybershield";

    private final Path folder;
    private final Path cluster;
    private final Path binaries;
    private final OsUser user;
    private final String password;
    private final Map<String, String> settings;
    private final int port;
    private final Process process;

    private EmbeddedPostgres(Path folder, Path home, Map<String, String> settings) {
        this.folder = folder.toAbsolutePath().normalize();
        this.cluster = this.folder.resolve("cluster");
        this.settings = settings;
        try {
            Files.createDirectories(this.folder);
            this.binaries = PostgresBinaries.unpackedIn(home, this.folder);
            this.user = OsUser.forFolder(this.folder, binaries);
            this.password = password();
            if (!Files.exists(cluster.resolve("PG_VERSION"))) {
                initialise();
            }
            Orphan.stop(cluster);
            this.port = port();
            this.process = spawn();
            awaitReady();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "PostgreSQL could not be started in " + this.folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * Starts, creating the cluster when the folder is new; returns when it takes connections.
     *
     * @param folder its own folder, kept between starts
     * @param home where unpacked binaries may be shared between data folders; used when writable
     * @param settings further server settings
     * @throws PostgresFailure with the end of the server's log and what to do
     */
    public static EmbeddedPostgres start(Path folder, Path home, Map<String, String> settings) {
        return new EmbeddedPostgres(folder, home, settings);
    }

    public int listensOn() {
        return port;
    }

    public String superuserPassword() {
        return password;
    }

    /** Without user and password. */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Process id of the server's first process. */
    public long pid() {
        return process.pid();
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /** Fast stop: open transactions roll back, a checkpoint is written. */
    @Override
    public void close() {
        if (!process.isAlive()) {
            return;
        }
        Orphan.signal("INT", process.pid());
        try {
            if (!process.waitFor(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                log.warn("postgres did not stop within {}: stopping it at once", STOP_WITHIN);
                Orphan.signal("QUIT", process.pid());
                process.waitFor(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String password() throws IOException {
        Path file = folder.resolve("password");
        if (!Files.exists(file)) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            Path draft = folder.resolve("password.new");
            Files.deleteIfExists(draft);
            Files.createFile(
                    draft,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, HexFormat.of().formatHex(random));
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return Files.readString(file).strip();
    }

    /** Into a draft folder, then renamed: a crash half-way leaves nothing that looks finished. */
    private void initialise() throws IOException {
        Path draft = folder.resolve("cluster.new");
        deleteTree(draft);
        Files.createDirectories(draft);
        user.own(draft);
        Path secret = Files.createTempFile(folder, "init", ".pw");
        try {
            Files.writeString(secret, password);
            user.own(secret);
            run(
                    List.of(
                            binaries.resolve("bin/initdb").toString(),
                            "--pgdata=" + draft,
                            "--username=" + SUPERUSER,
                            "--auth=scram-sha-256",
                            "--pwfile=" + secret,
                            "--encoding=UTF8",
                            "--locale-provider=builtin",
                            "--locale=C.UTF-8",
                            "--no-instructions"));
        } finally {
            Files.deleteIfExists(secret);
        }
        Files.move(draft, cluster, StandardCopyOption.ATOMIC_MOVE);
    }

    private void run(List<String> command) throws IOException {
        var builder = new ProcessBuilder(user.as(command, false));
        builder.redirectErrorStream(true).directory(folder.toFile());
        builder.environment().keySet().removeIf(k -> k.startsWith("PG"));
        Process child = builder.start();
        String output =
                new String(
                        child.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (child.waitFor() != 0) {
                throw new PostgresFailure(
                        "initdb failed in "
                                + folder
                                + ". Check disk space and permissions; it said:\n"
                                + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresFailure("Interrupted while creating the database in " + folder);
        }
    }

    /**
     * The remembered port when still free, else a new one: other programs may have taken it
     * meanwhile.
     */
    private int port() throws IOException {
        Path file = folder.resolve("port");
        if (Files.exists(file)) {
            int remembered = Integer.parseInt(Files.readString(file).strip());
            if (isFree(remembered)) {
                return remembered;
            }
            log.warn("port {} is taken: postgres moves to another", remembered);
        }
        int chosen;
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            chosen = probe.getLocalPort();
        }
        Files.writeString(file, Integer.toString(chosen));
        return chosen;
    }

    private static boolean isFree(int port) {
        try (var probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort() == port;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * From a platform thread that lives as long as the JVM: the death signal belongs to the thread
     * that spawned.
     */
    private Process spawn() throws IOException {
        var command = new ArrayList<String>();
        command.add(binaries.resolve("bin/postgres").toString());
        command.addAll(List.of("-D", cluster.toString(), "-h", "127.0.0.1", "-p", "" + port));
        defaults().forEach((k, v) -> command.addAll(List.of("-c", k + "=" + v)));
        settings.forEach((k, v) -> command.addAll(List.of("-c", k + "=" + v)));
        var builder = new ProcessBuilder(user.as(command, true));
        builder.environment().keySet().removeIf(k -> k.startsWith("PG"));
        builder.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("postgres.log").toFile()));
        var started = new CompletableFuture<Process>();
        Thread keeper =
                Thread.ofPlatform()
                        .name("postgres-keeper")
                        .daemon(true)
                        .unstarted(() -> {
                            try {
                                Process child = builder.start();
                                started.complete(child);
                                child.waitFor();
                                while (true) {
                                    LockSupport.park(this);
                                }
                            } catch (IOException e) {
                                started.completeExceptionally(e);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        keeper.start();
        try {
            return started.join();
        } catch (java.util.concurrent.CompletionException e) {
            throw new IOException(e.getCause() == null ? e : e.getCause());
        }
    }

    private static Map<String, String> defaults() {
        return Map.ofEntries(
                Map.entry("unix_socket_directories", ""),
                Map.entry("ssl", "off"),
                Map.entry("fsync", "on"),
                Map.entry("synchronous_commit", "on"),
                Map.entry("shared_buffers", "128MB"),
                Map.entry("max_connections", "80"),
                Map.entry("max_locks_per_transaction", "1024"),
                Map.entry("max_wal_size", "1GB"),
                Map.entry("wal_compression", "pglz"),
                Map.entry("jit", "off"),
                Map.entry("io_method", "worker"),
                Map.entry("log_timezone", "UTC"),
                Map.entry("timezone", "UTC"));
    }

    private void awaitReady() throws IOException {
        long until = System.nanoTime() + READY_WITHIN.toNanos();
        Path pidFile = cluster.resolve("postmaster.pid");
        while (System.nanoTime() < until) {
            if (!process.isAlive()) {
                throw new PostgresFailure(
                        "PostgreSQL ended at once with code "
                                + process.exitValue()
                                + ".\n"
                                + logEnd());
            }
            if (Files.exists(pidFile)) {
                List<String> lines = Files.readAllLines(pidFile);
                if (lines.size() >= 8
                        && lines.get(7).strip().equals("ready")
                        && lines.getFirst().strip().equals(Long.toString(process.pid()))) {
                    return;
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(15));
        }
        close();
        throw new PostgresFailure(
                "PostgreSQL was not ready within "
                        + READY_WITHIN
                        + " (recovery may need longer).\n"
                        + logEnd());
    }

    private String logEnd() throws IOException {
        Path file = folder.resolve("postgres.log");
        if (!Files.exists(file)) {
            return "It wrote no log.";
        }
        List<String> lines = Files.readAllLines(file);
        return "End of "
                + file
                + ":\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (var all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
