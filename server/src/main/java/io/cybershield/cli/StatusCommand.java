package io.cybershield.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Says whether the server on a data folder is ready. Exit code 0 ready, 1 running but not ready, 3
 * not running.
 */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description =
                "Say whether the server on a data folder is ready (exit code 0), not ready (1) or"
                        + " not running (3).")
final class StatusCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Its data folder (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Option(names = "--quiet", description = "Only the exit code.")
    private boolean quiet;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var running = RunFile.find(data);
        if (running.isEmpty()) {
            say(
                    "Not running on "
                            + data.toAbsolutePath().normalize()
                            + ". Start it with: ./cybershield start");
            return 3;
        }
        String address = running.get().address();
        String state = readiness(address);
        say(
                "CyberShield "
                        + Version.number()
                        + " at "
                        + address
                        + " (process "
                        + running.get().pid()
                        + "): "
                        + state);
        return state.equals("ready") ? 0 : 1;
    }

    private static String readiness(String address) throws InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(URI.create(address + "/actuator/health/readiness"))
                            .timeout(Duration.ofSeconds(5))
                            .build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? "ready" : "not ready, it answers " + answer.body();
        } catch (IOException e) {
            return "not ready, it does not answer yet";
        }
    }

    private void say(String line) {
        if (!quiet) {
            System.out.println(line);
        }
    }
}
