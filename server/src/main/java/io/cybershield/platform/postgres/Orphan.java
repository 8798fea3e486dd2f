package io.cybershield.platform.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server that outlived the process that started it. */
final class Orphan {
    private static final Logger log = LoggerFactory.getLogger(Orphan.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Orphan() {}

    /**
     * Stops a server that still runs on this cluster; a stale pid file, or a pid that is another
     * program now, is left alone.
     */
    static void stop(Path cluster) throws IOException {
        Path pidFile = cluster.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.isEmpty()) {
            return;
        }
        long pid = Long.parseLong(lines.getFirst().strip());
        Optional<ProcessHandle> handle = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        if (handle.isEmpty() || !runsOn(pid, cluster)) {
            return;
        }
        log.warn("postgres of an earlier start still runs: stopping it pid={}", pid);
        for (String signal : List.of("INT", "QUIT")) {
            signal(signal, pid);
            try {
                handle.get().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                return;
            } catch (TimeoutException e) {
                log.warn("postgres did not stop after SIG{}", signal);
            } catch (ExecutionException e) {
                throw new IOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PostgresFailure("Interrupted while stopping an earlier PostgreSQL");
            }
        }
        throw new PostgresFailure(
                "An earlier PostgreSQL (process "
                        + pid
                        + ") does not stop. End it by hand, then start again.");
    }

    private static boolean runsOn(long pid, Path cluster) throws IOException {
        Path commandLine = Path.of("/proc/" + pid + "/cmdline");
        return Files.isReadable(commandLine)
                && Files.readString(commandLine).contains(cluster.toString());
    }

    static void signal(String name, long pid) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
        } catch (IOException e) {
            throw new PostgresFailure(
                    "Could not send SIG" + name + " to process " + pid + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
