import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Kills the server while a company is being set up, and looks whether the company is whole in the end.
 *
 * <p>{@code SetUps.java LAUNCHER DATA PORT [--kills 20] [--within 700] [--seed 1]}. Each time the mailed link is used, the server is killed
 * (SIGKILL) a seeded number of milliseconds later, started again, and asked by the same link. Whole means: the link says so once, the
 * administrator signs in and sets up the second factor, and the company's pages answer.
 */
final class SetUps {
    private final Path launcher;
    private final Path data;
    private final int port;
    private final String url;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
    private Process server;

    private SetUps(Path launcher, Path data, int port) {
        this.launcher = launcher;
        this.data = data;
        this.port = port;
        this.url = "http://127.0.0.1:" + port;
    }

    public static void main(String[] args) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 3; i + 1 < args.length; i += 2) {
            options.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        new SetUps(Path.of(args[0]), Path.of(args[1]), Integer.parseInt(args[2]))
                .measure(
                        Integer.parseInt(options.getOrDefault("kills", "20")),
                        Integer.parseInt(options.getOrDefault("within", "700")),
                        new Random(Long.parseLong(options.getOrDefault("seed", "1"))));
    }

    private void measure(int kills, int within, Random dice) throws Exception {
        start();
        List<String> broken = new ArrayList<>();
        int answered = 0;
        int again = 0;
        try {
            for (int i = 0; i < kills; i++) {
                Client company = new Client(http, url);
                Client.Registration registration = company.register();
                int after = dice.nextInt(within);
                var use = CompletableFuture.supplyAsync(() -> uses(company, registration));
                Thread.sleep(after);
                kill();
                answered += use.join() ? 1 : 0;
                start();
                try {
                    Client later = new Client(http, url);
                    later.get("/api/v1/session");
                    again += uses(later, registration) ? 1 : 0;
                    later.enter(registration);
                    later.get("/api/v1/incidents");
                    later.get("/api/v1/workflows");
                } catch (IOException | IllegalStateException e) {
                    broken.add("killed after " + after + " ms: " + e.getMessage());
                }
            }
        } finally {
            kill();
        }
        System.out.println("| figure | value |");
        System.out.println("|---|---|");
        System.out.printf(Locale.ROOT, "| set-ups killed within %d ms | %d |%n", within, kills);
        System.out.printf(Locale.ROOT, "| answered before the kill | %d |%n", answered);
        System.out.printf(Locale.ROOT, "| told by the same link after the start | %d |%n", again);
        System.out.printf(Locale.ROOT, "| companies that are not whole | %d |%n", broken.size());
        broken.forEach(one -> System.out.println("| ... | " + one + " |"));
        System.exit(broken.isEmpty() ? 0 : 1);
    }

    private static boolean uses(Client client, Client.Registration registration) {
        try {
            client.verify(registration);
            return true;
        } catch (IOException | IllegalStateException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void start() throws Exception {
        server =
                new ProcessBuilder(launcher.toString(), "start", "--data", data.toString(), "--port", Integer.toString(port), "--developer")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(data.resolveSibling("set-ups.log").toFile()))
                        .start();
        for (int i = 0; i < 1200; i++) {
            try {
                new Client(http, url).get("/actuator/health/readiness");
                return;
            } catch (IOException | IllegalStateException e) {
                if (!server.isAlive()) {
                    throw new IllegalStateException("The server ended before it was ready");
                }
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("Not ready within a minute");
    }

    private void kill() throws IOException, InterruptedException {
        String pid = Files.readAllLines(data.resolve("run.properties")).stream()
                .filter(line -> line.startsWith("pid="))
                .map(line -> line.substring(4))
                .findFirst()
                .orElseThrow();
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        server.waitFor();
    }
}
