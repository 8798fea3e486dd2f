package io.cybershield.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
        var process = ProcessHandle.of(running.get().pid());
        if (process.isPresent()) {
            process.get().destroy();
            try {
                process.get().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                System.err.println(
                        "Process "
                                + running.get().pid()
                                + " still stops after "
                                + PATIENCE.toSeconds()
                                + " s; look at its log.");
                return 1;
            }
        }
        System.out.println("Stopped.");
        return 0;
    }
}
