package io.cybershield.cli;

import io.cybershield.Application;
import io.cybershield.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.context.event.ContextClosedEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the server in the foreground until it is told to stop. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description = "Start the server; it stays in the foreground until stopped.")
final class StartCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where all state lives (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port of the user interface and API (default: ${DEFAULT-VALUE}).")
    private int port = 8080;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description = "Address to listen on (default: ${DEFAULT-VALUE}, this machine only).")
    private String listen = "127.0.0.1";

    @Option(
            names = "--roles",
            paramLabel = "LIST",
            description = "web, ingest, stream, worker; default all.")
    private String roles = "all";

    @Option(
            names = "--db",
            paramLabel = "URL",
            description =
                    "PostgreSQL 15 or later instead of the embedded one: jdbc:postgresql://...")
    private @Nullable String db;

    @Option(
            names = "--kafka",
            paramLabel = "SERVERS",
            description = "Kafka instead of the event log in PostgreSQL: host:port,...")
    private @Nullable String kafka;

    @Option(
            names = "--public-url",
            paramLabel = "URL",
            description = "How people reach the user interface; goes into mailed links.")
    private @Nullable String publicUrl;

    @Option(
            names = "--developer",
            description = "Open the local mailbox page at /mailbox. Never in production.")
    private boolean developer;

    @Option(
            names = "--logs",
            paramLabel = "human|json",
            description = "How log lines look (default: ${DEFAULT-VALUE}).")
    private String logs = "human";

    @Override
    public Integer call() throws IOException, InterruptedException {
        Role.parse(roles);
        var lock = RunFile.take(data);
        if (lock.isEmpty()) {
            System.err.println(
                    "A server already runs on "
                            + data.toAbsolutePath().normalize()
                            + ". Stop it with './cybershield stop', or choose another folder with"
                            + " --data.");
            return 1;
        }
        var properties = new LinkedHashMap<String, Object>();
        properties.put("cybershield.data", data.toAbsolutePath().normalize().toString());
        properties.put("cybershield.home", System.getProperty("cybershield.home", data.toString()));
        properties.put("cybershield.roles", roles);
        properties.put("cybershield.developer", developer);
        properties.put(
                "cybershield.public-url",
                publicUrl == null ? "http://127.0.0.1:" + port : publicUrl);
        properties.put("server.port", port);
        properties.put("server.address", listen);
        putIfGiven(properties, "cybershield.db.url", db);
        putIfGiven(properties, "cybershield.kafka.servers", kafka);
        if (logs.equals("json")) {
            properties.put("logging.structured.format.console", "ecs");
        }
        var application = new SpringApplication(Application.class);
        application.setRegisterShutdownHook(true);
        var context = application.run(arguments(properties));
        var stopped = new CountDownLatch(1);
        context.addApplicationListener(event -> {
            if (event instanceof ContextClosedEvent) {
                stopped.countDown();
            }
        });
        String bound =
                context.getEnvironment().getProperty("local.server.port", String.valueOf(port));
        String address =
                "http://" + (listen.equals("0.0.0.0") ? "127.0.0.1" : listen) + ":" + bound;
        RunFile.write(data, address);
        System.out.println("Ready at " + address + " (stop with Ctrl-C or './cybershield stop')");
        stopped.await();
        return 0;
    }

    /**
     * As arguments, so that they overrule files and environment, and are known before the first log
     * line.
     */
    private static String[] arguments(Map<String, Object> properties) {
        return properties.entrySet().stream()
                .map(p -> "--" + p.getKey() + "=" + p.getValue())
                .toArray(String[]::new);
    }

    private static void putIfGiven(
            Map<String, Object> properties, String key, @Nullable String value) {
        if (value != null) {
            properties.put(key, value);
        }
    }
}
