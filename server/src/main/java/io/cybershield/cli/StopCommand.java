package io.cybershield.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Stops the server that runs on a data folder: requests in hand finish, then the database stops.
 */
@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "Stop the server that runs on a data folder.")
final class StopCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Its data folder (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Override
    public Integer call() throws Exception {
        var running = RunFile.find(data);
        if (running.isEmpty()) {
            System.out.println("Nothing runs on " + data.toAbsolutePath().normalize() + ".");
            return 0;
        }
        ProcessHandle.of(running.get().pid()).ifPresent(ProcessHandle::destroy);
        long until = System.nanoTime() + PATIENCE.toNanos();
        // The folder's lock falls with the process, even while its parent has not yet taken note of
        // the end.
        while (RunFile.find(data).isPresent()) {
            if (System.nanoTime() > until) {
                System.err.println(
                        "Process "
                                + running.get().pid()
                                + " still stops after "
                                + PATIENCE.toSeconds()
                                + " s; look at its log.");
                return 1;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        System.out.println("Stopped.");
        return 0;
    }
}
